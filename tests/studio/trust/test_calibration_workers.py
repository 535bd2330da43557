"""A calibration in real workers: one that is killed on the way leaves one version behind, not two and not none."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from db.tables import Calibration, CalibrationCase, Chance, JobEvent, JobState
from studio.bootstrap import Studio
from studio.roles import Actor
from studio.settings import Settings
from studio.trust.calibrations import calibrate
from tests.studio.trust.deciding_by_scores import drawn, keep, waiting
from tests.studio.work.test_worker import ended, until, worker

pytestmark = pytest.mark.slow


@pytest.fixture
def settings(settings: Settings, tiny_model: Path) -> Settings:
    return settings.model_copy(update={"model": tiny_model, "database_busy_seconds": 10.0})


def test_a_calibration_goes_on_where_a_killed_worker_left_it(
    studio: Studio, editor: Actor, reviewer: Actor, manager: Actor
) -> None:
    keep(studio, editor, reviewer, drawn(12_000)[0])
    ids = waiting(studio, editor, drawn(40, seed=2)[0])
    with worker(studio) as process:
        job_id = calibrate(studio, manager)
        until(lambda: _begun(studio, job_id))
        process.kill()
    with worker(studio):
        job = ended(studio, manager, job_id)
    assert (job.state, job.error) == (JobState.DONE, None)
    with studio.reading() as session:
        assert session.scalars(sa.select(Calibration.version)).all() == [1]
        assert session.scalar(sa.select(sa.func.count()).select_from(CalibrationCase)) == 1800
        assert sorted(session.scalars(sa.select(Chance.asset_id))) == ids


def _begun(studio: Studio, job_id: str) -> bool:
    query = sa.select(JobEvent.id).where(JobEvent.job_id == job_id, JobEvent.text.startswith("Started on"))
    with studio.reading() as session:
        return session.scalar(query.limit(1)) is not None
