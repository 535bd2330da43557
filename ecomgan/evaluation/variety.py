"""How different the images of one condition are, beside real photos of the same."""

from collections import Counter
from typing import Any

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from ecomgan.data.prepared import PreparedSet
from ecomgan.evaluation.held_out import Attributes
from ecomgan.evaluation.making import generated, photos
from ecomgan.metrics.features import FeatureExtractor
from ecomgan.metrics.variety import feature_variety, pixel_variety
from ecomgan.pipeline import EcomGANPipeline
from ecomgan.text import Vocabulary

VARIETY_IMAGES = 64
_PAIRS = 5
_SEED = 10
# The condition that the project has watched from its first trial on.
_WATCHED = {"article_type": "Tshirts", "colour": "Blue", "usage": "Casual"}

Condition = tuple[Attributes, npt.NDArray[np.intp]]
"""What is asked for, and up to 64 train photos that show it."""


def varied_conditions(train: PreparedSet, vocabulary: Vocabulary) -> list[Condition]:
    """Blue casual T-shirts and the five largest pairs of article and colour, as far as the data and checkpoint go."""
    fields = ("article_type", "colour")
    columns = [train.columns.get(field, [""] * len(train)) for field in fields]
    pairs = Counter(
        pair
        for pair in zip(*columns, strict=True)
        if all(value in vocabulary.get(field, ()) for field, value in zip(fields, pair, strict=True))
    )
    asked = [dict(zip(fields, pair, strict=True)) for pair, _ in pairs.most_common(_PAIRS)]
    if all(value in vocabulary.get(field, ()) for field, value in _WATCHED.items()):
        asked.insert(0, _WATCHED)
    found = [(attributes, _showing(train, attributes)) for attributes in asked]
    return [(attributes, rows) for attributes, rows in found if len(rows) == VARIETY_IMAGES]


def variety_figures(
    pipe: EcomGANPipeline,
    train: PreparedSet,
    conditions: list[Condition],
    extractor: FeatureExtractor,
    bar: "tqdm[Any]",
) -> list[dict[str, Any]]:
    """Pixel and feature variety of 64 generated images and of 64 real photos, for each condition."""
    figures = []
    for attributes, rows in conditions:
        made = np.concatenate(list(generated(pipe, [attributes] * VARIETY_IMAGES, _SEED)))
        real = np.concatenate(list(photos(train, rows)))
        figures.append({"attributes": attributes, "generated": _of(made, extractor), "real": _of(real, extractor)})
        bar.update(len(made) + len(real))
    return figures


def _of(images: npt.NDArray[np.uint8], extractor: FeatureExtractor) -> dict[str, float]:
    return {"pixels": round(pixel_variety(images), 3), "features": round(feature_variety(extractor(images)), 3)}


def _showing(train: PreparedSet, attributes: Attributes) -> npt.NDArray[np.intp]:
    fits = np.ones(len(train), dtype=bool)
    for field, value in attributes.items():
        fits &= np.array(train.columns[field]) == value
    rows = np.flatnonzero(fits)
    return np.random.default_rng(0).permutation(rows)[:VARIETY_IMAGES]
