"""Pages of images: every filter narrows, every filter is looked up, no image is shown twice or left out."""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import fields

import pytest
import sqlalchemy as sa

from db.tables import Asset, AssetState, Purpose, utc_now
from studio.errors import InputError, NotSignedIn
from studio.review import decisions
from studio.review.deciding import Decide, decide, undo
from studio.review.review_queue import QueueFilter, counts, facets, page_query, queue
from studio.review.states import Action
from studio.review.verdicts import Days

KEYS = (f"press-{number:04}" for number in itertools.count())
DAY = dt.date(2026, 11, 23)


def act(studio, actor, asset_id: int, action: Action, reason: str | None = None) -> None:
    with studio.reading() as session:
        revision = session.get_one(Asset, asset_id).revision
    decide(studio, actor, Decide(asset_id, revision, action, next(KEYS), reason))


def ids(studio, actor, **wanted) -> list[int]:
    return [view.id for view in queue(studio, actor, QueueFilter(**wanted)).assets]


def test_pages_follow_each_other_without_gap_or_repetition(studio_on_both, images, editor, reviewer) -> None:
    studio = studio_on_both
    made = images.make(editor, 7, state=AssetState.IN_REVIEW)
    wanted, seen, after = QueueFilter(state=AssetState.IN_REVIEW), [], None
    while True:
        page = queue(studio, editor, wanted, after=after, limit=3)
        seen += [view.id for view in page.assets]
        if page.after is None:
            break
        after = page.after
        if len(seen) == 3:  # what happens between two pages moves nothing
            act(studio, reviewer, made[0], Action.APPROVE)
            made += images.make(editor, 1, state=AssetState.IN_REVIEW)
    assert seen == made


def test_each_filter_narrows(studio_on_both, images, editor, reviewer) -> None:
    studio = studio_on_both
    product = images.product("DRE-7", "Solveig wrap dress")
    (shirt,) = images.make(editor, state=AssetState.IN_REVIEW, category="Shirts", prompt="100% linen shirt")
    (dress,) = images.make(reviewer, category="Dresses", product_id=product, purpose=Purpose.AD, model="second")
    second = images.model("second")
    assert ids(studio, editor) == [shirt, dress]
    assert ids(studio, editor, state=AssetState.IN_REVIEW) == [shirt]
    assert ids(studio, editor, category="Dresses") == [dress]
    assert ids(studio, editor, model_version_id=second) == [dress]
    assert ids(studio, editor, purpose=Purpose.AD) == [dress]
    assert ids(studio, editor, product_id=product) == [dress]
    assert ids(studio, editor, mine=True) == [shirt]
    assert ids(studio, editor, text="WRAP solveig") == [dress]
    assert ids(studio, editor, text="dre-7") == [dress]
    assert ids(studio, editor, text="100%") == [shirt]
    assert ids(studio, editor, text="_") == []
    assert ids(studio, editor, text="\0") == [shirt, dress]
    today = utc_now().date()
    assert ids(studio, editor, made=Days(today, today)) == [shirt, dress]
    assert ids(studio, editor, made=Days(until=today - dt.timedelta(days=1))) == []


def test_verdict_filters_see_the_verdict_that_stands(studio_on_both, images, editor, reviewer, monkeypatch) -> None:
    studio = studio_on_both
    good, bad, back, again, waiting = images.make(editor, 5, state=AssetState.IN_REVIEW)
    act(studio, reviewer, again, Action.REJECT, "halo")
    monkeypatch.setattr(decisions, "utc_now", lambda: dt.datetime(2026, 3, 1, 23, 59, tzinfo=dt.UTC))
    act(studio, reviewer, good, Action.APPROVE)
    monkeypatch.undo()
    act(studio, reviewer, bad, Action.REJECT, "halo")
    act(studio, reviewer, back, Action.REJECT, "halo")
    undo(studio, reviewer, back, next(KEYS))
    act(studio, editor, again, Action.SUBMIT)
    act(studio, reviewer, again, Action.APPROVE)
    assert ids(studio, editor, decided=Days()) == [good, bad, again]
    assert ids(studio, editor, verdict=AssetState.APPROVED) == [good, again]
    assert ids(studio, editor, verdict=AssetState.CHANGES_REQUESTED) == [bad]
    assert ids(studio, editor, reason="halo") == [bad]
    assert ids(studio, editor, decided=Days(dt.date(2026, 3, 1), dt.date(2026, 3, 1))) == [good]
    assert ids(studio, editor, decided=Days(since=dt.date(2026, 3, 2))) == [bad, again]
    assert ids(studio, editor, state=AssetState.IN_REVIEW) == [back, waiting]


def test_rejected_images_say_why_and_whether_they_ended(studio, images, editor, reviewer) -> None:
    artefact, factual = images.make(editor, 2, state=AssetState.IN_REVIEW)
    act(studio, reviewer, artefact, Action.REJECT, "halo")
    act(studio, reviewer, factual, Action.REJECT, "colour")
    page = queue(studio, editor, QueueFilter(state=AssetState.CHANGES_REQUESTED))
    assert page.rejections == {artefact: ("halo", ""), factual: ("colour", "")}
    assert page.ended == {factual}


def test_counts_name_every_state_under_the_other_filters(studio, images, editor) -> None:
    images.make(editor, 2, state=AssetState.IN_REVIEW)
    images.make(editor, 1, state=AssetState.APPROVED, category="Bags")
    assert counts(studio, editor)[AssetState.IN_REVIEW] == 2
    assert counts(studio, editor, QueueFilter(category="Bags")) == {
        state: int(state is AssetState.APPROVED) for state in AssetState
    }
    assert facets(studio, editor).categories == {"Bags": 1, "Tshirts": 2}


def test_the_queue_needs_a_person_and_a_sane_page(studio, viewer) -> None:
    with pytest.raises(NotSignedIn):
        queue(studio, None, QueueFilter())
    for limit in (0, 501):
        with pytest.raises(InputError, match=f"1 to 500 images, got {limit}"):
            queue(studio, viewer, QueueFilter(), limit=limit)


FILTERS = {
    "state": AssetState.IN_REVIEW,
    "category": "Shirts",
    "model_version_id": 1,
    "purpose": Purpose.AD,
    "mine": True,
    "text": "red",
    "product_id": 1,
    "verdict": AssetState.APPROVED,
    "reason": "halo",
    "decided": Days(DAY, DAY),
    "made": Days(DAY, DAY),
}


@pytest.mark.sqlite(reason="reads the plan in SQLite's words; `make bench` shows PostgreSQL's")
@pytest.mark.parametrize("name", FILTERS)
def test_every_filter_finds_its_images_by_an_index(studio, name) -> None:
    query = page_query(QueueFilter(**{name: FILTERS[name]}), 1, after=50).limit(101)
    statement = str(query.compile(studio.engine, compile_kwargs={"literal_binds": True}))
    with studio.engine.connect() as connection:
        plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}")]
    assert not [line for line in plan if line.startswith(("SCAN assets", "SCAN decisions"))], plan
    assert [line for line in plan if line.startswith("SEARCH assets USING")], plan


def test_the_test_above_knows_every_filter() -> None:
    assert set(FILTERS) == {field.name for field in fields(QueueFilter)}


@pytest.mark.sqlite(reason="reads the plan in SQLite's words; `make bench` shows PostgreSQL's")
def test_the_first_page_of_the_review_comes_sorted_from_its_index(studio) -> None:
    for wanted in (QueueFilter(state=AssetState.IN_REVIEW), QueueFilter(state=AssetState.IN_REVIEW, category="Shirts")):
        statement = str(page_query(wanted, 1, after=9).compile(studio.engine, compile_kwargs={"literal_binds": True}))
        with studio.engine.connect() as connection:
            plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}")]
        assert not [line for line in plan if "TEMP B-TREE" in line], plan


@pytest.mark.parametrize("text", ["2026-11-01..2026-11-23", "..2026-11-23", "2026-11-01..", ".."])
def test_days_have_a_text_for_addresses(text: str) -> None:
    assert str(Days.parse(text)) == text


@pytest.mark.parametrize("text", ["", "2026-11-01", "today..", "2026-13-01..", "1..2..3"])
def test_text_that_is_no_days_is_told(text: str) -> None:
    with pytest.raises(InputError, match=r"2026-11-01\.\.2026-11-23"):
        Days.parse(text)


def test_deep_pages_are_as_quick_as_the_first(studio, images, editor) -> None:
    """Counted in steps of the virtual machine: skipping rows would show."""
    made = images.make(editor, 200, state=AssetState.IN_REVIEW)
    steps = []
    for after in (made[0], made[-20]):
        statement = page_query(QueueFilter(state=AssetState.IN_REVIEW), editor.id, after=after).limit(10)
        with studio.engine.connect() as connection:
            raw, ticks = connection.connection.driver_connection, []
            raw.set_progress_handler(lambda ticks=ticks: ticks.append(1), 10)
            assert len(connection.execute(statement).all()) == 10
            raw.set_progress_handler(None, 0)
        steps.append(len(ticks))
    assert steps[1] <= steps[0] * 1.2


def test_rows_are_read_in_a_few_statements(studio, images, editor) -> None:
    images.make(editor, 60, state=AssetState.IN_REVIEW)
    statements: list[str] = []
    sa.event.listen(studio.engine, "before_cursor_execute", lambda *call: statements.append(call[2]))
    queue(studio, editor, QueueFilter(state=AssetState.IN_REVIEW))
    assert len([text for text in statements if text.startswith("SELECT")]) <= 3
