"""Registers model versions: every file is copied into the storage under its hash, so a version never changes and never
goes away, whatever happens to the folder that it came from.
"""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import LicenceState, ModelVersion, Role
from studio.activity import record
from studio.errors import EngineError, InputError, NotFound, StorageError
from studio.models.aliases import CHALLENGER, CHAMPION, holder, set_alias
from studio.models.folders import (
    Facts,
    check_listed,
    digest_of_files,
    files_to_keep,
    folder_digest,
    import_figures,
    read_card,
    read_facts,
)
from studio.models.views import ECOMGAN, ModelView, Source, model_view
from studio.roles import Actor, require

if TYPE_CHECKING:
    from studio.bootstrap import Studio

_LONGEST_NAME = 120
_log = logging.getLogger(__name__)
_checked: set[Path] = set()  # the local folders whose every file this process has hashed
_checking = threading.Lock()


@dataclass(frozen=True)
class _Newcomer:
    """What a folder comes to, before it is a row."""

    folder: Path
    name: str
    source: Source
    facts: Facts
    engine: str
    settings: Mapping[str, Any]
    parent_id: int | None
    licence: LicenceState


def register_folder(
    studio: Studio,
    actor: Actor | None,
    folder: Path,
    *,
    name: str,
    source: Source,
    parent_id: int | None = None,
    engine: str = ECOMGAN,
    settings: Mapping[str, Any] | None = None,
    licence: LicenceState = LicenceState.UNCONFIRMED,
    height: int | None = None,
    width: int | None = None,
) -> ModelView:
    """Copy a checkpoint folder into the storage and register it; a folder of the same digest is the same version.

    actor: an admin, or None where the studio itself acts. A checkpoint of this studio is the new challenger, or the
    champion when nothing is in production. Other engines give their height and width in pixels (or have them in
    `settings`) and become neither: they are chosen by hand.
    Raises EngineError for a folder that cannot be used, InputError, NotFound for the parent, StorageError, DiskFull.
    """
    if actor is not None:
        require(actor, Role.ADMIN)
    if not name.strip():
        raise InputError("A model needs a name.")
    hashes = {file: _sha256_of(folder / file) for file in files_to_keep(folder)}
    settings = dict(settings or {})
    if engine == ECOMGAN:
        check_listed(folder, hashes)
        facts = read_facts(folder)
    else:
        height, width = height or settings.get("height"), width or settings.get("width")
        if not height or not width:
            raise InputError(f"An engine of this kind is told the size of its images, got {height} x {width} pixels.")
        facts = Facts(digest_of_files(hashes), height, width, images_seen=None, words={})
    newcomer = _Newcomer(folder, name.strip()[:_LONGEST_NAME], source, facts, engine, settings, parent_id, licence)
    return _register(studio, actor, newcomer, _copied(studio, folder, hashes))


def register_starter(studio: Studio) -> ModelView:
    """Register the checkpoint folder of the settings with its figures. The first goes into production, a newer one is
    the challenger of what is there. Twice is the same as once.

    Raises EngineError when the folder is missing or damaged.
    """
    folder = studio.settings.model
    digest = folder_digest(folder)
    with studio.writing() as session:
        row = session.scalar(sa.select(ModelVersion).where(ModelVersion.digest == digest))
        if row is not None and row.manifest and holder(session, CHAMPION) is not None:
            _describe(session, row, folder)
            return model_view(row)
    return register_folder(studio, None, folder, name=f"{folder.name}-{digest[:6]}", source="shipped")


def local_folder(studio: Studio, model: ModelView) -> Path:
    """The folder on this machine that holds exactly what was registered; engines, trainers and judges open it.

    Files that are missing or damaged are fetched from the storage; each is hashed once a process. Raises StorageError
    where the storage has lost them, EngineError for a version of an earlier release whose folder was replaced.
    """
    with studio.reading() as session:
        manifest: dict[str, str] = session.get_one(ModelVersion, model.id).manifest
    if not manifest:
        return _folder_of_old(model)
    folder = studio.settings.home / "models" / model.digest
    with _checking:
        known = folder in _checked
        for name, sha256 in manifest.items():
            path = folder / name
            if not path.is_file() or not (known or _sha256_of(path) == sha256):
                _fetch(studio, model, name, sha256, path)
        _checked.add(folder)
    return folder


def _register(studio: Studio, actor: Actor | None, new: _Newcomer, manifest: Mapping[str, str]) -> ModelView:
    try:
        return _register_once(studio, actor, new, manifest)
    except sa.exc.IntegrityError:  # another worker registered the same folder at this very moment
        return _register_once(studio, actor, new, manifest)


def _register_once(studio: Studio, actor: Actor | None, new: _Newcomer, manifest: Mapping[str, str]) -> ModelView:
    with studio.writing() as session:
        if new.parent_id is not None and session.get(ModelVersion, new.parent_id) is None:
            raise NotFound(f"There is no model version {new.parent_id}.")
        row = session.scalar(sa.select(ModelVersion).where(ModelVersion.digest == new.facts.digest))
        known = row is not None
        if row is None:
            row = ModelVersion(
                name=new.name,
                digest=new.facts.digest,
                engine=new.engine,
                height=new.facts.height,
                width=new.facts.width,
                images_seen=new.facts.images_seen,
                licence=new.licence,
                source=new.source,
                settings=dict(new.settings),
                parent_id=new.parent_id,
                registered_by_id=None if actor is None else actor.id,
            )
            session.add(row)
        row.manifest = dict(manifest)
        row.vocabulary = {field: list(values) for field, values in new.facts.words.items()}
        _describe(session, row, new.folder)
        session.flush()
        if not known:
            record(session, actor, "registered", "model_version", row.id, f"Registered the model {row.name}.")
        _take_its_place(session, actor, row, newly=not known)
        return model_view(row)


def _describe(session: Session, row: ModelVersion, folder: Path) -> None:
    """Take over what may change without making another version of it: where it lies, its card and its figures."""
    row.folder = str(folder)  # an installation may have moved
    row.card = read_card(folder)
    session.flush()
    import_figures(session, row.id, folder)


def _take_its_place(session: Session, actor: Actor | None, row: ModelVersion, *, newly: bool) -> None:
    now = holder(session, CHAMPION)
    if row.engine != ECOMGAN or now == row.id:
        return
    lost = now is not None and _is_lost(session.get_one(ModelVersion, now), row)
    if now is None or lost:
        reason = "the first model" if now is None else "the files of the one before were replaced by these"
        set_alias(session, CHAMPION, row.id, actor, reason)
        record(session, actor, "promoted", "model_version", row.id, f"Put {row.name} into production: {reason}.")
        _log.info("model %s (%s) is in production: %s", row.name, row.digest[:12], reason)
    elif newly:
        reason = "a newer model was shipped" if row.source == "shipped" else "registered"
        set_alias(session, CHALLENGER, row.id, actor, reason)


def _is_lost(old: ModelVersion, new: ModelVersion) -> bool:
    """Whether `old` came from an earlier release, which kept no copy, and `new` stands where its files were."""
    return not old.manifest and old.folder == new.folder


def _copied(studio: Studio, folder: Path, hashes: Mapping[str, str]) -> dict[str, str]:
    """Put every file into the storage; returns the manifest: file -> SHA-256."""
    manifest = {name: studio.storage.put_file(folder / name) for name in hashes}
    changed = [name for name, sha256 in manifest.items() if sha256 != hashes[name]]
    if changed:
        raise EngineError(f"{folder} changed while it was registered: {', '.join(changed[:3])}. Try again.")
    return manifest


def _fetch(studio: Studio, model: ModelView, name: str, sha256: str, path: Path) -> None:
    try:
        studio.storage.fetch(sha256, path)
    except StorageError as error:
        raise type(error)(f"{name} of the model {model.name} cannot be fetched: {error.message}") from error


def _folder_of_old(model: ModelView) -> Path:
    """The folder of a version that was registered by a release that kept no copies."""
    found = folder_digest(Path(model.folder))
    if found != model.digest:
        raise EngineError(
            f"The folder of model {model.name} holds another version now: {model.folder} has the digest "
            f"{found[:12]}, {model.digest[:12]} was registered. Put that version back, or order anew."
        )
    return Path(model.folder)


def _sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
