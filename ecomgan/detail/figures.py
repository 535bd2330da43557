"""What is measured on finished images: numpy, one figure a function. Images are uint8 (N, H, W, 3)."""

from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image
from scipy import ndimage
from skimage.color import deltaE_ciede2000, rgb2lab

from ecomgan.detail.degrade import degrade
from ecomgan.detail.enlarge import enlarge_batch
from ecomgan.detail.photos import DetailPhotos
from ecomgan.networks.detail import SCALE, DetailNetwork

Pixels = npt.NDArray[np.uint8]

_LUMA = np.array([0.299, 0.587, 0.114])  # ITU-R BT.601
_SEED = 5
_RINGING_WINDOW = 9
_EDGE = 40.0
_EXPLAINED = 0.5
_AROUND = (4, 8)
_FOR_ENERGY = 48
"""Images whose energy is compared: a mean over so many is steady, and photos are brought down eight times for it."""


def colour_shift(finished: Pixels, given: Pixels) -> float:
    """Mean CIEDE2000 between the input and the result, a whole multiple of it, brought down to its size by means."""
    factor = finished.shape[1] // given.shape[1]
    shifts = [
        deltaE_ciede2000(rgb2lab(_brought_down(f, factor)), rgb2lab(g)).mean()
        for f, g in zip(finished, given, strict=True)
    ]
    return float(np.mean(shifts))


def psnr(finished: Pixels, photos: Pixels) -> float:
    """Mean over images of 10 log10(255^2 / mean squared difference), dB."""
    errors = [np.square(f.astype(np.float64) - p).mean() for f, p in zip(finished, photos, strict=True)]
    return float(np.mean([10 * np.log10(255**2 / max(error, 1e-3)) for error in errors]))


def checkerboard(images: Pixels) -> float:
    """Energy on the grid of a x4 network's sub-pixels, as a multiple of the energy around it: 1 is none.

    A pattern that repeats every four pixels lives at the frequencies 1/4 and 1/2 along each axis (Odena et al. 2016 on
    where it comes from). Their mean power in the luma, against the mean of the bins four to eight bins off. Soft images
    have little energy around it, so that a pattern far below what eyes see shows here; see `grid_energy`.
    """
    power = _mean_power(images)
    height, width = power.shape
    ratios = []
    for y, x in _grid(height, width):
        around = [
            power[(y + dy) % height, (x + dx) % width]
            for dy in range(-_AROUND[1], _AROUND[1] + 1)
            for dx in range(-_AROUND[1], _AROUND[1] + 1)
            # Next to an axis, where all straight edges of products lie, only along it.
            if max(abs(dy), abs(dx)) >= _AROUND[0] and (y or dy == 0) and (x or dx == 0)
        ]
        ratios.append(power[y, x] / np.mean(around))
    return float(np.mean(ratios))


def grid_energy(finished: Pixels, photos: Pixels) -> float:
    """Energy on that grid as a share of what real photos hold there; below 1 no pattern can stand out from them."""
    made, real = _mean_power(finished), _mean_power(photos)
    grid = _grid(*made.shape)
    return float(sum(made[place] for place in grid) / sum(real[place] for place in grid))


def ringing(finished: Pixels, photos: Pixels) -> float:
    """Grey levels by which the luma leaves the photo's own range within 4 pixels, mean over places at strong edges."""
    excess = []
    for image, photo in zip(finished @ _LUMA, photos @ _LUMA, strict=True):
        low, high = ndimage.minimum_filter(photo, _RINGING_WINDOW), ndimage.maximum_filter(photo, _RINGING_WINDOW)
        edges = high - low > _EDGE
        if edges.any():
            excess.append(np.maximum(np.maximum(image - high, low - image), 0)[edges].mean())
    return float(np.mean(excess)) if excess else 0.0


def effective_height(finished: Pixels, photos: Pixels) -> int:
    """Height in pixels that real photos may be brought down to, and back, until they hold no more detail than these.

    Detail: mean power of the luma above the input's highest frequency (1/8 cycles a pixel). By energy alone: invented
    texture counts as much as true one, see `agreeing_height`.
    """
    finished, photos = finished[:_FOR_ENERGY], photos[:_FOR_ENERGY]
    wanted = _detail(finished)
    low, high = int(photos.shape[1]) // SCALE, int(photos.shape[1])
    if _detail(photos) <= wanted:
        return high
    while high - low > 4:
        middle = (low + high) // 2
        low, high = (middle, high) if _detail(_through_height(photos, middle)) < wanted else (low, middle)
    return (low + high) // 2


def fine_energy(finished: Pixels, photos: Pixels, height: int) -> float:
    """Energy of the luma beyond the detail that an image of `height` pixels can hold, as a share of the photos'."""
    beyond = _radius(*photos.shape[1:3]) * photos.shape[1] > height / 2
    return float(_mean_power(finished)[beyond].sum() / _mean_power(photos)[beyond].sum())


def agreeing_height(finished: Pixels, photos: Pixels) -> int:
    """Height in pixels up to whose detail the results agree with the very photos: what is restored, not invented.

    At each frequency the share of the photos' power that the results explain: 1 - |result - photo|^2 / |photo|^2, over
    all images, in rings. Detail agrees up to the frequency where the share falls below one half; frequency f in cycles
    a pixel is the finest detail of an image of 2f times the height. Phase and contrast both count.
    """
    a, b = _spectra(finished), _spectra(photos)
    rings = np.minimum((_radius(*photos.shape[1:3]) * photos.shape[1]).astype(int), photos.shape[1] // 2).ravel()
    missed, power = (np.bincount(rings, np.square(np.abs(s)).sum(axis=0).ravel()) for s in (a - b, b))
    explained = 1 - ndimage.uniform_filter1d(missed, 5) / (ndimage.uniform_filter1d(power, 5) + 1e-12)
    below = np.flatnonzero(explained[1:-1] < _EXPLAINED)
    return 2 * (int(below[0]) + 1) if below.size else int(photos.shape[1])


def degraded(photos: DetailPhotos, count: int = 0) -> tuple[Pixels, Pixels]:
    """The first `count` photos (0: all) and their degraded copies, the same at each call."""
    number = min(count, len(photos)) if count else len(photos)
    large = np.stack([photos.pixels(index) for index in range(number)])
    small = [degrade(photo, np.random.default_rng([_SEED, index])) for index, photo in enumerate(large)]
    return large, np.stack(small)


def quick_figures(network: DetailNetwork, photos: DetailPhotos, count: int) -> dict[str, float]:
    """A few figures of a network in training, on photos for choosing."""
    large, small = degraded(photos, count)
    made = enlarge_batch(network, small)
    return {
        "dev/colour_shift": colour_shift(made, small),
        "dev/psnr": psnr(made, large),
        "dev/checkerboard": checkerboard(made),
        "dev/ringing": ringing(made, large),
        "dev/effective_height": effective_height(made, large),
        "dev/agreeing_height": agreeing_height(made, large),
    }


def rounded(figures: Any) -> Any:
    """The same with floats cut to three significant digits, however deep they lie."""
    if isinstance(figures, dict):
        return {name: rounded(value) for name, value in figures.items()}
    return float(f"{figures:.3g}") if isinstance(figures, float) else figures


def _brought_down(image: Pixels, factor: int) -> npt.NDArray[np.float64]:
    height, width, _ = image.shape
    means = image.reshape(height // factor, factor, width // factor, factor, 3).mean(axis=(1, 3))
    return np.asarray(means / 255)


def _through_height(photos: Pixels, height: int) -> Pixels:
    full, width = photos.shape[1:3]
    size = max(1, round(width * height / full)), height
    kernel = Image.Resampling.LANCZOS
    brought = [Image.fromarray(p).resize(size, kernel).resize((width, full), kernel) for p in photos]
    return np.stack([np.asarray(image) for image in brought])


def _detail(images: Pixels) -> float:
    power = _mean_power(images)
    radius = _radius(*images.shape[1:3])
    return float(power[radius > 0.5 / SCALE].sum())


def _mean_power(images: Pixels) -> npt.NDArray[np.float64]:
    return np.asarray(np.mean([np.square(np.abs(_spectra(image[None])[0])) for image in images], axis=0))


def _grid(height: int, width: int) -> list[tuple[int, int]]:
    """Bins of the frequencies 0, 1/4 and 1/2 along each axis, without the mean; what lies above mirrors them."""
    steps = (0, 1, 2)
    return [(y * height // SCALE, x * width // SCALE) for y in steps for x in steps if y or x]


def _spectra(images: Pixels) -> npt.NDArray[np.complex128]:
    """Fourier transforms (N, H, W) of the luma, faded to its mean at the borders, which would show as lines."""
    height, width = images.shape[1:3]
    window = np.hanning(height)[:, None] * np.hanning(width)[None]
    luma: npt.NDArray[np.float64] = images @ _LUMA
    luma = luma - luma.mean(axis=(1, 2), keepdims=True)
    return np.asarray(np.fft.fft2(luma * window))


def _radius(height: int, width: int) -> npt.NDArray[np.float64]:
    return np.asarray(np.hypot(np.fft.fftfreq(height)[:, None], np.fft.fftfreq(width)[None]))
