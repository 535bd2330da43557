"""Penalties on how steep the heads are, as the gradient of their logits by the pixels; and inputs moved along it."""

from collections.abc import Callable

import torch
from torch import Tensor

from ecomgan.training.item_stream import ItemStream

Judge = Callable[[Tensor], Tensor]
"""Images (N, 3, H, W) -> one number each, (N,): the sum over heads of their mean logit."""
GradientPenalty = Callable[[Judge, Tensor, Tensor, ItemStream], Tensor]
"""(judge, real photos, made images, random stream) -> penalty, a number; differentiable by the judge's parameters."""


def r1(judge: Judge, real: Tensor, fake: Tensor, source: ItemStream) -> Tensor:
    """E[|grad D(x)|^2] / 2 at real photos (Mescheder et al. 2018, equation 9)."""
    return _squared_gradient(judge, real).mean() / 2


def r1_and_r2(judge: Judge, real: Tensor, fake: Tensor, source: ItemStream) -> Tensor:
    """The same at real photos and at made images (Mescheder et al. 2018; Huang et al. 2024, equation 4)."""
    return (_squared_gradient(judge, real).mean() + _squared_gradient(judge, fake).mean()) / 2


def unit_norm(judge: Judge, real: Tensor, fake: Tensor, source: ItemStream) -> Tensor:
    """E[(|grad D(x)| - 1)^2] at points between photos and images (Gulrajani et al. 2017, equation 3)."""
    share = source.rand(len(real), 1, 1, 1).to(real.device)
    return ((_squared_gradient(judge, torch.lerp(real, fake, share)) + 1e-12).sqrt() - 1).square().mean()


def perturbed(judge: Judge, images: Tensor, reach: float) -> Tensor:
    """Images moved by `reach` in each pixel to where they are judged less real (the fast gradient sign of Goodfellow et
    al. 2015, shown to a discriminator as real photos by Liu & Hsieh 2019, "Rob-GAN"). In [-1, 1], without a gradient.
    """
    seen = images.detach().requires_grad_(True)
    (gradient,) = torch.autograd.grad(judge(seen).sum(), seen)
    return (images.detach() - reach * gradient.sign()).clamp(-1, 1)


def _squared_gradient(judge: Judge, images: Tensor) -> Tensor:
    """|grad D(x)|^2 of each image, (N,), in fp32: squares of small gradients vanish in bf16."""
    with torch.autocast(images.device.type, enabled=False):
        seen = images.detach().float().requires_grad_(True)
        (gradient,) = torch.autograd.grad(judge(seen).sum(), seen, create_graph=True)
        return gradient.square().sum(dim=(1, 2, 3))
