"""Gold images: marked by managers, met blind by reviewers, counted."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from db.tables import Activity, AssetState, OpinionKind, SecondOpinion, utc_now
from studio.errors import Conflict, Forbidden, InputError, NotFound
from studio.quality.rates import wilson
from studio.review.behind import Behind, WantedImages, images_behind
from studio.review.gold import count_gold, gold_images, gold_verdict, mark_gold, retire_gold
from studio.review.reviewers import ReviewerFigures, reviewer_report
from studio.review.verdicts import Days
from tests.studio.review.asked import act, person

EVER = Days()
START = dt.datetime(2026, 11, 2, 9, tzinfo=dt.UTC)


@pytest.fixture
def second(studio):
    return person(studio, "Sven")


def figures(studio, actor, name: str) -> ReviewerFigures:
    (found,) = [each for each in reviewer_report(studio, actor, EVER).people if each.name == name]
    return found


def test_gold_images_are_a_managers_matter(studio_on_both, images, editor, reviewer, manager) -> None:
    studio = studio_on_both
    image, waiting = images.make(editor, 2, state=AssetState.IN_REVIEW)
    act(studio, reviewer, image)
    for marking, error in (
        ((waiting, AssetState.APPROVED, None), Conflict),
        ((image, AssetState.APPROVED, "halo"), InputError),
        ((image, AssetState.CHANGES_REQUESTED, None), InputError),
        ((image, AssetState.CHANGES_REQUESTED, "ugly"), InputError),
        ((image, AssetState.DRAFT, None), InputError),
        ((999, AssetState.APPROVED, None), NotFound),
    ):
        with pytest.raises(error):
            mark_gold(studio, manager, *marking)
    with pytest.raises(Forbidden):
        mark_gold(studio, reviewer, image, AssetState.APPROVED)
    mark_gold(studio, manager, image, AssetState.CHANGES_REQUESTED, "halo")
    mark_gold(studio, manager, image, AssetState.CHANGES_REQUESTED, "shape")
    (gold,) = gold_images(studio, manager)
    assert (gold.view.id, gold.reason, gold.marked_by, gold.right.n) == (image, "shape", "Mona", 0)
    with pytest.raises(Forbidden):
        gold_verdict(studio, reviewer, image)
    assert count_gold(studio, manager) == 1
    with studio.reading() as session:  # everyone may read the record
        assert {(row.subject_id, row.text) for row in session.scalars(sa.select(Activity))} == {
            ("gold_images", "Marked a gold image.")
        }
    retire_gold(studio, manager, image)
    assert (gold_images(studio, manager), gold_verdict(studio, manager, image)) == ((), None)
    with pytest.raises(NotFound):
        retire_gold(studio, manager, image)


def test_hits_on_gold_images_are_counted_with_the_faults_among_them(
    studio_on_both, images, editor, reviewer, manager, second
) -> None:
    studio = studio_on_both
    good, bad, worse = images.make(editor, 3, state=AssetState.IN_REVIEW)
    for image in (good, bad, worse):
        act(studio, reviewer, image)
    mark_gold(studio, manager, good, AssetState.APPROVED)
    for image in (bad, worse):
        mark_gold(studio, manager, image, AssetState.CHANGES_REQUESTED, "halo")
    told_gold(studio, second.id, good, AssetState.APPROVED)
    told_gold(studio, second.id, bad, AssetState.CHANGES_REQUESTED)
    told_gold(studio, second.id, worse, AssetState.APPROVED)
    sven = figures(studio, manager, "Sven")
    assert (sven.gold.right, sven.gold.faults) == (wilson(2, 3), wilson(1, 2))
    wrong = images_behind(studio, second, WantedImages(Behind.GOLD_WRONG, second.id))
    (shown,) = wrong.images
    assert shown.view.id == worse
    assert [(given.name, given.verdict, given.reason) for given in shown.given] == [
        (None, AssetState.CHANGES_REQUESTED, "halo"),
        ("Sven", AssetState.APPROVED, None),
    ]
    assert gold_images(studio, manager)[0].right.n == 1


def told_gold(studio, user_id: int, asset_id: int, verdict: AssetState) -> None:
    with studio.writing() as session:
        session.add(
            SecondOpinion(
                asset_id=asset_id,
                kind=OpinionKind.GOLD,
                for_id=user_id,
                seen_revision=2,
                since=START,
                answered_by_id=user_id,
                verdict=verdict,
                answered_at=utc_now(),
            )
        )
