"""Figures of a checkpoint on the few held-out photos of a catalogue: what a promotion is decided by."""

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ecomgan.data.prepared import PreparedSet, open_prepared, photo_splits
from ecomgan.errors import DataError
from ecomgan.evaluation.held_out import Attributes
from ecomgan.evaluation.making import generated, photos
from ecomgan.metrics.features import SPACE, FeatureExtractor
from ecomgan.metrics.few_photos import LEAST_PHOTOS, distance_to_few
from ecomgan.pipeline import EcomGANPipeline
from ecomgan.text import Vocabulary, nearest_known

FORMAT = 1
"""Rises when the shape of the figures changes."""
KD = f"KD_{SPACE}_x1000"
IMAGES_A_PHOTO = 8
MOST_PHOTOS = 400

_SEED = 20

Features = npt.NDArray[np.float32]
StandIns = dict[str, dict[str, str]]


def small_set_figures(pipe: EcomGANPipeline, prepared: Path, split: str = "validation") -> dict[str, Any]:
    """Kernel distance of a checkpoint to the held-out photos of a small catalogue, in a space that trained nothing.

    Eight images are made for each photo's own attributes, at truncation 1 and guidance 1, with the same seeds for
    every checkpoint. Where a checkpoint does not know a value, the nearest it knows is asked for: what an editor gets
    from it today. Of more than 400 photos a fixed sample is taken. With fewer than 8 photos there are no figures, and
    `too_few` says so. Raises DataError where the set has another size than the checkpoint's images.
    """
    held_out = _open(prepared, split)
    order = np.random.default_rng(0).permutation(0 if held_out is None else len(held_out))[:MOST_PHOTOS]
    asked, stand_ins = ({}, {}) if held_out is None else _asked(pipe.vocabulary, held_out, order)
    rows = np.array(list(asked), dtype=np.intp)
    figures: dict[str, Any] = {
        "format": FORMAT,
        "space": SPACE,
        "split": split,
        "photos": len(rows),
        "images_a_photo": IMAGES_A_PHOTO,
        "too_few": None,
        KD: None,
        "conditions": [],
        "stand_ins": stand_ins,
    }
    if held_out is None or len(rows) < LEAST_PHOTOS:
        return figures | {"too_few": f"{len(rows)} held-out photos; at least {LEAST_PHOTOS} are needed"}
    _check_size(pipe, held_out, prepared)
    extractor = FeatureExtractor(pipe.device)
    real = np.concatenate([extractor(batch) for batch in photos(held_out, rows)])
    made = np.concatenate([extractor(batch) for batch in generated(pipe, list(asked.values()) * IMAGES_A_PHOTO, _SEED)])
    articles = np.array([held_out.columns.get("article_type", [""] * len(held_out))[row] for row in rows])
    return figures | {
        KD: _cell(made, real, np.arange(len(rows))),
        "conditions": [
            {"article_type": str(name), "photos": count, KD: _cell(made, real, np.flatnonzero(articles == name))}
            for name, count in Counter(articles.tolist()).most_common()
            if name and count >= LEAST_PHOTOS
        ],
    }


def _open(prepared: Path, split: str) -> PreparedSet | None:
    """The photos of a split, None where it is empty."""
    return open_prepared(prepared, split) if split in photo_splits(prepared).values() else None


def _check_size(pipe: EcomGANPipeline, held_out: PreparedSet, prepared: Path) -> None:
    if (held_out.height, held_out.width) != pipe.image_shape:
        height, width = pipe.image_shape
        raise DataError(
            f"{prepared} holds photos of {held_out.height}x{held_out.width} (height x width); the checkpoint makes "
            f"{height}x{width}: prepare the photos at that size"
        )


def _asked(
    known: Vocabulary, held_out: PreparedSet, rows: npt.NDArray[np.intp]
) -> tuple[dict[int, Attributes], StandIns]:
    """What is asked for each photo that has anything known, by row, and what stands in for values that are not."""
    stand_ins: StandIns = {}
    asked: dict[int, Attributes] = {}
    for row in rows.tolist():
        for field in known:
            value = held_out.columns.get(field, [""] * len(held_out))[row]
            if value and value not in known[field]:
                near = nearest_known(known, field, value)
                value = near and stand_ins.setdefault(field, {}).setdefault(value, near)
            if value:
                asked.setdefault(row, {})[field] = value
    return asked, stand_ins


def _cell(made: Features, real: Features, places: npt.NDArray[np.intp]) -> dict[str, float]:
    """KD with the ends of its 95 % interval over the photos at `places`."""
    images = made.reshape(IMAGES_A_PHOTO, len(real), -1)[:, places].reshape(IMAGES_A_PHOTO * len(places), -1)
    found = distance_to_few(images, real[places])
    return {name: round(1000 * getattr(found, name), 4) for name in ("value", "low", "high")}
