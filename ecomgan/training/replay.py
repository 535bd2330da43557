"""What a checkpoint knew before it is taught a catalogue, shown to it again so that it is not forgotten.

Photos of its own training where they are at hand, else images that it makes itself before it changes (memory replay,
Wu et al. 2018, "Memory Replay GANs: learning to generate images from new categories without forgetting").
"""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from ecomgan.data.prepared import CONDITION_FIELDS, PreparedSet, open_prepared
from ecomgan.errors import CheckpointError, ConfigError, DataError
from ecomgan.evaluation.held_out import Attributes
from ecomgan.evaluation.making import generated
from ecomgan.pipeline import EcomGANPipeline
from ecomgan.text import Vocabulary
from ecomgan.training.run import Run

REPLAY_FILE = "replay.npz"

_LEAST_IMAGES, _MOST_IMAGES = 64, 2_048
_COLOURS, _COLOURED = 16, 0.5


def open_replay(run: Run, photos: PreparedSet) -> PreparedSet | None:
    """The replay of a run, made and kept in its folder the first time; None where it has none.

    Raises ConfigError where there is nothing to replay, DataError for photos of another size than `photos`.
    """
    if run.config.replayed == 0:
        return None
    if run.replay is not None:
        base = open_prepared(run.replay, "train")
        if (base.height, base.width) != (photos.height, photos.width):
            raise DataError(
                f"{run.replay} holds photos of {base.height}x{base.width} (height x width); "
                f"{photos.height}x{photos.width}, as in {run.data}, were expected"
            )
        return base
    file = run.folder / REPLAY_FILE
    if not file.exists():
        if run.init is None:
            raise ConfigError("replay is above 0, but the run starts from no checkpoint; set replay=0 or give --init")
        _make(run.init, round(run.config.replay * run.config.images), run.config.seed, file)
    return _read(file)


def _make(init: Path, wanted: int, seed: int, file: Path) -> None:
    """One image each for articles and colours drawn at random: the checkpoint does not say how frequent they were."""
    pipe = EcomGANPipeline.from_pretrained(init, discriminator=False)
    count = min(max(wanted, _LEAST_IMAGES), _MOST_IMAGES)
    attributes = _draw(pipe.vocabulary, count, np.random.default_rng(seed))
    images = np.concatenate(list(generated(pipe, attributes, seed)))
    columns = {name: np.array([asked.get(name, "") for asked in attributes]) for name in CONDITION_FIELDS}
    partial = file.with_suffix(".partial")
    with partial.open("wb") as out:
        np.savez(out, allow_pickle=False, images=images, **columns)
    partial.replace(file)


def _draw(vocabulary: Vocabulary, count: int, source: np.random.Generator) -> list[Attributes]:
    """Article types with weights 1 / sqrt(rank), for they are listed by frequency; a common colour for half of them."""
    articles, colours = vocabulary["article_type"], vocabulary.get("colour", ())[:_COLOURS]
    weights = np.arange(1, len(articles) + 1) ** -0.5
    chosen = source.choice(len(articles), count, p=weights / weights.sum())
    coloured = source.random(count) < _COLOURED if colours else np.zeros(count, dtype=bool)
    drawn = source.integers(max(len(colours), 1), size=count)
    return [
        {"article_type": articles[article]} | ({"colour": colours[colour]} if with_colour else {})
        for article, colour, with_colour in zip(chosen, drawn, coloured, strict=True)
    ]


def _read(file: Path) -> PreparedSet:
    try:
        with np.load(file, allow_pickle=False) as saved:
            images: npt.NDArray[np.uint8] = saved["images"]
            columns = {name: saved[name].tolist() for name in CONDITION_FIELDS}
    except (OSError, ValueError, KeyError) as error:
        raise CheckpointError(f"{file} is damaged ({error}); start the run anew") from error
    return PreparedSet(images, np.arange(len(images)), columns, "replay")
