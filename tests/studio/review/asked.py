"""Reviewers who are asked about decided images, for tests."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import sqlalchemy as sa

from db.tables import Asset, OpinionKind, Role, SecondOpinion, TeamSetting, User
from studio.bootstrap import Studio
from studio.review.deciding import Action, Decide, DecisionResult, decide
from studio.review.opinion_rates import OpinionRates
from studio.roles import Actor

KEYS: Iterator[str] = (f"opinion-{number:05}" for number in itertools.count())


def person(studio: Studio, name: str, role: Role = Role.REVIEWER) -> Actor:
    """One more person of the team."""
    with studio.writing() as session:
        user = User(name=name, role=role)
        session.add(user)
        session.flush()
        return Actor(user.id, name, role)


def rates(studio: Studio, second: float = 0.0, gold: float = 0.0) -> None:
    """Ask so often; 1.0, beyond what a manager may set, asks each time."""
    with studio.writing() as session:
        session.merge(TeamSetting(name="opinion_rates", value=vars(OpinionRates(second, gold)).copy()))


def act(studio: Studio, actor: Actor, asset_id: int, reason: str | None = None, *, key: str = "") -> DecisionResult:
    """Approve the image as it stands, or reject it for a reason."""
    with studio.reading() as session:
        image = session.get_one(Asset, asset_id)
    return decide(studio, actor, decision(asset_id, image.revision, image.sha256, reason, key))


def answer(studio: Studio, actor: Actor, asset_id: int, reason: str | None = None, *, key: str = "") -> DecisionResult:
    """Approve or reject an image about which the actor is asked, as the queue shows it."""
    with studio.reading() as session:
        revision = asked(studio, asset_id).seen_revision
        sha256 = session.get_one(Asset, asset_id).sha256
    return decide(studio, actor, decision(asset_id, revision, sha256, reason, key))


def decision(asset_id: int, revision: int, sha256: str, reason: str | None = None, key: str = "") -> Decide:
    """What the gallery sends."""
    action = Action.APPROVE if reason is None else Action.REJECT
    return Decide(asset_id, revision, action, key or next(KEYS), reason, seen_sha256=sha256)


def asked(studio: Studio, asset_id: int, kind: OpinionKind = OpinionKind.SECOND) -> SecondOpinion:
    """The latest question about an image."""
    query = sa.select(SecondOpinion).where(SecondOpinion.asset_id == asset_id, SecondOpinion.kind == kind)
    with studio.reading() as session:
        found = session.scalars(query.order_by(SecondOpinion.id.desc())).first()
    assert found is not None
    return found
