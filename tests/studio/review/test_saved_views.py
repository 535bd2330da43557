"""Saved views: a filter under a name, one's own or the team's."""

from __future__ import annotations

import pytest

from db.tables import AssetState
from studio.errors import Conflict, Forbidden, InputError, NotFound
from studio.images.library import ScoreRange
from studio.review import saved_views
from studio.review.queue_filter import QueueFilter
from studio.review.saved_views import remove, save, views

SOFT = QueueFilter(state=AssetState.IN_REVIEW, category="Shirts", score=ScoreRange("sharpness", None, 1.3))


def names(studio, actor) -> list[tuple[str, bool]]:
    return [(view.name, view.mine) for view in views(studio, actor)]


def test_a_view_comes_back_as_it_was_saved(studio_on_both, editor) -> None:
    save(studio_on_both, editor, "  Soft   shirts ", SOFT)
    (view,) = views(studio_on_both, editor)
    assert (view.name, view.wanted, view.shared, view.by) == ("Soft shirts", SOFT, False, "Edda")


def test_shared_views_are_everyones_and_own_ones_come_first(studio_on_both, editor, reviewer, viewer) -> None:
    studio = studio_on_both
    save(studio, editor, "Team", SOFT, shared=True)
    save(studio, editor, "Private", SOFT)
    save(studio, reviewer, "Zebra", QueueFilter(assignee="me"))
    assert names(studio, reviewer) == [("Zebra", True), ("Team", False)]
    assert names(studio, editor) == [("Private", True), ("Team", True)]
    with pytest.raises(Forbidden):
        save(studio, viewer, "Mine", SOFT, shared=True)


def test_the_same_name_takes_the_new_filter(studio_on_both, editor) -> None:
    first = save(studio_on_both, editor, "Soft", SOFT)
    assert save(studio_on_both, editor, "SOFT", QueueFilter(), shared=True) == first
    (view,) = views(studio_on_both, editor)
    assert (view.name, view.wanted, view.shared) == ("SOFT", QueueFilter(), True)


def test_views_are_removed_by_who_may(studio_on_both, editor, reviewer, manager) -> None:
    studio = studio_on_both
    shared, private = save(studio, editor, "Team", SOFT, shared=True), save(studio, editor, "Private", SOFT)
    with pytest.raises(Forbidden):
        remove(studio, reviewer, shared)
    with pytest.raises(NotFound):
        remove(studio, manager, private)  # nobody else knows of it
    remove(studio, manager, shared)
    remove(studio, editor, private)
    assert views(studio, editor) == ()


def test_bad_views_are_told(studio, editor, monkeypatch) -> None:
    for name in ("", " ", "x" * 61, "a\0b"):
        with pytest.raises(InputError, match="1 to 60 characters"):
            save(studio, editor, name, SOFT)
    monkeypatch.setattr(saved_views, "MOST_VIEWS", 1)
    save(studio, editor, "One", SOFT)
    with pytest.raises(Conflict, match="Remove one first"):
        save(studio, editor, "Two", SOFT)
