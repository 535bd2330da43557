"""Pages of images: every filter narrows, every filter is looked up, no image is shown twice or left out."""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import fields

import pytest
import sqlalchemy as sa

from db.tables import Asset, AssetState, Comment, Purpose, Score, utc_now
from studio.errors import InputError, NotSignedIn
from studio.images.library import ScoreRange
from studio.review import decisions, queue_order
from studio.review.claims import take
from studio.review.deciding import Decide, decide, undo
from studio.review.queue_filter import Foretold, as_query, from_query
from studio.review.queue_order import Place, level_query
from studio.review.review_queue import OVERDUE, QueueFilter, ageing, counts, facets, queue
from studio.review.states import Action
from studio.review.verdicts import Days

KEYS = (f"press-{number:04}" for number in itertools.count())
DAY = dt.date(2026, 11, 23)


def act(studio, actor, asset_id: int, action: Action, reason: str | None = None) -> None:
    with studio.reading() as session:
        image = session.get_one(Asset, asset_id)
    decide(studio, actor, Decide(asset_id, image.revision, action, next(KEYS), reason, seen_sha256=image.sha256))


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
    monkeypatch.setattr(decisions, "database_now", lambda session: dt.datetime(2026, 3, 1, 23, 59, tzinfo=dt.UTC))
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
    "score": ScoreRange("sharpness", 1.5),
    "foretold": Foretold(1, 0.1 + 0.2, None),
    "assignee": "nobody",
    "waited_hours": 3,
    "claimed": True,
}


def test_the_tests_below_know_every_filter() -> None:
    assert set(FILTERS) == {field.name for field in fields(QueueFilter)}


def plans(studio, work) -> list[str]:
    """The plan of every statement that `work` runs, a line a step."""
    statements = []
    sa.event.listen(studio.engine, "before_cursor_execute", lambda *call: statements.append((call[2], call[3])))
    work()
    found = []
    with studio.engine.connect() as connection:
        for text, values in [one for one in statements if one[0].startswith("SELECT")]:
            found += [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values)]
    return found


@pytest.mark.sqlite(reason="reads the plan in SQLite's words; `make bench` shows PostgreSQL's")
@pytest.mark.parametrize("many", [False, True], ids=["few", "many"])
@pytest.mark.parametrize("state", [AssetState.IN_REVIEW, None])
@pytest.mark.parametrize("name", FILTERS)
def test_every_filter_finds_its_images_by_an_index(studio, images, editor, monkeypatch, name, state, many) -> None:
    monkeypatch.setattr(queue_order, "_FEW", -1 if many else 1_000)
    images.make(editor)
    wanted = QueueFilter(**{"state": state, name: FILTERS[name]})
    plan = plans(studio, lambda: queue(studio, editor, wanted, after=str(Place(1, utc_now(), 9))))
    assert not [line for line in plan if line in ("SCAN assets", "SCAN decisions", "SCAN scores")], plan
    walked = [line for line in plan if line.startswith("SEARCH assets USING") and "ix_assets_queue" in line]
    assert walked or not many, plan


@pytest.mark.sqlite(reason="reads the plan in SQLite's words; `make bench` shows PostgreSQL's")
@pytest.mark.parametrize("more", [{}, {"category": "Shirts"}, {"mine": True}, {"assignee": "me"}])
def test_a_page_of_the_review_comes_sorted_from_its_index(studio, images, editor, more) -> None:
    images.make(editor)
    plan = plans(studio, lambda: queue(studio, editor, QueueFilter(state=AssetState.IN_REVIEW, **more)))
    walked = [line for line in plan if "COVERING INDEX ix_assets_queue (" in line]
    assert len(walked) == 3, plan


@pytest.mark.parametrize("name", FILTERS)
def test_every_filter_has_an_address(name: str) -> None:
    wanted = QueueFilter(**{name: FILTERS[name]})
    assert from_query(as_query(wanted)) == wanted


def test_an_address_without_words_asks_for_what_waits() -> None:
    assert from_query({"view": "grid"}) == QueueFilter(state=AssetState.IN_REVIEW)


@pytest.mark.parametrize(
    ("name", "raw", "told"),
    [
        ("state", "lost", "draft, checked"),
        ("purpose", "art", "concept"),
        ("model", "one", "whole number"),
        ("reason", "ugly", "halo"),
        ("score", "sharpness", r"sharpness:1.3..2"),
        ("score", "beauty:1..2", "There is no score"),
        ("score", "sharpness:low..", r"sharpness:1.3..2"),
        ("foretold", "0.3..0.4", "by version 3"),
        ("foretold", "2:0.3", "by version 3"),
        ("foretold", "last:0.3..0.4", "whole number"),
        ("assignee", "-1", "whole number"),
        ("decided", "today", r"2026-11-01\.\.2026-11-23"),
    ],
)
def test_an_address_that_asks_for_nothing_known_is_told(name: str, raw: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        from_query({name: raw})


@pytest.mark.parametrize("cursor", ["", "7", "1.2.3.4", "a.b.c", "0.99999999999999999999.1"])
def test_a_cursor_that_is_none_is_told(studio, editor, cursor: str) -> None:
    with pytest.raises(InputError, match="the page before told"):
        queue(studio, editor, QueueFilter(), after=cursor)


@pytest.mark.parametrize("text", ["2026-11-01..2026-11-23", "..2026-11-23", "2026-11-01..", ".."])
def test_days_have_a_text_for_addresses(text: str) -> None:
    assert str(Days.parse(text)) == text


@pytest.mark.parametrize("text", ["", "2026-11-01", "today..", "2026-13-01..", "1..2..3"])
def test_text_that_is_no_days_is_told(text: str) -> None:
    with pytest.raises(InputError, match=r"2026-11-01\.\.2026-11-23"):
        Days.parse(text)


@pytest.mark.sqlite(reason="counts the steps of SQLite's virtual machine; `make bench` times PostgreSQL")
def test_deep_pages_are_as_quick_as_the_first(studio, images, editor) -> None:
    """Counted in steps of the virtual machine: skipping rows would show."""
    made = images.make(editor, 200, state=AssetState.IN_REVIEW)
    steps = []
    for asset_id in (made[0], made[-20]):
        with studio.reading() as session:
            after = Place(0, session.get_one(Asset, asset_id).state_since, asset_id)
        statement = level_query([Asset.state == AssetState.IN_REVIEW], 0, after=after).limit(10)
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
    assert len([text for text in statements if text.startswith("SELECT")]) <= 8


def urge(studio, asset_id: int, priority: int) -> None:
    with studio.writing() as session:
        session.get_one(Asset, asset_id).priority = priority


def test_what_is_urgent_comes_first_then_what_waits_longest(studio_on_both, images, editor, reviewer) -> None:
    studio = studio_on_both
    first, second, third, fourth = images.make(editor, 4)
    for asset_id in (third, first, second):
        act(studio, editor, asset_id, Action.SUBMIT)
    urge(studio, second, 1)
    assert ids(studio, editor, state=AssetState.IN_REVIEW) == [second, third, first]
    assert ids(studio, editor) == [second, fourth, third, first]
    assert ids(studio, editor, text="shirt") == [second, fourth, third, first]
    wanted, seen, after = QueueFilter(text="shirt"), [], None
    while len(seen) < 4:
        page = queue(studio, editor, wanted, after=after, limit=1)
        seen += [view.id for view in page.assets]
        after = page.after
    assert seen == [second, fourth, third, first]
    assert after is None


def test_a_decision_that_is_taken_back_costs_no_waiting_time(studio_on_both, images, editor, reviewer) -> None:
    studio = studio_on_both
    first, second = images.make(editor, 2)
    for asset_id in (first, second):
        act(studio, editor, asset_id, Action.SUBMIT)
    for _ in range(2):
        act(studio, reviewer, first, Action.APPROVE)
        undo(studio, reviewer, first, next(KEYS))
    assert ids(studio, editor, state=AssetState.IN_REVIEW) == [first, second]
    act(studio, reviewer, first, Action.REJECT, "halo")
    act(studio, editor, first, Action.SUBMIT)
    assert ids(studio, editor, state=AssetState.IN_REVIEW) == [second, first]


def test_each_image_says_where_it_stands(studio_on_both, images, editor, reviewer, manager) -> None:
    studio = studio_on_both
    late, fresh = images.make(editor, 2, state=AssetState.IN_REVIEW)
    with studio.writing() as session:
        image = session.get_one(Asset, late)
        image.assignee_id, image.state_since = reviewer.id, utc_now() - OVERDUE - dt.timedelta(minutes=1)
        session.add(Comment(asset_id=late, user_id=editor.id, text="left sleeve", idempotency_key="k" * 8))
    take(studio, manager, [late])
    page = queue(studio, editor, QueueFilter(state=AssetState.IN_REVIEW))
    where = page.standing[late]
    assert (where.overdue, where.assignee, where.claimed_by, where.comments) == (True, "Rune", "Mona", 1)
    assert (page.standing[fresh].overdue, page.standing[fresh].assignee, page.standing[fresh].comments) == (
        False,
        None,
        0,
    )
    told = ageing(studio, editor, QueueFilter(category="Tshirts"))
    assert (told.waiting, told.overdue, told.oldest) == (2, 1, where.since)
    assert ageing(studio, editor, QueueFilter(category="Bags")).oldest is None


def test_new_filters_narrow(studio_on_both, images, editor, reviewer) -> None:
    studio = studio_on_both
    sharp, soft = images.make(editor, 2, state=AssetState.IN_REVIEW)
    with studio.writing() as session:
        score = session.scalars(sa.select(Score).where(Score.asset_id == soft, Score.metric == "sharpness")).one()
        score.value = 0.8
        image = session.get_one(Asset, soft)
        image.assignee_id, image.state_since = reviewer.id, utc_now() - dt.timedelta(hours=5)
    assert ids(studio, editor, score=ScoreRange("sharpness", 1.0)) == [sharp]
    assert ids(studio, editor, score=ScoreRange("sharpness", None, 1.0)) == [soft]
    assert ids(studio, reviewer, assignee="me") == [soft]
    assert ids(studio, editor, assignee="me") == []
    assert ids(studio, editor, assignee="nobody") == [sharp]
    assert ids(studio, editor, assignee=reviewer.id) == [soft]
    assert ids(studio, editor, waited_hours=4) == [soft]


def test_filters_give_the_same_images_however_many_fit(studio_on_both, images, editor, reviewer, monkeypatch) -> None:
    studio = studio_on_both
    made = images.make(editor, 6, state=AssetState.IN_REVIEW)
    for asset_id in made[:3]:
        act(studio, reviewer, asset_id, Action.REJECT, "halo")
    for wanted in ({"reason": "halo"}, {"text": "shirt"}, {"score": ScoreRange("fill", 80)}, {"decided": Days()}):
        few = ids(studio, editor, **wanted)
        monkeypatch.setattr(queue_order, "_FEW", 1)
        assert ids(studio, editor, **wanted) == few
        monkeypatch.undo()
