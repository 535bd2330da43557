"""Figures of each large category, and how far images are from the photos of their own category on average."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ecomgan.evaluation.describing import Described
from ecomgan.evaluation.figures import JUDGING, Cell, accuracy, kernel_cell, kernel_name, over_seeds, shares

LEAST_PHOTOS = 100
OTHERS = "(all others)"

Places = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Sets:
    """The sets of images that are compared with the real photos, each image for the photo at its place.

    near: train photos, the floor. order: shuffles their categories, a ceiling.
    """

    real: Described
    made: list[Described]
    near: Described
    order: Places


def groups(articles: Sequence[str]) -> dict[str, Places]:
    """Places of each article type with at least 100 photos, most first; the others are pooled."""
    counts = Counter(articles)
    large = [article for article, count in counts.most_common() if count >= LEAST_PHOTOS]
    found = {article: np.flatnonzero(np.array(articles) == article) for article in large}
    rest = np.flatnonzero(~np.isin(np.array(articles), large))
    if large and len(rest) >= LEAST_PHOTOS:
        found[OTHERS] = rest
    return found


def by_category(
    places: Mapping[str, Places], wanted: Mapping[str, Sequence[str | None]], sets: Sets
) -> list[dict[str, Any]]:
    """KD, precision, recall, density, coverage and accuracies of each category; `floor`: KD of train photos of it."""
    return [
        {"article_type": name, "photos": len(part), **_category(part, wanted, sets)} for name, part in places.items()
    ]


def _category(part: Places, wanted: Mapping[str, Sequence[str | None]], sets: Sets) -> dict[str, Any]:
    found: dict[str, Any] = {"floor": {}}
    for space in JUDGING:
        real = sets.real.spaces[space][part]
        made = [one.spaces[space][part] for one in sets.made]
        found[kernel_name(space)] = over_seeds([kernel_cell(one, real) for one in made])
        found["floor"][kernel_name(space)] = over_seeds([kernel_cell(sets.near.spaces[space][part], real)])
        runs = [shares(one, real, space) for one in made]
        found |= {name: over_seeds([run[name] for run in runs]) for name in runs[0]}
    for field, values in wanted.items():
        columns = {
            "real": [_at(sets.real.answers[field], part)],
            "generated": [_at(one.answers[field], part) for one in sets.made],
        }
        found[f"{field}_accuracy"] = accuracy([values[i] for i in part], columns)
    return found


def within_categories(places: Mapping[str, Places], sets: Sets) -> dict[str, dict[str, Cell]]:
    """Mean kernel distance within a category, weighted by photos, for each judging space and column.

    Unlike the distance of whole sets it sees images of the wrong category: `shuffled` holds train photos of others.
    """
    if not places:
        return {}
    weights = np.array([len(part) for part in places.values()], dtype=np.float64)
    weights /= weights.sum()
    found = {}
    for space in JUDGING:
        real, near = sets.real.spaces[space], sets.near.spaces[space]
        columns = {
            "generated": [one.spaces[space] for one in sets.made],
            "floor": [near],
            "shuffled": [near[sets.order]],
        }
        found[f"{kernel_name(space)}_within"] = {
            name: over_seeds([_mean([kernel_cell(one[p], real[p]) for p in places.values()], weights) for one in runs])
            for name, runs in columns.items()
        }
    return found


def _mean(cells: list[Cell], weights: npt.NDArray[np.float64]) -> Cell:
    """Weighted mean; categories hold different photos, so their errors add up in squares."""
    value = float(weights @ [cell["value"] for cell in cells])
    reach = float(np.linalg.norm(weights * [(cell["high"] - cell["low"]) / 2 for cell in cells]))
    return {"value": value, "low": value - reach, "high": value + reach}


def _at(answers: Sequence[str], part: Places) -> list[str]:
    return [answers[i] for i in part]
