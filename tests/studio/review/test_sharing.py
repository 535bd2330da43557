"""Sharing the queue: each gets their part of urgent and old images alike, and nobody gets their own."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from db.tables import Asset, AssetState, Role, User
from studio.bootstrap import Studio
from studio.errors import Forbidden, InputError
from studio.inbox import messages
from studio.review import sharing
from studio.review.review_queue import QueueFilter, queue
from studio.review.sharing import assign, loads, set_priority, share
from studio.roles import Actor


@pytest.fixture
def second(studio: Studio) -> Actor:
    with studio.writing() as session:
        row = User(name="Sven", role=Role.REVIEWER)
        session.add(row)
        session.flush()
        return Actor(row.id, row.name, row.role)


def assignees(studio: Studio) -> dict[int, int | None]:
    with studio.reading() as session:
        return dict(session.execute(sa.select(Asset.id, Asset.assignee_id)).all())


def test_the_queue_is_dealt_out_by_shares(studio_on_both, images, editor, manager, reviewer, second) -> None:
    studio = studio_on_both
    made = images.make(editor, 10, state=AssetState.IN_REVIEW)
    other = images.make(editor, 2, state=AssetState.IN_REVIEW, category="Bags")
    found = share(studio, manager, QueueFilter(category="Tshirts"), {reviewer.id: 60, second.id: 40})
    assert found.given == {reviewer.id: 6, second.id: 4}
    by = assignees(studio)
    assert {by[asset_id] for asset_id in other} == {None}
    assert {by[asset_id] for asset_id in made[:4]} == {reviewer.id, second.id}  # in turn, not in blocks
    assert [(line.kind, line.number) for line in messages(studio, second)] == [("assigned", 4)]
    told = {load.name: load.waiting for load in loads(studio, editor)}
    assert told == {"Rune": 6, "Sven": 4, "Mona": 0, None: 2}


def test_what_was_given_out_stays_unless_asked_for(studio_on_both, images, editor, manager, reviewer, second) -> None:
    studio = studio_on_both
    made = images.make(editor, 4, state=AssetState.IN_REVIEW)
    assert assign(studio, manager, made[:2], reviewer.id) == 2
    assert share(studio, manager, QueueFilter(), {second.id: 1}).given == {second.id: 2}
    assert share(studio, manager, QueueFilter(), {second.id: 1}, again=True).given == {second.id: 4}


def test_nobody_is_given_their_own_images(studio_on_both, images, editor, manager, reviewer, second) -> None:
    studio = studio_on_both
    own = images.make(reviewer, 3, state=AssetState.IN_REVIEW)
    images.make(editor, 3, state=AssetState.IN_REVIEW)
    share(studio, manager, QueueFilter(), {reviewer.id: 1, second.id: 1})
    assert {assignees(studio)[asset_id] for asset_id in own} == {second.id}
    assert share(studio, manager, QueueFilter(), {reviewer.id: 1}, again=True).left == 3


def test_reviewers_take_for_themselves_and_let_go(studio_on_both, images, editor, manager, reviewer, second) -> None:
    studio = studio_on_both
    one, two, draft = images.make(editor, 2, state=AssetState.IN_REVIEW) + images.make(editor)
    assert assign(studio, reviewer, [one, two, draft, 99], reviewer.id) == 2
    assert assign(studio, reviewer, [one], reviewer.id) == 0
    with pytest.raises(Forbidden):
        assign(studio, reviewer, [two], second.id)
    assert assign(studio, second, [one], None) == 0  # not theirs to let go of
    assert assign(studio, reviewer, [one], None) == 1
    assert messages(studio, reviewer) == ()
    assert [view.id for view in queue(studio, reviewer, QueueFilter(assignee="me")).assets] == [two]


def test_urgent_images_come_first(studio_on_both, images, editor, manager, reviewer) -> None:
    studio = studio_on_both
    one, two, three = images.make(editor, 3, state=AssetState.IN_REVIEW)
    (foreign,) = images.make(reviewer, state=AssetState.IN_REVIEW)
    assert set_priority(studio, editor, [three, foreign], 1) == 1
    assert set_priority(studio, manager, [two, foreign], 2) == 2
    assert set_priority(studio, manager, [two], 2) == 0
    found = queue(studio, editor, QueueFilter(state=AssetState.IN_REVIEW))
    assert [view.id for view in found.assets] == [two, foreign, three, one]
    assert found.standing[two].priority == 2


def test_bad_shares_are_told(studio, images, editor, manager, reviewer, monkeypatch) -> None:
    made = images.make(editor, 3, state=AssetState.IN_REVIEW)
    for shares in ({}, {reviewer.id: 0}, {reviewer.id: -1}, {reviewer.id: float("nan")}):
        with pytest.raises(InputError, match="a share above 0"):
            share(studio, manager, QueueFilter(), shares)
    with pytest.raises(InputError, match=f"these may not: {editor.id}"):
        share(studio, manager, QueueFilter(), {editor.id: 1})
    with pytest.raises(InputError, match="these may not: 99"):
        assign(studio, manager, made, 99)
    with pytest.raises(Forbidden):
        share(studio, reviewer, QueueFilter(), {reviewer.id: 1})
    with pytest.raises(InputError, match="one of 0, 1, 2, got 3"):
        set_priority(studio, editor, made, 3)
    monkeypatch.setattr(sharing, "MOST_AT_ONCE", 2)
    with pytest.raises(InputError, match="Narrow it"):
        share(studio, manager, QueueFilter(), {reviewer.id: 1})
    with pytest.raises(InputError, match="Choose 1 to 2 images, got 3"):
        assign(studio, manager, made, None)
