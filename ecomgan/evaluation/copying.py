"""Are generated images copies of train photos? Distances to the nearest one, beside held-out photos' own."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from ecomgan.data.prepared import PreparedSet
from ecomgan.evaluation.describing import Described, Describer, Features, Images
from ecomgan.evaluation.figures import Cell, over_seeds, share_cell
from ecomgan.evaluation.held_out import HeldOut
from ecomgan.evaluation.making import BATCH
from ecomgan.metrics import features, judge
from ecomgan.metrics.intervals import median_ratio_interval
from ecomgan.metrics.nearest import nearest

PAIRS = 10
"""Nearest pairs of each kind that are named and shown."""
_CLOSE = 0.01
_BINS = 40

Bank = dict[str, npt.NDArray[np.floating]]
"""Space -> features of all train photos (m, d)."""


@dataclass(frozen=True)
class Pair:
    """An image and the train photo nearest to it. place: among the held-out photos or what was made for them."""

    place: int
    train_row: int
    distance: float


@dataclass(frozen=True)
class Copying:
    """figures: for the JSON; made, held_out: the nearest pairs, nearest first; made ones are of the first seed."""

    figures: dict[str, Any]
    made: list[Pair]
    held_out: list[Pair]


def train_bank(train: PreparedSet, describer: Describer, cache: Path, data_sha256: str) -> Bank:
    """Features of all train photos in the judging spaces; looked at once for the same data and network."""
    networks: dict[str, tuple[str, Callable[[Images], Features]]] = {
        judge.SPACE: (describer.judge.weights_sha256, lambda batch: describer.judge(batch).features),
        features.SPACE: (describer.extractor.weights_sha256, describer.extractor),
    }
    cache.mkdir(parents=True, exist_ok=True)
    bank: Bank = {}
    for space, (weights, look) in networks.items():
        key = hashlib.sha256(f"{data_sha256} {weights}".encode()).hexdigest()[:16]
        file = cache / f"train-{space}-{key}.npy"
        if not file.exists():
            parts = np.array_split(np.arange(len(train)), -(-len(train) // BATCH))
            steps = tqdm(parts, desc=f"train photos in {space}, once", unit="batch")
            partial = file.with_suffix(".partial.npy")
            np.save(partial, np.concatenate([look(train.pixels(rows)).astype(np.float16) for rows in steps]))
            partial.replace(file)
        bank[space] = np.load(file)
    return bank


def copying_figures(
    bank: Bank, held_out: HeldOut, train: PreparedSet, real: Described, made: list[Described]
) -> Copying:
    """The figures of both spaces, and the nearest pairs in Lite2's."""
    found = {space: _of_space(bank[space], real.spaces[space], [m.spaces[space] for m in made]) for space in bank}
    lite2 = found[features.SPACE]
    made_pairs, held_out_pairs = (_nearest_pairs(*lite2[kind]) for kind in ("first", "real"))
    figures = {space: parts["figures"] for space, parts in found.items()} | {
        "train_photos": len(train),
        "nearest_pairs": {
            "space": features.SPACE,
            "generated": [{"attributes": held_out.attributes[p.place]} | _pair_record(p, train) for p in made_pairs],
            "held_out": [{"id": held_out.column("id")[p.place]} | _pair_record(p, train) for p in held_out_pairs],
        },
    }
    return Copying(figures, made_pairs, held_out_pairs)


def _of_space(
    bank: npt.NDArray[np.floating], real: npt.NDArray[np.float32], made: list[npt.NDArray[np.float32]]
) -> dict[str, Any]:
    # The bank is kept in half precision: distances to it must not differ by that rounding alone.
    real_found = nearest(real.astype(np.float16), bank)
    made_found = [nearest(one.astype(np.float16), bank) for one in made]
    real_distances, made_distances = real_found[0], [distances for distances, _ in made_found]
    close = float(np.quantile(real_distances, _CLOSE))
    edges = np.linspace(0, max(float(d.max()) for d in (real_distances, *made_distances)), _BINS + 1)
    return {
        "first": made_found[0],
        "real": real_found,
        "figures": {
            "held_out": {"value": round(float(np.median(real_distances)), 6)},
            "generated": over_seeds([{"value": float(np.median(one))} for one in made_distances]),
            "ratio": over_seeds([_ratio(one, real_distances) for one in made_distances]),
            "very_near": over_seeds([share_cell(float(np.mean(one < close)), len(one)) for one in made_distances]),
            "very_near_below": round(close, 6),
            "histogram": {
                "edges": [round(float(edge), 4) for edge in edges],
                "held_out": np.histogram(real_distances, edges)[0].tolist(),
                "generated": np.histogram(np.concatenate(made_distances), edges)[0].tolist(),
            },
        },
    }


def _ratio(made: npt.NDArray[np.float64], real: npt.NDArray[np.float64]) -> Cell:
    low, high = median_ratio_interval(made, real)
    return {"value": float(np.median(made) / np.median(real)), "low": low, "high": high}


def _nearest_pairs(distances: npt.NDArray[np.float64], places: npt.NDArray[np.intp]) -> list[Pair]:
    """The nearest pairs, each train photo at most once."""
    pairs: list[Pair] = []
    for place in np.argsort(distances, kind="stable"):
        if len(pairs) == PAIRS:
            break
        if all(int(places[place]) != pair.train_row for pair in pairs):
            pairs.append(Pair(int(place), int(places[place]), float(distances[place])))
    return pairs


def _pair_record(pair: Pair, train: PreparedSet) -> dict[str, Any]:
    train_id = train.columns["id"][pair.train_row]
    return {"place": pair.place, "train_id": train_id, "distance": round(pair.distance, 4)}
