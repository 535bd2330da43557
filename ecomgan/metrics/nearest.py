"""The nearest of many: how far each image is from the most similar photo of a set, for finding copies."""

import numpy as np
import numpy.typing as npt

_ROWS = 256


def nearest(
    features: npt.NDArray[np.floating], bank: npt.NDArray[np.floating]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.intp]]:
    """Euclidean distance (n,) from each row of features (n, d) to its nearest row of `bank` (m, d), and which (n,).

    Candidates are found by one matrix product, |x|^2 + |y|^2 - 2 x.y in fp32; the distance itself is taken from the
    difference, so that a copy has exactly 0.
    """
    if features.ndim != 2 or bank.ndim != 2 or features.shape[1] != bank.shape[1] or len(bank) == 0:
        raise ValueError(f"features (n, d) and a bank (m, d) of one d expected; got {features.shape}, {bank.shape}")
    centre = bank.mean(axis=0, dtype=np.float64)  # a large common part would drown differences in fp32
    known = (bank - centre).astype(np.float32)
    squares = (known**2).sum(axis=1)
    places = np.concatenate(
        [
            (squares - 2 * ((features[start : start + _ROWS] - centre).astype(np.float32) @ known.T)).argmin(axis=1)
            for start in range(0, len(features), _ROWS)
        ]
    )
    distances = np.linalg.norm(features.astype(np.float64) - bank[places].astype(np.float64), axis=1)
    return distances, places
