"""Votes as the ballot sends them: one call a choice, safe to send again."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from db.tables import Comparison, ComparisonPair, Job, JobState, ModelAlias, ModelVersion, Vote
from studio.bootstrap import Studio
from studio.roles import Actor
from tests.api.conftest import Browser


@pytest.fixture
def pair(studio: Studio, manager: Actor) -> int:
    """One pair of a vote between two models."""
    with studio.writing() as session:
        models = [ModelVersion(name=n, digest=n * 64, folder="", height=80, width=64) for n in "ab"]
        job = Job(id="pairs", kind="comparison", title="", state=JobState.DONE, owner_id=manager.id, total=2)
        session.add_all([*models, job])
        session.flush()
        session.add(ModelAlias(alias="champion", model_version_id=models[0].id))
        row = Comparison(job_id=job.id, champion_id=models[0].id, challenger_id=models[1].id, created_by_id=manager.id)
        session.add(row)
        session.flush()
        made = ComparisonPair(
            comparison_id=row.id,
            number=0,
            prompt="",
            attributes={},
            seed=1,
            challenger_left=True,
            champion_sha256="a" * 64,
            challenger_sha256="b" * 64,
        )
        session.add(made)
        session.flush()
        return made.id


def choices(studio: Studio) -> list[str]:
    with studio.reading() as session:
        return [choice.value for choice in session.scalars(sa.select(Vote.choice))]


def test_a_vote_that_is_sent_again_counts_once_and_the_last_word_stands(
    browser: Browser, studio: Studio, editor: Actor, pair: int
) -> None:
    client = browser(editor)
    for choice in ("left", "left", "neither"):
        assert client.post("/api/v1/votes", json={"pair_id": pair, "choice": choice}).status_code == 204
    assert choices(studio) == ["neither"]


def test_what_is_no_vote_is_refused(browser: Browser, studio: Studio, editor: Actor, pair: int) -> None:
    client = browser(editor)
    assert client.post("/api/v1/votes", json={"pair_id": pair, "choice": "both"}).status_code == 422
    assert client.post("/api/v1/votes", json={"pair_id": pair + 1, "choice": "left"}).status_code == 404
    assert client.post("/api/v1/votes", json={"pair_id": pair, "choice": "left", "user": 1}).status_code == 422
    assert choices(studio) == []
