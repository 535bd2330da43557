"""What the detail network is taught by."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from ecomgan.networks.detail import SCALE, reduce

_CELL = 8
FEATURE_STRIDE = 8
"""Coarsest maps of the backbone that are compared: edges and textures; what lies above knows objects."""


def pixel_loss(made: Tensor, photo: Tensor) -> Tensor:
    """Mean absolute difference; images (N, 3, H, W) in [-1, 1]."""
    return F.l1_loss(made, photo)


def colour_loss(made: Tensor, photo: Tensor) -> Tensor:
    """Mean absolute difference of both brought down to the input's size: sharper must not mean other colours."""
    return F.l1_loss(reduce(made), reduce(photo))


def grid_loss(made: Tensor, photo: Tensor) -> Tensor:
    """Mean absolute difference of what the places within a sub-pixel grid have in common, over cells of 8x8 grids.

    A photo has no preference for any of the 16 places; a network that has one draws a checkerboard, which a young
    discriminator rather rewards than sees.
    """
    return F.l1_loss(_places(made), _places(photo))


def _places(images: Tensor) -> Tensor:
    """Images (N, 3, 4H, 4W) -> (N, 3, 16, H/8, W/8): means of each place over a cell, from that of all places."""
    split = F.pixel_unshuffle(images, SCALE)
    means = F.avg_pool2d(split, min(_CELL, *split.shape[2:])).unflatten(1, (3, SCALE**2))
    centred: Tensor = means - means.mean(dim=2, keepdim=True)
    return centred


def feature_loss(made: Sequence[Tensor], photo: Sequence[Tensor]) -> Tensor:
    """Mean over the backbone's maps of |difference|, as a share of the mean |feature| of the photos.

    Johnson et al. 2016, "Perceptual losses", with absolute differences as ESRGAN has them (Wang et al. 2018).
    """
    shares = [F.l1_loss(m, p) / p.abs().mean().clamp_min(1e-3) for m, p in zip(made, photo, strict=True)]
    return torch.stack(shares).mean()


def telling_loss(photo: Tensor, made: Tensor) -> Tensor:
    """The discriminator's: E[max(0, 1 - D(x))] + E[max(0, 1 + D(G(z)))] (hinge, Lim & Ye 2017), over all places."""
    return F.relu(1 - photo.float()).mean() + F.relu(1 + made.float()).mean()


def deceive_loss(made: Tensor) -> Tensor:
    """The network's: -E[D(G(z))]."""
    return -made.float().mean()
