"""Quality without a reference: how unlike good shop photos the statistics of the product's texture are.

After Mittal, Soundararajan & Bovik 2013, "Making a 'Completely Blind' Image Quality Analyzer" (NIQE): each patch gives
36 numbers, 18 at each of two scales; photos and image are multivariate Gaussians of them, (m1, S1) and (m2, S2), and

    D = sqrt((m1 - m2)^T ((S1 + S2) / 2)^-1 (m1 - m2)).

Written anew for small images: patches are 32x32, those on the product count, and the photos' Gaussian
(no_reference.npz) was fitted by `fit` on the train split of the hires photos, at 320 pixels.
"""

import functools
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy import ndimage
from scipy.special import gamma

from ecomgan.metrics.luma import luma_of
from ecomgan.metrics.product import Product, reduce

Features = npt.NDArray[np.float64]

SHIPPED = Path(__file__).with_name("no_reference.npz")
LONGEST = 320
_PATCH = 32
_MIN_COVER = 0.5
_MIN_PATCHES = 2
_STABILITY = 1.0  # C of the paper, grey levels
_WINDOW = 7 / 6  # standard deviation of the paper's 7x7 window
_SHAPES = np.arange(0.2, 10.001, 0.01)
_RATIOS = gamma(2 / _SHAPES) ** 2 / (gamma(1 / _SHAPES) * gamma(3 / _SHAPES))
_NEIGHBOURS = ((0, 1), (1, 0), (1, 1), (1, -1))


def no_reference(image: npt.NDArray[np.uint8], product: Product) -> float | None:
    """Distance D, from 0 on, of `image` (H, W, 3) on its product; longer sides are reduced to 320 pixels.

    None where fewer than two patches lie on the product.
    """
    patches = patch_features(image, product)
    if len(patches) < _MIN_PATCHES:
        return None
    mean, covariance = _shipped()
    off = patches.mean(axis=0) - mean
    both = (covariance + np.cov(patches, rowvar=False)) / 2
    return float(np.sqrt(max(float(off @ np.linalg.pinv(both) @ off), 0.0)))


def patch_features(image: npt.NDArray[np.uint8], product: Product) -> Features:
    """The 36 numbers of each patch that lies on the product at least by half: (patches, 36)."""
    luma = luma_of(reduce(image, LONGEST)).astype(np.float64)
    height, width = luma.shape
    rows, columns = height // _PATCH, width // _PATCH
    if rows == 0 or columns == 0:
        return np.empty((0, 36))
    half = luma[: height // 2 * 2, : width // 2 * 2].reshape(height // 2, 2, width // 2, 2).mean(axis=(1, 3))
    mask = product.mask_at(height, width)[: rows * _PATCH, : columns * _PATCH]
    cover = mask.reshape(rows, _PATCH, columns, _PATCH).mean(axis=(1, 3)).ravel()
    found = [_features(level, _PATCH // scale, rows, columns) for scale, level in ((1, luma), (2, half))]
    patches: Features = np.concatenate(found, axis=1)[cover >= _MIN_COVER]
    return patches


def fit(images: Iterable[tuple[npt.NDArray[np.uint8], Product]]) -> tuple[Features, Features]:
    """Mean (36,) and covariance (36, 36) over all patches of good photos."""
    patches = np.concatenate([patch_features(image, product) for image, product in images])
    return patches.mean(axis=0), np.cov(patches, rowvar=False)


def _features(luma: Features, side: int, rows: int, columns: int) -> Features:
    """18 numbers of each patch of side x side, (rows * columns, 18)."""
    mean = ndimage.gaussian_filter(luma, _WINDOW, mode="nearest", truncate=2.6)
    power = ndimage.gaussian_filter(luma**2, _WINDOW, mode="nearest", truncate=2.6)
    normal = (luma - mean) / (np.sqrt(np.maximum(power - mean**2, 0)) + _STABILITY)
    shape, left, right = _asymmetric(_cut(normal, side, rows, columns))
    found = [shape, (left + right) / 2]
    for down, across in _NEIGHBOURS:
        products = normal * np.roll(normal, (down, across), axis=(0, 1))
        shape, left, right = _asymmetric(_cut(products, side, rows, columns))
        scale = gamma(2 / shape) / np.sqrt(gamma(1 / shape) * gamma(3 / shape))
        found += [shape, (right - left) * scale, left, right]
    return np.stack(found, axis=1)


def _cut(values: Features, side: int, rows: int, columns: int) -> Features:
    tiles = values[: rows * side, : columns * side].reshape(rows, side, columns, side)
    return tiles.transpose(0, 2, 1, 3).reshape(rows * columns, side * side)


def _asymmetric(samples: Features) -> tuple[Features, Features, Features]:
    """Shape and the two deviations of an asymmetric generalised Gaussian, by moments, of each row (n, samples).

    Lasmar, Stitou & Berthoumieu 2009, "Multiscale skewed heavy tailed model for texture analysis".
    """
    below = samples < 0
    squares = samples**2
    left = np.sqrt((squares * below).sum(axis=1) / np.maximum(below.sum(axis=1), 1)) + 1e-6
    right = np.sqrt((squares * ~below).sum(axis=1) / np.maximum((~below).sum(axis=1), 1)) + 1e-6
    skew = left / right
    ratio = np.abs(samples).mean(axis=1) ** 2 / (squares.mean(axis=1) + 1e-12)
    wanted = ratio * (skew**3 + 1) * (skew + 1) / (skew**2 + 1) ** 2
    return _SHAPES[np.searchsorted(_RATIOS, wanted).clip(0, len(_SHAPES) - 1)], left, right


@functools.cache
def _shipped() -> tuple[Features, Features]:
    with np.load(SHIPPED, allow_pickle=False) as file:
        return file["mean"], file["covariance"]
