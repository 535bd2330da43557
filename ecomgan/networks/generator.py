"""The conditional generator: latent and attributes -> a product photo."""

import math
from itertools import pairwise
from typing import Any, cast

import torch
import torch.nn.functional as F
from diffusers.configuration_utils import ConfigMixin, register_to_config
from diffusers.models.modeling_utils import ModelMixin
from torch import Tensor, nn

from ecomgan.errors import ConfigError
from ecomgan.networks.conditions import (
    ConditionEmbedding,
    Grown,
    Paths,
    check_grown,
    check_newer_parts,
    unit_linear,
    unit_moment,
)

_FIRST_SCHEMA = 1
_LEAK = 0.2


class Mapping(nn.Module):
    """Latent (N, Z), condition indices (N, F) and text vectors (N, T) -> style w (N, W).

    Latent and embeddings enter with the same second moment each: embeddings that outweigh the latent teach the
    generator to ignore it. Styles start with a second moment of one: with weaker ones, all conditions keep one common
    shape for long.
    """

    def __init__(self, embedding: ConditionEmbedding, latent_dim: int, style_dim: int) -> None:
        super().__init__()
        self.embedding = embedding
        self.condition = unit_linear(self.embedding.output_dim, latent_dim)
        self.first = unit_linear(2 * latent_dim, style_dim)
        self.second = unit_linear(style_dim, style_dim)

    def forward(self, latent: Tensor, conditions: Tensor, text: Tensor | None = None) -> Tensor:
        embedded = unit_moment(self.condition(self.embedding(conditions, text)))
        x = torch.cat([unit_moment(latent), embedded], dim=1)
        x = F.leaky_relu(self.first(x), _LEAK) * math.sqrt(2)
        return cast(Tensor, self.second(x))  # linear: a mean other than zero would give all images one common shape


class StyledConv(nn.Module):
    """3x3 convolution, group normalisation, scale and shift from the style (FiLM), noise, SiLU.

    Borders are repeated, not zeroed: a frame of zeros would show on the white ground.
    """

    def __init__(self, inputs: int, outputs: int, style_dim: int) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(inputs, outputs, 3, padding=1, padding_mode="replicate")
        self.style = unit_linear(style_dim, 2 * outputs)
        self.noise_gain = nn.Parameter(torch.zeros(outputs))
        self.groups = max(1, outputs // 16)

    def forward(self, x: Tensor, style: Tensor, noise: Tensor) -> Tensor:
        x = F.group_norm(self.convolution(x), self.groups)
        scale, shift = self.style(style)[:, :, None, None].to(x.dtype).chunk(2, dim=1)
        x = torch.addcmul(shift, x, 1 + scale)
        # In the dtype of x: a promotion to fp32 here would slow everything that follows.
        x = torch.addcmul(x, noise.to(x.dtype), self.noise_gain[:, None, None].to(x.dtype))
        return F.silu(x)


class UpBlock(nn.Module):
    """Twice the size: bilinear upsampling, two styled convolutions, and a 1x1 residual skip."""

    def __init__(self, inputs: int, outputs: int, style_dim: int) -> None:
        super().__init__()
        self.first = StyledConv(inputs, outputs, style_dim)
        self.second = StyledConv(outputs, outputs, style_dim)
        self.skip = nn.Conv2d(inputs, outputs, 1, bias=False)

    def forward(self, x: Tensor, style: Tensor, noises: list[Tensor]) -> Tensor:
        # The 1x1 skip commutes with the upsampling and costs a quarter before it.
        skip = _double(self.skip(x))
        x = self.first(_double(x), style, noises[0])
        x = self.second(x, style, noises[1])
        return (x + skip) * math.sqrt(0.5)


class SelfAttention(nn.Module):
    """Lets each place look at all others (Zhang et al. 2019, "Self-Attention Generative Adversarial Networks",
    equations 1-3): x + gain * attention(x), with the gain at zero to begin with.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        narrow = max(1, channels // 8)
        self.query = nn.Conv2d(channels, narrow, 1, bias=False)
        self.key = nn.Conv2d(channels, narrow, 1, bias=False)
        self.value = nn.Conv2d(channels, channels, 1, bias=False)
        self.gain = nn.Parameter(torch.zeros(()))

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, h, w) -> the same shape."""
        query, key, value = (part(x).flatten(2).transpose(1, 2) for part in (self.query, self.key, self.value))
        seen = F.scaled_dot_product_attention(query, key, value)
        return x + self.gain.to(x.dtype) * seen.transpose(1, 2).reshape(x.shape)


class Generator(ModelMixin, ConfigMixin):  # type: ignore[misc]
    """Makes images (N, 3, H, W) in [-1, 1] from a latent, attribute indices and layer noise.

    vocabulary: field -> names of its values; index 0 of each field is the null token, value i of the list has
    index i + 1. channels: from the base size to the full size, which doubles with each but the first.
    attention: the block after which every place looks at all others, 0 for none. refinements: how many of the last
    blocks add to the enlarged image of those below them, instead of bringing forth the image themselves; what they add
    starts at nothing, so that a taught generator can grow (the output skips of Karras et al. 2020, section 4.1).
    condition_schema, grown, paths, text_dim: see `ecomgan.networks.conditions`; a folder that names no schema is of the
    first.
    """

    @register_to_config  # type: ignore[untyped-decorator]
    def __init__(
        self,
        vocabulary: dict[str, list[str]],
        condition_schema: int = _FIRST_SCHEMA,
        base_height: int = 5,
        base_width: int = 4,
        channels: tuple[int, ...] = (256, 192, 128, 64, 32),
        latent_dim: int = 128,
        embedding_dim: int = 64,
        style_dim: int = 256,
        grown: Grown | None = None,
        paths: Paths | None = None,
        text_dim: int = 0,
        attention: int = 0,
        refinements: int = 0,
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        if not 0 <= refinements < len(channels) - 1:
            raise ConfigError(f"refinements is {refinements}; 0 to {len(channels) - 2} of the blocks were expected")
        if not 0 <= attention < len(channels):
            raise ConfigError(f"attention is {attention}; a block from 1 to {len(channels) - 1}, or 0, was expected")
        check_grown(grown or {}, vocabulary, condition_schema)
        check_newer_parts(vocabulary, paths, text_dim, condition_schema)
        self.base_shape = (channels[0], base_height, base_width)
        embedding = ConditionEmbedding(vocabulary, embedding_dim, paths, text_dim)
        self.mapping = Mapping(embedding, latent_dim, style_dim)
        self.base = unit_linear(style_dim, math.prod(self.base_shape))
        self.blocks = nn.ModuleList(UpBlock(i, o, style_dim) for i, o in pairwise(channels))
        self.attend_after = attention
        self.attend = SelfAttention(channels[attention]) if attention else None
        self.first_rgb = len(channels) - 1 - refinements
        """The block whose image is enlarged and refined by those above it."""
        self.to_rgb = nn.Conv2d(channels[self.first_rgb], 3, 3, padding=1, padding_mode="replicate")
        self.add_rgb = nn.ModuleList(_refinement(width) for width in channels[self.first_rgb + 1 :])

    @property
    def image_shape(self) -> tuple[int, int]:
        """(height, width) of the images."""
        _, height, width = self.base_shape
        return height << len(self.blocks), width << len(self.blocks)

    @property
    def noise_shapes(self) -> list[tuple[int, int, int]]:
        """(1, height, width) of each layer's noise, two layers a block, coarse to fine."""
        _, height, width = self.base_shape
        return [(1, height << level, width << level) for level in range(1, len(self.blocks) + 1) for _ in range(2)]

    @property
    def levels(self) -> int:
        """Where a style enters: the base, and each block."""
        return 1 + len(self.blocks)

    def freeze_low_blocks(self, blocks: int) -> None:
        """Keep the convolutions of the lowest `blocks` blocks, and what they start from, as taught.

        Shapes and poses come from there; a few photos cannot teach better ones. Conditions and styles go on learning.
        Raises ValueError for more blocks than there are.
        """
        if not 0 <= blocks <= len(self.blocks):
            raise ValueError(f"{blocks} blocks to freeze; this generator has {len(self.blocks)}")
        if blocks:
            self.base.requires_grad_(False)
        for name, parameter in self.blocks[:blocks].named_parameters():
            if ".style." not in name:
                parameter.requires_grad_(False)

    def synthesise(self, style: Tensor, noises: list[Tensor]) -> Tensor:
        """Styles and noise maps (N, *noise_shapes[i]) -> images (N, 3, H, W) in [-1, 1], fp32.

        style: (N, style_dim), or (levels, N, style_dim) with one for the base and one for each block, coarse to fine.
        In training, refinements may lead a little out of [-1, 1]: only if the discriminator sees that, it ends.
        """
        styles = style if style.dim() == 3 else style.expand(self.levels, *style.shape)
        x = self.base(styles[0]).view(-1, *self.base_shape)
        x = x.to(memory_format=torch.channels_last)
        for level, block in enumerate(self.blocks):
            x = block(x, styles[level + 1], noises[2 * level : 2 * level + 2])
            if self.attend is not None and level + 1 == self.attend_after:
                x = self.attend(x)
            if level + 1 == self.first_rgb:
                images = torch.tanh(self.to_rgb(x).float())
            elif level + 1 > self.first_rgb:
                images = _double(images) + self.add_rgb[level - self.first_rgb](x).float()
        return images.clamp(-1, 1) if self.add_rgb and not self.training else images

    def forward(self, latent: Tensor, conditions: Tensor, noises: list[Tensor], text: Tensor | None = None) -> Tensor:
        """latent (N, latent_dim), conditions int64 (N, fields), noises as `noise_shapes`, text unit vectors
        (N, text_dim), zeros or None for none -> images (N, 3, H, W).
        """
        with torch.autocast(latent.device.type, enabled=False):
            style = self.mapping(latent, conditions, text)
        return self.synthesise(style, noises)

    def draw_noises(self, count: int, source: torch.Generator, **kind: Any) -> list[Tensor]:
        """Fresh layer noise for `count` images."""
        return [torch.randn(count, *shape, generator=source, **kind) for shape in self.noise_shapes]


def _refinement(channels: int) -> nn.Conv2d:
    """What a block adds to an image: nothing, until it is taught."""
    layer = nn.Conv2d(channels, 3, 3, padding=1, padding_mode="replicate")
    nn.init.zeros_(layer.weight)
    nn.init.zeros_(cast(Tensor, layer.bias))
    return layer


def _double(x: Tensor) -> Tensor:
    return F.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False)
