"""Random numbers of an image from its seed and its place, whatever batch it is made in."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ecomgan.errors import RequestError


@dataclass(frozen=True)
class ImageSeed:
    """Image `place` of seed `seed`: both decide latent and noise, nothing else does."""

    seed: int
    place: int


def image_seeds(
    generator: torch.Generator | Sequence[torch.Generator] | None, prompts: int, images_per_prompt: int
) -> list[ImageSeed]:
    """One seed for each image, prompt by prompt.

    One generator: image k of every prompt is (seed, k). A list: image i is (seed of generator i, 0). None: a fresh
    seed, as for one generator. Only the generators' initial seeds count; they are not advanced.
    Raises RequestError for a list of another length than prompts * images_per_prompt.
    """
    total = prompts * images_per_prompt
    if generator is None or isinstance(generator, torch.Generator):
        seed = secrets.randbits(63) if generator is None else generator.initial_seed()
        return [ImageSeed(seed, k) for _ in range(prompts) for k in range(images_per_prompt)]
    if len(generator) != total:
        raise RequestError(
            f"{len(generator)} generators for {prompts} prompts x {images_per_prompt} images; one, or {total}, expected"
        )
    return [ImageSeed(one.initial_seed(), 0) for one in generator]


def draw_latents(
    seeds: Sequence[ImageSeed], latent_dim: int, noise_shapes: Sequence[tuple[int, ...]]
) -> tuple[Tensor, list[Tensor]]:
    """Standard normal latents (N, latent_dim) and noise maps (N, *shape) in fp32, drawn with numpy's PCG64."""
    sizes = [latent_dim, *(int(np.prod(shape)) for shape in noise_shapes)]
    drawn: dict[ImageSeed, np.ndarray] = {}
    for one in dict.fromkeys(seeds):
        source = np.random.Generator(np.random.PCG64(np.random.SeedSequence([one.seed, one.place])))
        drawn[one] = source.standard_normal(sum(sizes), dtype=np.float32)
    everything = torch.from_numpy(np.stack([drawn[one] for one in seeds]))
    latents, *noises = everything.split(sizes, dim=1)
    shaped = [noise.reshape(-1, *shape) for noise, shape in zip(noises, noise_shapes, strict=True)]
    return latents.contiguous(), shaped
