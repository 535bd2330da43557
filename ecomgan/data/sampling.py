"""Drawing training batches: balanced between article types, in groups that share their condition."""

import numpy as np

from ecomgan.data.prepared import NULL

_ARTICLE = 0


class GroupSampler:
    """Draws batches of rows in groups of neighbours that share their (partly dropped) condition.

    conditions: int64 (N, fields), the article type first.
    group: images a group; the discriminator compares them to see whether one condition gives varied images.
    balance: an article type with n photos is drawn in proportion to n ** balance (1 = as in the data).
    dropout: probability with which each field of a group is replaced by the null token.
    """

    def __init__(self, conditions: np.ndarray, group: int, balance: float, dropout: float) -> None:
        self._conditions = conditions
        self._group = group
        self._dropout = dropout
        _, article, counts = np.unique(conditions[:, _ARTICLE], return_inverse=True, return_counts=True)
        weights = counts[article].astype(np.float64) ** (balance - 1)
        self._cumulative = np.cumsum(weights / weights.sum())
        self._mates: dict[tuple[bool, ...], dict[tuple[int, ...], np.ndarray]] = {}

    def draw(self, count: int, source: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Row indices (count,) and conditions int64 (count, fields); `count` must be a multiple of the group size."""
        groups = count // self._group
        last = len(self._cumulative) - 1
        anchors = np.minimum(np.searchsorted(self._cumulative, source.random(groups)), last)
        dropped = source.random((groups, self._conditions.shape[1])) < self._dropout
        rows = np.concatenate(
            [self._draw_group(anchor, drop, source) for anchor, drop in zip(anchors, dropped, strict=True)]
        )
        conditions = np.where(np.repeat(dropped, self._group, axis=0), NULL, self._conditions[rows])
        return rows, conditions

    def _draw_group(self, anchor: int, drop: np.ndarray, source: np.random.Generator) -> np.ndarray:
        """The anchor and different photos of the same kept values; of the same article where there are too few."""
        if self._group == 1:
            return np.array([anchor])
        candidates = self._with_values_of(anchor, ~drop)
        if len(candidates) < self._group:
            only_article = np.arange(len(drop)) == _ARTICLE
            candidates = self._with_values_of(anchor, only_article)
        others = candidates[candidates != anchor]
        if len(others) == 0:
            return np.full(self._group, anchor)
        mates = source.choice(others, self._group - 1, replace=len(others) < self._group - 1)
        return np.concatenate([[anchor], mates])

    def _with_values_of(self, anchor: int, kept: np.ndarray) -> np.ndarray:
        """All rows whose values in the `kept` fields equal the anchor's."""
        mask = tuple(kept.tolist())
        if mask not in self._mates:
            self._mates[mask] = self._index(kept)
        return self._mates[mask][tuple(self._conditions[anchor, kept].tolist())]

    def _index(self, kept: np.ndarray) -> dict[tuple[int, ...], np.ndarray]:
        if not kept.any():
            return {(): np.arange(len(self._conditions))}
        values, member = np.unique(self._conditions[:, kept], axis=0, return_inverse=True)
        order = np.argsort(member.ravel(), kind="stable")
        bounds = np.cumsum(np.bincount(member.ravel()))[:-1]
        parts = np.split(order, bounds)
        return {tuple(value.tolist()): rows for value, rows in zip(values, parts, strict=True)}
