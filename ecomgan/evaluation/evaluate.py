"""All figures of one checkpoint on one held-out set."""

import platform
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from tqdm import tqdm

from ecomgan.data.prepared import PreparedSet, open_prepared
from ecomgan.evaluation import figures
from ecomgan.evaluation.held_out import HeldOut, choose_held_out, data_sha256, floor_rows
from ecomgan.evaluation.making import BATCH, crushed, generated, photos
from ecomgan.evaluation.variety import VARIETY_IMAGES, varied_conditions, variety_figures
from ecomgan.metrics import birth_scores, features, judge
from ecomgan.metrics.features import FeatureExtractor
from ecomgan.metrics.judge import Judge, Look, judge_for
from ecomgan.pipeline import EcomGANPipeline
from ecomgan.training.run import describe_hardware

SEEDS = (1, 2, 3)
FORMAT = 1
"""Rises when the shape of the JSON changes."""


@dataclass(frozen=True)
class Described:
    """What the judging networks say of N images, in order: features (N, 1280), answers of the judge by field."""

    features: npt.NDArray[np.float32]
    answers: dict[str, list[str]]
    scores: dict[str, list[float | None]]


def evaluate(pipe: EcomGANPipeline, prepared: Path, cache: Path, images: int | None = None) -> dict[str, Any]:
    """Judge a checkpoint on the validation split of a prepared set; returns what `evaluation.json` holds.

    One image is made for each held-out photo and each of three seeds, with its own attributes, at truncation 1 and
    guidance 1, the first that comes: nothing is ranked, rejected or finished. The averaged weights are what a
    checkpoint folder holds. images: how many held-out photos to use (None: all), at least 40. `cache` keeps the judge.
    Raises DataError where the set has no validation split, too few photos, or another size.
    """
    started = time.monotonic()
    train, validation = open_prepared(prepared, "train"), open_prepared(prepared, "validation")
    held_out = choose_held_out(validation, pipe.vocabulary, images)
    floor = floor_rows(train, len(held_out))
    digest = data_sha256(prepared)
    look = Look()
    describer = _Describer(FeatureExtractor(pipe.device), look, judge_for(train, look, cache, digest))
    conditions = varied_conditions(train, pipe.vocabulary)
    total = (len(SEEDS) + 3) * len(held_out) + 2 * VARIETY_IMAGES * len(conditions)
    with tqdm(total=total, desc="evaluate", unit="image") as bar:
        colours = held_out.column("colour")
        real = describer.describe(photos(held_out.photos, held_out.rows), bar, colours)
        made = [describer.describe(generated(pipe, held_out.attributes, seed), bar, colours) for seed in SEEDS]
        near = describer.describe(photos(train, floor), bar)
        far = describer.describe(crushed(photos(train, floor)), bar)
        variety = variety_figures(pipe, train, conditions, describer.extractor, bar)
    return {
        "format": FORMAT,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "data": _data_record(validation, train, held_out, digest),
        "settings": _settings_record(len(held_out), describer.extractor),
        "distances": _distances(real, made, near, far),
        "accuracy": {
            field: figures.accuracy(held_out, field, real.answers[field], [one.answers[field] for one in made])
            for field in judge.FIELDS
        },
        "birth_scores": figures.medians(real.scores, [one.scores for one in made]),
        "variety": variety,
        "categories": figures.by_category(held_out, real, made),
        "hardware": describe_hardware(pipe.device),
        "software": {"python": platform.python_version(), "torch": torch.__version__},
        "seconds": round(time.monotonic() - started),
    }


class _Describer:
    def __init__(self, extractor: FeatureExtractor, look: Look, judge: Judge) -> None:
        self.extractor = extractor
        self._look = look
        self._judge = judge

    def describe(
        self, batches: Iterable[npt.NDArray[np.uint8]], bar: "tqdm[Any]", colours: list[str] | None = None
    ) -> Described:
        """Look at images batch by batch, keeping none; birth scores only where `colours` (asked for) are given."""
        seen: list[npt.NDArray[np.float32]] = []
        answers: dict[str, list[str]] = {field: [] for field in judge.FIELDS}
        scores: dict[str, list[float | None]] = {}
        asked: Iterator[str] = iter(colours or ())
        for batch in batches:
            seen.append(self.extractor(batch))
            for field, said in self._judge(self._look(batch)).items():
                answers[field] += said
            if colours is not None:
                for image in batch:
                    for key, value in birth_scores(image, next(asked)).items():
                        scores.setdefault(key, []).append(value)
            bar.update(len(batch))
        return Described(np.concatenate(seen), answers, scores)


def _distances(real: Described, made: list[Described], near: Described, far: Described) -> dict[str, Any]:
    """Metric -> column ("generated", "floor", "ceiling") -> value, with spread over seeds or interval where known."""
    with tqdm(total=len(made) + 2, desc="compare sets", unit="set") as bar:
        columns: dict[str, list[dict[str, figures.Cell]]] = {}
        for name, sets in {"generated": made, "floor": [near], "ceiling": [far]}.items():
            columns[name] = []
            for one in sets:
                columns[name].append(figures.set_distances(one.features, real.features))
                bar.update()
    metrics = columns["floor"][0]
    return {
        metric: {name: figures.over_seeds([found[metric] for found in runs]) for name, runs in columns.items()}
        for metric in metrics
    }


def _data_record(validation: PreparedSet, train: PreparedSet, held_out: HeldOut, digest: str) -> dict[str, Any]:
    return {
        "name": validation.name,
        "sha256": digest,
        "train_photos": len(train),
        "held_out_photos": len(validation),
        "left_out": held_out.left_out,
    }


def _settings_record(images: int, extractor: FeatureExtractor) -> dict[str, Any]:
    return {
        "images_a_seed": images,
        "seeds": list(SEEDS),
        "truncation": 1.0,
        "guidance_scale": 1.0,
        "batch": BATCH,
        "feature_space": features.DESCRIPTION,
        "feature_weights_sha256": extractor.weights_sha256,
        "judge": judge.DESCRIPTION,
        "judge_version": judge.VERSION,
    }
