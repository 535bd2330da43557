"""Every bar and every point of every chart of the page Quality opens the images behind it, which are there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import get_args

import plotly.graph_objects as go
import pytest

from db.tables import Role
from studio.bootstrap import Studio
from studio.quality.reason_table import ReasonTable
from studio.quality.rollups import bring_up_to_date, standing
from studio.review.queue_filter import QueueFilter, as_query, from_query
from studio.review.review_queue import counts
from studio.roles import Actor
from studio.ui import quality_sections, reason_chart, trust_view
from studio.ui.quality_filters import View
from studio.ui.told import Told, draw_told
from tests.histories.filling import fill_year
from tests.histories.plan import Plan
from tests.studio.trust.conftest import learn
from tests.ui.conftest import Visit

PETRA = Actor(10, "Petra Novak", Role.MANAGER)


@pytest.fixture
def year(studio: Studio) -> Studio:
    """A made-up time of 1,500 images with a calibration; all its days are counted."""
    fill_year(studio.engine, Plan(images=1500, until=dt.datetime.now(dt.UTC).date(), days=80))
    learn(studio, PETRA)
    while standing(studio).days:
        bring_up_to_date(studio, seconds=10)
    return studio


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[Told | ReasonTable]:
    """What the pages draw from now on."""
    found: list[Told | ReasonTable] = []

    def recording(told: Told, **how: object) -> None:
        found.append(told)
        draw_told(told, **how)  # type: ignore[arg-type]

    def recording_grid(table: ReasonTable, *rest: object) -> go.Figure:
        found.append(table)
        return drawn_grid(table, *rest)  # type: ignore[arg-type]

    drawn_grid = reason_chart.reason_grid
    for module in (quality_sections, trust_view):
        monkeypatch.setattr(module, "draw_told", recording)
    monkeypatch.setattr(reason_chart, "reason_grid", recording_grid)
    return found


def points(told: Told) -> Iterator[tuple[Sequence[object], Sequence[QueueFilter]]]:
    """For each trace that answers the pointer: its points, and the images behind each."""
    assert told.figure is not None
    for at, trace in enumerate(told.figure.data):
        if trace.hoverinfo != "skip":
            yield list(trace.x), told.images[at]


def test_every_point_opens_images_and_its_address_finds_them(
    visit: Visit, year: Studio, drawn: list[Told | ReasonTable]
) -> None:
    names = set()
    for view in get_args(View):
        page = visit("quality", PETRA, view=view, days="90")
        assert not page.exception
    for one in drawn:
        if isinstance(one, ReasonTable):
            assert [sum(counts(year, PETRA, cell.images).values()) for cell in one.cells] == [c.n for c in one.cells]
        elif one.figure is not None:
            names.add(one.name)
            for xs, images in points(one):
                assert len(images) == len(xs), one.name
                opened = [from_query(as_query(wanted)) for wanted in images[:6]]
                empty = [wanted for wanted in opened if not sum(counts(year, PETRA, wanted).values())]
                assert empty == [] or one.name.endswith("-all"), one.name  # a bar of height 0 leads to none
    assert {"reliability", "auc", "brier", "trend", "reasons", "kernel-distance", "cost-by-model"} <= names
    assert any(isinstance(one, ReasonTable) for one in drawn)
