"""Images of the averaged generator on the way, always with the same latents for the same seeds."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from ecomgan.networks.backbone import Backbone
from ecomgan.networks.generator import Generator
from ecomgan.training.state import TrainState

BATCH = 100

_SEED = 20_000


@torch.inference_mode()
def make(
    state: TrainState, conditions: Tensor, seeds: Tensor, bf16: bool = False, texts: Tensor | None = None
) -> Tensor:
    """Images (N, 3, H, W) in [-1, 1] on the CPU; the same seed gives the same latent and noise.

    bf16: convolutions in half the time, good enough to look at. texts: vectors (N, text_dim), None for no text.
    """
    parts = []
    for part in batches(len(conditions)):
        latents, noises = _draw(state.average, seeds[part])
        on_device = [noise.to(state.device) for noise in noises]
        with torch.autocast(state.device.type, torch.bfloat16, enabled=bf16):
            text = None if texts is None else texts[part].to(state.device)
            made = state.average(latents.to(state.device), conditions[part].to(state.device), on_device, text)
        parts.append(made.cpu())
    return torch.cat(parts)


@torch.inference_mode()
def embed(backbone: Backbone, images: Tensor, device: torch.device) -> npt.NDArray[np.float32]:
    """Pooled features (N, 1280) of images (N, 3, H, W) in [-1, 1] at their own size."""
    parts = [backbone.embed(images[part].to(device)).cpu().numpy() for part in batches(len(images))]
    return np.concatenate(parts)


def batches(count: int) -> Iterator[slice]:
    """0..count in parts of 100."""
    return (slice(start, start + BATCH) for start in range(0, count, BATCH))


def tile(images: Tensor, columns: int) -> npt.NDArray[np.uint8]:
    """Images (N, 3, H, W) in [-1, 1] -> one uint8 picture (rows * H, columns * W, 3)."""
    pixels = images.clamp(-1, 1).add(1).mul(127.5).round().byte().permute(0, 2, 3, 1).cpu().numpy()
    count, height, width, _ = pixels.shape
    rows = -(-count // columns)
    sheet = np.full((rows * columns, height, width, 3), 255, dtype=np.uint8)
    sheet[:count] = pixels
    ordered = sheet.reshape(rows, columns, height, width, 3).swapaxes(1, 2)
    return ordered.reshape(rows * height, columns * width, 3)


def _draw(generator: Generator, seeds: Tensor) -> tuple[Tensor, list[Tensor]]:
    latents, noises = [], []
    for seed in seeds.tolist():
        source = torch.Generator().manual_seed(_SEED + seed)
        latents.append(torch.randn(1, generator.config["latent_dim"], generator=source))
        noises.append(generator.draw_noises(1, source))
    return torch.cat(latents), [torch.cat(layer) for layer in zip(*noises, strict=True)]
