"""How alike two looks are. Apart from their making, so that who only compares them loads numpy and nothing else."""

import numpy as np
import numpy.typing as npt

VERSION = 1
"""Of the looks. Rises whenever that of the same image could change: those of two versions are never compared."""
SIZE = 282
"""Bytes of a look: 108 of its thumbnail, 30 of its colours, 144 of its edges."""
LENGTH = 127 / 0.55
"""Of every look as a vector: no part of a vector of length 1 is larger, but for a product of one flat colour."""


def likeness(
    vector: npt.NDArray[np.int8], others: npt.NDArray[np.int8], *, rows_at_a_time: int = 4096
) -> npt.NDArray[np.float32]:
    """Cosine of a vector (SIZE,) with each row of `others` (N, SIZE): float32 (N,), 1 = alike in everything."""
    wanted = vector.astype(np.float32)
    wanted /= max(float(np.linalg.norm(wanted)), 1e-6) * LENGTH
    found = np.empty(len(others), dtype=np.float32)
    for start in range(0, len(others), rows_at_a_time):  # as floats, all at once would take four times the room
        rows = others[start : start + rows_at_a_time]
        found[start : start + len(rows)] = rows.astype(np.float32) @ wanted
    return found
