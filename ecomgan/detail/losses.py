"""What the detail network is taught by."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from ecomgan.networks.detail import reduce

FEATURE_STRIDE = 8
"""Coarsest maps of the backbone that are compared: edges and textures; what lies above knows objects."""


def pixel_loss(made: Tensor, photo: Tensor) -> Tensor:
    """Mean absolute difference; images (N, 3, H, W) in [-1, 1]."""
    return F.l1_loss(made, photo)


def colour_loss(made: Tensor, photo: Tensor) -> Tensor:
    """Mean absolute difference of both brought down to the input's size: sharper must not mean other colours."""
    return F.l1_loss(reduce(made), reduce(photo))


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
