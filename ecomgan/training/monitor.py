"""What can be seen of a training on the way: logs, sample grids at fixed seeds, variety, held-out figures."""

import json
from collections import Counter
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.utils.tensorboard import SummaryWriter

from ecomgan.data.prepared import CONDITION_FIELDS, PreparedSet, Vocabulary, encode_conditions
from ecomgan.errors import ConfigError
from ecomgan.networks.backbone import Backbone
from ecomgan.networks.generator import Generator
from ecomgan.training.config import TrainConfig
from ecomgan.training.state import TrainState, to_images

_GRID_CONDITIONS, _GRID_SEEDS = 16, 10
_VARIETY_IMAGES = 64
_EVALUATION_BATCH = 100
_SEED = 20_000


class MetricsLog:
    """metrics.jsonl and TensorBoard of one run folder. Lines past `images` (of a killed run) are cut at opening."""

    def __init__(self, folder: Path, images: int) -> None:
        self._file = folder / "metrics.jsonl"
        if self._file.exists():
            lines = self._file.read_text(encoding="utf-8").splitlines()
            kept = [line for line in lines if json.loads(line)["images"] <= images]
            self._file.write_text("".join(line + "\n" for line in kept), encoding="utf-8")
        self._board = SummaryWriter(str(folder / "tensorboard"), purge_step=images)

    def write(self, images: int, figures: dict[str, float]) -> None:
        """One line, and one point in each curve."""
        rounded = {name: float(f"{value:.6g}") for name, value in figures.items()}
        with self._file.open("a", encoding="utf-8") as out:
            out.write(json.dumps({"images": images} | rounded) + "\n")
        for name, value in figures.items():
            self._board.add_scalar(name, value, images)

    def close(self) -> None:
        """Flush the curves."""
        self._board.close()


class Monitor:
    """Looks at the averaged generator, always with the same latents and conditions."""

    def __init__(
        self, config: TrainConfig, vocabulary: Vocabulary, train: PreparedSet, dev: PreparedSet | None
    ) -> None:
        self._config = config
        self._vocabulary = vocabulary
        codes = encode_conditions(train.columns, len(train), vocabulary)
        self._grid = torch.from_numpy(_frequent_conditions(codes)).repeat_interleave(_GRID_SEEDS, dim=0)
        self._varied = torch.from_numpy(self._variety_condition(codes))
        same = np.flatnonzero((codes == self._varied.numpy()).all(axis=1))[:_VARIETY_IMAGES]
        self.real_variety = variety(to_images(train.pixels(same), torch.device("cpu")))
        self._dev = dev
        self._dev_features: Tensor | None = None

    def write_grid(self, state: TrainState, file: Path) -> None:
        """One row a condition, one column a seed, as PNG."""
        seeds = torch.arange(_GRID_SEEDS).repeat(len(self._grid) // _GRID_SEEDS)
        images = _make(state, self._grid, seeds)
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(tile(images, _GRID_SEEDS)).save(file)

    def variety(self, state: TrainState) -> float:
        """Mean pairwise L2 (pixels in [-1, 1]) of 64 images of one condition; real photos: `real_variety`."""
        conditions = self._varied[None].expand(_VARIETY_IMAGES, -1)
        return variety(_make(state, conditions, torch.arange(_VARIETY_IMAGES)))

    def evaluate(self, state: TrainState) -> dict[str, float]:
        """Kernel distance x1000 to the dev photos in the training backbone's own space.

        It flatters, since the training matches this very space: for watching one run only, never to compare models.
        """
        if self._dev is None or not isinstance(state.backbone, Backbone):
            return {}
        chosen = np.random.default_rng(_SEED).permutation(len(self._dev))[: self._config.evaluate_images]
        if self._dev_features is None:
            real = [to_images(self._dev.pixels(part), state.device) for part in _batches(chosen)]
            self._dev_features = torch.cat([_embed(state.backbone, images) for images in real])
        codes = torch.from_numpy(encode_conditions(self._dev.columns, len(self._dev), self._vocabulary))
        made = [_make(state, codes[part], torch.from_numpy(part)) for part in _batches(chosen)]
        features = torch.cat([_embed(state.backbone, images.to(state.device)) for images in made])
        return {"kd_x1000_training_space_dev": 1000 * kernel_distance(self._dev_features, features)}

    def _variety_condition(self, codes: np.ndarray) -> np.ndarray:
        values = self._config.variety_condition
        if not values:
            whole = Counter(tuple(row) for row in codes.tolist())
            return np.array(whole.most_common(1)[0][0])
        if len(values) != len(CONDITION_FIELDS):
            raise ConfigError(f"variety_condition is {values}; one value each of {CONDITION_FIELDS} was expected")
        columns = {name: [value] for name, value in zip(CONDITION_FIELDS, values, strict=True)}
        found: np.ndarray = encode_conditions(columns, 1, self._vocabulary)[0]
        return found


def variety(images: Tensor) -> float:
    """Mean pairwise L2 distance of images (N, 3, H, W) in [-1, 1]; 0 for fewer than two."""
    return torch.pdist(images.flatten(1).float()).mean().item() if len(images) > 1 else 0.0


def kernel_distance(real: Tensor, made: Tensor) -> float:
    """Unbiased squared maximum mean discrepancy with the kernel (x.y / d + 1)^3 (Binkowski et al. 2018)."""
    x, y = real.double(), made.double()

    def kernel(a: Tensor, b: Tensor) -> Tensor:
        return (a @ b.T / a.shape[1] + 1) ** 3

    def off_diagonal_mean(k: Tensor) -> Tensor:
        return (k.sum() - k.diagonal().sum()) / (len(k) * (len(k) - 1))

    return (off_diagonal_mean(kernel(x, x)) + off_diagonal_mean(kernel(y, y)) - 2 * kernel(x, y).mean()).item()


def tile(images: Tensor, columns: int) -> np.ndarray:
    """Images (N, 3, H, W) in [-1, 1] -> one uint8 picture (rows * H, columns * W, 3)."""
    pixels = images.clamp(-1, 1).add(1).mul(127.5).round().byte().permute(0, 2, 3, 1).cpu().numpy()
    count, height, width, _ = pixels.shape
    rows = -(-count // columns)
    sheet = np.full((rows * columns, height, width, 3), 255, dtype=np.uint8)
    sheet[:count] = pixels
    ordered = sheet.reshape(rows, columns, height, width, 3).swapaxes(1, 2)
    return ordered.reshape(rows * height, columns * width, 3)


@torch.inference_mode()
def _make(state: TrainState, conditions: Tensor, seeds: Tensor) -> Tensor:
    """Images of the averaged generator on the CPU; the same seed gives the same latent and noise."""
    parts = []
    for part in _batches(np.arange(len(conditions))):
        latents, noises = _draw(state.average, seeds[torch.from_numpy(part)])
        on_device = [noise.to(state.device) for noise in noises]
        made = state.average(latents.to(state.device), conditions[part].to(state.device), on_device)
        parts.append(made.cpu())
    return torch.cat(parts)


def _draw(generator: Generator, seeds: Tensor) -> tuple[Tensor, list[Tensor]]:
    latents, noises = [], []
    for seed in seeds.tolist():
        source = torch.Generator().manual_seed(_SEED + seed)
        latents.append(torch.randn(1, generator.config["latent_dim"], generator=source))
        noises.append(generator.draw_noises(1, source))
    return torch.cat(latents), [torch.cat(layer) for layer in zip(*noises, strict=True)]


@torch.inference_mode()
def _embed(backbone: Backbone, images: Tensor) -> Tensor:
    return backbone.embed(images).cpu()


def _batches(indices: np.ndarray) -> list[np.ndarray]:
    return [indices[i : i + _EVALUATION_BATCH] for i in range(0, len(indices), _EVALUATION_BATCH)]


def _frequent_conditions(codes: np.ndarray) -> np.ndarray:
    """The most frequent whole condition of each of the most frequent article types."""
    articles = [a for a, _ in Counter(codes[:, 0].tolist()).most_common(_GRID_CONDITIONS)]
    rows = [Counter(tuple(r) for r in codes[codes[:, 0] == a].tolist()).most_common(1)[0][0] for a in articles]
    return np.array(rows)
