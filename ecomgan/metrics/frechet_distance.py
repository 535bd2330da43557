"""Frechet distance (FD): how far the Gaussian fits of two sets of images are apart."""

import numpy as np
import numpy.typing as npt

from ecomgan.metrics.scorer import Scorer

SCORER = Scorer(
    key="frechet_distance",
    name="Frechet distance",
    version=1,
    unit="",
    low=0.0,
    high=50.0,
    better="lower",
    meaning="How far mean and spread of generated images are from those of real photos. It falls with the number of "
    "images: compare only equal numbers.",
    source="|m1 - m2|^2 + tr(C1 + C2 - 2 (C1 C2)^1/2) (Heusel et al. 2017). With C = R'R the root's trace is the "
    "sum of the singular values of R1 R2', real and stable where covariances are singular. Never 'FID': the space is "
    "not Inception.",
)


def frechet_distance(generated: npt.NDArray[np.floating], real: npt.NDArray[np.floating]) -> float:
    """Frechet distance between Gaussian fits of two sets of features, (m, d) and (n, d), in float64; >= 0."""
    if generated.ndim != 2 or real.ndim != 2 or generated.shape[1] != real.shape[1]:
        raise ValueError(f"two sets of features (n, d) of one d were expected; got {generated.shape} and {real.shape}")
    if min(len(generated), len(real)) < 2:
        raise ValueError(f"at least 2 rows a set are needed; got {len(generated)} and {len(real)}")
    x, y = generated.astype(np.float64), real.astype(np.float64)
    means = np.sum((x.mean(axis=0) - y.mean(axis=0)) ** 2)
    root_x, root_y = _root_of_covariance(x), _root_of_covariance(y)
    traces = np.sum(root_x**2) + np.sum(root_y**2)
    trace_of_root = np.linalg.svd(root_x @ root_y.T, compute_uv=False).sum()
    return max(0.0, float(means + traces - 2 * trace_of_root))


def _root_of_covariance(features: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """R (min(n, d), d) with R'R the covariance of features (n, d), which itself is never formed."""
    centred = (features - features.mean(axis=0)) / np.sqrt(len(features) - 1)
    root: npt.NDArray[np.float64] = np.linalg.qr(centred).R
    return root
