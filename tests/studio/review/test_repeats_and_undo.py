"""A decision that comes twice, comes too late, comes at the same moment as another, or is taken back."""

from __future__ import annotations

import datetime as dt
import threading

import pytest

from db.tables import AssetState, utc_now
from studio.bootstrap import Studio
from studio.errors import Conflict, InputError, StaleDecision
from studio.review import taking
from studio.review.deciding import Decide, decide, history, undo
from studio.review.states import Action
from studio.roles import Actor
from tests.studio.conftest import seen
from tests.studio.review.acting import KEYS, act, standing


def test_the_same_key_twice_gets_the_same_answer(studio_on_both: Studio, images, editor, reviewer) -> None:
    studio = studio_on_both
    (image,) = images.make(editor)
    asked = Decide(image, 0, Action.SUBMIT, "the-same-key")
    first = decide(studio, editor, asked)
    assert decide(studio, editor, asked) == first
    act(studio, reviewer, image, Action.REJECT, "halo")
    assert decide(studio, editor, asked) == first
    assert len(history(studio, editor, image)) == 3


def test_a_key_is_good_for_one_decision_only(studio: Studio, images, editor, reviewer, manager) -> None:
    one, two = images.make(editor, 2, state=AssetState.IN_REVIEW)
    decide(studio, reviewer, Decide(one, 0, Action.APPROVE, "used-already", seen_sha256=seen(studio, one)))
    for actor, other in (
        (reviewer, Decide(two, 0, Action.APPROVE, "used-already", seen_sha256=seen(studio, two))),
        (manager, Decide(one, 1, Action.REOPEN, "used-already")),
        (reviewer, Decide(one, 1, Action.REOPEN, "used-already")),
    ):
        with pytest.raises(Conflict, match="used for another decision"):
            decide(studio, actor, other)
    for bad in ("short", "x" * 65, "with\0nul-in-it"):
        with pytest.raises(InputError, match="8 to 64 characters"):
            decide(studio, reviewer, Decide(two, 0, Action.APPROVE, bad, seen_sha256=seen(studio, two)))


def test_a_stale_decision_is_told_what_happened(studio: Studio, images, editor, reviewer, manager) -> None:
    (image,) = images.make(editor, state=AssetState.IN_REVIEW)
    act(studio, reviewer, image, Action.REJECT, "shape")
    with pytest.raises(StaleDecision) as refusal:
        decide(studio, manager, Decide(image, 0, Action.APPROVE, next(KEYS), seen_sha256=seen(studio, image)))
    assert refusal.value.current_state == "changes_requested"
    assert refusal.value.last_decision.startswith("Rune set it to changes requested (shape is not the product's) at 20")
    assert "Nothing was saved" in refusal.value.message
    assert len(history(studio, editor, image)) == 1


def test_of_two_reviewers_in_the_same_moment_one_wins(
    studio_on_both: Studio, images, editor, reviewer, manager
) -> None:
    studio = studio_on_both
    for image in images.make(editor, 5, state=AssetState.IN_REVIEW):
        start, outcomes = threading.Barrier(2), []

        def press(actor: Actor, action: Action, reason: str | None, image: int = image, start=start, outcomes=outcomes):
            start.wait()
            try:
                key, shown = f"{actor.name}-{image}-key", seen(studio, image)
                outcomes.append(decide(studio, actor, Decide(image, 0, action, key, reason, seen_sha256=shown)))
            except StaleDecision as error:
                outcomes.append(error)

        threads = [
            threading.Thread(target=press, args=(reviewer, Action.APPROVE, None)),
            threading.Thread(target=press, args=(manager, Action.REJECT, "halo")),
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(type(outcome).__name__ for outcome in outcomes) == ["DecisionResult", "StaleDecision"]
        (won,) = [outcome for outcome in outcomes if not isinstance(outcome, StaleDecision)]
        assert standing(studio, image) == (won.state, 1)
        assert len(history(studio, editor, image)) == 1


def test_a_decision_is_taken_back_by_another_one(studio_on_both: Studio, images, editor, reviewer) -> None:
    studio = studio_on_both
    (image,) = images.make(editor, state=AssetState.IN_REVIEW)
    approved = act(studio, reviewer, image, Action.APPROVE)
    assert approved.undo_until is not None
    back = undo(studio, reviewer, image, "undo-once")
    assert (back.state, back.revision, back.undo_until) == (AssetState.IN_REVIEW, 2, None)
    assert undo(studio, reviewer, image, "undo-once") == back
    assert [line.undo for line in history(studio, editor, image)] == [False, True]
    with pytest.raises(Conflict, match="nothing to take back"):
        undo(studio, reviewer, image, next(KEYS))


def test_a_slip_of_the_finger_on_a_factual_reason_can_be_taken_back(studio: Studio, images, editor, reviewer) -> None:
    (image,) = images.make(editor, state=AssetState.IN_REVIEW)
    act(studio, reviewer, image, Action.REJECT, "shape")
    undo(studio, reviewer, image, next(KEYS))
    assert act(studio, reviewer, image, Action.APPROVE).state is AssetState.APPROVED


def test_only_ones_own_last_decision_is_taken_back_and_only_for_ten_seconds(
    studio: Studio, images, editor, reviewer, manager, monkeypatch
) -> None:
    (image, untouched) = images.make(editor, 2, state=AssetState.IN_REVIEW)
    with pytest.raises(Conflict, match="nothing to take back"):
        undo(studio, reviewer, untouched, next(KEYS))
    act(studio, reviewer, image, Action.APPROVE)
    with pytest.raises(StaleDecision, match="Rune set it to approved"):
        undo(studio, manager, image, next(KEYS))
    later = utc_now() + dt.timedelta(seconds=11)
    monkeypatch.setattr(taking, "database_now", lambda _: later)
    with pytest.raises(Conflict, match="for 10 seconds"):
        undo(studio, reviewer, image, next(KEYS))
    act(studio, reviewer, image, Action.PUBLISH)
    monkeypatch.undo()
    with pytest.raises(Conflict, match="published; that cannot be taken back"):
        undo(studio, reviewer, image, next(KEYS))
