"""The looks of all images in memory, to find similar ones in a moment: 28 MB for 100,000 images."""

from __future__ import annotations

import threading

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import AssetLook
from ecomgan.metrics.likeness import SIZE, VERSION, likeness

Ids = npt.NDArray[np.int64]
Vectors = npt.NDArray[np.int8]

_AT_ONCE = 10_000  # rows


class LookIndex:
    """What was read from the table `asset_looks` so far, brought up to date at each search. Threads may share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ids: Ids = np.empty(0, dtype=np.int64)
        self._vectors: Vectors = np.empty((0, SIZE), dtype=np.int8)

    def nearest_first(self, session: Session, vector: npt.NDArray[np.int8]) -> tuple[Ids, npt.NDArray[np.float32]]:
        """The ids of all images that have a look, the most similar first, with their likeness (1 = alike)."""
        ids, vectors = self._up_to_date(session)
        found = likeness(vector, vectors)
        order = np.argsort(-found, kind="stable")
        return ids[order], found[order]

    def looks_of(self, session: Session, ids: Ids) -> tuple[Ids, Vectors]:
        """The ids among these that have a look, in ascending order, with their looks."""
        known, vectors = self._up_to_date(session)
        held = np.isin(known, ids)
        return known[held], vectors[held]

    def _up_to_date(self, session: Session) -> tuple[Ids, Vectors]:
        """New images are added; when older ones got theirs meanwhile, all are read again."""
        with self._lock:
            last = int(self._ids[-1]) if len(self._ids) else 0
            ids, vectors = _read(session, after=last)
            if len(ids):
                self._ids, self._vectors = np.concatenate([self._ids, ids]), np.concatenate([self._vectors, vectors])
            there = sa.select(sa.func.count()).where(AssetLook.version == VERSION)
            if session.scalar(there) != len(self._ids):
                self._ids, self._vectors = _read(session, after=0)
            return self._ids, self._vectors


def _read(session: Session, *, after: int) -> tuple[Ids, Vectors]:
    query = sa.select(AssetLook.asset_id, AssetLook.vector).where(AssetLook.version == VERSION)
    query = query.where(AssetLook.asset_id > after).order_by(AssetLook.asset_id)
    ids: list[int] = []
    parts: list[bytes] = []
    for some in session.execute(query.execution_options(yield_per=_AT_ONCE)).partitions():
        ids += [asset_id for asset_id, _ in some]
        parts.append(b"".join(vector for _, vector in some))
    vectors = np.frombuffer(b"".join(parts), dtype=np.int8).reshape(-1, SIZE)
    return np.array(ids, dtype=np.int64), vectors
