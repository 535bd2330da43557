"""Claims: of two reviewers one gets an image; the other is told who has it, and never decides it meanwhile."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from db.tables import Asset, AssetState, ReviewClaim, Role, User, utc_now
from studio.bootstrap import Studio
from studio.errors import ClaimedByAnother, Forbidden, InputError
from studio.review import claims
from studio.review.claims import release, take
from studio.review.deciding import Action, Decide, decide
from studio.review.review_queue import QueueFilter, queue
from studio.roles import Actor
from tests.studio.conftest import Images

WAITING = QueueFilter(state=AssetState.IN_REVIEW)


def act(studio: Studio, actor: Actor, asset_id: int, action: Action, key: str, reason: str | None = None) -> None:
    with studio.reading() as session:
        image = session.get_one(Asset, asset_id)
    decide(studio, actor, Decide(asset_id, image.revision, action, key, reason, seen_sha256=image.sha256))


def seen(studio: Studio, actor: Actor, wanted: QueueFilter = WAITING) -> list[int]:
    return [view.id for view in queue(studio, actor, wanted).assets]


def let_pass(studio: Studio, minutes: float) -> None:
    """As if the clock went on."""
    with studio.writing() as session:
        for claim in session.scalars(sa.select(ReviewClaim)):
            claim.until -= dt.timedelta(minutes=minutes)


def test_the_first_gets_the_image_and_the_second_a_name(studio_on_both, images, editor, reviewer, manager) -> None:
    studio = studio_on_both
    one, two, three = images.make(editor, 3, state=AssetState.IN_REVIEW)
    assert take(studio, reviewer, [one, two]).mine == (one, two)
    found = take(studio, manager, [two, three])
    assert (found.mine, found.taken) == ((three,), {two: "Rune"})
    assert take(studio, reviewer, [one, two, three]).taken == {three: "Mona"}


def test_other_reviewers_do_not_meet_what_one_holds(studio_on_both, images, editor, reviewer, manager) -> None:
    studio = studio_on_both
    one, two = images.make(editor, 2, state=AssetState.IN_REVIEW)
    take(studio, reviewer, [one])
    assert seen(studio, reviewer) == [one, two]
    assert seen(studio, manager) == [two]
    assert seen(studio, manager, QueueFilter(state=AssetState.IN_REVIEW, claimed=True)) == [one, two]
    assert seen(studio, editor) == [one, two]  # who decides nothing sees all that waits
    let_pass(studio, 6)
    assert seen(studio, manager) == [one, two]


def test_a_held_image_is_decided_by_its_holder_alone(studio_on_both, images, editor, reviewer, manager) -> None:
    studio = studio_on_both
    (asset_id,) = images.make(editor, state=AssetState.IN_REVIEW)
    take(studio, reviewer, [asset_id])
    with pytest.raises(ClaimedByAnother, match=r"Rune is looking at image \d+ and holds it until \d\d:\d\d:\d\d UTC"):
        act(studio, manager, asset_id, Action.APPROVE, "press-0001")
    act(studio, manager, asset_id, Action.WITHDRAW, "press-0002")  # nobody holds up a recall


def test_a_decision_ends_the_claim(studio_on_both, images, editor, reviewer, manager) -> None:
    studio = studio_on_both
    (asset_id,) = images.make(editor, state=AssetState.IN_REVIEW)
    take(studio, reviewer, [asset_id])
    act(studio, reviewer, asset_id, Action.REJECT, "press-0001", "halo")
    act(studio, editor, asset_id, Action.SUBMIT, "press-0002")
    assert seen(studio, manager) == [asset_id]
    act(studio, manager, asset_id, Action.APPROVE, "press-0003")


def test_a_claim_ends_with_its_time_and_is_renewed_by_taking_again(
    studio_on_both, images, editor, reviewer, manager
) -> None:
    studio = studio_on_both
    (asset_id,) = images.make(editor, state=AssetState.IN_REVIEW)
    take(studio, reviewer, [asset_id], minutes=2)
    let_pass(studio, 1.5)
    take(studio, reviewer, [asset_id], minutes=2)
    let_pass(studio, 1.5)
    assert take(studio, manager, [asset_id]).taken == {asset_id: "Rune"}
    let_pass(studio, 1)
    assert take(studio, manager, [asset_id]).mine == (asset_id,)


def test_going_away_lets_go(studio_on_both, images, editor, reviewer, manager) -> None:
    studio = studio_on_both
    one, two = images.make(editor, 2, state=AssetState.IN_REVIEW)
    take(studio, reviewer, [one, two])
    assert release(studio, manager) == 0
    assert release(studio, reviewer, [one]) == 1
    assert take(studio, manager, [one, two]).mine == (one,)
    assert release(studio, reviewer) == 1
    assert take(studio, manager, [one, two]).mine == (one, two)


def test_only_what_waits_is_claimed_and_nobody_hoards(studio, images, editor, reviewer, monkeypatch) -> None:
    draft, *waiting = images.make(editor, 1) + images.make(editor, 4, state=AssetState.IN_REVIEW)
    assert take(studio, reviewer, [draft, 999]).mine == ()
    monkeypatch.setattr(claims, "MOST_HELD", 3)
    take(studio, reviewer, waiting[:2])
    take(studio, reviewer, waiting[2:])
    with studio.reading() as session:
        assert set(session.scalars(sa.select(ReviewClaim.asset_id))) == set(waiting[1:])


def test_bad_claims_are_told(studio, images, editor, reviewer) -> None:
    with pytest.raises(Forbidden):
        take(studio, editor, [1])
    with pytest.raises(InputError, match="1 to 100 images are claimed at a time, got 0"):
        take(studio, reviewer, [])
    with pytest.raises(InputError, match="got 101"):
        take(studio, reviewer, range(101))
    for minutes in (0, 31, float("nan")):
        with pytest.raises(InputError, match="up to 30 minutes"):
            take(studio, reviewer, [1], minutes=minutes)


def test_of_many_at_once_exactly_one_gets_each_image(studio_on_both, images: Images, editor) -> None:
    studio = studio_on_both
    made = images.make(editor, 12, state=AssetState.IN_REVIEW)
    with studio.writing() as session:
        rows = [User(name=f"Reviewer {n}", role=Role.REVIEWER) for n in range(6)]
        session.add_all(rows)
        session.flush()
        actors = [Actor(row.id, row.name, row.role) for row in rows]
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda actor: take(studio, actor, made).mine, actors))
    assert sorted(asset_id for mine in found for asset_id in mine) == made
    assert utc_now() < take(studio, actors[0], made).until
