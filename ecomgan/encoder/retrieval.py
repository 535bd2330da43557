"""How well texts find their photos and photos their texts, among 1,000."""

from dataclasses import dataclass
from statistics import mean, stdev
from typing import Any

import numpy as np
import numpy.typing as npt

from ecomgan.data.prepared import PreparedSet
from ecomgan.data.splits import title_key
from ecomgan.encoder.dual_encoder import DualEncoder
from ecomgan.encoder.portable import PortableEncoder
from ecomgan.errors import DataError

SAMPLE = 1_000
SAMPLES = 3
DEPTHS = (1, 10)

Vectors = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Recall:
    """Shares, by depth: `text_to_image[10]` of the texts find their own photo among the first ten."""

    text_to_image: dict[int, float]
    image_to_text: dict[int, float]

    @property
    def mean(self) -> float:
        """Of all four, for choosing."""
        return mean([*self.text_to_image.values(), *self.image_to_text.values()])


def draw_sample(photos: PreparedSet, number: int, size: int = SAMPLE) -> npt.NDArray[np.intp]:
    """Rows of up to `size` photos with different titles, one photo a title; sample `number` is always the same.

    With equal titles among them a text would have several right answers, and the figure would be of another kind.
    """
    order = np.random.default_rng([SAMPLE, number]).permutation(len(photos))
    first: dict[str, int] = {}
    for row in order:
        first.setdefault(title_key(photos.columns["title"][row]), int(row))
    return np.array(list(first.values())[:size], dtype=np.intp)


def recall(texts: Vectors, images: Vectors) -> Recall:
    """texts, images: (N, D) unit vectors, row i of both of one product. A tie counts against the right answer."""
    scores = texts @ images.T
    own = np.diagonal(scores)
    # The right answer itself is one of those that are at least as similar.
    ranks = {"text": (scores >= own[:, None]).sum(axis=1), "image": (scores >= own[None, :]).sum(axis=0)}
    shares = {name: {depth: float((rank <= depth).mean()) for depth in DEPTHS} for name, rank in ranks.items()}
    return Recall(text_to_image=shares["text"], image_to_text=shares["image"])


def sample_recall(encoder: DualEncoder | PortableEncoder, photos: PreparedSet, number: int) -> Recall:
    """The recall of sample `number` of a split."""
    rows = draw_sample(photos, number)
    titles = [photos.columns["title"][row] for row in rows]
    return recall(encoder.texts(titles), encoder.images(photos.pixels(rows)))


def held_out_figures(encoder: DualEncoder | PortableEncoder, photos: PreparedSet) -> dict[str, Any]:
    """Recall among 1,000, mean and spread over three samples, in percent, beside what guessing gives.

    Raises DataError where the split has fewer than 1,000 different titles.
    """
    titles = len(set(map(title_key, photos.columns.get("title", []))))
    if titles < SAMPLE:
        raise DataError(f"{photos.name} has {titles} different held-out titles; at least {SAMPLE} were expected")
    found = [sample_recall(encoder, photos, number) for number in range(SAMPLES)]
    return {
        "sample": SAMPLE,
        "samples": SAMPLES,
        "recall": _over_samples(found),
        "chance": {f"R@{depth}": round(100 * depth / SAMPLE, 2) for depth in DEPTHS},
    }


def _over_samples(found: list[Recall]) -> dict[str, dict[str, float]]:
    """ "text_to_image_R@10" and so on -> mean and standard deviation over the samples, in percent."""
    figures = {}
    for way in ("text_to_image", "image_to_text"):
        for depth in DEPTHS:
            values = [100 * getattr(one, way)[depth] for one in found]
            figures[f"{way}_R@{depth}"] = {"mean": round(mean(values), 2), "spread": round(stdev(values), 2)}
    return figures
