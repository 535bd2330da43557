"""How different the images of one condition are, beside real photos of the same."""

from collections import Counter
from collections.abc import Sequence
from statistics import mean
from typing import Any

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from ecomgan.data.prepared import PreparedSet
from ecomgan.evaluation.figures import Cell, over_seeds
from ecomgan.evaluation.held_out import Attributes
from ecomgan.evaluation.making import generated, photos
from ecomgan.metrics.features import FeatureExtractor
from ecomgan.metrics.variety import feature_variety, pixel_variety
from ecomgan.pipeline import EcomGANPipeline
from ecomgan.text import Vocabulary

VARIETY_IMAGES = 64
KINDS = ("pixels", "features")
_PAIRS = 5
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
    seeds: Sequence[int],
    bar: "tqdm[Any]",
) -> list[dict[str, Any]]:
    """Pixel and feature variety of 64 real photos and of 64 generated images a seed (their mean), for each condition.

    `runs` holds the generated ones seed by seed.
    """
    found = []
    for attributes, rows in conditions:
        real = _of(np.concatenate(list(photos(train, rows))), extractor)
        bar.update(VARIETY_IMAGES)
        runs = []
        for seed in seeds:
            runs.append(_of(np.concatenate(list(generated(pipe, [attributes] * VARIETY_IMAGES, seed))), extractor))
            bar.update(VARIETY_IMAGES)
        made = {kind: round(mean(run[kind] for run in runs), 3) for kind in KINDS}
        found.append({"attributes": attributes, "generated": made, "real": real, "runs": runs})
    return found


def shares_of_real(variety: list[dict[str, Any]]) -> dict[str, Cell]:
    """Variety of generated images / of real photos, mean over the conditions, by kind; empty without conditions."""
    if not variety:
        return {}
    seeds = range(len(variety[0]["runs"]))
    return {
        kind: over_seeds([{"value": mean(v["runs"][s][kind] / v["real"][kind] for v in variety)} for s in seeds])
        for kind in KINDS
    }


def _of(images: npt.NDArray[np.uint8], extractor: FeatureExtractor) -> dict[str, float]:
    return {"pixels": round(pixel_variety(images), 3), "features": round(feature_variety(extractor(images)), 3)}


def _showing(train: PreparedSet, attributes: Attributes) -> npt.NDArray[np.intp]:
    fits = np.ones(len(train), dtype=bool)
    for field, value in attributes.items():
        fits &= np.array(train.columns[field]) == value
    rows = np.flatnonzero(fits)
    return np.random.default_rng(0).permutation(rows)[:VARIETY_IMAGES]
