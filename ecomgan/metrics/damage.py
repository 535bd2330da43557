"""Damages of an image in rising steps, for proving that a score moves under its own and stays still under others'."""

import io
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from scipy import ndimage
from skimage.color import lab2rgb, rgb2lab

Picture = npt.NDArray[np.uint8]
STEPS = 5
_SKIN = np.array([[198, 134, 107], [224, 172, 138], [141, 85, 60]])  # of three people
_WORDS = ("SALE", "NEW 2026", "www.shop.example", "50% OFF", "(c) PHOTO")


@dataclass(frozen=True)
class Scene:
    """A photo uint8 (H, W, 3), the mask (H, W) of its product, another photo of the same size, and what to draw by."""

    photo: Picture
    mask: npt.NDArray[np.bool_]
    other: Picture
    seed: int


def blur(scene: Scene, step: int) -> Picture:
    """Gaussian, sigma 0.4 to 2 px."""
    return np.asarray(Image.fromarray(scene.photo).filter(ImageFilter.GaussianBlur(0.4 * step)))


def grain(scene: Scene, step: int) -> Picture:
    """White noise, sigma 3 to 15 grey levels."""
    drawn = np.random.default_rng(scene.seed).normal(0, 3 * step, scene.photo.shape)
    return _rounded(scene.photo + drawn)


def jpeg(scene: Scene, step: int) -> Picture:
    """Quality 70, 50, 30, 20, 10."""
    out = io.BytesIO()
    Image.fromarray(scene.photo).save(out, "JPEG", quality=(70, 50, 30, 20, 10)[step - 1])
    return np.asarray(Image.open(out))


def grey_backdrop(scene: Scene, step: int) -> Picture:
    """The backdrop darkened by 8 to 40 grey levels, the product left as it is."""
    soft = _softened(scene.mask)
    return _rounded(scene.photo - 8 * step * (1 - soft)[..., None])


def shift(scene: Scene, step: int) -> Picture:
    """The product moved by 4 to 20 % of the frame's width, to the side with more room; white comes after it."""
    width = scene.mask.shape[1]
    columns = np.flatnonzero(scene.mask.any(axis=0))
    way = 1 if columns.size and columns[0] + columns[-1] <= width else -1
    return _moved(scene.photo, 0, way * round(0.04 * step * width))


def shrink(scene: Scene, step: int) -> Picture:
    """The photo at 90 to 50 % in the middle of a white frame."""
    height, width = scene.mask.shape
    scale = 1 - 0.1 * step
    small = Image.fromarray(scene.photo).resize((round(width * scale), round(height * scale)), Image.Resampling.LANCZOS)
    frame = np.full_like(scene.photo, 255)
    top, left = (height - small.height) // 2, (width - small.width) // 2
    frame[top : top + small.height, left : left + small.width] = np.asarray(small)
    return frame


def crop(scene: Scene, step: int) -> Picture:
    """The right side cut off, 6 to 30 % into the product's box, and the rest moved to the frame's edge."""
    columns = np.flatnonzero(scene.mask.any(axis=0))
    if columns.size == 0:
        return scene.photo
    width = scene.mask.shape[1]
    cut = columns[-1] + 1 - round(0.06 * step * (columns[-1] + 1 - columns[0]))
    return _moved(scene.photo, 0, int(width - cut))


def hue(scene: Scene, step: int) -> Picture:
    """The product's a and b moved by 8 to 40 in a direction of its own, its lightness kept."""
    lab = rgb2lab(scene.photo)
    angle = np.random.default_rng(scene.seed).uniform(0, 2 * np.pi)
    lab[..., 1:] += 8 * step * np.array([np.cos(angle), np.sin(angle)]) * _softened(scene.mask)[..., None]
    return _rounded(255 * lab2rgb(lab))


def drop_shadow(scene: Scene, step: int) -> Picture:
    """A soft shadow below and beside the product, 8 to 40 % dark at its core."""
    height = scene.mask.shape[0]
    fallen = np.roll(scene.mask.astype(np.float64), (round(0.03 * height), round(0.02 * height)), axis=(0, 1))
    depth = ndimage.gaussian_filter(fallen, 0.03 * height) * (1 - _softened(scene.mask))
    return _rounded(scene.photo * (1 - 0.08 * step * depth[..., None]))


def text(scene: Scene, step: int) -> Picture:
    """Words across the photo, their contrast 15 to 75 %."""
    draw = np.random.default_rng(scene.seed)
    height, width = scene.mask.shape
    layer = Image.new("L", (width, height))
    font = ImageFont.load_default(size=max(8, height / 14))
    place = (draw.uniform(0.02, 0.3) * width, draw.choice([0.04, 0.45, 0.88]) * height)
    ImageDraw.Draw(layer).text(place, str(draw.choice(_WORDS)), fill=255, font=font)
    ink = draw.choice([20, 120, 200]) * np.ones(3)
    share = (0.15 * step * np.asarray(layer) / 255)[..., None]
    return _rounded(scene.photo * (1 - share) + ink * share)


def skin_patch(scene: Scene, step: int) -> Picture:
    """A disc of skin at the frame's lower left, its radius 4 to 20 % of the height."""
    draw = np.random.default_rng(scene.seed)
    height, width = scene.mask.shape
    rows, columns = np.mgrid[:height, :width]
    radius = 0.04 * step * height
    inside = np.hypot(rows - 0.72 * height, columns - 0.25 * width) < radius
    shade = draw.normal(0, 3, (height, width, 1)) + 12 * (rows / height - 0.5)[..., None]
    share = _softened(inside)[..., None]
    return _rounded(scene.photo * (1 - share) + (_SKIN[scene.seed % len(_SKIN)] + shade) * share)


def another(scene: Scene, step: int) -> Picture:
    """Another product blended over the photo, 20 to 100 %."""
    share = step / STEPS
    return _rounded(scene.photo * (1 - share) + scene.other * share)


def torn(scene: Scene, step: int) -> Picture:
    """Tiles of an 8th of the frame exchanged at random, 10 to 50 % of them."""
    draw = np.random.default_rng(scene.seed)
    tall, wide = (side // 8 for side in scene.mask.shape)
    order = np.arange(64)
    chosen = draw.choice(64, round(6.4 * step), replace=False)
    order[chosen] = draw.permutation(chosen)
    picture = scene.photo.copy()
    for to, start in enumerate(order):
        source = scene.photo[start // 8 * tall : (start // 8 + 1) * tall, start % 8 * wide : (start % 8 + 1) * wide]
        picture[to // 8 * tall : (to // 8 + 1) * tall, to % 8 * wide : (to % 8 + 1) * wide] = source
    return picture


DAMAGES: dict[str, Callable[[Scene, int], Picture]] = {
    one.__name__: one
    for one in (
        blur,
        grain,
        jpeg,
        grey_backdrop,
        shift,
        shrink,
        crop,
        hue,
        drop_shadow,
        text,
        skin_patch,
        torn,
        another,
    )
}
"""By name; each takes a scene and a step, 1 to STEPS, and gives an image of the same size."""


def _moved(photo: Picture, down: int, right: int) -> Picture:
    frame = np.full_like(photo, 255)
    height, width = photo.shape[:2]
    rows, columns = slice(max(down, 0), height + min(down, 0)), slice(max(right, 0), width + min(right, 0))
    frame[rows, columns] = photo[
        slice(max(-down, 0), height - max(down, 0)), slice(max(-right, 0), width - max(right, 0))
    ]
    return frame


def _softened(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    return np.asarray(ndimage.gaussian_filter(mask.astype(np.float64), 1.0))


def _rounded(values: npt.NDArray[np.floating]) -> Picture:
    return np.clip(np.round(values), 0, 255).astype(np.uint8)
