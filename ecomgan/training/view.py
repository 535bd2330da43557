"""What the backbone sees of images that are larger than it was taught on."""

import torch
import torch.nn.functional as F
from torch import Tensor

_SHARE_OF_CROPS = 0.5


def seen(real: Tensor, fake: Tensor, longest: int, source: torch.Generator) -> tuple[Tensor, Tensor]:
    """Photos and made images (N, 3, H, W) as they are judged: at most `longest` pixels high and wide, differentiable.

    Larger ones are shrunk as a whole in half of the steps; in the others the same part is cut out of all of them, so
    that both are compared in their finest detail too. The sides keep their proportion.
    """
    height, width = real.shape[-2:]
    if max(height, width) <= longest:
        return real, fake
    scale = longest / max(height, width)
    tall, wide = round(height * scale), round(width * scale)
    if torch.rand((), generator=source) >= _SHARE_OF_CROPS:
        return _shrunk(real, tall, wide), _shrunk(fake, tall, wide)
    top = int(torch.randint(0, height - tall + 1, (), generator=source))
    left = int(torch.randint(0, width - wide + 1, (), generator=source))
    rows, columns = slice(top, top + tall), slice(left, left + wide)
    return real[..., rows, columns], fake[..., rows, columns]


def _shrunk(images: Tensor, height: int, width: int) -> Tensor:
    small: Tensor = F.interpolate(images, (height, width), mode="bilinear", align_corners=False, antialias=True)
    return small.contiguous(memory_format=torch.channels_last)
