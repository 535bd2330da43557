"""The batches of a training: photos of the catalogue, with a share of what the checkpoint knew before."""

import numpy as np
import numpy.typing as npt

from ecomgan.data.prepared import PreparedSet, Vocabulary, encode_conditions
from ecomgan.data.sampling import GroupSampler
from ecomgan.training.config import TrainConfig


class Batches:
    """Draws batches of real images and their conditions. replay: what the last `config.replayed` of each come from."""

    def __init__(
        self, config: TrainConfig, vocabulary: Vocabulary, train: PreparedSet, replay: PreparedSet | None
    ) -> None:
        parts = [(train, config.batch - config.replayed)]
        if replay is not None:
            parts.append((replay, config.replayed))
        self._parts = [(_sampler(config, vocabulary, photos), photos, count) for photos, count in parts if count]

    def draw(self, source: np.random.Generator) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
        """uint8 (batch, H, W, 3) and conditions int64 (batch, fields)."""
        pixels, conditions = [], []
        for sampler, photos, count in self._parts:
            rows, codes = sampler.draw(count, source)
            pixels.append(photos.pixels(rows))
            conditions.append(codes)
        return np.concatenate(pixels), np.concatenate(conditions)


def _sampler(config: TrainConfig, vocabulary: Vocabulary, photos: PreparedSet) -> GroupSampler:
    codes = encode_conditions(photos.columns, len(photos), vocabulary)
    return GroupSampler(codes, config.group, config.balance, config.condition_dropout)
