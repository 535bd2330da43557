"""Vectors of a table in memory, to find the nearest in a moment."""

from __future__ import annotations

import threading

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

Ids = npt.NDArray[np.int64]
Vectors = npt.NDArray[np.int8]

_AT_ONCE = 10_000  # rows


class VectorIndex:
    """What was read of a table's vectors so far, brought up to date at each look. Threads may share it.

    rows: selects id and vector of those that count; key: its id; size: bytes of a vector.
    """

    def __init__(self, rows: sa.Select[int, bytes], key: InstrumentedAttribute[int], size: int) -> None:
        self._rows, self._key, self._size = rows, key, size
        self._lock = threading.Lock()
        self._ids: Ids = np.empty(0, dtype=np.int64)
        self._vectors: Vectors = np.empty((0, size), dtype=np.int8)

    def up_to_date(self, session: Session) -> tuple[Ids, Vectors]:
        """The ids in ascending order, (N,), and their vectors, (N, size). New rows are added; when older ones got a
        vector meanwhile, or lost it, all are read again.
        """
        with self._lock:
            last = int(self._ids[-1]) if len(self._ids) else 0
            ids, vectors = self._read(session, after=last)
            if len(ids):
                self._ids, self._vectors = np.concatenate([self._ids, ids]), np.concatenate([self._vectors, vectors])
            there = self._rows.with_only_columns(sa.func.count(), maintain_column_froms=True)
            if session.scalar(there) != len(self._ids):
                self._ids, self._vectors = self._read(session, after=0)
            return self._ids, self._vectors

    def _read(self, session: Session, *, after: int) -> tuple[Ids, Vectors]:
        query = self._rows.where(self._key > after).order_by(self._key)
        ids: list[int] = []
        parts: list[bytes] = []
        for some in session.execute(query.execution_options(yield_per=_AT_ONCE)).partitions():
            ids += [one for one, _ in some]
            parts.append(b"".join(vector for _, vector in some))
        vectors = np.frombuffer(b"".join(parts), dtype=np.int8).reshape(-1, self._size)
        return np.array(ids, dtype=np.int64), vectors
