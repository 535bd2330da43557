"""The projected discriminator's heads (Sauer et al. 2021, "Projected GANs Converge Faster"), conditional.

The frozen backbone is handed in by the caller as feature maps, so that a saved discriminator does not hold it.
"""

import math
from itertools import pairwise

import torch
import torch.nn.functional as F
from diffusers.configuration_utils import ConfigMixin, register_to_config
from diffusers.models.modeling_utils import ModelMixin
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from ecomgan.networks.backbone import FeaturePyramid
from ecomgan.networks.conditions import ConditionEmbedding, Paths, unit_linear

_LEAK = 0.2
_DEVIATION_CHANNELS = 4


class FeatureMixing(nn.Module):
    """Fixed random mixing of the backbone's channels (1x1, CCM) and scales (top-down 3x3, CSM).

    It keeps the heads from looking only at the few features that are easiest to match. Never trained.
    """

    def __init__(self, inputs: list[int], outputs: list[int]) -> None:
        super().__init__()
        self.channels = nn.ModuleList(nn.Conv2d(i, o, 1, bias=False) for i, o in zip(inputs, outputs, strict=True))
        self.scales = nn.ModuleList(
            nn.Conv2d(coarse, fine, 3, padding=1, bias=False)
            for coarse, fine in zip(outputs[1:], outputs[:-1], strict=True)
        )
        for module in (*self.channels, *self.scales):
            assert isinstance(module, nn.Conv2d)
            nn.init.kaiming_normal_(module.weight, nonlinearity="linear")
        self.requires_grad_(False)

    def forward(self, features: list[Tensor]) -> list[Tensor]:
        """Maps (N, C_i, H_i, W_i), fine to coarse -> mixed maps of the same sizes."""
        mixed = [mix(x) for mix, x in zip(self.channels, features, strict=True)]
        for level in reversed(range(len(mixed) - 1)):
            coarse = self.scales[level](mixed[level + 1])
            coarse = F.interpolate(coarse, size=mixed[level].shape[-2:], mode="bilinear", align_corners=False)
            mixed[level] = (mixed[level] + coarse) * math.sqrt(0.5)
        return mixed


class Head(nn.Module):
    """Judges one scale: strided convolutions down to the coarsest size, deviation within groups, projection."""

    def __init__(self, inputs: int, halvings: int, width: int, condition_dim: int) -> None:
        super().__init__()
        widths = [inputs] + [max(inputs, width >> (halvings - 1 - i)) for i in range(halvings)]
        if halvings == 0:
            layers: list[nn.Module] = [nn.Conv2d(inputs, width, 3, padding=1)]
        else:
            layers = [nn.Conv2d(i, o, 4, stride=2, padding=1) for i, o in pairwise(widths)]
        self.down = nn.ModuleList(spectral_norm(layer) for layer in layers)
        self.join = spectral_norm(nn.Conv2d(width + _DEVIATION_CHANNELS, width, 1))
        self.judge = spectral_norm(nn.Conv2d(width, 1, 1))
        # Small at first: a random projection would push each condition in a random direction before any is learned.
        self.project = unit_linear(condition_dim, width, gain=0.1)

    def trunk(self, x: Tensor, group: int) -> Tensor:
        """Mixed features of one scale -> (N, width, h, w), before any condition is looked at."""
        for layer in self.down:
            x = F.leaky_relu(layer(x), _LEAK)
        return F.leaky_relu(self.join(torch.cat([x, group_deviation(x, group)], dim=1)), _LEAK)

    def logits(self, trunk: Tensor, embedded: Tensor) -> Tensor:
        """(N, width, h, w) and embedded conditions (N, E) -> (N, 1, h, w), higher is more real and more fitting."""
        fit = (trunk * self.project(embedded)[:, :, None, None]).sum(dim=1, keepdim=True)
        logits: Tensor = self.judge(trunk) + fit
        return logits


class ProjectedDiscriminator(ModelMixin, ConfigMixin):  # type: ignore[misc]
    """Conditional heads on feature maps at strides 2, 4, 8, 16 of a backbone.

    backbone: the name of the network whose maps it was trained on ("none": its own `pyramid`, learned with it);
    feature_channels: that network's channels, fine to coarse; vocabulary, paths and text_dim as the generator's.
    """

    @register_to_config  # type: ignore[untyped-decorator]
    def __init__(
        self,
        vocabulary: dict[str, list[str]],
        backbone: str,
        feature_channels: tuple[int, ...] = (16, 24, 40, 112),
        mixed_channels: tuple[int, ...] = (32, 64, 128, 256),
        width: int = 256,
        embedding_dim: int = 64,
        paths: Paths | None = None,
        text_dim: int = 0,
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.pyramid = FeaturePyramid() if backbone == "none" else None
        self.mixing = FeatureMixing(list(feature_channels), list(mixed_channels))
        self.embedding = ConditionEmbedding(vocabulary, embedding_dim, paths, text_dim)
        self.heads = nn.ModuleList(
            Head(channels, len(mixed_channels) - 1 - level, width, self.embedding.output_dim)
            for level, channels in enumerate(mixed_channels)
        )

    def trunks(self, features: list[Tensor], group: int = 1) -> list[Tensor]:
        """What each head sees in the features, before conditions; neighbours in the batch form groups of `group`."""
        mixed = self.mixing(features)
        return [head.trunk(x, group) for head, x in zip(self._heads(), mixed, strict=True)]

    def judge(self, trunks: list[Tensor], conditions: Tensor, text: Tensor | None = None) -> list[Tensor]:
        """Logits (N, 1, h, w) of each head for the conditions int64 (N, fields) and text vectors (N, text_dim)."""
        embedded = self.embedding(conditions, text)
        return [head.logits(x, embedded) for head, x in zip(self._heads(), trunks, strict=True)]

    def forward(
        self, features: list[Tensor], conditions: Tensor, group: int = 1, text: Tensor | None = None
    ) -> list[Tensor]:
        """Same as `judge` after `trunks`."""
        return self.judge(self.trunks(features, group), conditions, text)

    def _heads(self) -> list[Head]:
        return [head for head in self.heads if isinstance(head, Head)]


def group_deviation(x: Tensor, group: int) -> Tensor:
    """Standard deviation within groups of `group` neighbours, averaged over quarters of the channels: (N, 4, h, w).

    Images of one group share their condition, so this shows the discriminator when images of one condition are all
    alike (after Karras et al. 2018; PacGAN's packing, Lin et al. 2018). Zero for group = 1.
    """
    count, channels, height, width = x.shape
    grouped = x.float().reshape(count // group, group, channels, height, width)
    # Spelled out: torch.var over a strided dimension is 20 times slower on the CPU.
    centred = grouped - grouped.mean(dim=1, keepdim=True)
    deviation = (centred.square().mean(dim=1) + 1e-8).sqrt()
    deviation = deviation.reshape(count // group, 1, _DEVIATION_CHANNELS, -1, height, width).mean(dim=3)
    return deviation.expand(-1, group, -1, -1, -1).reshape(count, _DEVIATION_CHANNELS, height, width).to(x.dtype)
