"""Calibrations as a durable job: from the decisions in the database to a version that is kept once."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from db.tables import Asset, AssetState, Calibration, CalibrationCase, Chance, Job, Role, Score, User, utc_now
from studio.bootstrap import Studio
from studio.errors import Conflict, Forbidden
from studio.review import queue_order
from studio.review.queue_filter import Foretold, QueueFilter, as_query, from_query
from studio.review.review_queue import counts, queue
from studio.roles import Actor
from studio.trust.calibration_job import Calibrator
from studio.trust.calibrations import (
    calibrate,
    calibrate_if_due,
    calibration_versions,
    chance,
    chances,
    model_of,
    standing,
)
from studio.trust.cases import Case, cases, foretell
from studio.trust.itself import IDENTITY
from tests.studio.trust.conftest import foretell_all, learn
from tests.studio.trust.deciding_by_scores import START, drawn, keep, waiting


def test_a_version_is_learnt_from_the_decisions_and_kept(
    studio_on_both: Studio, editor: Actor, reviewer: Actor, manager: Actor, viewer: Actor
) -> None:
    studio = studio_on_both
    assert standing(studio, viewer).newest is None
    some, _ = drawn(600)
    ids = keep(studio, editor, reviewer, some)
    with studio.reading() as session:
        read = cases(session)
    assert [(case.asset_id, case.approved, case.at) for case in read] == [
        (asset_id, case.approved, case.at) for asset_id, case in zip(ids, some, strict=True)
    ]
    row = learn(studio, manager)
    assert (row.version, row.n, row.first_at) == (1, 600, START)
    view = standing(studio, viewer).newest
    assert view is not None
    assert view.figures[""].n == 180
    with studio.reading() as session:
        kept = session.scalars(sa.select(CalibrationCase).order_by(CalibrationCase.at)).all()
    assert [one.asset_id for one in kept] == ids[-180:]
    assert [one.probability for one in kept] == pytest.approx(list(foretell(model_of(row), read[-180:])))


@pytest.mark.parametrize("few", [2_000, -1], ids=["fetched", "walked"])
def test_each_part_of_the_curve_opens_its_verdicts(
    studio_on_both: Studio, editor: Actor, reviewer: Actor, manager: Actor, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    studio = studio_on_both
    keep(studio, editor, reviewer, drawn(600)[0])
    learn(studio, manager)
    monkeypatch.setattr(queue_order, "_FEW", few)
    view = standing(studio, manager).newest
    assert view is not None
    for category, figures in view.figures.items():
        for part in figures.bins:
            wanted = QueueFilter(category=category or None, foretold=Foretold(view.version, part.low, part.high))
            verdicts = counts(studio, manager, from_query(as_query(wanted)))
            assert verdicts[AssetState.APPROVED] == part.approved.successes
            assert sum(verdicts.values()) == part.approved.n
            assert len(queue(studio, manager, wanted, limit=500).assets) == part.approved.n
    assert not queue(studio, manager, QueueFilter(foretold=Foretold(99))).assets


def test_a_job_that_is_begun_again_keeps_one_version(
    studio: Studio, editor: Actor, reviewer: Actor, manager: Actor
) -> None:
    keep(studio, editor, reviewer, drawn(300)[0])
    job_id = calibrate(studio, manager)
    worker = Calibrator(studio, "first")
    worker.begin(job_id)
    assert worker.learn(job_id)
    assert Calibrator(studio, "second").learn(job_id)
    with studio.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Calibration)) == 1
    with pytest.raises(Conflict, match="already"):
        calibrate(studio, manager)


def test_too_few_decisions_and_too_small_a_role_are_refused(
    studio: Studio, editor: Actor, reviewer: Actor, manager: Actor
) -> None:
    keep(studio, editor, reviewer, drawn(40)[0])
    with pytest.raises(Conflict, match="there are 40"):
        calibrate(studio, manager)
    with pytest.raises(Forbidden):
        calibrate(studio, reviewer)
    assert calibrate_if_due(studio) is None
    assert not standing(studio, reviewer).enough


def test_it_comes_round_after_a_week_with_enough_new_decisions(
    studio: Studio, editor: Actor, reviewer: Actor, manager: Actor
) -> None:
    keep(studio, editor, reviewer, drawn(300)[0])
    row = learn(studio, manager)
    assert calibrate_if_due(studio) is None
    with studio.writing() as session:
        for table in (Calibration, Job):
            moment = Calibration.fitted_at if table is Calibration else Job.created_at
            session.execute(sa.update(table).values({moment: utc_now() - dt.timedelta(days=8)}))
    assert calibrate_if_due(studio) is None  # nothing new was decided
    later = [Case(0, one.category, row.last_at + dt.timedelta(hours=k + 1), one.approved, one.scores)
             for k, one in enumerate(drawn(60, seed=3)[0])]  # fmt: skip
    keep(studio, editor, reviewer, later)
    job_id = calibrate_if_due(studio)
    assert job_id is not None
    assert calibrate_if_due(studio) is None  # one at a time
    with studio.reading() as session:
        owner = session.get_one(User, session.get_one(Job, job_id).owner_id)
        assert (owner.identity, owner.active) == (IDENTITY, False)


def test_old_versions_stay_without_their_sample(studio: Studio, editor: Actor, reviewer: Actor, manager: Actor) -> None:
    keep(studio, editor, reviewer, drawn(300)[0])
    for _ in range(5):
        learn(studio, manager)
    assert [view.version for view in calibration_versions(studio, manager)] == [5, 4, 3, 2, 1]
    with studio.reading() as session:
        kept = sa.select(Calibration.version).join(CalibrationCase).distinct().order_by(Calibration.version)
        assert session.scalars(kept).all() == [3, 4, 5]


def test_images_that_wait_are_foretold_and_again_when_a_score_comes(
    studio_on_both: Studio, editor: Actor, reviewer: Actor, manager: Actor
) -> None:
    studio = studio_on_both
    keep(studio, editor, reviewer, drawn(400)[0])
    some, _ = drawn(20, seed=5)
    ids = waiting(studio, editor, some)
    row = learn(studio, manager)
    with studio.reading() as session:
        found = chances(session, ids)
        ordered = session.scalars(sa.select(Asset.id).where(Asset.id.in_(ids)).order_by(chance().desc())).all()
    assert list(found.values()) == pytest.approx(list(foretell(model_of(row), some)))
    assert ordered == sorted(ids, key=lambda asset_id: -found[asset_id])
    with studio.writing() as session:
        session.execute(sa.delete(Score).where(Score.asset_id == ids[0]))
        session.add(Score(asset_id=ids[0], metric="sharpness", version=1, value=-9.0))
    foretell_all(studio)
    with studio.reading() as session:
        assert chances(session, ids)[ids[0]] < found[ids[0]]
        assert session.scalar(sa.select(sa.func.count()).select_from(Chance)) == 20


def test_what_the_studio_decided_itself_teaches_nothing(studio: Studio, editor: Actor, reviewer: Actor) -> None:
    with studio.writing() as session:
        row = User(name="The studio", role=Role.REVIEWER, identity=IDENTITY, active=False)
        session.add(row)
        session.flush()
        itself = Actor(row.id, row.name, row.role)
    keep(studio, editor, itself, drawn(30)[0])
    keep(studio, editor, reviewer, drawn(5)[0])
    with studio.reading() as session:
        assert len(cases(session)) == 5
