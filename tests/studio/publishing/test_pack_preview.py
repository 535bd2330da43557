"""What rules would say of the approved images, before they are saved."""

from __future__ import annotations

import pytest

from db.tables import AssetState, VerdictOutcome
from studio.bootstrap import Studio
from studio.errors import Forbidden, InputError
from studio.publishing import pack_preview
from studio.publishing.own_packs import list_packs
from studio.publishing.pack_preview import preview_pack
from studio.roles import Actor
from tests.studio.conftest import GOOD_SCORES, Images
from tests.studio.publishing.packs_written import own


def test_the_newest_approved_images_are_judged_and_nothing_is_saved(
    studio_on_both: Studio, images: Images, editor: Actor, admin: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio = studio_on_both
    images.make(editor, 2)  # drafts do not count
    images.make(editor, 1, state=AssetState.APPROVED, scores=GOOD_SCORES | {"fill": 40.0})
    images.make(editor, 2, state=AssetState.PUBLISHED)
    images.make(editor, 1, state=AssetState.APPROVED, scores={})
    found = preview_pack(studio, admin, own(70, check="fill"))
    assert (found.images, found.passing, found.broken) == (4, 2, {"rule": 1})
    assert found.outcomes[VerdictOutcome.REFUSED] == 1
    assert found.outcomes[VerdictOutcome.UNMEASURED] == 1
    wide = preview_pack(studio, admin, own(100) | {"frame": {"width": 200, "height": 250}})
    assert (wide.passing, wide.broken) == (4, {})  # an export enlarges 64 pixels that far
    monkeypatch.setattr(pack_preview, "LOOKED_AT", 3)
    assert preview_pack(studio, admin, own(70, check="fill")).broken == {}
    assert not [view for view in list_packs(studio, admin) if view.own]


def test_only_admins_try_rules_and_only_real_ones(studio: Studio, editor: Actor, admin: Actor) -> None:
    with pytest.raises(Forbidden):
        preview_pack(studio, editor, own())
    with pytest.raises(InputError, match="cannot be used"):
        preview_pack(studio, admin, own(check="beauty"))
    assert preview_pack(studio, admin, own()).images == 0
