"""Where the images come from that are compared: batches of uint8 (n, H, W, 3), none kept in memory."""

import io
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image

from ecomgan.data.prepared import PreparedSet
from ecomgan.evaluation.held_out import Attributes
from ecomgan.pipeline import EcomGANPipeline

BATCH = 64
CRUSH_QUALITY = 5
"""JPEG quality of the ceiling: the product is plainly there and plainly spoilt."""

_SEED_STEP = 1_000_000

Batches = Iterator[npt.NDArray[np.uint8]]


def generated(pipe: EcomGANPipeline, attributes: Sequence[Attributes], seed: int) -> Batches:
    """One image for each entry of `attributes`, image i from the seed 1,000,000 `seed` + i, whatever the batch."""
    for start in range(0, len(attributes), BATCH):
        asked = list(attributes[start : start + BATCH])
        seeds = [torch.Generator().manual_seed(_SEED_STEP * seed + start + i) for i in range(len(asked))]
        yield np.asarray(pipe([""] * len(asked), attributes=asked, generator=seeds, output_type="np").images)


def photos(source: PreparedSet, rows: npt.NDArray[np.intp]) -> Batches:
    """Real photos."""
    for start in range(0, len(rows), BATCH):
        yield source.pixels(rows[start : start + BATCH])


def crushed(batches: Iterable[npt.NDArray[np.uint8]]) -> Batches:
    """The same images after JPEG at quality 5: what figures of bad images look like."""
    for batch in batches:
        yield np.stack([_crush(image) for image in batch])


def _crush(image: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    data = io.BytesIO()
    Image.fromarray(image).save(data, "JPEG", quality=CRUSH_QUALITY)
    return np.asarray(Image.open(data))
