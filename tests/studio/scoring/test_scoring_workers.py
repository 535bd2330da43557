"""Scores in real workers, with the real networks: one that is killed on the way leaves nothing out, nothing doubled."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from db.tables import AssetScoring, JobState, Score
from studio.bootstrap import Studio
from studio.roles import Actor
from studio.scoring.measures import edition, keys_to_take
from studio.scoring.wanted import outstanding, score_again
from studio.settings import Settings
from studio.work.jobs import job
from tests.studio.conftest import Images
from tests.studio.work.test_worker import ended, until, worker

pytestmark = pytest.mark.slow
MANY = 60


@pytest.fixture
def settings(settings: Settings, tiny_model: Path) -> Settings:
    return settings.model_copy(update={"model": tiny_model, "database_busy_seconds": 10.0})


def test_scoring_goes_on_where_a_killed_worker_left_it(
    studio: Studio, images: Images, editor: Actor, admin: Actor
) -> None:
    made = images.make(editor, MANY)
    job_id = score_again(studio, admin)
    with worker(studio) as process:
        until(lambda: job(studio, admin, job_id).done >= 8)
        process.kill()
        assert outstanding(studio, admin).images > 0
    with worker(studio):
        done = ended(studio, admin, job_id)
    assert (done.state, done.done, done.error) == (JobState.DONE, MANY, None)
    with studio.reading() as session:
        scored = session.scalars(sa.select(AssetScoring.asset_id).where(AssetScoring.edition == edition()))
        assert sorted(scored) == made
        each = sa.select(Score.asset_id, Score.metric, sa.func.count()).group_by(Score.asset_id, Score.metric)
        rows = session.execute(each.where(Score.metric.in_(keys_to_take()))).all()
    assert len(rows) == MANY * len(keys_to_take())
