"""From features and answers to figures."""

from collections import Counter
from collections.abc import Sequence
from statistics import mean, median, stdev
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from ecomgan.evaluation.held_out import HeldOut
from ecomgan.metrics.features import SPACE
from ecomgan.metrics.frechet_distance import frechet_distance
from ecomgan.metrics.kernel_distance import KernelDistance, kernel_distance
from ecomgan.metrics.precision_recall import precision_recall

Cell = dict[str, float]
"""A figure: `value`, and where they are known `low` and `high` (95 % interval) and `spread` (between seeds)."""

KD, FD = f"KD_{SPACE}_x1000", f"FD_{SPACE}"
LEAST_OF_A_CATEGORY = 100
_OTHERS = "(all others)"


class Looked(Protocol):
    """Images as the judging networks see them."""

    @property
    def features(self) -> npt.NDArray[np.float32]: ...
    @property
    def answers(self) -> dict[str, list[str]]: ...


def set_distances(images: npt.NDArray[np.float32], real: npt.NDArray[np.float32]) -> dict[str, Cell]:
    """All distances of one set of images to the real photos, by features."""
    shares = precision_recall(images, real)
    return {
        KD: _kernel_cell(kernel_distance(images, real)),
        FD: {"value": frechet_distance(images, real)},
        "precision": {"value": shares.precision},
        "recall": {"value": shares.recall},
        "density": {"value": shares.density},
        "coverage": {"value": shares.coverage},
    }


def over_seeds(cells: Sequence[Cell]) -> Cell:
    """Mean of each part over the seeds, with `spread`, the standard deviation of the values, if there are several."""
    parts = {part: round(mean(cell[part] for cell in cells), 6) for part in cells[0]}
    if len(cells) > 1:
        parts["spread"] = round(stdev(cell["value"] for cell in cells), 6)
    return parts


def accuracy(held_out: HeldOut, field: str, real: Sequence[str], made: Sequence[Sequence[str]]) -> dict[str, Any]:
    """How often the judge reads the asked value of a field off real photos and off generated images.

    Only photos whose value the checkpoint was taught count, for both.
    """
    asked = {place: wanted[field] for place, wanted in enumerate(held_out.attributes) if field in wanted}

    def share(answers: Sequence[str]) -> Cell:
        return {"value": mean(answers[place] == value for place, value in asked.items()) if asked else 0.0}

    return {"photos": len(asked), "real": over_seeds([share(real)]), "generated": over_seeds([share(m) for m in made])}


def medians(real: dict[str, list[float | None]], made: Sequence[dict[str, list[float | None]]]) -> dict[str, Any]:
    """Median birth score of real photos and of generated images, by key; images without a score are left out."""

    def middle(values: list[float | None]) -> Cell:
        return {"value": median(known) if (known := [value for value in values if value is not None]) else 0.0}

    return {
        key: {"real": over_seeds([middle(values)]), "generated": over_seeds([middle(scores[key]) for scores in made])}
        for key, values in real.items()
    }


def by_category(held_out: HeldOut, real: Looked, made: Sequence[Looked]) -> list[dict[str, Any]]:
    """KD and accuracies of each article type with at least 100 held-out photos, most first; the others are pooled."""
    articles = held_out.column("article_type")
    counts = Counter(articles)
    large = [article for article, count in counts.most_common() if count >= LEAST_OF_A_CATEGORY]
    groups = {article: [i for i, value in enumerate(articles) if value == article] for article in large}
    rest = [i for i, value in enumerate(articles) if value not in groups]
    if large and len(rest) >= LEAST_OF_A_CATEGORY:
        groups[_OTHERS] = rest
    return [
        {"article_type": name, "photos": len(places), **_category(np.array(places), held_out, real, made)}
        for name, places in groups.items()
    ]


def _category(places: npt.NDArray[np.intp], held_out: HeldOut, real: Looked, made: Sequence[Looked]) -> dict[str, Any]:
    part = HeldOut(held_out.photos, held_out.rows[places], [held_out.attributes[i] for i in places], 0)

    def answers(looked: Looked, field: str) -> list[str]:
        return [looked.answers[field][i] for i in places]

    distances = [_kernel_cell(kernel_distance(one.features[places], real.features[places])) for one in made]
    return {KD: over_seeds(distances)} | {
        f"{field}_accuracy": accuracy(part, field, answers(real, field), [answers(one, field) for one in made])
        for field in real.answers
    }


def _kernel_cell(found: KernelDistance) -> Cell:
    return {"value": 1000 * found.value, "low": 1000 * found.low, "high": 1000 * found.high}
