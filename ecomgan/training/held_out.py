"""Figures of a training on photos that it does not see, and how close it comes to those that it does."""

import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from torch import Tensor

from ecomgan.checkpoint_folder import load_text_encoder
from ecomgan.data.prepared import (
    REPORT_FILE,
    PreparedSet,
    Vocabulary,
    encode_conditions,
    open_prepared,
    photo_splits,
)
from ecomgan.metrics.few_photos import paired_distance
from ecomgan.metrics.nearest import nearest
from ecomgan.networks.backbone import Backbone
from ecomgan.training.config import TrainConfig
from ecomgan.training.making import batches, embed, make, tile
from ecomgan.training.run import Run
from ecomgan.training.state import TrainState, to_images
from ecomgan.training.texts import Tower, title_vectors
from ecomgan.training.watch import KD, KD_WITH_TEXTS, RATIO

_SEED = 20_000
_LEAST_PHOTOS = 2  # of which an unbiased distance can be taken
_ENOUGH_IMAGES, _MOST_OF_A_PHOTO = 64, 8
_COPYING_IMAGES, _COPYING_SEED = 64, 500_000
_MOST_TRAIN_PHOTOS = 4_096
_PAIRS, _PAIRS_A_ROW, _GAP = 12, 4, 8

Features = npt.NDArray[np.float32]


def open_held_out(run: Run) -> PreparedSet | None:
    """The photos that a run is watched on: `dev`; of a small catalogue that has none, `validation`; None without any.

    Validation photos of large sets are for judging alone and never read here.
    """
    found = set(photo_splits(run.data).values())
    small = json.loads((run.data / REPORT_FILE).read_text(encoding="utf-8")).get("split") == "catalogue"
    splits = [split for split in ("dev", *(("validation",) if small else ())) if split in found]
    if not splits or run.config.evaluate_images == 0:
        return None
    photos = open_prepared(run.data, splits[0])
    return photos if len(photos) >= _LEAST_PHOTOS else None


def held_out_figures(run: Run, state: TrainState, train: PreparedSet) -> "HeldOutFigures | None":
    """The figures of a run; None where nothing is held out, or the backbone is learned too."""
    photos = open_held_out(run)
    if photos is None or not isinstance(state.backbone, Backbone):
        return None
    tower = load_text_encoder(run.folder) if run.text_dim else None
    return HeldOutFigures(run.config, run.vocabulary, train, photos, state.backbone, state.device, tower)


class HeldOutFigures:
    """Compares the averaged generator with held-out photos, always with the same seeds, in the backbone's space.

    Of few photos several images each are made, so that the figure does not hang on single latents. Where the options
    ask for it, copying is measured on 64 images for the train photos' own conditions.
    """

    def __init__(
        self,
        config: TrainConfig,
        vocabulary: Vocabulary,
        train: PreparedSet,
        held_out: PreparedSet,
        backbone: Backbone,
        device: torch.device,
        tower: Tower | None = None,
    ) -> None:
        self.photos = held_out
        self._backbone, self._device = backbone, device
        chosen = np.random.default_rng(_SEED).permutation(len(held_out))[: config.evaluate_images]
        self._real = self._embed_photos(held_out, chosen)
        each = max(1, min(_MOST_OF_A_PHOTO, _ENOUGH_IMAGES // len(chosen)))
        codes = encode_conditions(held_out.columns, len(held_out), vocabulary)[chosen]
        self._conditions = torch.from_numpy(np.tile(codes, (each, 1)))
        self._seeds = torch.from_numpy(np.concatenate([chosen + copy * len(held_out) for copy in range(each)]))
        titles = held_out.columns.get("title", [""] * len(held_out))
        vectors = None if tower is None else title_vectors(tower, [titles[row] for row in chosen])
        self._texts = None if vectors is None else torch.from_numpy(np.tile(vectors, (each, 1)))
        self._copying = _Copying(self, vocabulary, train) if config.copying_alarm else None

    def measure(self, state: TrainState) -> dict[str, float]:
        """KD x1000 (where texts are a condition, also of images that know the titles), and the copying ratio where it
        is measured.
        """
        made = self.embed(make(state, self._conditions, self._seeds))
        figures = {KD: 1000 * paired_distance(made, self._real)}
        if self._texts is not None:
            told = self.embed(make(state, self._conditions, self._seeds, texts=self._texts))
            figures[KD_WITH_TEXTS] = 1000 * paired_distance(told, self._real)
        ratio = self._copying.measure(state) if self._copying else None
        return figures if ratio is None else figures | {RATIO: ratio}

    def write_nearest(self, folder: Path, images: int) -> None:
        """The made images of the last measurement that come closest to a train photo, each beside that photo."""
        if self._copying is not None:
            folder.mkdir(parents=True, exist_ok=True)
            Image.fromarray(self._copying.pairs()).save(folder / f"{images:08d}.png")

    @property
    def real(self) -> Features:
        """Features of the held-out photos."""
        return self._real

    def embed(self, images: Tensor) -> Features:
        """Images (N, 3, H, W) in [-1, 1] -> features (N, 1280)."""
        return embed(self._backbone, images, self._device)

    def _embed_photos(self, photos: PreparedSet, rows: npt.NDArray[np.intp]) -> Features:
        parts = [self.embed(to_images(photos.pixels(rows[part]), self._device)) for part in batches(len(rows))]
        return np.concatenate(parts)


class _Copying:
    """Whether made images lie closer to train photos than held-out photos do."""

    def __init__(self, space: HeldOutFigures, vocabulary: Vocabulary, train: PreparedSet) -> None:
        self._space, self._train = space, train
        draw = np.random.default_rng(_COPYING_SEED)
        self._rows = draw.permutation(len(train))[:_MOST_TRAIN_PHOTOS]
        self._features = space._embed_photos(train, self._rows)
        self._held_out = float(np.median(nearest(space.real, self._features)[0]))
        codes = encode_conditions(train.columns, len(train), vocabulary)
        self._conditions = torch.from_numpy(codes[np.resize(draw.permutation(len(train)), _COPYING_IMAGES)])
        self._made: Tensor | None = None
        self._distances: npt.NDArray[np.float64] = np.empty(0)
        self._places: npt.NDArray[np.intp] = np.empty(0, np.intp)

    def measure(self, state: TrainState) -> float | None:
        """The copying ratio; None where held-out photos are themselves copies of train photos."""
        self._made = make(state, self._conditions, _COPYING_SEED + torch.arange(_COPYING_IMAGES))
        self._distances, self._places = nearest(self._space.embed(self._made), self._features)
        return float(np.median(self._distances)) / self._held_out if self._held_out > 0 else None

    def pairs(self) -> npt.NDArray[np.uint8]:
        """Twelve pairs (made, train photo), nearest first, four a row, parted by white."""
        assert self._made is not None
        chosen = np.argsort(self._distances, kind="stable")[:_PAIRS]
        photos = to_images(self._train.pixels(self._rows[self._places[chosen]]), torch.device("cpu"))
        both = torch.cat([self._made[torch.from_numpy(chosen)], photos], dim=3)
        return tile(torch.nn.functional.pad(both, (0, _GAP, 0, _GAP), value=1.0), _PAIRS_A_ROW)
