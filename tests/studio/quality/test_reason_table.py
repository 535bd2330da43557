"""Which faults come with which category or model version, counted by the last word on each image."""

from __future__ import annotations

import datetime as dt

from db.tables import AssetState
from studio.bootstrap import Studio
from studio.quality.figures import QualityFilter
from studio.quality.reason_table import reason_table
from studio.quality.rollups import bring_up_to_date
from studio.review.decisions import append, locked
from studio.review.review_queue import counts
from studio.review.verdicts import Days
from studio.roles import Actor
from tests.studio.conftest import Images


def decide(studio: Studio, actor: Actor, ids: list[int], reason: str | None) -> None:
    with studio.writing() as session:
        for asset_id in ids:
            state = AssetState.APPROVED if reason is None else AssetState.CHANGES_REQUESTED
            append(session, locked(session, asset_id), state, actor, f"decide-{asset_id}", reason=reason)


def test_reasons_are_counted_against_categories_and_models_with_their_share(
    studio_on_both: Studio, images: Images, editor: Actor, reviewer: Actor
) -> None:
    studio = studio_on_both
    waits = AssetState.IN_REVIEW
    decide(studio, reviewer, images.make(editor, 3, state=waits, category="Bags", model="old"), None)
    decide(studio, reviewer, images.make(editor, 1, state=waits, category="Bags", model="old"), "halo")
    decide(studio, reviewer, images.make(editor, 2, state=waits, category="Caps", model="new"), "halo")
    decide(studio, reviewer, images.make(editor, 1, state=waits, category="Caps", model="new"), "shape")
    bring_up_to_date(studio, seconds=10)
    found = reason_table(studio, reviewer, "category")
    assert found.reasons == ("halo", "shape")
    assert [(group.key, group.decided) for group in found.groups] == [("Bags", 4), ("Caps", 3)]
    cells = {(cell.reason, cell.group): (cell.n, round(cell.share, 2)) for cell in found.cells}
    assert cells == {("halo", "Bags"): (1, 0.25), ("halo", "Caps"): (2, 0.67), ("shape", "Caps"): (1, 0.33)}
    for cell in found.cells:  # a click opens just those
        assert sum(counts(studio, reviewer, cell.images).values()) == cell.n
    by_model = reason_table(studio, reviewer, "model")
    assert [(group.label, group.decided) for group in by_model.groups] == [("old", 4), ("new", 3)]
    assert all(sum(counts(studio, reviewer, cell.images).values()) == cell.n for cell in by_model.cells)
    assert [group.key for group in reason_table(studio, reviewer, "category", most=1).groups] == ["Bags"]


def test_only_the_days_that_are_asked_for_count(studio: Studio, images: Images, editor: Actor, reviewer: Actor) -> None:
    decide(studio, reviewer, images.make(editor, 1, state=AssetState.IN_REVIEW), "halo")
    yesterday = dt.datetime.now(dt.UTC).date() - dt.timedelta(days=2)
    found = reason_table(studio, reviewer, "category", QualityFilter(days=Days(until=yesterday)))
    assert (found.reasons, found.groups, found.cells) == ((), (), ())
