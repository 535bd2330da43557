"""The batches of a training: photos of the catalogue, with a share of what the checkpoint knew before."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ecomgan.data.prepared import PreparedSet, Vocabulary, encode_conditions
from ecomgan.data.sampling import GroupSampler
from ecomgan.training.config import TrainConfig
from ecomgan.training.texts import TextBank


@dataclass(frozen=True)
class Batch:
    """pixels: uint8 (N, H, W, 3); conditions: int64 (N, fields); texts: float32 (N, text_dim), None without texts."""

    pixels: npt.NDArray[np.uint8]
    conditions: npt.NDArray[np.int64]
    texts: npt.NDArray[np.float32] | None


class Batches:
    """Draws batches of real images and their conditions. replay: what the last `config.replayed` of each come from;
    texts: of the photos, where the networks take such. Replayed images have none.
    """

    def __init__(
        self,
        config: TrainConfig,
        vocabulary: Vocabulary,
        train: PreparedSet,
        replay: PreparedSet | None,
        texts: npt.NDArray[np.float16] | None = None,
    ) -> None:
        self._text_dim = None if texts is None else texts.shape[2]
        parts = [(train, config.batch - config.replayed, None if texts is None else TextBank(texts, config))]
        if replay is not None:
            parts.append((replay, config.replayed, None))
        self._parts = [
            (_sampler(config, vocabulary, photos), photos, count, bank) for photos, count, bank in parts if count
        ]

    def draw(self, source: np.random.Generator) -> Batch:
        """The next batch."""
        pixels, conditions, texts = [], [], []
        for sampler, photos, count, bank in self._parts:
            rows, codes = sampler.draw(count, source)
            pixels.append(photos.pixels(rows))
            conditions.append(codes)
            if self._text_dim is not None:
                drawn = np.zeros((len(rows), self._text_dim), np.float32) if bank is None else bank.draw(rows, source)
                texts.append(drawn)
        return Batch(np.concatenate(pixels), np.concatenate(conditions), np.concatenate(texts) if texts else None)


def _sampler(config: TrainConfig, vocabulary: Vocabulary, photos: PreparedSet) -> GroupSampler:
    codes = encode_conditions(photos.columns, len(photos), vocabulary)
    return GroupSampler(codes, config.group, config.balance, config.condition_dropout)
