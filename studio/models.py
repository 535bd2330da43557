"""The registry of model versions: which checkpoints there are, and which one is in production."""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import Evaluation, LicenceState, ModelAlias, ModelVersion, Role, TeamSetting
from ecomgan.errors import EcomGANError
from ecomgan.text import Vocabulary
from studio.errors import EngineError, NotFound, NotReady
from studio.roles import Actor, require

if TYPE_CHECKING:
    from studio.bootstrap import Studio

CHAMPION = "champion"
_LOADED = (".safetensors", "config.json", "model_index.json")  # what decides the images; a card or figures do not
_FIGURES_FORMAT = 1
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ModelView:
    """A registered checkpoint. Sizes are in pixels; `digest` is the SHA-256 over the hashes of all its files."""

    id: int
    name: str
    folder: str
    digest: str
    height: int
    width: int
    images_seen: int | None
    licence: LicenceState


@dataclass(frozen=True)
class _Facts:
    """What a checkpoint folder says of itself."""

    digest: str
    height: int
    width: int
    images_seen: int | None


def champion(studio: Studio) -> ModelView:
    """The model version in production. Raises NotReady when there is none."""
    with studio.reading() as session:
        row = _champion(session)
        if row is None:
            raise NotReady(
                "No model is in production. The worker registers the one of ECOMGAN_MODEL when it starts: "
                f"{studio.settings.model}."
            )
        return _view(row)


def list_models(studio: Studio, actor: Actor) -> list[ModelView]:
    """All registered model versions, the newest first."""
    require(actor, Role.VIEWER)
    with studio.reading() as session:
        return [_view(row) for row in session.scalars(sa.select(ModelVersion).order_by(ModelVersion.id.desc()))]


def model(session: Session, model_id: int) -> ModelView:
    """One model version. Raises NotFound."""
    row = session.get(ModelVersion, model_id)
    if row is None:
        raise NotFound(f"There is no model version {model_id}.")
    return _view(row)


def vocabulary(model: ModelView) -> Vocabulary:
    """The attributes and values that a model was taught. Raises EngineError when its folder cannot be read."""
    try:
        return _vocabulary(model.digest, model.folder)
    except EcomGANError as error:
        raise EngineError(f"The model {model.name} cannot be used: {error}") from error


def register_starter(studio: Studio) -> ModelView:
    """Register the checkpoint folder of the settings with its figures, and put it into production when nothing is, or
    when what is came from this very folder (a newer starter was shipped). Twice is the same as once.

    Raises EngineError when the folder is missing or damaged.
    """
    folder = studio.settings.model
    facts = _read_facts(folder)
    with studio.writing() as session:
        row = session.scalar(sa.select(ModelVersion).where(ModelVersion.digest == facts.digest))
        if row is None:
            row = ModelVersion(
                name=f"{folder.name}-{facts.digest[:6]}",
                digest=facts.digest,
                height=facts.height,
                width=facts.width,
                images_seen=facts.images_seen,
                licence=LicenceState.UNCONFIRMED,
            )
            session.add(row)
        row.folder = str(folder)  # an installation may have moved
        session.flush()
        _import_figures(session, row.id, folder)
        now = _champion(session)
        if now is None or (now.id != row.id and now.folder == row.folder):
            reason = "the first model" if now is None else "a newer model was shipped in the same folder"
            session.add(ModelAlias(alias=CHAMPION, model_version_id=row.id, reason=reason))
            _log.info("model %s (%s) is in production: %s", row.name, row.digest[:12], reason)
        return _view(row)


def record_speed(studio: Studio, model_id: int, seconds_per_image: float) -> None:
    """Keep what a worker measured while warming up, for estimates before there are orders to learn from."""
    with studio.writing() as session:
        session.merge(TeamSetting(name=_speed_name(model_id), value={"seconds_per_image": seconds_per_image}))


def recorded_speed(session: Session, model_id: int) -> float | None:
    """Seconds per image as a worker last measured; None when none has warmed this model up."""
    row = session.get(TeamSetting, _speed_name(model_id))
    return None if row is None else float(row.value["seconds_per_image"])


def folder_digest(folder: Path) -> str:
    """SHA-256 over the listed hashes of weights and configuration. The files themselves are hashed when an engine
    opens the folder. Raises EngineError.
    """
    listed = _read_json(folder, "checksums.json")
    loaded = {name: digest for name, digest in listed.items() if name.endswith(_LOADED)}
    return hashlib.sha256(json.dumps(loaded, sort_keys=True).encode()).hexdigest()


def _read_facts(folder: Path) -> _Facts:
    config = _read_json(folder, "generator/config.json")
    try:
        doublings = len(config["channels"]) - 1
        height, width = config["base_height"] << doublings, config["base_width"] << doublings
    except (KeyError, TypeError) as error:
        raise EngineError(
            f"{folder} holds no generator of this studio: generator/config.json lacks {error}."
        ) from error
    record = _read_json(folder, "training.json") if (folder / "training.json").exists() else {}
    return _Facts(folder_digest(folder), height, width, record.get("images_seen"))


def _import_figures(session: Session, model_id: int, folder: Path) -> None:
    """Take over what `ecomgan evaluate` wrote beside the weights: one row in all, and one for each category."""
    if not (folder / "evaluation.json").exists():
        return
    found = _read_json(folder, "evaluation.json")
    if found.get("format") != _FIGURES_FORMAT:
        _log.warning("%s/evaluation.json has format %s and is not read", folder, found.get("format"))
        return
    data = found["data"]["name"]
    categories = {entry["article_type"]: entry for entry in found.pop("categories")}
    for category, figures in {"": found, **categories}.items():
        same = (Evaluation.model_version_id == model_id, Evaluation.data == data, Evaluation.category == category)
        row = session.scalar(sa.select(Evaluation).where(*same))
        if row is None:
            row = Evaluation(model_version_id=model_id, data=data, category=category)
            session.add(row)
        row.figures = figures


def _read_json(folder: Path, name: str) -> dict[str, Any]:
    try:
        content = json.loads((folder / name).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise EngineError(f"{folder} is no usable checkpoint folder: {name} cannot be read ({error}).") from error
    if not isinstance(content, dict):
        raise EngineError(f"{folder} is no usable checkpoint folder: {name} holds no table.")
    return content


def _champion(session: Session) -> ModelVersion | None:
    last = sa.select(ModelAlias.model_version_id).where(ModelAlias.alias == CHAMPION).order_by(ModelAlias.id.desc())
    model_id = session.scalar(last.limit(1))
    return None if model_id is None else session.get_one(ModelVersion, model_id)


def _view(row: ModelVersion) -> ModelView:
    return ModelView(
        id=row.id,
        name=row.name,
        folder=row.folder,
        digest=row.digest,
        height=row.height,
        width=row.width,
        images_seen=row.images_seen,
        licence=row.licence,
    )


@lru_cache(maxsize=8)
def _vocabulary(digest: str, folder: str) -> Vocabulary:
    return Vocabulary.from_checkpoint(folder)


def _speed_name(model_id: int) -> str:
    return f"speed_of_model_{model_id}"
