"""The product mask against outlines drawn by hand and composites of known alpha, on real photos."""

import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageDraw
from scipy import ndimage

from ecomgan.data.decode import decode_image
from ecomgan.data.sources import SourcePhoto, read_photos
from ecomgan.metrics.foreground import find_foreground

DATA = Path(__file__).resolve().parents[4] / "shared" / "data" / "fashion-hires"
POLYGONS = json.loads(Path(__file__).with_name("polygons.json").read_text())["photos"]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not DATA.is_dir(), reason="needs the photos that the outlines were drawn on"),
]

Mask = npt.NDArray[np.bool_]


@pytest.fixture(scope="module")
def photos() -> dict[str, SourcePhoto]:
    return {photo.columns["id"]: photo for photo in read_photos(DATA) if photo.columns["id"] in POLYGONS}


def overlap(found: Mask, true: Mask) -> float:
    return float((found & true).sum() / (found | true).sum())


def drawn(polygon: dict[str, list[list[int]]], width: int, height: int) -> Mask:
    mask = Image.new("1", (width, height))
    pen = ImageDraw.Draw(mask)
    pen.polygon([tuple(point) for point in polygon["outline"]], fill=1)
    for hole in polygon.get("holes", []):
        pen.polygon([tuple(point) for point in hole], fill=0)  # type: ignore[misc]
    return np.asarray(mask)


def summary(values: list[float]) -> tuple[float, float, float]:
    """Mean, median, and mean of the worst tenth."""
    ordered = np.sort(values)
    return float(ordered.mean()), float(np.median(ordered)), float(ordered[: len(ordered) // 10].mean())


def test_the_mask_agrees_with_outlines_drawn_by_hand(photos: dict[str, SourcePhoto]) -> None:
    assert len(photos) == len(POLYGONS) >= 60
    found = []
    for id_, photo in photos.items():
        pixels = np.asarray(decode_image(photo.data))
        height, width = pixels.shape[:2]
        mask = find_foreground(pixels).product.mask_at(height, width)
        found.append(overlap(mask, drawn(POLYGONS[id_], width, height)))
    mean, median, worst = summary(found)
    assert mean > 0.885
    assert median > 0.90
    assert worst > 0.77


def composite(pixels: npt.NDArray[np.uint8], alpha: npt.NDArray[np.float64], number: int) -> npt.NDArray[np.uint8]:
    """The product on a light backdrop with a slope of light, a soft shadow and noise, different for each number."""
    draw = np.random.default_rng(number)
    height, width = alpha.shape
    rows, columns = np.mgrid[:height, :width] / height
    slope = draw.uniform(-18, 18) * (rows - 0.5) + draw.uniform(-18, 18) * (columns - 0.4)
    fallen = ndimage.gaussian_filter(np.roll(alpha, (8, 5), axis=(0, 1)), 12) * draw.uniform(0, 0.25)
    ground = (draw.uniform(225, 252) + slope) * (1 - fallen)
    mixed = pixels * alpha[..., None] + ground[..., None] * (1 - alpha[..., None])
    return np.clip(np.round(mixed + draw.normal(0, 1.5, mixed.shape)), 0, 255).astype(np.uint8)


def test_the_mask_agrees_with_composites_of_known_alpha(photos: dict[str, SourcePhoto]) -> None:
    found = []
    for number, (id_, photo) in enumerate(photos.items()):
        pixels = np.asarray(decode_image(photo.data))
        height, width = pixels.shape[:2]
        alpha = ndimage.gaussian_filter(drawn(POLYGONS[id_], width, height).astype(np.float64), 1.0)
        # What the hand left of the white ground inside the outline would be no product on another ground.
        inside = ndimage.binary_erosion(drawn(POLYGONS[id_], width, height), iterations=4)
        alpha[(pixels.min(axis=2) > 250) & ~inside] = 0
        mask = find_foreground(composite(pixels, alpha, number)).product.mask_at(height, width)
        found.append(overlap(mask, alpha > 0.5))
    mean, median, worst = summary(found)
    assert mean > 0.88
    assert median > 0.93
    assert worst > 0.5  # white products on light grey
