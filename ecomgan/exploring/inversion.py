"""The style whose image comes closest to a photo, so that the photo can be varied as if it had been made here."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

from ecomgan.asking import Attributes
from ecomgan.errors import RequestError
from ecomgan.networks.backbone import Backbone
from ecomgan.pipeline import Drawn, EcomGANPipeline

STEPS = 150

_STARTS = 32
_RATE = 0.05
_STAY_NEAR = 0.01
_STRIDE = 16


@dataclass(frozen=True)
class Inverted:
    """drawn: the one image found, with a style for each level; error: mean absolute difference of its pixels to the
    photo's, 0 to 255; start_error: that of the best of the images that the search began with.
    """

    drawn: Drawn
    error: float
    start_error: float


def invert(
    pipe: EcomGANPipeline,
    photo: npt.NDArray[np.uint8],
    attributes: Attributes,
    *,
    seed: int = 0,
    steps: int = STEPS,
) -> Inverted:
    """Search for the photo uint8 (H, W, 3), in the checkpoint's size and on its white ground, among the styles.

    It begins with the nearest of 32 images of the attributes and descends, with a style for each level (the W+ space of
    Abdal et al. 2019), on the sum of pixel and backbone differences, and a small one that keeps the styles near where
    they began: far away lie styles that no brief leads to. About 12 s on two cores. Raises RequestError for a photo of
    another size, and as a call of the pipeline does.
    """
    height, width = pipe.image_shape
    if photo.dtype != np.uint8 or photo.shape != (height, width, 3):
        raise RequestError(f"the photo is {photo.dtype} {photo.shape}; uint8 {(height, width, 3)} was expected")
    if steps < 1:
        raise RequestError(f"steps is {steps}; at least 1 was expected")
    device = pipe.generator.device
    target = torch.from_numpy(np.array(photo)).to(device).permute(2, 0, 1)[None].float() / 127.5 - 1
    backbone = Backbone("lite0").to(device)
    wanted = [one.detach() for one in backbone.features(target, _STRIDE)]

    drawn = pipe.draw("", attributes, _STARTS, torch.Generator().manual_seed(seed))
    with torch.no_grad():
        begun = pipe.render(drawn).to(device).float() / 127.5 - 1
        apart = [_distance(backbone.features(image[None], _STRIDE), wanted) for image in begun]
        best = int(torch.stack(apart).argmin())
    # Clones: what was drawn in inference mode cannot take part in a gradient.
    noises = [noise[best : best + 1].to(device).clone() for noise in drawn.noises]
    start = drawn.styles[best : best + 1].expand(pipe.generator.levels, 1, -1).clone()
    style = start.clone().requires_grad_(True)
    descent = torch.optim.Adam([style], lr=_RATE)
    rate = torch.optim.lr_scheduler.CosineAnnealingLR(descent, steps)
    for _ in range(steps):
        descent.zero_grad(set_to_none=True)
        image = pipe.generator.synthesise(style, noises)
        loss = F.l1_loss(image, target) + _distance(backbone.features(image, _STRIDE), wanted)
        (loss + _STAY_NEAR * F.mse_loss(style, start)).backward()
        descent.step()
        rate.step()
    found = Drawn(style.detach(), noises)
    return Inverted(found, _error(pipe, found, photo), _error(pipe, Drawn(start, noises), photo))


def _distance(features: list[Tensor], wanted: list[Tensor]) -> Tensor:
    """Mean squared difference of features with unit length along the channels, averaged over scales (as LPIPS,
    Zhang et al. 2018, with equal weights).
    """
    scales = [
        (F.normalize(one, dim=1) - F.normalize(other, dim=1)).square().sum(dim=1).mean()
        for one, other in zip(features, wanted, strict=True)
    ]
    return torch.stack(scales).mean()


def _error(pipe: EcomGANPipeline, drawn: Drawn, photo: npt.NDArray[np.uint8]) -> float:
    made = pipe.render(drawn)[0].permute(1, 2, 0).numpy()
    return float(np.abs(made.astype(np.int16) - photo).mean())
