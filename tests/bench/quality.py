"""How long the quality page takes with a year of activity: 1,000,000 images and 5,000,000 scores on PostgreSQL, 200,000
images on SQLite; and how long filling and counting take.

A part of the page is all of its use cases as a visit runs them, with the caches warm; the drawing is left out.
ECOMGAN_BENCH_SHARE=0.1 makes everything a tenth as large.
"""

from __future__ import annotations

import datetime as dt
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import sqlalchemy as sa

from db.tables import Role
from studio.bootstrap import Studio
from studio.quality.costs import cost_rates, costs
from studio.quality.drift import drifts
from studio.quality.extremes import extremes
from studio.quality.figures import (
    Axis,
    QualityFilter,
    approval,
    approval_by_category,
    by_model,
    distribution,
    known_metrics,
    reasons,
    score_groups,
)
from studio.quality.groups import groups
from studio.quality.kernel_distances import kernel_distances
from studio.quality.kpis import days_before, kpis, last_days
from studio.quality.lenience import lenient_reviewers
from studio.quality.reason_table import reason_table
from studio.quality.rollups import bring_up_to_date, refreshed, standing
from studio.quality.waits import waits
from studio.roles import Actor
from tests.bench.database import postgresql, recorded
from tests.bench.filled import filled_studio
from tests.bench.table import Row
from tests.histories.filling import fill_year
from tests.histories.plan import SCORES, Plan

_SHARE = float(os.environ.get("ECOMGAN_BENCH_SHARE", "1"))
_IMAGES = {"postgresql": 1_000_000, "sqlite": 200_000}
_AIMS = {"postgresql": "<= 1", "sqlite": "<= 2"}
_RUNS = 5
_UNTIL = dt.date(2026, 11, 22)
_PETRA = Actor(10, "Petra Novak", Role.MANAGER)


def speeds() -> list[Row]:
    """Both databases, each filled anew."""
    with tempfile.TemporaryDirectory() as folder:
        rows = _measure(f"sqlite:///{folder}/bench.db", Path(folder))
        with postgresql(Path(folder)) as url:
            return rows + _measure(url, Path(folder))


def _measure(url: str, home: Path) -> list[Row]:
    database = sa.make_url(url).get_backend_name()
    images = round(_IMAGES[database] * _SHARE)
    start = time.perf_counter()
    studio = filled_studio(url, home, lambda engine: fill_year(engine, Plan(images, _UNTIL)), f"{images:,} images")
    filled = time.perf_counter() - start
    sys.stderr.write(f"counting the days of {database}\n")
    start, days = time.perf_counter(), standing(studio).days
    while standing(studio).days:
        bring_up_to_date(studio, seconds=30)
    counted = time.perf_counter() - start
    told = f"{database}, {images:,} images and {images * len(SCORES):,} scores"
    rows = [
        Row("a made-up year, filled", filled, "s", "", told),
        Row("figures by day, counted", counted, "s", "", f"{told}; {days} days, {1000 * counted / days:.0f} ms each"),
    ]
    for length in (30, 365):
        wanted = QualityFilter(last_days(length, _UNTIL))
        rows += [
            _row(studio, f"quality page, {part}, {length} days", work, told)
            for part, work in _parts(studio, wanted, Axis.DAY if length == 30 else Axis.WEEK).items()
        ]
    studio.close()
    return rows


def _parts(studio: Studio, wanted: QualityFilter, axis: Axis) -> dict[str, Callable[[], object]]:
    before = QualityFilter(days_before(wanted.days))

    def every() -> object:
        return refreshed(studio), groups(studio, _PETRA)

    return {
        "overview": lambda: (
            every(),
            approval(studio, _PETRA, axis, wanted),
            drifts(studio, _PETRA, wanted),
            lenient_reviewers(studio, _PETRA, wanted),
            kpis(studio, _PETRA, wanted),
            reasons(studio, _PETRA, wanted),
            approval_by_category(studio, _PETRA, wanted),
            by_model(studio, _PETRA, wanted),
        ),
        "scores": lambda: (
            every(),
            known_metrics(studio, _PETRA),
            score_groups(studio, _PETRA, "sharpness", Axis.CATEGORY, wanted),
            distribution(studio, _PETRA, "sharpness", wanted),
            distribution(studio, _PETRA, "sharpness", before),
            score_groups(studio, _PETRA, "sharpness", axis, wanted),
            extremes(studio, _PETRA, "sharpness", wanted),
        ),
        "reasons": lambda: (every(), reasons(studio, _PETRA, wanted), reason_table(studio, _PETRA, "category", wanted)),
        "cost and time": lambda: (
            every(),
            cost_rates(studio, _PETRA),
            [costs(studio, _PETRA, by, wanted) for by in (Axis.CATEGORY, Axis.MODEL)],
            [waits(studio, _PETRA, by, wanted) for by in (Axis.CATEGORY, Axis.MODEL)],
        ),
        "models": lambda: (
            every(),
            kernel_distances(studio, _PETRA, wanted),
            by_model(studio, _PETRA, wanted),
            score_groups(studio, _PETRA, "sharpness", Axis.MODEL, wanted),
        ),
    }


def _row(studio: Studio, what: str, work: Callable[[], object], told: str) -> Row:
    work()
    with recorded(studio.engine) as statements:
        work()
    seconds, computing = [], []
    for _ in range(_RUNS):
        start, cpu = time.perf_counter(), time.process_time()
        work()
        seconds.append(time.perf_counter() - start)
        computing.append(time.process_time() - cpu)
    note = (
        f"{told}; {len(statements)} statements, median of {_RUNS}, best {min(seconds):.3f} s, "
        f"{median(computing):.3f} s of CPU in this process"
    )
    return Row(what, median(seconds), "s", _AIMS[studio.engine.dialect.name], note)
