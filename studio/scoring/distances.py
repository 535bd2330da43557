"""How far an image is from what its model was taught, and from what was published: by their looks."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import Asset, AssetState, PhotoLook, Training, TrainingPhoto
from ecomgan.metrics.likeness import SIZE, VERSION, likeness
from studio.images.look_index import LookIndex

Look = npt.NDArray[np.int8]


class Distances:
    """Distances to the photos and images of one moment: 100 x (1 - likeness), 0 is the same picture."""

    def __init__(self, session: Session, index: LookIndex) -> None:
        published = sa.select(Asset.id).where(Asset.state == AssetState.PUBLISHED)
        ids = np.array(session.scalars(published).all(), dtype=np.int64)
        self._ids, self._published = index.looks_of(session, ids)
        self._taught = cache(lambda model_id: _taught(session, model_id))

    def to_taught(self, look: Look, model_id: int) -> float | None:
        """To the nearest photo that the model was taught; None where no list of them is kept, or none has a look."""
        return _nearest(look, self._taught(model_id))

    def to_published(self, look: Look, asset_id: int) -> float | None:
        """To the nearest published image but itself; None where there is none."""
        return _nearest(look, self._published[self._ids != asset_id])


def _nearest(look: Look, others: npt.NDArray[np.int8]) -> float | None:
    if not len(others):
        return None
    return max(0.0, 100.0 * (1.0 - float(likeness(look, others).max())))


def _taught(session: Session, model_id: int) -> npt.NDArray[np.int8]:
    taught = sa.select(TrainingPhoto.sha256).join(Training, Training.id == TrainingPhoto.training_id)
    taught = taught.where(Training.model_version_id == model_id, TrainingPhoto.split == "train")
    query = sa.select(PhotoLook.vector).where(PhotoLook.version == VERSION, PhotoLook.sha256.in_(taught))
    return np.frombuffer(b"".join(session.scalars(query)), dtype=np.int8).reshape(-1, SIZE)
