"""The ways in which images of a checkpoint differ most, found in its weights and named by what they change.

SeFa (Shen & Zhou 2021, "Closed-Form Factorization of Latent Semantics in GANs", equation 5): the directions n in which
a step changes the scales and shifts A n of all layers the most are the eigenvectors of A^T A with the largest
eigenvalues. Here A stacks the FiLM weights of the levels that are asked for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from ecomgan.errors import RequestError
from ecomgan.metrics.product import find_product
from ecomgan.networks.generator import StyledConv
from ecomgan.pipeline import Drawn, EcomGANPipeline

MEASURES: Mapping[str, tuple[str, str]] = {
    "lightness": ("darker", "lighter"),
    "red_green": ("greener", "redder"),
    "yellow_blue": ("bluer", "yellower"),
    "fill": ("smaller", "larger"),
    "aspect": ("narrower", "wider"),
    "height": ("lower", "higher"),
    "side": ("further left", "further right"),
    "detail": ("plainer", "more detailed"),
}
"""What is measured of a product on its ground -> what less and more of it are called."""

_LEAST_EFFECT = 0.5
"""Of the spread between images, from which on a direction is said to change a measure."""


@dataclass(frozen=True)
class Direction:
    """A unit vector (style_dim,) in the space of styles, for the levels first..last - 1 of the generator.

    strength: share of all the change that a step of length 1 can make. effects: measure -> by how much a step of
    `reach` to either side moves it, in units of its spread between images; empty before `named`. reach: length of
    that step, one standard deviation of styles along the direction.
    """

    vector: Tensor
    levels: tuple[int, int]
    strength: float
    reach: float = 0.0
    effects: Mapping[str, float] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What a step forward does to an image: "larger, darker"; "unclear" where nothing that is measured changes."""
        felt = sorted((m for m in self.effects if abs(self.effects[m]) >= _LEAST_EFFECT), key=self._by_size)
        return ", ".join(MEASURES[m][self.effects[m] > 0] for m in felt[:2]) or "unclear"

    def _by_size(self, measure: str) -> float:
        return -abs(self.effects[measure])


def directions(pipe: EcomGANPipeline, count: int = 8, levels: tuple[int, int] | None = None) -> list[Direction]:
    """The `count` strongest directions for the generator's levels first..last - 1 (default: all of its blocks).

    Raises RequestError for levels that do not exist, or more directions than a style has numbers.
    """
    generator = pipe.generator
    first, last = levels or (1, generator.levels)
    if not 1 <= first < last <= generator.levels:
        raise RequestError(f"levels are {first} to {last}; 1 <= first < last <= {generator.levels} was expected")
    style_dim = generator.config["style_dim"]
    if not 1 <= count <= style_dim:
        raise RequestError(f"count is {count}; 1 to {style_dim} directions were expected")
    films = [m.style.weight for block in generator.blocks[first - 1 : last - 1] for m in _styled(block)]
    weights = torch.cat(films).double()
    strengths, vectors = torch.linalg.eigh(weights.T @ weights)  # in rising order
    shares = (strengths / strengths.sum()).flip(0)[:count].tolist()
    found = vectors.flip(1)[:, :count].T.float()
    return [Direction(vector, (first, last), share) for vector, share in zip(found, shares, strict=True)]


def moved(pipe: EcomGANPipeline, drawn: Drawn, direction: Direction, step: float) -> Drawn:
    """The same images with their styles `step` times the direction's vector further, at its levels."""
    levels = pipe.generator.levels
    styles = drawn.styles if drawn.styles.dim() == 3 else drawn.styles.expand(levels, *drawn.styles.shape)
    styles = styles.clone()
    first, last = direction.levels
    styles[first:last] += step * direction.vector.to(styles.device)
    return Drawn(styles, drawn.noises)


def named(pipe: EcomGANPipeline, found: Sequence[Direction], drawn: Drawn) -> list[Direction]:
    """The same directions with what they do to the images of `drawn`, at least two, such as 16 seeds of one brief.

    Each is followed one standard deviation of the styles to either side; what changes is measured on the product.
    """
    if len(drawn) < 2:
        raise RequestError(f"{len(drawn)} image drawn; at least 2 were expected: effects are told beside their spread")
    styles = drawn.styles if drawn.styles.dim() == 2 else drawn.styles.mean(dim=0)
    spread = {name: max(float(np.nanstd(values)), 1e-6) for name, values in _measured(pipe, drawn).items()}
    told = []
    for direction in found:
        reach = float((styles @ direction.vector.to(styles.device)).std())
        back, forth = (_measured(pipe, moved(pipe, drawn, direction, side * reach)) for side in (-1, 1))
        effects = {name: float(np.nanmean(forth[name] - back[name])) / spread[name] for name in MEASURES}
        told.append(Direction(direction.vector, direction.levels, direction.strength, reach, effects))
    return told


def _styled(block: torch.nn.Module) -> list[StyledConv]:
    return [module for module in block.modules() if isinstance(module, StyledConv)]


def _measured(pipe: EcomGANPipeline, drawn: Drawn) -> dict[str, npt.NDArray[np.float64]]:
    """Measure -> its value for each image, not a number where there is no product."""
    images = pipe.render(drawn).permute(0, 2, 3, 1).contiguous().numpy()
    rows = [_of_product(image) for image in images]
    return {name: np.array([row[name] for row in rows]) for name in MEASURES}


def _of_product(image: npt.NDArray[np.uint8]) -> dict[str, float]:
    product = find_product(image)
    box = product.box
    if box is None:
        return dict.fromkeys(MEASURES, float("nan"))
    lightness, red_green, yellow_blue = product.lab[product.mask].mean(axis=0)
    across, down = np.diff(product.lab[..., 0], axis=1), np.diff(product.lab[..., 0], axis=0)
    return {
        "lightness": float(lightness),
        "red_green": float(red_green),
        "yellow_blue": float(yellow_blue),
        "fill": float(product.mask.mean()),
        "aspect": box.width / box.height,
        "height": 1 - (box.top + box.bottom) / 2,
        "side": (box.left + box.right) / 2,
        "detail": float(np.abs(across[product.mask[:, 1:]]).mean() + np.abs(down[product.mask[1:]]).mean()),
    }
