"""Category confidence and margin: how sure the ranker is that an image shows the article type asked for. Loads torch.

The ranker (`models/ranker`) is not sealed and not the judge: pages rank by it, figures of checkpoints never use it.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from ecomgan.classifiers.opening import open_classifier
from ecomgan.networks.classifier import to_input

SHIPPED = Path(__file__).resolve().parents[2] / "models" / "ranker"
_FIELD = "article_type"


def category_confidence(image: npt.NDArray[np.uint8], article: str | None) -> float | None:
    """What the shipped ranker says of one image, uint8 RGB (H, W, 3): see `Ranker`. Opened at the first call."""
    return _shipped()(image[None], [article])[0]


class Ranker:
    """The ranker, opened on the CPU: about 1 ms an image in a batch, 3 ms alone."""

    def __init__(self, folder: Path = SHIPPED) -> None:
        """Raises CheckpointError where the folder is missing, damaged or no ranker."""
        opened = open_classifier(folder, "ranker")
        self._network = opened.network
        self._places = {value: place for place, value in enumerate(opened.classes[_FIELD])}
        self._size = opened.size

    def __call__(self, images: npt.NDArray[np.uint8], articles: Sequence[str | None]) -> list[float | None]:
        """Percent, 0..100, for each of uint8 RGB images (N, H, W, 3) and the article type asked for.

        None where none was asked for, or one that the ranker was not taught.
        """
        shares = self._shares(images)
        return [
            float(shares[row, self._places[article]]) if article in self._places else None
            for row, article in enumerate(articles)
        ]

    def margins(self, images: npt.NDArray[np.uint8], articles: Sequence[str | None]) -> list[float | None]:
        """Percent of the article type asked for less that of the likeliest other, -100..100; arguments and None as
        in a call."""
        shares = self._shares(images)
        return [
            _margin(shares[row], self._places[article]) if article in self._places else None
            for row, article in enumerate(articles)
        ]

    @torch.inference_mode()
    def _shares(self, images: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """Percent of each article type, float32 (N, classes)."""
        logits = self._network(to_input(torch.from_numpy(np.array(images)), *self._size))[_FIELD]
        shares: npt.NDArray[np.float32] = (100 * logits.softmax(dim=1)).numpy()
        return shares


def _margin(shares: npt.NDArray[np.float32], place: int) -> float:
    return float(shares[place] - np.delete(shares, place).max())


@cache
def _shipped() -> Ranker:
    return Ranker()
