"""The same seed in another colour: does the product keep its shape?"""

from collections.abc import Sequence
from statistics import mean, stdev
from typing import Any

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from ecomgan.evaluation.figures import Cell, over_seeds
from ecomgan.evaluation.held_out import Attributes, HeldOut
from ecomgan.evaluation.making import generated, titles_told
from ecomgan.metrics.product import find_product
from ecomgan.pipeline import EcomGANPipeline

PAIRS = 300
OTHER_COLOURS = 10
_COLOUR = "colour"
_OTHER_SEED = 500
"""Added to a seed for the images that share the colour and not the seed; no seed of an evaluation is as large."""

Masks = list[npt.NDArray[np.bool_]]


def counterfactual_images(held_out: HeldOut, seeds: Sequence[int]) -> int:
    """How many images `counterfactual_figures` makes, for a progress bar."""
    return 3 * len(seeds) * len(_asked(held_out)[0])


def counterfactual_figures(
    pipe: EcomGANPipeline, held_out: HeldOut, seeds: Sequence[int], bar: "tqdm[Any]"
) -> dict[str, Any]:
    """Overlap of the products of two images (intersection over union of their masks), mean over up to 300 held-out
    conditions that name a colour.

    same_seed: one seed, another of the ten most frequent colours. other_seed: one condition, two seeds: what shapes
    of one condition have in common anyway. share_kept: how much of the way from there to the very same shape the
    first goes. Empty where the checkpoint knows fewer than two colours.
    """
    places, attributes = _asked(held_out)
    colours = pipe.vocabulary.get(_COLOUR, ())[:OTHER_COLOURS]
    if len(colours) < 2 or len(places) < 2:
        return {}
    told = titles_told(pipe, held_out)
    titles = None if told is None else [told[place] for place in places]
    draw = np.random.default_rng(2)
    turned = [asked | {_COLOUR: _another(colours, asked[_COLOUR], draw)} for asked in attributes]
    same, other = [], []
    for seed in seeds:
        first = _masks(pipe, attributes, seed, titles, bar)
        same.append(_overlap(first, _masks(pipe, turned, seed, titles, bar)))
        other.append(_overlap(first, _masks(pipe, attributes, _OTHER_SEED + seed, titles, bar)))
    kept = [(s["value"] - o["value"]) / max(1 - o["value"], 1e-6) for s, o in zip(same, other, strict=True)]
    return {
        "pairs": len(places),
        "same_seed": over_seeds(same),
        "other_seed": over_seeds(other),
        "share_kept": over_seeds([{"value": value} for value in kept]),
    }


def _asked(held_out: HeldOut) -> tuple[list[int], list[Attributes]]:
    places = [place for place, asked in enumerate(held_out.attributes) if _COLOUR in asked][:PAIRS]
    return places, [held_out.attributes[place] for place in places]


def _another(colours: Sequence[str], colour: str, draw: np.random.Generator) -> str:
    return str(draw.choice([other for other in colours if other != colour]))


def _masks(
    pipe: EcomGANPipeline, attributes: list[Attributes], seed: int, titles: list[str] | None, bar: "tqdm[Any]"
) -> Masks:
    found = [find_product(image).mask for batch in generated(pipe, attributes, seed, titles) for image in batch]
    bar.update(len(found))
    return found


def _overlap(ones: Masks, others: Masks) -> Cell:
    """Mean intersection over union with its 95 % interval; two empty frames overlap in all they have."""
    values = []
    for one, other in zip(ones, others, strict=True):
        union = int((one | other).sum())
        values.append(float((one & other).sum()) / union if union else 1.0)
    value, reach = mean(values), 1.96 * stdev(values) / len(values) ** 0.5
    return {"value": value, "low": value - reach, "high": value + reach}
