"""The model versions as most of the studio needs them: which one is in production, its words, its speed."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import ModelVersion, Role, TeamSetting
from ecomgan.errors import EcomGANError
from ecomgan.text import Vocabulary
from studio.errors import EngineError, NotFound, NotReady
from studio.models.aliases import CHAMPION, holder
from studio.models.folders import folder_digest
from studio.models.registry import local_folder, register_folder, register_starter
from studio.models.views import ModelView, model_view
from studio.roles import Actor, require

if TYPE_CHECKING:
    from studio.bootstrap import Studio

__all__ = [
    "CHAMPION",
    "ModelView",
    "champion",
    "find_model",
    "folder_digest",
    "list_models",
    "local_folder",
    "model",
    "record_speed",
    "recorded_speed",
    "register_folder",
    "register_starter",
    "vocabulary",
]


def champion(studio: Studio) -> ModelView:
    """The model version in production. Raises NotReady when there is none."""
    with studio.reading() as session:
        model_id = holder(session, CHAMPION)
        if model_id is None:
            raise NotReady(
                "No model is in production. The worker registers the one of ECOMGAN_MODEL when it starts: "
                f"{studio.settings.model}."
            )
        return model(session, model_id)


def list_models(studio: Studio, actor: Actor) -> list[ModelView]:
    """All registered model versions, the newest first."""
    require(actor, Role.VIEWER)
    with studio.reading() as session:
        return [model_view(row) for row in session.scalars(sa.select(ModelVersion).order_by(ModelVersion.id.desc()))]


def find_model(studio: Studio, actor: Actor, model_id: int) -> ModelView:
    """One model version. Raises NotFound."""
    require(actor, Role.VIEWER)
    with studio.reading() as session:
        return model(session, model_id)


def model(session: Session, model_id: int) -> ModelView:
    """One model version. Raises NotFound."""
    row = session.get(ModelVersion, model_id)
    if row is None:
        raise NotFound(f"There is no model version {model_id}.")
    return model_view(row)


def vocabulary(model: ModelView) -> Vocabulary:
    """The attributes and values that a model was taught. Raises EngineError for one that was taught none."""
    if model.words:
        return _vocabulary(tuple(model.words.items()))
    if model.copied:
        raise EngineError(f"The model {model.name} reads free texts; it was taught no fixed words.")
    try:
        return Vocabulary.from_checkpoint(model.folder)  # registered by a release that kept neither words nor copy
    except EcomGANError as error:
        raise EngineError(f"The model {model.name} cannot be used: {error}") from error


def record_speed(studio: Studio, model_id: int, seconds_per_image: float) -> None:
    """Keep what a worker measured while warming up, for estimates before there are orders to learn from."""
    with studio.writing() as session:
        session.merge(TeamSetting(name=_speed_name(model_id), value={"seconds_per_image": seconds_per_image}))


def recorded_speed(session: Session, model_id: int) -> float | None:
    """Seconds per image as a worker last measured; None when none has warmed this model up."""
    row = session.get(TeamSetting, _speed_name(model_id))
    return None if row is None else float(row.value["seconds_per_image"])


@lru_cache(maxsize=8)
def _vocabulary(words: tuple[tuple[str, tuple[str, ...]], ...]) -> Vocabulary:
    return Vocabulary(dict(words))


def _speed_name(model_id: int) -> str:
    return f"speed_of_model_{model_id}"
