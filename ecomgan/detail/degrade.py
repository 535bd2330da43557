"""From a photo at full detail to what a generator would have made of it at a quarter of the size.

Measured on 500 images of the starter against the photos that taught it (60x80 JPEGs, quality 75, colour at half the
size): as much luma at high frequencies, but torn from the structure; 2.6 to 4 times the colour noise, within the
product and up to five pixels around it; single dark or coloured pixels around the outline; outlines that waver by half
a pixel. Blur, noise and JPEG of other strengths are for uploaded photos. The order (blur, shrink, noise, JPEG) is that
of Real-ESRGAN (Wang et al. 2021), in one round: its second one is for photos that went through chat programs.
"""

import io

import numpy as np
import numpy.typing as npt
from PIL import Image
from scipy import ndimage

Pixels = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

SCALE = 4
_LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)  # ITU-R BT.601
_FILTERS = (Image.Resampling.LANCZOS, Image.Resampling.BICUBIC, Image.Resampling.BOX, Image.Resampling.HAMMING)
_GENERATED = 0.75
"""Share that looks generated; the rest looks uploaded."""


def degrade(photo: Pixels, draw: np.random.Generator) -> Pixels:
    """uint8 (4H, 4W, 3) -> uint8 (H, W, 3): shrunk, and damaged as a random draw says."""
    shrunk = _shrink(photo, draw)
    if draw.random() < _GENERATED:
        return _as_generated(_jpeg(shrunk, 75), draw) if draw.random() < 0.7 else _as_generated(shrunk, draw)
    if draw.random() < 0.5:
        noisy = shrunk + draw.normal(0, draw.uniform(0, 6), (*shrunk.shape[:2], 1))
        shrunk = _to_bytes(noisy.astype(np.float32))
    return _jpeg(shrunk, int(draw.integers(60, 96))) if draw.random() < 0.7 else shrunk


def _shrink(photo: Pixels, draw: np.random.Generator) -> Pixels:
    height, width = photo.shape[0] // SCALE, photo.shape[1] // SCALE
    if draw.random() < 0.3:
        sigma = draw.uniform(0.5, 4.0)  # up to one pixel of the result
        photo = ndimage.gaussian_filter(photo, (sigma, sigma, 0), mode="nearest")
    kernel = _FILTERS[int(draw.integers(len(_FILTERS)))]
    return np.asarray(Image.fromarray(photo).resize((width, height), kernel))


def _jpeg(pixels: Pixels, quality: int) -> Pixels:
    """Through JPEG with the colour at half the size, as nearly all shops and the starter's own photos have it."""
    packed = io.BytesIO()
    Image.fromarray(pixels).save(packed, "JPEG", quality=quality, subsampling=2)
    return np.asarray(Image.open(packed))


def _as_generated(pixels: Pixels, draw: np.random.Generator) -> Pixels:
    strength = draw.uniform(0.0, 1.0)
    image = _waver(pixels.astype(np.float32), draw.uniform(0, 0.7) * strength, draw)
    luma = image @ _LUMA
    contrast = ndimage.gaussian_filter(np.abs(luma - ndimage.uniform_filter(luma, 3)), 1.5)
    product = ndimage.binary_dilation(luma < 240, iterations=2)
    near = ndimage.gaussian_filter(product.astype(np.float32), 1.5)
    around = ndimage.gaussian_filter(ndimage.binary_dilation(product, iterations=3).astype(np.float32), 1.5)
    texture = _smooth_noise(luma.shape, draw.uniform(0, 0.8), draw) * (contrast + 2.5 * near)
    image += (strength * draw.uniform(0.2, 1.0) * texture)[..., None]
    colour = np.stack([_smooth_noise(luma.shape, draw.uniform(0.3, 1.6), draw) for _ in range(3)], axis=2)
    colour -= (colour @ _LUMA)[..., None]  # luma stays
    image += colour * ((strength * draw.uniform(1, 7)) * around + 0.25 * contrast)[..., None]
    _stray(image, product, strength, draw)
    return _to_bytes(image)


def _waver(image: Floats, reach: float, draw: np.random.Generator) -> Floats:
    """Move every place by about `reach` pixels, neighbours alike."""
    if reach < 0.05:
        return image
    rows, columns = np.mgrid[: image.shape[0], : image.shape[1]].astype(np.float32)
    sigma = draw.uniform(1.0, 2.5)
    rows += reach * _smooth_noise(rows.shape, sigma, draw)
    columns += reach * _smooth_noise(rows.shape, sigma, draw)
    moved = [
        ndimage.map_coordinates(image[..., channel], (rows, columns), order=3, mode="nearest") for channel in range(3)
    ]
    return np.stack(moved, axis=2)


def _stray(image: Floats, product: npt.NDArray[np.bool_], strength: float, draw: np.random.Generator) -> None:
    """Single pixels, most of them faint, darkened or coloured, in the ring around the outline and a few within."""
    ring = ndimage.binary_dilation(product, iterations=2) & ~ndimage.binary_erosion(product, iterations=5)
    chance = np.where(ring, 0.06 * strength, 0.001 * strength) * draw.uniform(0, 1)
    rows, columns = np.nonzero(draw.random(product.shape) < chance)
    depth = -draw.exponential(30, (len(rows), 1))
    tint = draw.uniform(0.5, 1.2, (len(rows), 3)) if draw.random() < 0.5 else 1.0
    image[rows, columns] += depth * tint


def _smooth_noise(shape: tuple[int, ...], sigma: float, draw: np.random.Generator) -> Floats:
    """Normal noise (H, W) of deviation 1, neighbours within `sigma` pixels alike."""
    noise = ndimage.gaussian_filter(draw.standard_normal(shape).astype(np.float32), sigma, mode="wrap")
    return np.asarray(noise / max(float(noise.std()), 1e-6), dtype=np.float32)


def _to_bytes(image: Floats) -> Pixels:
    return np.asarray(np.clip(np.round(image), 0, 255), dtype=np.uint8)
