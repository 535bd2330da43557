"""Decisions of one person on one image, as it stands."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from db.tables import Asset, AssetState
from studio.bootstrap import Studio
from studio.review.deciding import Decide, DecisionResult, decide
from studio.review.states import Action
from studio.roles import Actor

KEYS: Iterator[str] = (f"press-{number:04}" for number in itertools.count())


def act(
    studio: Studio, actor: Actor | None, asset_id: int, action: Action, reason: str | None = None, comment: str = ""
) -> DecisionResult:
    """Decide on the image as it stands and was displayed."""
    with studio.reading() as session:
        image = session.get_one(Asset, asset_id)
    return decide(studio, actor, Decide(asset_id, image.revision, action, next(KEYS), reason, comment, image.sha256))


def standing(studio: Studio, asset_id: int) -> tuple[AssetState, int]:
    """Its state and revision."""
    with studio.reading() as session:
        image = session.get_one(Asset, asset_id)
        return image.state, image.revision
