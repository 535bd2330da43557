"""How long the database takes for a page of 100 of the review queue, under every filter and from every depth.

First with the images as months of work leave them, then with all 100,000 waiting for review. As in `database`, the
statements of a page are recorded and run again by themselves, so that Python's part is left out; plans are printed.
"""

from __future__ import annotations

import datetime as dt
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import sqlalchemy as sa

from db.tables import Asset, AssetState, Purpose, ReviewClaim, Role
from studio.bootstrap import Studio
from studio.images.library import ScoreRange
from studio.review.queue_order import Place, conditions
from studio.review.review_queue import QueueFilter, queue
from studio.review.verdicts import Days
from studio.roles import Actor
from tests.bench.database import postgresql, recorded, show_plans
from tests.bench.filled import filled_studio
from tests.bench.seeding import FIRST_DAY, IMAGES, fill
from tests.bench.table import Row

_RUNS = 5
_RUNE = Actor(2, "Person 1", Role.REVIEWER)
_WEEK = Days(FIRST_DAY.date() + dt.timedelta(90), FIRST_DAY.date() + dt.timedelta(96))
_WAITING = QueueFilter(state=AssetState.IN_REVIEW)

FILTERS = {
    "all": QueueFilter(),
    "waiting": _WAITING,
    "category": replace(_WAITING, category="Tshirts"),
    "rare category": replace(_WAITING, category="Ties"),
    "category of all": QueueFilter(category="Shirts"),
    "rare category of all": QueueFilter(category="Ties"),
    "model": replace(_WAITING, model_version_id=3),
    "purpose": replace(_WAITING, purpose=Purpose.AD),
    "mine": replace(_WAITING, mine=True),
    "mine of all": QueueFilter(mine=True),
    "assigned to me": replace(_WAITING, assignee="me"),
    "assigned to nobody": replace(_WAITING, assignee="nobody"),
    "waited two days": replace(_WAITING, waited_hours=48),
    "made in a week": QueueFilter(made=_WEEK),
    "a common word": replace(_WAITING, text="cotton"),
    "a common word of all": QueueFilter(text="cotton"),
    "two words, rare": QueueFilter(text="zebra ties"),
    "product": QueueFilter(product_id=77),
    "score, many": replace(_WAITING, score=ScoreRange("sharpness", 1.3)),
    "score, few": replace(_WAITING, score=ScoreRange("sharpness", None, 0.4)),
    "score of all": QueueFilter(score=ScoreRange("colour_difference", None, 10)),
    "reason": QueueFilter(state=AssetState.CHANGES_REQUESTED, reason="halo"),
    "verdict": QueueFilter(verdict=AssetState.APPROVED),
    "decided in a week": QueueFilter(verdict=AssetState.APPROVED, decided=_WEEK),
    "category, score, nobody": replace(_WAITING, category="Jeans", score=ScoreRange("fill", 60, 90), assignee="nobody"),
}


def speeds() -> list[Row]:
    """Both databases, each filled anew."""
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        rows += _measure(f"sqlite:///{folder}/bench.db", Path(folder))
        with postgresql(Path(folder)) as url:
            rows += _measure(url, Path(folder))
    return rows


def _measure(url: str, home: Path) -> list[Row]:
    studio = filled_studio(url, home, fill, f"{IMAGES:,} images")
    engine = studio.engine
    with engine.begin() as connection:
        connection.execute(sa.insert(ReviewClaim), [_claim(n) for n in range(200)])
    rows = [_row(studio, "as months of work leave them", plans=True)]
    with engine.begin() as connection:
        connection.execute(sa.update(Asset).values(state=AssetState.IN_REVIEW))
    if engine.dialect.name == "postgresql":  # the server does so by itself after so many changes, a minute later
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE assets")
    rows.append(_row(studio, "all waiting for review", plans=False))
    studio.close()
    return rows


def _claim(n: int) -> dict[str, object]:
    return {"asset_id": n * 400 + 1, "user_id": 4, "revision": 2, "until": dt.datetime(2100, 1, 1, tzinfo=dt.UTC)}


def _row(studio: Studio, how: str, *, plans: bool) -> Row:
    taken: dict[str, list[float]] = {}
    for name, wanted in FILTERS.items():
        for depth in (0.0, 0.5, 0.97):
            taken[f"{name}, at {depth:.0%}"] = _milliseconds(studio, name, wanted, depth, plans=plans and depth == 0)
    every = np.concatenate(list(taken.values()))
    slow = sorted(taken, key=lambda name: -float(np.median(taken[name])))[:4]
    told = "; ".join(f"{name} {np.median(taken[name]):.0f}" for name in slow)
    note = f"{studio.engine.dialect.name}, {how}; {len(FILTERS)} filters at 3 depths; slowest (median): {told}"
    return Row("page of 100 of the queue, p95", float(np.percentile(every, 95)), "ms", "<= 60", note)


def _milliseconds(studio: Studio, name: str, wanted: QueueFilter, depth: float, *, plans: bool) -> list[float]:
    after = _place(studio, wanted, depth)

    def work() -> None:
        queue(studio, _RUNE, wanted, after=after)

    work()  # caches of statements and of pages
    with recorded(studio.engine) as statements:
        work()
    connection = studio.engine.raw_connection()
    cursor = connection.cursor()
    found = []
    for _ in range(_RUNS):
        start = time.perf_counter()
        for text, values in statements:
            cursor.execute(text, values)
            cursor.fetchall()
        found.append(1000 * (time.perf_counter() - start))
    if plans:
        show_plans(f"queue: {name} ({studio.engine.dialect.name})", cursor, statements, studio.engine.dialect.name)
    connection.rollback()
    connection.close()
    return found


def _place(studio: Studio, wanted: QueueFilter, depth: float) -> str | None:
    """The cursor after which this share of the images lies behind."""
    if not depth:
        return None
    order = (Asset.priority.desc(), Asset.state_since, Asset.id)
    with studio.reading() as session:
        fitting = conditions(wanted, _RUNE.id)
        number = session.scalar(sa.select(sa.func.count()).select_from(Asset).where(*fitting)) or 0
        query = sa.select(Asset.priority, Asset.state_since, Asset.id).where(*fitting).order_by(*order)
        row = session.execute(query.offset(int(depth * number)).limit(1)).first()
    return None if row is None else str(Place(*row))
