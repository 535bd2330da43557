"""What the networks say of images: features in three spaces, the judge's answers, birth scores."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from tqdm import tqdm

from ecomgan.encoder.dual_encoder import DualEncoder
from ecomgan.metrics import birth_scores, features, judge, training_space
from ecomgan.metrics.category_confidence import Ranker
from ecomgan.metrics.features import FeatureExtractor
from ecomgan.metrics.judge import Judge
from ecomgan.metrics.training_space import TrainingSpace

Images = npt.NDArray[np.uint8]
Features = npt.NDArray[np.float32]

SPACES = (judge.SPACE, features.SPACE, training_space.SPACE)
"""Of figures, the sealed one first; the last is the training's own."""


@dataclass(frozen=True)
class Asked:
    """What birth scores are measured against, image by image; "" where nothing was asked."""

    articles: Sequence[str]
    colours: Sequence[str]


@dataclass(frozen=True)
class Described:
    """N images in order. spaces: name -> features (N, d); answers: of the judge by field; scores: by key; vectors: of
    the dual encoder, None where there is none or nothing was asked.
    """

    spaces: dict[str, Features]
    answers: dict[str, list[str]]
    scores: dict[str, list[float | None]]
    vectors: Features | None = None


class Describer:
    """The networks, opened once."""

    def __init__(
        self, judging: Judge, ranker: Ranker, device: torch.device | str, encoder: DualEncoder | None = None
    ) -> None:
        self.encoder = encoder
        self.judge = judging
        self.extractor = FeatureExtractor(device)
        self.training = TrainingSpace(device)
        self._ranker = ranker

    def describe(self, batches: Iterable[Images], bar: "tqdm[Any]", asked: Asked | None = None) -> Described:
        """Look at images batch by batch, keeping none; birth scores only where `asked` is given."""
        seen: dict[str, list[Features]] = {space: [] for space in SPACES}
        answers: dict[str, list[str]] = {field: [] for field in self.judge.classes}
        scores: dict[str, list[float | None]] = {}
        vectors: list[Features] = []
        done = 0
        for batch in batches:
            judged = self.judge(batch)
            here = (judged.features, self.extractor(batch), self.training(batch))
            for space, found in zip(SPACES, here, strict=True):
                seen[space].append(found)
            for field, said in judged.answers.items():
                answers[field] += said
            if asked is not None:
                part = slice(done, done + len(batch))
                for key, values in self._scores(batch, asked.articles[part], asked.colours[part]):
                    scores.setdefault(key, []).extend(values)
                if self.encoder is not None:
                    vectors.append(self.encoder.images(batch))
            done += len(batch)
            bar.update(len(batch))
        joined = {space: np.concatenate(parts) for space, parts in seen.items()}
        return Described(joined, answers, scores, np.concatenate(vectors) if vectors else None)

    def _scores(
        self, batch: Images, articles: Sequence[str], colours: Sequence[str]
    ) -> Iterator[tuple[str, list[float | None]]]:
        sure = self._ranker(batch, articles)
        found = [
            birth_scores(image, colour, confidence)
            for image, colour, confidence in zip(batch, colours, sure, strict=True)
        ]
        for key in found[0]:
            yield key, [scores[key] for scores in found]
