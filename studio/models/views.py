"""A registered model version as pages and workers see it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from db.tables import LicenceState, ModelVersion

ECOMGAN = "ecomgan"
"""The engine that opens this project's own checkpoints."""

Source = Literal["shipped", "fine_tuned", "added"]


@dataclass(frozen=True)
class ModelView:
    """A registered checkpoint. Sizes are in pixels; `digest` is the SHA-256 over the hashes of all that makes images.

    folder: where it was registered from; what is opened is `registry.local_folder`. words: attribute -> the values
    that it was taught, empty for an engine of free texts. settings: how such an engine runs. samples_sha256: a picture
    of its images, None until a worker has made it. copied: the storage holds all its files.
    """

    id: int
    name: str
    folder: str
    digest: str
    height: int
    width: int
    images_seen: int | None
    licence: LicenceState
    engine: str
    source: str
    parent_id: int | None
    samples_sha256: str | None
    registered_at: dt.datetime
    copied: bool
    words: Mapping[str, tuple[str, ...]] = field(hash=False, repr=False)
    settings: Mapping[str, Any] = field(hash=False, repr=False)


def model_view(row: ModelVersion) -> ModelView:
    """The view of a row."""
    return ModelView(
        id=row.id,
        name=row.name,
        folder=row.folder,
        digest=row.digest,
        height=row.height,
        width=row.width,
        images_seen=row.images_seen,
        licence=row.licence,
        engine=row.engine,
        source=row.source,
        parent_id=row.parent_id,
        samples_sha256=row.samples_sha256,
        registered_at=row.registered_at,
        copied=bool(row.manifest),
        words={name: tuple(values) for name, values in row.vocabulary.items()},
        settings=dict(row.settings),
    )
