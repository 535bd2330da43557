"""Verdicts whose probabilities are known: images with scores, decided by a coin that is weighted by them."""

from __future__ import annotations

import datetime as dt

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from db.tables import Asset, AssetState, Brief, Decision, Job, JobState, ModelVersion, Purpose, Score
from studio.bootstrap import Studio
from studio.roles import Actor
from studio.trust.cases import Case

START = dt.datetime(2026, 9, 1, tzinfo=dt.UTC)


def true_probability(sharpness: NDArray[np.float64], fill: NDArray[np.float64], shoes: NDArray[np.bool_]) -> NDArray:
    """Sharp is good, fill is good in the middle, shoes are harder: as no straight line in the scores could say."""
    logit = 1.0 + 2.0 * (sharpness - 2.0) - 0.12 * np.abs(fill - 82.0) - 1.0 * shoes
    return 1 / (1 + np.exp(-logit))


def drawn(n: int, seed: int = 0, *, sharper: float = 0.0) -> tuple[list[Case], NDArray[np.float64]]:
    """n verdicts, an hour apart, and the probability with which each was drawn. sharper: added to all sharpness."""
    rng = np.random.default_rng(seed)
    sharpness, fill = rng.normal(2.2 + sharper, 0.8, n), rng.uniform(55, 98, n)
    shoes = rng.random(n) < 0.4
    probability = true_probability(sharpness, fill, shoes)
    approved = rng.random(n) < probability
    found = []
    for k in range(n):
        scores = {
            "sharpness": {"version": 1, "value": float(sharpness[k])},
            "fill": {"version": 1, "value": float(fill[k])},
            "centring": {"version": 1, "value": None if k % 5 == 0 else float(rng.normal())},
        }
        category = "Shoes" if shoes[k] else "Tshirts"
        found.append(Case(k + 1, category, START + dt.timedelta(hours=k), bool(approved[k]), scores))
    return found, probability


def keep(studio: Studio, maker: Actor, decider: Actor, some: list[Case], *, reason: str = "texture") -> list[int]:
    """Put verdicts into the database as they would have come about; returns the ids of their images."""
    with studio.writing() as session:
        brief_id, model_id = _brief(studio, session, maker, len(some))
        rows = [
            Asset(
                brief_id=brief_id,
                number=k,
                seed=k,
                sha256="0" * 64,
                height=80,
                width=64,
                purpose=Purpose.CONCEPT,
                category=case.category,
                model_version_id=model_id,
                created_by_id=maker.id,
                state=AssetState.APPROVED if case.approved else AssetState.CHANGES_REQUESTED,
                state_since=case.at,
                revision=1,
                created_at=case.at - dt.timedelta(minutes=5),
            )
            for k, case in enumerate(some)
        ]
        session.add_all(rows)
        session.flush()
        decisions = [
            {
                "asset_id": row.id,
                "revision": 1,
                "from_state": AssetState.IN_REVIEW,
                "to_state": row.state,
                "user_id": decider.id,
                "at": case.at,
                "reason": None if case.approved else reason,
                "comment": "",
                "asset_sha256": row.sha256,
                "model_version_id": model_id,
                "idempotency_key": f"kept-{brief_id}-{row.id}",
                "scores": dict(case.scores),
            }
            for row, case in zip(rows, some, strict=True)
        ]
        session.execute(sa.insert(Decision), decisions)
        return [row.id for row in rows]


def waiting(studio: Studio, maker: Actor, some: list[Case], **fields: object) -> list[int]:
    """Images with the scores of these cases that wait for review, with real bytes; returns their ids."""
    from tests.studio.conftest import picture

    sha256 = studio.storage.put(picture(3))
    with studio.writing() as session:
        brief_id, model_id = _brief(studio, session, maker, len(some))
        values: dict[str, object] = {"purpose": Purpose.CONCEPT, "state": AssetState.IN_REVIEW, **fields}
        rows = [
            Asset(
                brief_id=brief_id,
                number=k,
                seed=k,
                sha256=sha256,
                height=80,
                width=64,
                category=case.category,
                model_version_id=model_id,
                created_by_id=maker.id,
                **values,
            )
            for k, case in enumerate(some)
        ]
        session.add_all(rows)
        session.flush()
        session.add_all(
            Score(asset_id=row.id, metric=metric, version=told["version"], value=told["value"])
            for row, case in zip(rows, some, strict=True)
            for metric, told in case.scores.items()
        )
        return [row.id for row in rows]


def _brief(studio: Studio, session: sa.orm.Session, maker: Actor, number: int) -> tuple[int, int]:
    model = session.scalar(sa.select(ModelVersion).limit(1))
    if model is None:
        model = ModelVersion(name="tiny", digest="d" * 64, folder="x", height=80, width=64)
        session.add(model)
    count = session.scalar(sa.select(sa.func.count()).select_from(Job))
    job = Job(id=f"made-{count}", kind="images", title="t", state=JobState.DONE, owner_id=maker.id, total=number)
    session.add(job)
    session.flush()
    brief = Brief(job_id=job.id, prompt="p", model_version_id=model.id, number=number, seed=0, created_by_id=maker.id)
    session.add(brief)
    session.flush()
    return brief.id, model.id
