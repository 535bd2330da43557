"""A studio that learnt from verdicts whose probabilities are known."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from db.tables import AutomaticRule, Calibration, Job
from studio.bootstrap import Studio
from studio.roles import Actor
from studio.trust.automatic import automatic_rules, switch_on
from studio.trust.calibration_job import Calibrator
from studio.trust.calibrations import calibrate
from studio.trust.chances import foretell_some
from tests.studio.trust.deciding_by_scores import drawn, keep


def learn(studio: Studio, actor: Actor) -> Calibration:
    """What the worker does with the job, step by step."""
    job_id = calibrate(studio, actor)
    worker = Calibrator(studio, "tester")
    assert worker.begin(job_id)
    assert worker.learn(job_id)
    while worker.foretell(job_id):
        pass
    worker.finish(job_id)
    with studio.reading() as session:
        assert session.get_one(Job, job_id).state.value == "done"
        return session.scalars(sa.select(Calibration).where(Calibration.job_id == job_id)).one()


def foretell_all(studio: Studio) -> None:
    while foretell_some(studio):
        pass


def rule(studio: Studio, admin: Actor, *, rate: float = 0.1, audit: float = 0.05) -> AutomaticRule:
    """Automatic approval of Tshirts is on."""
    rule_id = switch_on(studio, admin, category="Tshirts", escape_rate=rate, audit_share=audit)
    assert automatic_rules(studio, admin)[0].id == rule_id
    with studio.reading() as session:
        return session.get_one(AutomaticRule, rule_id)


@pytest.fixture
def learnt(studio: Studio, editor: Actor, reviewer: Actor, manager: Actor) -> Calibration:
    """The calibration of 3,000 verdicts."""
    keep(studio, editor, reviewer, drawn(3000)[0])
    return learn(studio, manager)
