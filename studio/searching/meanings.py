"""The encoder of this process, opened at the first search, and the vectors of all pictures in memory."""

from __future__ import annotations

import threading
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from db.tables import AssetVector, Photo, PhotoVector
from studio.errors import EngineError
from studio.images.vector_index import Ids, VectorIndex
from studio.photos.rights import usable

if TYPE_CHECKING:
    from ecomgan.encoder import PortableEncoder

Vector = npt.NDArray[np.float32]


class Meanings:
    """folder: of the encoder, ours or any CLIP or SigLIP, with its graphs. Threads may share it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.RLock()

    @property
    def encoder(self) -> PortableEncoder:
        """The encoder; raises EngineError where it cannot be opened."""
        with self._lock:
            return self._opened

    @property
    def images(self) -> NearestIndex:
        """The images by their ids."""
        with self._lock:
            return self._images

    @property
    def photos(self) -> NearestIndex:
        """The photos that may be shown, by the ids of their rows."""
        with self._lock:
            return self._photos

    @cached_property
    def _opened(self) -> PortableEncoder:
        from ecomgan.encoder import open_portable  # onnxruntime comes with it
        from ecomgan.errors import EcomGANError

        try:
            return open_portable(self._folder)
        except EcomGANError as error:
            raise EngineError("The encoder that search by meaning needs cannot be opened: {why}.", why=error) from error

    @cached_property
    def _images(self) -> NearestIndex:
        rows = sa.select(AssetVector.asset_id, AssetVector.vector)
        rows = rows.where(AssetVector.encoder == self._opened.identity)
        return NearestIndex(rows, AssetVector.asset_id, self._opened.dim)

    @cached_property
    def _photos(self) -> NearestIndex:
        rows = sa.select(Photo.id, PhotoVector.vector).join(PhotoVector, PhotoVector.sha256 == Photo.sha256)
        rows = rows.where(PhotoVector.encoder == self._opened.identity, usable())
        return NearestIndex(rows, Photo.id, self._opened.dim)


class NearestIndex:
    """Packed vectors in memory: 13 MB for 100,000 of 128 numbers."""

    def __init__(self, rows: sa.Select[int, bytes], key: InstrumentedAttribute[int], size: int) -> None:
        self._rows = VectorIndex(rows, key, size)
        self._lengths: tuple[npt.NDArray[np.int8], Vector] | None = None

    def nearest_first(self, session: Session, vector: Vector) -> tuple[Ids, Vector]:
        """The ids of all rows whose bytes could be read, the nearest to a unit vector first, with their cosines."""
        from ecomgan.encoder.packing import cosines

        ids, packed = self._rows.up_to_date(session)
        lengths = self._lengths_of(packed)
        found = cosines(vector, packed, lengths)
        order = np.lexsort((-ids, -found))
        order = order[lengths[order] > 0]
        return ids[order], found[order]

    def _lengths_of(self, packed: npt.NDArray[np.int8]) -> Vector:
        from ecomgan.encoder.packing import lengths_of

        known = self._lengths
        if known is None or known[0] is not packed:
            known = self._lengths = (packed, lengths_of(packed))
        return known[1]
