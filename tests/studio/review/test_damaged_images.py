"""Only what was displayed is decided, and an image whose bytes changed on the disk is shown as that, never approved."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from db.tables import AssetState
from studio.bootstrap import Studio
from studio.errors import Conflict, InputError, IntegrityError
from studio.images.assets import asset
from studio.review.bulk import approve_many
from studio.review.deciding import Decide, decide, history
from studio.review.states import Action
from studio.roles import Actor
from tests.studio.conftest import Images, seen

KEYS = (f"press-{number:04}" for number in itertools.count())


def file_of(studio: Studio, sha256: str) -> Path:
    return studio.settings.home / "assets" / sha256[:2] / sha256[2:4] / sha256


@pytest.mark.parametrize(("action", "reason"), [(Action.APPROVE, None), (Action.REJECT, "halo")])
def test_an_image_that_was_not_displayed_cannot_be_decided(
    studio: Studio, images: Images, editor: Actor, reviewer: Actor, action: Action, reason: str | None
) -> None:
    one, other = images.make(editor, 2, state=AssetState.IN_REVIEW)
    with pytest.raises(InputError, match="not displayed cannot be decided"):
        decide(studio, reviewer, Decide(one, 0, action, next(KEYS), reason))
    with pytest.raises(Conflict, match="Another image than image"):
        decide(studio, reviewer, Decide(one, 0, action, next(KEYS), reason, seen_sha256=seen(studio, other)))
    with pytest.raises(Conflict, match="Another image than image"):
        decide(studio, reviewer, Decide(one, 0, action, next(KEYS), reason, seen_sha256="0" * 64))
    assert history(studio, editor, one) == ()
    assert not asset(studio, reviewer, one).damaged
    assert decide(studio, reviewer, Decide(one, 0, action, next(KEYS), reason, seen_sha256=seen(studio, one)))


@pytest.mark.parametrize("fault", ["changed", "missing"])
def test_damaged_bytes_block_approval_and_mark_the_image(
    studio_on_both: Studio, images: Images, editor: Actor, reviewer: Actor, fault: str
) -> None:
    studio = studio_on_both
    one, other = images.make(editor, 2, state=AssetState.IN_REVIEW)
    shown = seen(studio, one)
    file = file_of(studio, shown)
    right = file.read_bytes()
    file.write_bytes(right[:-1] + b"x")
    if fault == "missing":
        file.unlink()
    with pytest.raises(
        IntegrityError, match=f"Image {one} cannot be approved. .*{'damaged' if fault == 'changed' else fault}"
    ):
        decide(studio, reviewer, Decide(one, 0, Action.APPROVE, next(KEYS), seen_sha256=shown))
    assert asset(studio, reviewer, one).damaged
    assert not asset(studio, reviewer, other).damaged
    assert history(studio, editor, one) == ()
    file.write_bytes(right)  # brought back from a backup
    decide(studio, reviewer, Decide(one, 0, Action.APPROVE, next(KEYS), seen_sha256=shown))
    assert not asset(studio, reviewer, one).damaged


def test_a_damaged_image_can_still_be_rejected(studio: Studio, images: Images, editor: Actor, reviewer: Actor) -> None:
    (one,) = images.make(editor, state=AssetState.IN_REVIEW)
    shown = seen(studio, one)
    file_of(studio, shown).write_bytes(b"x")
    sent = decide(studio, reviewer, Decide(one, 0, Action.REJECT, next(KEYS), "texture", seen_sha256=shown))
    assert sent.state is AssetState.CHANGES_REQUESTED


def test_an_approval_that_was_saved_is_told_again_whatever_became_of_the_bytes(
    studio: Studio, images: Images, editor: Actor, reviewer: Actor
) -> None:
    (one,) = images.make(editor, state=AssetState.IN_REVIEW)
    asked = Decide(one, 0, Action.APPROVE, next(KEYS), seen_sha256=seen(studio, one))
    first = decide(studio, reviewer, asked)
    file_of(studio, seen(studio, one)).write_bytes(b"x")
    assert decide(studio, reviewer, asked) == first


def test_one_damaged_image_blocks_the_whole_selection(
    studio: Studio, images: Images, editor: Actor, reviewer: Actor
) -> None:
    made = images.make(editor, 3, state=AssetState.IN_REVIEW)
    file_of(studio, seen(studio, made[1])).unlink()
    items = [Decide(id_, 0, Action.APPROVE, next(KEYS), seen_sha256=seen(studio, id_)) for id_ in made]
    with pytest.raises(IntegrityError, match=f"Image {made[1]} cannot be approved"):
        approve_many(studio, reviewer, items)
    assert [asset(studio, reviewer, id_).damaged for id_ in made] == [False, True, False]
    assert history(studio, editor, made[0]) == ()
