"""The detail network: four times as many pixels, with the detail that photos have and the input has not.

Compact super-resolution after SRVGGNetCompact (of Real-ESRGAN, Wang et al. 2021): all convolutions at the input's size,
then a pixel shuffle (Shi et al. 2016), added to a smooth enlargement of the input. Pairs of convolutions are residual,
as in EDSR (Lim et al. 2017): that learns in a fraction of the steps.
"""

from itertools import pairwise

import torch.nn.functional as F
from diffusers.configuration_utils import ConfigMixin, register_to_config
from diffusers.models.modeling_utils import ModelMixin
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

SCALE = 4

_LEAK = 0.1
_PAIR_GAIN = 0.3


class DetailNetwork(ModelMixin, ConfigMixin):  # type: ignore[misc]
    """Images float (N, 3, H, W) in [-1, 1] -> (N, 3, 4H, 4W) in about [-1, 1] (not clamped), any H and W.

    depth: 3x3 convolutions of `channels` channels between the first and the last, an even number. A pixel of the result
    depends on input pixels at most `reach` away, so that tiles which overlap by it join without a seam.
    """

    @register_to_config  # type: ignore[untyped-decorator]
    def __init__(self, channels: int = 48, depth: int = 10) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        if channels < 1 or depth < 2 or depth % 2:
            raise ValueError(f"channels is {channels} and depth {depth}; at least 1, and an even number, were expected")
        self.first = nn.Conv2d(3, channels, 3, padding=1)
        self.body = nn.ModuleList(nn.Conv2d(channels, channels, 3, padding=1) for _ in range(depth))
        self.last = nn.Conv2d(channels, 3 * SCALE**2, 3, padding=1)
        for place, layer in enumerate((self.first, *self.body)):
            assert isinstance(layer, nn.Conv2d)
            assert layer.bias is not None
            nn.init.kaiming_normal_(layer.weight, a=_LEAK)
            nn.init.zeros_(layer.bias)
            if place and place % 2 == 0:  # the second of a pair: what the pairs add would else grow with each
                layer.weight.data.mul_(_PAIR_GAIN)
        # Begins as the plain enlargement: all sub-pixels alike, so that no checkerboard has to be unlearned
        # (Aitken et al. 2017).
        for parameter in self.last.parameters():
            nn.init.zeros_(parameter)

    @property
    def reach(self) -> int:
        """Input pixels to each side that a pixel of the result can depend on."""
        return int(self.config["depth"]) + 2

    def forward(self, images: Tensor) -> Tensor:
        # White is 0 in here: the zeros that the convolutions pad with then continue the white ground.
        x = F.leaky_relu(self.first(images - 1), _LEAK)
        for first, second in zip(self.body[::2], self.body[1::2], strict=True):
            x = x + second(F.leaky_relu(first(x), _LEAK))
        return enlarge(images) + F.pixel_shuffle(self.last(x), SCALE).float()


class PatchDiscriminator(nn.Module):
    """Tells patches of photos from finished ones, each place for itself (PatchGAN, Isola et al. 2017), (N, 3, H, W).

    Spectral normalisation (Miyato et al. 2018) keeps it from outgrowing so small a network.
    """

    def __init__(self, channels: int = 32) -> None:
        super().__init__()
        widths = (3, channels, 2 * channels, 4 * channels)
        down = [nn.Conv2d(i, o, 4, stride=2, padding=1) for i, o in pairwise(widths)]
        layers = [*down, nn.Conv2d(widths[-1], widths[-1], 3, padding=1)]
        self.layers = nn.ModuleList(spectral_norm(layer) for layer in layers)
        self.judge = spectral_norm(nn.Conv2d(widths[-1], 1, 1))

    def forward(self, images: Tensor) -> Tensor:
        """Logits (N, 1, H/8, W/8), higher is more like a photo."""
        x = images
        for layer in self.layers:
            x = F.leaky_relu(layer(x), 2 * _LEAK)
        logits: Tensor = self.judge(x)
        return logits


def enlarge(images: Tensor) -> Tensor:
    """Four times the size by bicubic interpolation (anti-aliased: it holds nothing above the input's frequencies)."""
    return F.interpolate(images.float(), scale_factor=float(SCALE), mode="bicubic", align_corners=False)


def reduce(images: Tensor, factor: int = SCALE) -> Tensor:
    """A `factor`-th of the size, each pixel the mean of those that it stands for (N, C, H/factor, W/factor)."""
    return F.avg_pool2d(images, factor) if factor > 1 else images
