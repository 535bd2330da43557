"""Kernel distance to few photos, with several images made for each, and an interval that says how little they tell.

The kernel is that of `kernel_distance`. Images and photo of one condition are never compared with each other, nor are
images of one condition among themselves: they share what was asked for, and would hide or feign a distance.
"""

import numpy as np
import numpy.typing as npt

from ecomgan.metrics.kernel_distance import KernelDistance

LEAST_PHOTOS = 8
"""Fewer are not judged by: their interval would hold everything."""

_RESAMPLES = 1_000
_CONFIDENCE = 0.95


def paired_distance(generated: npt.NDArray[np.floating], real: npt.NDArray[np.floating]) -> float:
    """Unbiased squared MMD between features of n photos, (n, d), and of the images made for them, (k * n, d).

    Image i was made for photo i modulo n; n is at least 2. Mean over all pairs of photos a, b of
    k(x_a, x_b) + k(y_a, y_b) - k(x_a, y_b) - k(x_b, y_a) (Gretton et al. 2012, lemma 6).
    """
    pairs = _pairs(generated, real)
    return float(pairs.sum() / (len(pairs) * (len(pairs) - 1)))


def distance_to_few(generated: npt.NDArray[np.floating], real: npt.NDArray[np.floating]) -> KernelDistance:
    """As `paired_distance`, of at least 8 photos, with its 95 % interval: a percentile bootstrap over the photos."""
    if len(real) < LEAST_PHOTOS:
        raise ValueError(f"at least {LEAST_PHOTOS} photos were expected, got {len(real)}")
    pairs = _pairs(generated, real)
    photos = len(pairs)
    draw = np.random.default_rng(0)
    times = draw.multinomial(photos, np.full(photos, 1 / photos), size=_RESAMPLES).astype(np.float64)
    # A photo that was drawn twice makes no pair with itself: the diagonal is 0 and is not counted.
    sums = np.einsum("ra,ab,rb->r", times, pairs, times, optimize=True)
    resampled = sums / (photos**2 - (times**2).sum(axis=1))
    low, high = np.quantile(resampled, [(1 - _CONFIDENCE) / 2, (1 + _CONFIDENCE) / 2])
    return KernelDistance(float(pairs.sum() / (photos * (photos - 1))), float(low), float(high))


def _pairs(generated: npt.NDArray[np.floating], real: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """What each pair of photos adds, (n, n), symmetric with zeros on the diagonal."""
    photos = len(real)
    if photos < 2 or len(generated) == 0 or len(generated) % photos or generated.shape[1] != real.shape[1]:
        raise ValueError(
            "at least 2 photos and as many images for each, in one space, were expected; got features "
            f"{generated.shape} and {real.shape}"
        )
    x, y = generated.astype(np.float64), real.astype(np.float64)
    each = len(x) // photos
    made = _kernel(x, x).reshape(each, photos, each, photos).mean(axis=(0, 2))
    across = _kernel(x, y).reshape(each, photos, photos).mean(axis=0)
    pairs: npt.NDArray[np.float64] = made + _kernel(y, y) - across - across.T
    np.fill_diagonal(pairs, 0)
    return pairs


def _kernel(x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    kernel: npt.NDArray[np.float64] = (x @ y.T / x.shape[1] + 1) ** 3
    return kernel
