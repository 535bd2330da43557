"""What a checkpoint folder says of itself: its files, its digest, its sizes, its words, its figures."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import Evaluation
from ecomgan.errors import EcomGANError
from ecomgan.text import Vocabulary
from studio.errors import EngineError

CHECKSUMS = "checksums.json"

_LOADED = (".safetensors", "config.json", "model_index.json")  # what decides the images; a card or figures do not
_LOADED_ELSEWHERE = (".safetensors", ".json", ".txt", ".model")  # of other engines: tokenizers too
_KEPT = (*_LOADED_ELSEWHERE, ".md", ".png", ".html")
_NAMES_KEPT = ("LICENSE", "LICENCE", "NOTICE")
_MOST_FILES = 500
_FIGURES_FORMAT = 1
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Facts:
    """What a checkpoint is. Sizes in pixels; words: attribute -> the values that it was taught."""

    digest: str
    height: int
    width: int
    images_seen: int | None
    words: Mapping[str, tuple[str, ...]]


def files_to_keep(folder: Path) -> list[str]:
    """The files of a folder that a registered model consists of, as relative paths with slashes, sorted.

    Weights in safetensors, configuration, words of tokenizers, card, figures and pictures; never pickled weights, and
    nothing hidden. Raises EngineError for a folder that is missing or holds none, or a link that leads out of it.
    """
    if not folder.is_dir():
        raise EngineError(f"{folder} is no usable checkpoint folder: there is no such folder.")
    found = []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        hidden = any(part.startswith(".") for part in name.parts)
        if hidden or not path.is_file() or not (name.suffix in _KEPT or name.name in _NAMES_KEPT):
            continue
        if not path.resolve().is_relative_to(folder.resolve()):
            raise EngineError(f"{folder} is no usable checkpoint folder: {name} is a link that leads out of it.")
        found.append(name.as_posix())
    if not any(name.endswith(".safetensors") for name in found):
        raise EngineError(f"{folder} is no usable checkpoint folder: it holds no weights (*.safetensors).")
    if len(found) > _MOST_FILES:
        raise EngineError(f"{folder} holds {len(found):,} files; a checkpoint has at most {_MOST_FILES}.")
    return found


def read_facts(folder: Path) -> Facts:
    """The facts of a checkpoint of this studio. Raises EngineError where the folder is none."""
    config = _read_json(folder, "generator/config.json")
    try:
        doublings = len(config["channels"]) - 1
        height, width = config["base_height"] << doublings, config["base_width"] << doublings
        words = Vocabulary(config["vocabulary"])
    except (KeyError, TypeError, AttributeError, EcomGANError) as error:
        raise EngineError(
            f"{folder} holds no generator of this studio: generator/config.json lacks {error}."
        ) from error
    record = _read_json(folder, "training.json") if (folder / "training.json").exists() else {}
    seen = record.get("images_seen")
    if seen is not None:
        seen += record.get("images_before", 0)  # what it was taught from counts as well
    return Facts(folder_digest(folder), height, width, seen, dict(words))


def folder_digest(folder: Path) -> str:
    """SHA-256 over the listed hashes of weights and configuration of a checkpoint of this studio. The files themselves
    are hashed when the folder is registered or opened. Raises EngineError.
    """
    return _digest(_read_json(folder, CHECKSUMS), _LOADED)


def digest_of_files(manifest: Mapping[str, str]) -> str:
    """SHA-256 over the hashes of all that decides the images of another engine's folder. manifest: file -> SHA-256."""
    return _digest(manifest, _LOADED_ELSEWHERE)


def check_listed(folder: Path, manifest: Mapping[str, str]) -> None:
    """Compare the hashes that files have with those that `checksums.json` lists. Raises EngineError naming the file."""
    for name, wanted in _read_json(folder, CHECKSUMS).items():
        found = manifest.get(name)
        if found != wanted:
            state = "is missing" if found is None else f"has the hash {found[:12]}, {str(wanted)[:12]} is listed"
            raise EngineError(f"{folder} is no usable checkpoint folder: {name} {state}.")


def import_figures(session: Session, model_id: int, folder: Path) -> None:
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


def read_card(folder: Path) -> str:
    """The card of a checkpoint (README.md), or nothing where it has none."""
    path = folder / "README.md"
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""


def _digest(hashes: Mapping[str, Any], loaded: tuple[str, ...]) -> str:
    deciding = {name: digest for name, digest in hashes.items() if name.endswith(loaded)}
    return hashlib.sha256(json.dumps(deciding, sort_keys=True).encode()).hexdigest()


def _read_json(folder: Path, name: str) -> dict[str, Any]:
    try:
        content = json.loads((folder / name).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise EngineError(f"{folder} is no usable checkpoint folder: {name} cannot be read ({error}).") from error
    if not isinstance(content, dict):
        raise EngineError(f"{folder} is no usable checkpoint folder: {name} holds no table.")
    return content
