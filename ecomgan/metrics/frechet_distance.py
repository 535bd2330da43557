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
    source="|m1 - m2|^2 + tr(C1 + C2 - 2 (C1 C2)^1/2) (Heusel et al. 2017), the root's trace from the eigenvalues of "
    "C1^1/2 C2 C1^1/2, which stays real where the covariances are singular. Never 'FID': the space is not Inception.",
)


def frechet_distance(generated: npt.NDArray[np.floating], real: npt.NDArray[np.floating]) -> float:
    """Frechet distance between Gaussian fits of two sets of features, (m, d) and (n, d), in float64; >= 0."""
    if generated.ndim != 2 or real.ndim != 2 or generated.shape[1] != real.shape[1]:
        raise ValueError(f"two sets of features (n, d) of one d were expected; got {generated.shape} and {real.shape}")
    if min(len(generated), len(real)) < 2:
        raise ValueError(f"at least 2 rows a set are needed; got {len(generated)} and {len(real)}")
    x, y = generated.astype(np.float64), real.astype(np.float64)
    covariance_x, covariance_y = np.cov(x, rowvar=False), np.cov(y, rowvar=False)
    values, vectors = np.linalg.eigh(covariance_y)
    root_y = (vectors * np.sqrt(np.clip(values, 0, None))) @ vectors.T
    products = np.linalg.eigvalsh(root_y @ covariance_x @ root_y)
    trace_of_root = np.sqrt(np.clip(products, 0, None)).sum()
    means = np.sum((x.mean(axis=0) - y.mean(axis=0)) ** 2)
    return max(0.0, float(means + np.trace(covariance_x) + np.trace(covariance_y) - 2 * trace_of_root))
