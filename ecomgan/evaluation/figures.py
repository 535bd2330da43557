"""From features and answers to figures.

A figure (a cell) is `value`, and where they are known `low` and `high` (95 % interval) and `spread` (between seeds).
Figures are named by their space: `KD_catalog_x1000` (the sealed network), `KD_lite2_x1000`, `KD_lite0_x1000` (the
training's own). Precision, recall, density and coverage without a name behind them are Lite2's.
"""

from collections.abc import Mapping, Sequence
from statistics import mean, median, stdev
from typing import Any

import numpy as np
import numpy.typing as npt

from ecomgan.metrics import features, judge, training_space
from ecomgan.metrics.frechet_distance import frechet_distance
from ecomgan.metrics.intervals import share_interval
from ecomgan.metrics.kernel_distance import kernel_distance
from ecomgan.metrics.precision_recall import precision_recall

Cell = dict[str, float]
Features = npt.NDArray[np.float32]
Column = Sequence[Sequence[str]]
"""Answers of the judge, image by image, of one set of images or of one for each seed."""

JUDGING = (judge.SPACE, features.SPACE)
"""Spaces that training knows nothing of: from these conclusions may be drawn."""


def kernel_name(space: str) -> str:
    """Name of the kernel distance in a space."""
    return f"KD_{space}_x1000"


def is_training_space(metric: str) -> bool:
    """Whether a figure lies in the training's own space, where it flatters."""
    return f"_{training_space.SPACE}" in metric


def set_distances(images: Mapping[str, Features], real: Mapping[str, Features]) -> dict[str, Cell]:
    """All distances of one set of images to the real photos, in all spaces."""
    found: dict[str, Cell] = {}
    for space, seen in images.items():
        found[kernel_name(space)] = kernel_cell(seen, real[space])
        found[f"FD_{space}"] = {"value": frechet_distance(seen, real[space])}
        if space in JUDGING:
            found |= shares(seen, real[space], space)
    return found


def kernel_cell(images: Features, real: Features) -> Cell:
    """Kernel distance x1000 with its interval; image i is made for, or stands in for, photo i."""
    found = kernel_distance(images, real, paired=True)
    return {"value": 1000 * found.value, "low": 1000 * found.low, "high": 1000 * found.high}


def shares(images: Features, real: Features, space: str) -> dict[str, Cell]:
    """Precision, recall, density and coverage; intervals hold for the other set as it is."""
    found = precision_recall(images, real)
    low, high = found.density_interval
    cells = {
        "precision": share_cell(found.precision, len(images)),
        "recall": share_cell(found.recall, len(real)),
        "density": {"value": found.density, "low": low, "high": high},
        "coverage": share_cell(found.coverage, len(real)),
    }
    return cells if space == features.SPACE else {f"{name}_{space}": cell for name, cell in cells.items()}


def share_cell(share: float, count: int) -> Cell:
    """A share of `count` cases with its interval."""
    low, high = share_interval(share, count)
    return {"value": share, "low": low, "high": high}


def over_seeds(cells: Sequence[Cell]) -> Cell:
    """Mean of each part over the seeds, with `spread`, the standard deviation of the values, if there are several."""
    parts = {part: round(float(mean(cell[part] for cell in cells)), 6) for part in cells[0]}
    if len(cells) > 1:
        parts["spread"] = round(stdev(cell["value"] for cell in cells), 6)
    return parts


def accuracy(wanted: Sequence[str | None], columns: Mapping[str, Column]) -> dict[str, Any]:
    """How often the judge reads the wanted value off the images of each column; None is not counted.

    `ratio` is that of generated images to real photos, the more telling the closer the judge is to its own limits.
    Empty where nothing is wanted.
    """
    asked = {place: value for place, value in enumerate(wanted) if value is not None}
    if not asked:
        return {}

    def share(answers: Sequence[str]) -> Cell:
        return share_cell(mean(answers[place] == value for place, value in asked.items()), len(asked))

    found: dict[str, Any] = {name: over_seeds([share(one) for one in column]) for name, column in columns.items()}
    real = found["real"]["value"]
    ratio = {} if real == 0 else {"ratio": {"value": round(found["generated"]["value"] / real, 6)}}
    return {"photos": len(asked)} | found | ratio


def medians(real: dict[str, list[float | None]], made: Sequence[dict[str, list[float | None]]]) -> dict[str, Any]:
    """Median birth score of real photos and of generated images, by key; images without a score are left out."""

    def middle(values: list[float | None]) -> Cell:
        return {"value": median(known) if (known := [value for value in values if value is not None]) else 0.0}

    return {
        key: {"real": over_seeds([middle(values)]), "generated": over_seeds([middle(scores[key]) for scores in made])}
        for key, values in real.items()
    }
