"""The switches of the team."""

from __future__ import annotations

import pytest

from studio.access.team import get_switch, set_switch
from studio.bootstrap import Studio
from studio.errors import Forbidden, InputError
from studio.roles import Actor


def test_a_switch_begins_off_and_stays_where_an_admin_turns_it(studio: Studio, admin: Actor, viewer: Actor) -> None:
    assert get_switch(studio, viewer, "self_approval") is False
    set_switch(studio, admin, "self_approval", True)
    assert get_switch(studio, viewer, "self_approval") is True
    set_switch(studio, admin, "self_approval", False)
    assert get_switch(studio, viewer, "self_approval") is False


def test_only_admins_turn_switches(studio: Studio, manager: Actor) -> None:
    with pytest.raises(Forbidden):
        set_switch(studio, manager, "self_approval", True)


def test_an_unknown_switch_is_refused_with_the_known_ones(studio: Studio, admin: Actor) -> None:
    with pytest.raises(InputError, match="'gravity'; there are: self_approval"):
        set_switch(studio, admin, "gravity", False)
