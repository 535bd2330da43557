"""Where the images come from that are compared: batches of uint8 (n, H, W, 3), none kept in memory."""

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from scipy.ndimage import gaussian_filter

from ecomgan.data.prepared import PreparedSet
from ecomgan.evaluation.held_out import Attributes, HeldOut
from ecomgan.pipeline import EcomGANPipeline

BATCH = 64
CRUSH_QUALITY = 5
"""JPEG quality of one ceiling: the product is plainly there and plainly spoilt."""
BLUR_SIGMA = 2.0
"""Pixels; the other ceiling: no detail, all else as it was."""

_SEED_STEP = 1_000_000

Batches = Iterator[npt.NDArray[np.uint8]]


def titles_told(pipe: EcomGANPipeline, held_out: HeldOut) -> list[str] | None:
    """The titles of held-out photos for a checkpoint that takes texts; None for others."""
    return held_out.column("title") if pipe.generator.config["text_dim"] else None


def generated(
    pipe: EcomGANPipeline, attributes: Sequence[Attributes], seed: int, texts: Sequence[str] | None = None
) -> Batches:
    """One image for each entry of `attributes`, image i from the seed 1,000,000 `seed` + i, whatever the batch.

    texts: one for each, for a checkpoint that takes such; what is asked for are the attributes all the same.
    """
    yield from generated_at(pipe, attributes, seed, range(len(attributes)), texts)


def generated_at(
    pipe: EcomGANPipeline,
    attributes: Sequence[Attributes],
    seed: int,
    places: Sequence[int] | range,
    texts: Sequence[str] | None = None,
) -> Batches:
    """The images that `generated` makes at these places, without the others."""
    for start in range(0, len(places), BATCH):
        here = places[start : start + BATCH]
        asked = [attributes[place] for place in here]
        seeds = [torch.Generator().manual_seed(_SEED_STEP * seed + place) for place in here]
        said = [""] * len(asked) if texts is None else [texts[place] for place in here]
        # None for what is not asked for: else it would be read off the text.
        whole: list[Mapping[str, str | None]] = [dict.fromkeys(pipe.vocabulary) | dict(one) for one in asked]
        yield np.asarray(pipe(said, attributes=whole, generator=seeds, output_type="np").images)


def photos(source: PreparedSet, rows: npt.NDArray[np.intp]) -> Batches:
    """Real photos."""
    for start in range(0, len(rows), BATCH):
        yield source.pixels(rows[start : start + BATCH])


def crushed(batches: Iterable[npt.NDArray[np.uint8]]) -> Batches:
    """The same images after JPEG at quality 5: what figures of bad images look like."""
    for batch in batches:
        yield np.stack([_crush(image) for image in batch])


def blurred(batches: Iterable[npt.NDArray[np.uint8]]) -> Batches:
    """The same images blurred with a Gaussian of sigma 2 px, edges repeated."""
    for batch in batches:
        soft = gaussian_filter(batch.astype(np.float32), (0, BLUR_SIGMA, BLUR_SIGMA, 0), mode="nearest")
        yield soft.round().astype(np.uint8)


def _crush(image: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    data = io.BytesIO()
    Image.fromarray(image).save(data, "JPEG", quality=CRUSH_QUALITY)
    return np.asarray(Image.open(data))
