"""Variety within one condition: how different the images are that one brief gives."""

import numpy as np
import numpy.typing as npt
from scipy.spatial.distance import pdist

from ecomgan.metrics.scorer import Scorer

SCORERS = (
    Scorer(
        key="pixel_variety",
        name="Pixel variety",
        version=1,
        unit="",
        low=0.0,
        high=100.0,
        better="higher",
        meaning="How much images of one and the same brief differ, pixel by pixel; compare with real photos' value.",
        source="Mean Euclidean distance of all pairs, pixels in [-1, 1].",
    ),
    Scorer(
        key="feature_variety",
        name="Feature variety",
        version=1,
        unit="",
        low=0.0,
        high=30.0,
        better="higher",
        meaning="How much images of one and the same brief differ in what they show; compare with real photos' value.",
        source="Mean Euclidean distance of all pairs of features.",
    ),
)


def pixel_variety(images: npt.NDArray[np.uint8]) -> float:
    """Mean pairwise Euclidean distance of at least two images, uint8 (N, H, W, 3), taken to [-1, 1]."""
    return feature_variety(images.reshape(len(images), -1).astype(np.float64) / 127.5 - 1)


def feature_variety(features: npt.NDArray[np.floating]) -> float:
    """Mean pairwise Euclidean distance of at least two rows of features (N, d)."""
    if len(features) < 2:
        raise ValueError(f"variety needs at least two images; got {len(features)}")
    return float(pdist(features.astype(np.float64)).mean())
