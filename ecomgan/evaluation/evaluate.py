"""All figures of one checkpoint on one held-out set."""

import platform
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tqdm import tqdm

from ecomgan.data.digest import data_sha256
from ecomgan.data.prepared import open_prepared
from ecomgan.encoder.dual_encoder import DualEncoder
from ecomgan.evaluation import figures
from ecomgan.evaluation.categories import Sets, by_category, groups, within_categories
from ecomgan.evaluation.copying import copying_figures, train_bank
from ecomgan.evaluation.counterfactual import counterfactual_figures, counterfactual_images
from ecomgan.evaluation.describing import SPACES, Asked, Described, Describer
from ecomgan.evaluation.held_out import HeldOut, choose_held_out, floor_rows
from ecomgan.evaluation.making import BATCH, BLUR_SIGMA, CRUSH_QUALITY, blurred, crushed, generated, photos, titles_told
from ecomgan.evaluation.matching import match_figures
from ecomgan.evaluation.pictures import nearest_photos
from ecomgan.evaluation.variety import VARIETY_IMAGES, shares_of_real, varied_conditions, variety_figures
from ecomgan.metrics import features, judge, training_space
from ecomgan.metrics.category_confidence import Ranker
from ecomgan.metrics.judge import Judge
from ecomgan.pipeline import EcomGANPipeline
from ecomgan.training.run import describe_hardware

SEEDS = (1, 2, 3)
FORMAT = 1
"""Rises when the shape of the JSON changes."""


@dataclass(frozen=True)
class Evaluated:
    """figures: what `evaluation.json` holds; nearest: picture of the pairs nearest to train photos, uint8 RGB.

    The picture shows photos of the data: it is not passed on with a checkpoint.
    """

    figures: dict[str, Any]
    nearest: np.ndarray


def evaluate(
    pipe: EcomGANPipeline,
    prepared: Path,
    cache: Path,
    judging: Judge,
    ranker: Ranker,
    images: int | None = None,
    encoder: DualEncoder | None = None,
) -> Evaluated:
    """Judge a checkpoint on the validation split of a prepared set.

    One image is made for each held-out photo and each of three seeds, with its own attributes (and its title, where the
    checkpoint takes texts), at truncation 1 and guidance 1, the first that comes: nothing is ranked, rejected or
    finished. The averaged weights are what a checkpoint folder holds. images: how many held-out photos to use (None:
    all), at least 40. `cache` keeps the features of the train photos. encoder: for the match of images and titles, None
    to leave it out. Raises DataError where the set has no validation split, too few photos, or another
    size.
    """
    started = time.monotonic()
    train, validation = open_prepared(prepared, "train"), open_prepared(prepared, "validation")
    held_out = choose_held_out(validation, pipe.vocabulary, images)
    floor = floor_rows(train, held_out)
    digest = data_sha256(prepared)
    describer = Describer(judging, ranker, pipe.device, encoder)
    conditions = varied_conditions(train, pipe.vocabulary)
    bank = train_bank(train, describer, cache, digest)
    total = (len(SEEDS) + 4) * len(held_out) + (len(SEEDS) + 1) * VARIETY_IMAGES * len(conditions)
    total += counterfactual_images(held_out, SEEDS)
    titles, told = held_out.column("title"), titles_told(pipe, held_out)
    with tqdm(total=total, desc="evaluate", unit="image") as bar:
        asked = Asked(held_out.column("article_type"), held_out.column("colour"))
        real = describer.describe(photos(held_out.photos, held_out.rows), bar, asked)
        made = [describer.describe(generated(pipe, held_out.attributes, seed, told), bar, asked) for seed in SEEDS]
        near = describer.describe(photos(train, floor), bar)
        soft = describer.describe(blurred(photos(train, floor)), bar)
        rough = describer.describe(crushed(photos(train, floor)), bar)
        variety = variety_figures(pipe, train, conditions, describer.extractor, SEEDS, bar)
        counterfactual = counterfactual_figures(pipe, held_out, SEEDS, bar)
    sets = Sets(real, made, near, np.random.default_rng(1).permutation(len(held_out)))
    copying = copying_figures(bank, held_out, train, real, made)
    wanted = {field: _wanted(held_out, field, values) for field, values in judging.classes.items()}
    places = groups(held_out.column("article_type"))
    found = {
        "format": FORMAT,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "data": {
            "name": validation.name,
            "sha256": digest,
            "train_photos": len(train),
            "held_out_photos": len(validation),
            "left_out": held_out.left_out,
        },
        "settings": _settings(len(held_out), describer) | {"texts": "titles" if told else None},
        "spaces": _spaces(describer, digest),
        "distances": _distances(sets, soft, rough) | within_categories(places, sets),
        "accuracy": _accuracies(wanted, sets),
        "birth_scores": figures.medians(real.scores, [one.scores for one in made]),
        "variety": variety,
        "variety_share": shares_of_real(variety),
        "copying": copying.figures,
        "counterfactual": counterfactual,
        "text_image_match": _match(encoder, titles, sets),
        "categories": by_category(places, wanted, sets),
        "hardware": describe_hardware(pipe.device),
        "software": {"python": platform.python_version(), "torch": torch.__version__},
        "seconds": round(time.monotonic() - started),
    }
    return Evaluated(found, nearest_photos(pipe, held_out, train, copying, SEEDS[0]))


def _match(encoder: DualEncoder | None, titles: Sequence[str], sets: Sets) -> dict[str, Any]:
    real, made = sets.real.vectors, [one.vectors for one in sets.made if one.vectors is not None]
    return {} if encoder is None or real is None else match_figures(encoder, titles, real, made, sets.order)


def _wanted(held_out: HeldOut, field: str, known: Sequence[str]) -> list[str | None]:
    """What each image was asked to show of a field, as far as the judge can tell."""
    values = (attributes.get(field) for attributes in held_out.attributes)
    return [value if value in known else None for value in values]


def _distances(sets: Sets, soft: Described, rough: Described) -> dict[str, Any]:
    """Metric -> column ("generated", "floor", "blurred", "ceiling") -> cell; marked where it is the training's own."""
    columns = {"generated": sets.made, "floor": [sets.near], "blurred": [soft], "ceiling": [rough]}
    found: dict[str, list[dict[str, figures.Cell]]] = {}
    with tqdm(total=sum(map(len, columns.values())), desc="compare sets", unit="set") as bar:
        for name, runs in columns.items():
            found[name] = []
            for one in runs:
                found[name].append(figures.set_distances(one.spaces, sets.real.spaces))
                bar.update()
    return {
        metric: {name: figures.over_seeds([run[metric] for run in runs]) for name, runs in found.items()}
        | ({"training_space": True} if figures.is_training_space(metric) else {})
        for metric in found["floor"][0]
    }


def _accuracies(wanted: Mapping[str, Sequence[str | None]], sets: Sets) -> dict[str, Any]:
    """Field -> column -> cell; `shuffled`: held-out photos beside attributes that are not theirs.

    Train photos do not count, nor what is made of them: the judge was taught on them.
    """
    found = {}
    for field, values in wanted.items():
        real = sets.real.answers[field]
        columns = {
            "real": [real],
            "generated": [one.answers[field] for one in sets.made],
            "shuffled": [[real[i] for i in sets.order]],
        }
        if counted := figures.accuracy(values, columns):
            found[field] = counted
    return found


def _settings(images: int, describer: Describer) -> dict[str, Any]:
    return {
        "images_a_seed": images,
        "seeds": list(SEEDS),
        "truncation": 1.0,
        "guidance_scale": 1.0,
        "batch": BATCH,
        "blur_sigma": BLUR_SIGMA,
        "jpeg_quality": CRUSH_QUALITY,
        "feature_space": features.DESCRIPTION,
        "feature_weights_sha256": describer.extractor.weights_sha256,
        "judge": judge.DESCRIPTION,
        "judge_version": judge.VERSION,
    }


def _spaces(describer: Describer, digest: str) -> dict[str, Any]:
    described = (judge.DESCRIPTION, features.DESCRIPTION, training_space.DESCRIPTION)
    weights = (describer.judge.weights_sha256, describer.extractor.weights_sha256, describer.training.weights_sha256)
    spaces: dict[str, Any] = {
        name: {"description": text, "weights_sha256": sha256, "training_space": name == training_space.SPACE}
        for name, text, sha256 in zip(SPACES, described, weights, strict=True)
    }
    taught_on = describer.judge.record["data"]
    spaces[judge.SPACE] |= {"taught_on": taught_on["name"], "taught_on_these_data": taught_on["sha256"] == digest}
    return spaces
