"""Writes that share a transaction: each stands or falls alone, and nobody waits for ever."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import Asset, AssetState, Decision, DecisionSeal, Role, User
from studio.bootstrap import Studio
from studio.errors import Conflict, DatabaseBusy
from studio.review.deciding import Action, Decide, decide_each
from studio.review.log_check import check_log
from studio.roles import Actor
from studio.shared_writes import Write
from tests.studio.conftest import Images, seen


def adding(name: str) -> Write[str]:
    def work(session: Session) -> str:
        session.add(User(name=name, role=Role.VIEWER))
        session.flush()
        return name

    return Write(0, work)


def failing(name: str, error: Exception) -> Write[str]:
    def work(session: Session) -> str:
        session.add(User(name=name, role=Role.VIEWER))
        session.flush()
        raise error

    return Write(0, work)


def named(studio: Studio, *names: str) -> set[str]:
    with studio.reading() as session:
        return set(session.scalars(sa.select(User.name).where(User.name.in_(names))))


def together(studio: Studio, *several: Sequence[Write[str]]) -> list[list[str | Exception]]:
    """What became of these calls that came while another write was under way."""
    outcomes: dict[int, list[str | Exception]] = {}

    def call(number: int) -> None:
        outcomes[number] = studio.write_each(several[number])

    entered, leave = threading.Event(), threading.Event()

    def hold(session: Session) -> str:
        entered.set()
        leave.wait(20)
        return ""

    holding = threading.Thread(target=lambda: studio.write_each([Write(0, hold)]))
    holding.start()
    entered.wait(20)
    threads = [threading.Thread(target=call, args=(number,)) for number in range(len(several))]
    for thread in threads:
        thread.start()
    while studio.shared.waiting < sum(map(len, several)):
        time.sleep(0.005)
    leave.set()
    for thread in [holding, *threads]:
        thread.join(20)
    return [outcomes[number] for number in range(len(several))]


def commits(studio: Studio) -> Callable[[], int]:
    found: list[object] = []
    sa.event.listen(studio.engine, "commit", found.append)
    return lambda: len(found)


def test_those_that_wait_at_the_same_moment_share_a_commit(studio_on_both: Studio) -> None:
    counted = commits(studio_on_both)
    assert together(studio_on_both, [adding("Ada")], [adding("Bea"), adding("Cleo")]) == [["Ada"], ["Bea", "Cleo"]]
    assert counted() == 1
    assert named(studio_on_both, "Ada", "Bea", "Cleo") == {"Ada", "Bea", "Cleo"}


def test_one_that_is_refused_leaves_nothing_behind_and_the_others_alone(studio_on_both: Studio) -> None:
    refusal = Conflict("no")
    found = together(studio_on_both, [adding("Dan"), failing("Eve", refusal)], [adding("Finn")])
    assert found == [["Dan", refusal], ["Finn"]]
    assert named(studio_on_both, "Dan", "Eve", "Finn") == {"Dan", "Finn"}


def test_one_that_breaks_breaks_no_other(studio_on_both: Studio) -> None:
    fault = ZeroDivisionError()
    assert together(studio_on_both, [failing("Gus", fault)], [adding("Hal")]) == [[fault], ["Hal"]]
    assert named(studio_on_both, "Gus", "Hal") == {"Hal"}


def test_a_busy_database_is_told_to_all_who_wait(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    busy = DatabaseBusy("busy")

    def opens() -> object:
        raise busy

    assert studio.shared.run(opens, [adding("Ida"), adding("Jon")]) == [busy, busy]  # type: ignore[arg-type]
    assert studio.write_each([adding("Kim")]) == ["Kim"]


def test_a_refused_decision_among_others_is_not_sealed(
    studio_on_both: Studio, images: Images, editor: Actor, reviewer: Actor
) -> None:
    first, second, third = images.make(editor, 3, state=AssetState.IN_REVIEW)
    with studio_on_both.reading() as session:
        revision = session.get_one(Asset, first).revision
    shown = {id_: seen(studio_on_both, id_) for id_ in (first, second, third)}
    wanted = [
        Decide(first, revision, Action.APPROVE, "key-first", seen_sha256=shown[first]),
        Decide(second, 99, Action.APPROVE, "key-second", seen_sha256=shown[second]),
        Decide(third, revision, Action.REJECT, "key-third", "halo", seen_sha256=shown[third]),
    ]
    outcomes = decide_each(studio_on_both, reviewer, wanted)
    assert [type(outcome).__name__ for outcome in outcomes] == ["DecisionResult", "StaleDecision", "DecisionResult"]
    with studio_on_both.reading() as session:
        decisions = session.scalar(sa.select(sa.func.count()).select_from(Decision))
        assert decisions == session.scalar(sa.select(sa.func.count()).select_from(DecisionSeal))
    checked = check_log(studio_on_both)
    assert (checked.decisions, checked.fault) == (decisions, "")
