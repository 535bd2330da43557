"""Precision, recall, density and coverage: good single images and variety, told apart."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ecomgan.metrics.intervals import mean_interval
from ecomgan.metrics.scorer import Scorer

NEIGHBOURS = 5

_KYNKAANNIEMI = "Kynkaanniemi et al. 2019, 'Improved Precision and Recall Metric', k = 5"
_NAEEM = "Naeem et al. 2020, 'Reliable Fidelity and Diversity Metrics', k = 5"


def _share(key: str, name: str, meaning: str, source: str, high: float = 1.0) -> Scorer:
    return Scorer(key, name, 1, "", 0.0, high, "higher", meaning, source)


SCORERS = (
    _share("precision", "Precision", "Share of generated images that lie among the real photos.", _KYNKAANNIEMI),
    _share("recall", "Recall", "Share of real photos that lie among the generated images: variety.", _KYNKAANNIEMI),
    _share("density", "Density", "How crowded with real photos the places of generated images are.", _NAEEM, 1.5),
    _share("coverage", "Coverage", "Share of real photos that have a generated image near by.", _NAEEM),
)


@dataclass(frozen=True)
class PrecisionRecall:
    """Four shares in 0..1; density may exceed 1. density_interval: 95 %, over the generated images."""

    precision: float
    recall: float
    density: float
    coverage: float
    density_interval: tuple[float, float]


def precision_recall(generated: npt.NDArray[np.floating], real: npt.NDArray[np.floating]) -> PrecisionRecall:
    """Compare two sets of features, (m, d) and (n, d), each of more than 5 rows, by balls to the 5th neighbour.

    Recall falls with fewer images: compare equal numbers only.
    """
    if min(len(generated), len(real)) <= NEIGHBOURS:
        raise ValueError(f"more than {NEIGHBOURS} rows a set are needed; got {len(generated)} and {len(real)}")
    x, y = generated.astype(np.float64), real.astype(np.float64)
    radii_x, radii_y = _radii(x), _radii(y)
    distances = _squared_distances(x, y)
    in_real_ball = distances <= radii_y[None]
    return PrecisionRecall(
        precision=float(in_real_ball.any(axis=1).mean()),
        recall=float((distances <= radii_x[:, None]).any(axis=0).mean()),
        density=float(in_real_ball.sum() / (NEIGHBOURS * len(x))),
        coverage=float(in_real_ball.any(axis=0).mean()),
        density_interval=mean_interval(in_real_ball.sum(axis=1) / NEIGHBOURS),
    )


def _radii(features: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Squared distance of each row to its 5th nearest other row."""
    distances = _squared_distances(features, features)
    np.fill_diagonal(distances, -1)  # the row itself sorts before all others, copies of it included
    fifth: npt.NDArray[np.float64] = np.partition(distances, NEIGHBOURS, axis=1)[:, NEIGHBOURS]
    return fifth


def _squared_distances(x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """|x|^2 + |y|^2 - 2 x.y for all pairs, by one matrix product: twenty times faster than pair by pair."""
    squares: npt.NDArray[np.float64] = (x**2).sum(axis=1)[:, None] + (y**2).sum(axis=1)[None] - 2 * (x @ y.T)
    return squares
