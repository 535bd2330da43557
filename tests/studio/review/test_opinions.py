"""Second opinions: asked blindly, of somebody else, answered through the same call, with the image untouched."""

from __future__ import annotations

import datetime as dt
from dataclasses import fields

import pytest
import sqlalchemy as sa

from db.tables import Asset, AssetState, Decision, OpinionKind, SecondOpinion, utc_now
from studio.errors import Conflict, Forbidden, InputError, StaleDecision
from studio.review import opinions
from studio.review.claims import take
from studio.review.deciding import Action, Decide, decide, history, undo
from studio.review.gold import mark_gold
from studio.review.opinion_rates import OpinionRates, opinion_rates, set_opinion_rates
from studio.review.queue_items import queue_items
from studio.review.review_queue import QueueFilter, counts, queue
from tests.studio.review.asked import act, answer, asked, decision, person, rates

WAITING = QueueFilter(state=AssetState.IN_REVIEW)


def waiting(studio, actor) -> set[int]:
    return {view.id for view in queue(studio, actor, WAITING).assets}


def tasks(studio, actor) -> set[int]:
    with studio.reading() as session:
        everything = session.scalars(sa.select(Asset.id)).all()
        return opinions.is_task_for(session, actor, everything)


@pytest.fixture
def second(studio):
    """Another reviewer than Rune."""
    return person(studio, "Sven")


def test_nobody_is_asked_until_a_manager_says_so(studio_on_both, images, editor, reviewer, manager, second) -> None:
    (image,) = images.make(editor, state=AssetState.IN_REVIEW)
    act(studio_on_both, reviewer, image)
    assert tasks(studio_on_both, second) == set()
    set_opinion_rates(studio_on_both, manager, OpinionRates(second=0.05, gold=0.02))
    assert opinion_rates(studio_on_both, manager) == OpinionRates(second=0.05, gold=0.02)


def test_a_decided_image_is_asked_of_another_reviewer_and_of_nobody_else(
    studio_on_both, images, editor, reviewer, manager, second, viewer
) -> None:
    studio = studio_on_both
    rates(studio, second=1.0)
    (image,) = images.make(editor, state=AssetState.IN_REVIEW)
    (own,) = images.make(second, state=AssetState.IN_REVIEW)
    act(studio, reviewer, image)
    act(studio, reviewer, own, "halo")
    assert tasks(studio, second) == {image}  # not the one that they made
    assert tasks(studio, manager) == {image, own}
    assert tasks(studio, reviewer) == tasks(studio, editor) == tasks(studio, viewer) == set()


def test_the_share_is_kept(studio, images, editor, reviewer, monkeypatch) -> None:
    import random

    monkeypatch.setattr(random, "random", random.Random(0).random)
    rates(studio, second=0.2)
    for image in images.make(editor, 60, state=AssetState.IN_REVIEW):
        act(studio, reviewer, image)
    with studio.reading() as session:
        asked_about = session.scalar(sa.select(sa.func.count()).select_from(SecondOpinion))
    assert 6 <= asked_about <= 18


def test_an_answer_leaves_the_image_and_its_log_as_they_are(studio_on_both, images, editor, reviewer, second) -> None:
    studio = studio_on_both
    rates(studio, second=1.0)
    (image,) = images.make(editor, state=AssetState.IN_REVIEW)
    act(studio, reviewer, image)
    log = history(studio, editor, image)
    found = answer(studio, second, image, "halo")
    assert found.state is AssetState.CHANGES_REQUESTED
    assert history(studio, editor, image) == log
    with studio.reading() as session:
        row = session.get_one(Asset, image)
        assert (row.state, row.revision) == (AssetState.APPROVED, 1)
    kept = asked(studio, image)
    assert (kept.answered_by_id, kept.verdict, kept.reason) == (second.id, AssetState.CHANGES_REQUESTED, "halo")
    assert tasks(studio, second) == set()


def test_no_field_of_the_queue_tells_an_asked_image_from_one_that_waits(
    studio_on_both, images, editor, reviewer, second
) -> None:
    studio = studio_on_both
    rates(studio, second=1.0)
    first, *others = images.make(editor, 3, state=AssetState.IN_REVIEW)
    act(studio, reviewer, first, "halo")
    assert waiting(studio, second) == {first, *others}
    assert waiting(studio, reviewer) == set(others)
    shown = {item.id: item for item in queue_items(studio, second, WAITING).items}
    own = {"id", "sha256", "revision", "waiting_since"}  # these differ from one waiting image to the next
    for field in fields(shown[first]):
        if field.name not in own:
            assert getattr(shown[first], field.name) == getattr(shown[others[0]], field.name), field.name
    assert shown[first].waiting_since in {shown[other].waiting_since for other in others}


def test_asked_images_are_counted_as_waiting_and_shown_nowhere_else(
    studio_on_both, images, editor, reviewer, second
) -> None:
    studio = studio_on_both
    rates(studio, second=1.0)
    first, other = images.make(editor, 2, state=AssetState.IN_REVIEW)
    act(studio, reviewer, first)
    assert counts(studio, second)[AssetState.IN_REVIEW] == 2
    assert counts(studio, second)[AssetState.APPROVED] == 0
    assert counts(studio, editor)[AssetState.APPROVED] == 1
    approved = QueueFilter(state=AssetState.APPROVED)
    assert queue(studio, second, approved).assets == ()
    assert [view.id for view in queue(studio, editor, approved).assets] == [first]
    assert counts(studio, second, QueueFilter(category="Bags"))[AssetState.IN_REVIEW] == 0
    answer(studio, second, first)
    assert counts(studio, second)[AssetState.APPROVED] == 1
    assert waiting(studio, second) == {other}


def test_pages_hold_each_asked_image_once(studio_on_both, images, editor, reviewer, second) -> None:
    studio = studio_on_both
    rates(studio, second=1.0)
    made = images.make(editor, 9, state=AssetState.IN_REVIEW)
    for image in made[::3]:
        act(studio, reviewer, image)
    seen, after = [], None
    while True:
        page = queue(studio, second, WAITING, after=after, limit=2)
        seen += [view.id for view in page.assets]
        after = page.after
        if after is None:
            break
    assert sorted(seen) == made


def test_the_same_key_twice_is_one_answer_and_for_another_one_it_is_refused(
    studio_on_both, images, editor, reviewer, second
) -> None:
    studio = studio_on_both
    rates(studio, second=1.0)
    one, two = images.make(editor, 2, state=AssetState.IN_REVIEW)
    act(studio, reviewer, one)
    act(studio, reviewer, two)
    first = answer(studio, second, one, key="the-same-key")
    assert answer(studio, second, one, key="the-same-key") == first
    with pytest.raises(Conflict, match="used for another decision"):
        answer(studio, second, one, "halo", key="the-same-key")
    with pytest.raises(Conflict, match="used for another decision"):
        answer(studio, second, two, key="the-same-key")


def test_an_answer_can_be_taken_back_like_a_decision(
    studio_on_both, images, editor, reviewer, second, monkeypatch
) -> None:
    studio = studio_on_both
    rates(studio, second=1.0)
    (image,) = images.make(editor, state=AssetState.IN_REVIEW)
    act(studio, reviewer, image)
    given = answer(studio, second, image)
    assert given.undo_until is not None
    back = undo(studio, second, image, "take-it-back")
    assert (back.state, back.revision, back.undo_until) == (AssetState.IN_REVIEW, given.revision + 1, None)
    assert undo(studio, second, image, "take-it-back") == back
    assert tasks(studio, second) == {image}
    answer(studio, second, image, "halo")
    with studio.writing() as session:
        session.execute(sa.update(SecondOpinion).values(answered_at=utc_now() - dt.timedelta(seconds=11)))
    with pytest.raises(Conflict, match="for 10 seconds"):
        undo(studio, second, image, "another-key")
    assert asked(studio, image).reason == "halo"


def test_a_decision_on_what_was_really_seen_is_never_taken_for_an_answer(
    studio_on_both, images, editor, reviewer, second
) -> None:
    """Two reviewers on one image: the second one is told, although a second opinion is wanted."""
    studio = studio_on_both
    rates(studio, second=1.0)
    (image,) = images.make(editor, state=AssetState.IN_REVIEW)
    with studio.reading() as session:
        before = session.get_one(Asset, image)
    act(studio, reviewer, image)
    for revision in (before.revision, before.revision + 1):
        with pytest.raises(Conflict):
            decide(studio, second, decision(image, revision, before.sha256, "halo"))
    with pytest.raises(StaleDecision):
        decide(studio, second, decision(image, before.revision, before.sha256))
    assert asked(studio, image).verdict is None


def test_a_third_reviewer_who_saw_it_too_is_heard_as_well(
    studio_on_both, images, editor, reviewer, second, manager
) -> None:
    studio = studio_on_both
    rates(studio, second=1.0)
    (image,) = images.make(editor, state=AssetState.IN_REVIEW)
    act(studio, reviewer, image)
    answer(studio, second, image)
    answer(studio, manager, image, "halo")  # shown to both before the first answer
    with studio.reading() as session:
        rows = session.scalars(sa.select(SecondOpinion).order_by(SecondOpinion.id)).all()
    assert [(row.answered_by_id, row.reason) for row in rows] == [(second.id, None), (manager.id, "halo")]
    assert {row.decision_id for row in rows} == {rows[0].decision_id}
    with pytest.raises(StaleDecision):
        answer(studio, reviewer, image)  # who decided it is never heard about it


def test_an_image_taken_back_reopened_or_withdrawn_is_asked_about_no_more(
    studio_on_both, images, editor, reviewer, manager, second
) -> None:
    studio = studio_on_both
    rates(studio, second=1.0)
    one, two, three = images.make(editor, 3, state=AssetState.IN_REVIEW)
    for image in (one, two, three):
        act(studio, reviewer, image)
    undo(studio, reviewer, one, "take-it-back")
    decide(studio, reviewer, Decide(two, 1, Action.REOPEN, "reopen-it-now"))
    decide(studio, manager, Decide(three, 1, Action.WITHDRAW, "withdraw-it"))
    assert tasks(studio, second) == set()
    with pytest.raises(Conflict, match="withdrawn"):
        answer(studio, second, three)
    act(studio, reviewer, one, "halo")  # decided anew, it is asked about anew, once
    assert tasks(studio, second) == {one}
    with studio.reading() as session:
        rows = session.scalars(sa.select(SecondOpinion).where(SecondOpinion.asset_id == one)).all()
        verdict = session.get_one(Decision, rows[0].decision_id)
    assert (len(rows), verdict.to_state) == (1, AssetState.CHANGES_REQUESTED)


def test_what_nobody_answers_is_dropped_after_a_while(studio, images, editor, reviewer, second) -> None:
    rates(studio, second=1.0)
    (image,) = images.make(editor, state=AssetState.IN_REVIEW)
    act(studio, reviewer, image)
    with studio.writing() as session:
        session.execute(sa.update(SecondOpinion).values(created_at=utc_now() - dt.timedelta(days=15)))
    assert tasks(studio, second) == set()


def test_an_answer_is_refused_where_a_decision_would_be(
    studio_on_both, images, editor, reviewer, manager, second
) -> None:
    studio = studio_on_both
    rates(studio, second=1.0)
    (image,) = images.make(editor, state=AssetState.IN_REVIEW)
    act(studio, reviewer, image)
    revision = asked(studio, image).seen_revision
    with pytest.raises(Conflict, match="was not displayed"):
        decide(studio, second, decision(image, revision, "0" * 64))
    assert take(studio, manager, [image]).mine == (image,)  # asked images are claimed like others
    assert take(studio, second, [image]).taken == {image: "Mona"}
    with pytest.raises(Conflict, match="Mona"):
        answer(studio, second, image)
    assert asked(studio, image).verdict is None


def test_gold_images_come_to_a_reviewer_by_the_rate_each_once(
    studio_on_both, images, editor, reviewer, manager, second
) -> None:
    studio = studio_on_both
    gold, other = images.make(editor, 2, state=AssetState.IN_REVIEW)
    act(studio, reviewer, gold, "halo")
    mark_gold(studio, manager, gold, AssetState.CHANGES_REQUESTED, "halo")
    rates(studio, gold=1.0)
    first, *_ = work = images.make(editor, 3, state=AssetState.IN_REVIEW)
    act(studio, second, first)
    task = asked(studio, gold, OpinionKind.GOLD)
    assert (task.for_id, task.decision_id) == (second.id, None)
    assert tasks(studio, second) == {gold}
    assert tasks(studio, manager) == set()  # who marked it knows it
    found = answer_gold(studio, second, gold)
    assert found.state is AssetState.APPROVED
    for image in work[1:]:
        act(studio, second, image)
    act(studio, reviewer, other)  # who decided it knows it
    with studio.reading() as session:
        rows = session.scalars(sa.select(SecondOpinion)).all()
    assert [(row.answered_by_id, row.verdict) for row in rows] == [(second.id, AssetState.APPROVED)]


def answer_gold(studio, actor, asset_id: int):
    with studio.reading() as session:
        sha256 = session.get_one(Asset, asset_id).sha256
    revision = asked(studio, asset_id, OpinionKind.GOLD).seen_revision
    return decide(studio, actor, decision(asset_id, revision, sha256))


def test_rates_are_a_managers_and_have_a_limit(studio, reviewer, manager) -> None:
    for act_on in (lambda who: opinion_rates(studio, who), lambda who: set_opinion_rates(studio, who, OpinionRates())):
        with pytest.raises(Forbidden):
            act_on(reviewer)
    with pytest.raises(InputError, match="between 0 and 50%, got 60%"):
        set_opinion_rates(studio, manager, OpinionRates(second=0.6))
