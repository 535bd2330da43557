"""Of many candidates in their order, the first that fit a filter: few are looked up, since most often they do."""

from __future__ import annotations

from collections.abc import Callable, Collection

import numpy as np
import numpy.typing as npt

_FIRST_LOOK = 500  # candidates tried at first, then four times as many
_MOST_BOUND = 30_000  # ids in one statement; both databases allow a few more


def values_of(ids: npt.NDArray[np.int64], values: npt.NDArray[np.float32], kept: list[int]) -> dict[int, float]:
    """The value of each id that was kept; ids (N,) and values (N,) stand in the same order."""
    places = np.flatnonzero(np.isin(ids, kept))
    return dict(zip(ids[places].tolist(), values[places].tolist(), strict=True))


def first_fitting(ids: npt.NDArray[np.int64], fits: Callable[[list[int]], Collection[int]], limit: int) -> list[int]:
    """The first `limit` of the ids that `fits`, which is given some and returns those of them that fit, keeps."""
    kept: list[int] = []
    start, size = 0, _FIRST_LOOK
    while start < len(ids) and len(kept) < limit:
        some: list[int] = ids[start : start + size].tolist()
        fitting = set(fits(some))
        kept += [one for one in some if one in fitting]
        start, size = start + size, min(4 * size, _MOST_BOUND)
    return kept[:limit]
