"""What can be seen of a training on the way: sample grids at fixed seeds, and variety."""

import json
from collections import Counter
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from torch import Tensor

from ecomgan.data.prepared import CONDITION_FIELDS, NULL, PreparedSet, Vocabulary, encode_conditions
from ecomgan.errors import ConfigError
from ecomgan.training.config import TrainConfig
from ecomgan.training.making import make, tile
from ecomgan.training.state import TrainState, to_images

GRID_SEEDS = 10
ROWS_FILE = "rows.json"

_MOST_ROWS, _LEAST_ROWS = 16, 8
_VARIETY_IMAGES = 64


Codes = npt.NDArray[np.int64]
"""Indices of conditions, (N, fields) or (fields,)."""


class Monitor:
    """Looks at the averaged generator, always with the same latents and conditions."""

    def __init__(self, config: TrainConfig, vocabulary: Vocabulary, train: PreparedSet) -> None:
        self._vocabulary = vocabulary
        self._bf16 = config.precision == "bf16"
        codes = encode_conditions(train.columns, len(train), vocabulary)
        self._rows = _grid_rows(codes)
        self._varied = torch.from_numpy(_variety_condition(config, vocabulary, codes))
        same = np.flatnonzero((codes == self._varied.numpy()).all(axis=1))[:_VARIETY_IMAGES]
        self.real_variety = variety(to_images(train.pixels(same), torch.device("cpu")))

    def write_grid(self, state: TrainState, folder: Path) -> None:
        """One row a condition, one column a seed, as PNG named by the images seen; `rows.json` names the rows."""
        conditions = torch.from_numpy(self._rows).repeat_interleave(GRID_SEEDS, dim=0)
        images = make(state, conditions, torch.arange(GRID_SEEDS).repeat(len(self._rows)), self._bf16)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / ROWS_FILE).write_text(json.dumps(self._named_rows(), ensure_ascii=False), encoding="utf-8")
        Image.fromarray(tile(images, GRID_SEEDS)).save(folder / f"{state.counters.images:08d}.png")

    def variety(self, state: TrainState) -> float:
        """Mean pairwise L2 (pixels in [-1, 1]) of 64 images of one condition; real photos: `real_variety`."""
        conditions = self._varied[None].expand(_VARIETY_IMAGES, -1)
        return variety(make(state, conditions, torch.arange(_VARIETY_IMAGES), self._bf16))

    def _named_rows(self) -> list[dict[str, str]]:
        fields = list(self._vocabulary.items())
        return [
            {name: values[code - 1] for (name, values), code in zip(fields, row, strict=True) if code != NULL}
            for row in self._rows.tolist()
        ]


def variety(images: Tensor) -> float:
    """Mean pairwise L2 distance of images (N, 3, H, W) in [-1, 1]; 0 for fewer than two."""
    return torch.pdist(images.flatten(1).float()).mean().item() if len(images) > 1 else 0.0


def check_variety_condition(values: tuple[str, ...], vocabulary: Vocabulary) -> None:
    """Raise ConfigError for a condition that is no value each of the set's fields; () stands for the most frequent."""
    if not values:
        return
    if len(values) != len(CONDITION_FIELDS):
        raise ConfigError(f"variety_condition is {values}; one value each of {CONDITION_FIELDS} was expected")
    for value, (name, known) in zip(values, vocabulary.items(), strict=True):
        if value not in known:
            raise ConfigError(f"variety_condition names {name} {value!r}, which the set does not teach")


def _variety_condition(
    config: TrainConfig, vocabulary: Vocabulary, codes: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    values = config.variety_condition
    if not values:
        whole = Counter(tuple(row) for row in codes.tolist())
        return np.array(whole.most_common(1)[0][0])
    columns = {name: [value] for name, value in zip(CONDITION_FIELDS, values, strict=True)}
    found: Codes = encode_conditions(columns, 1, vocabulary)[0]
    return found


def _grid_rows(codes: Codes) -> Codes:
    """The most frequent whole condition of each of the most frequent articles; of few articles several conditions."""
    articles = [a for a, _ in Counter(codes[:, 0].tolist()).most_common(_MOST_ROWS)]
    rows = [Counter(map(tuple, codes[codes[:, 0] == a].tolist())).most_common(1)[0][0] for a in articles]
    others = [row for row, _ in Counter(map(tuple, codes.tolist())).most_common() if row not in rows]
    rows += others[: max(0, _LEAST_ROWS - len(rows))]
    return np.array(sorted(rows, key=lambda row: articles.index(row[0])))
