"""One image's shapes with another's surface (style mixing), and the way between two images (interpolation)."""

import torch

from ecomgan.errors import RequestError
from ecomgan.pipeline import Drawn, EcomGANPipeline


def mixed(pipe: EcomGANPipeline, shape: Drawn, surface: Drawn, from_level: int) -> Drawn:
    """Styles of `shape` below `from_level` and of `surface` from there on (Karras et al. 2019, section 3.1).

    Level 0 is the base, level k the k-th block; low levels decide kind and pose, high ones colour and fabric. Row i of
    one goes with row i of the other; layer noise is that of `shape`. Raises RequestError for another number of rows, or
    a level that does not exist.
    """
    levels = pipe.generator.levels
    if len(shape) != len(surface):
        raise RequestError(f"{len(shape)} shapes and {len(surface)} surfaces; as many of each were expected")
    if not 0 <= from_level <= levels:
        raise RequestError(f"from_level is {from_level}; 0 (all of the surface) to {levels} (none of it) was expected")
    low, high = (_by_level(drawn, levels) for drawn in (shape, surface))
    return Drawn(torch.cat([low[:from_level], high[from_level:]]), shape.noises)


def between(start: Drawn, end: Drawn, steps: int) -> Drawn:
    """`steps` images from the one image of `start` to the one of `end`, both included, in equal parts of the way.

    Styles go straight: the space of styles is flat where that of latents is a sphere (Karras et al. 2019, section 4).
    Layer noise stays that of `start`, so that nothing flickers. Raises RequestError for fewer than two steps, or more
    than one image at an end.
    """
    if steps < 2:
        raise RequestError(f"steps is {steps}; at least 2, the two ends, were expected")
    if len(start) != 1 or len(end) != 1:
        raise RequestError(f"{len(start)} images at the start and {len(end)} at the end; one each was expected")
    shares = torch.linspace(0, 1, steps, device=start.styles.device)[:, None]
    noises = [noise.expand(steps, *noise.shape[1:]) for noise in start.noises]
    return Drawn(torch.lerp(start.styles, end.styles, shares), noises)


def _by_level(drawn: Drawn, levels: int) -> torch.Tensor:
    """Styles (levels, N, style_dim)."""
    return drawn.styles if drawn.styles.dim() == 3 else drawn.styles.expand(levels, *drawn.styles.shape)
