"""Two small classifiers of product photos: one judges generators, the other scores single images.

`residual`: He et al. 2016. `depthwise`: large depthwise kernels and pointwise expansion, after ConvNeXt (Liu et al.
2022), with batch instead of layer normalisation. Both see 80x64 pixels on white and know nothing of the generator.
"""

from itertools import pairwise
from typing import Any, Literal, cast

import torch
import torch.nn.functional as F
from diffusers.configuration_utils import ConfigMixin, register_to_config
from diffusers.models.modeling_utils import ModelMixin
from torch import Tensor, nn

Architecture = Literal["residual", "depthwise"]

WHITE = 1.0
_SMALLEST_DEVIATION = 1e-3


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions with batch normalisation beside an averaged 1x1 skip: half the size."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(inputs, outputs, 3, stride=2, padding=1, bias=False)
        self.first_norm = nn.BatchNorm2d(outputs)
        self.second = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        self.second_norm = nn.BatchNorm2d(outputs)
        self.skip = nn.Conv2d(inputs, outputs, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        y = self.second_norm(self.second(F.relu(self.first_norm(self.first(x)))))
        return F.relu(y + self.skip(F.avg_pool2d(x, 2, ceil_mode=True)))


class DepthwiseBlock(nn.Module):
    """5x5 depthwise convolution, then two pointwise ones with GELU between, beside an averaged skip: half the size."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(inputs, inputs, 5, stride=2, padding=2, groups=inputs)
        self.norm = nn.BatchNorm2d(inputs)
        self.expand = nn.Conv2d(inputs, 2 * outputs, 1)
        self.project = nn.Conv2d(2 * outputs, outputs, 1)
        self.skip = nn.Conv2d(inputs, outputs, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.project(F.gelu(self.expand(self.norm(self.depthwise(x)))))
        return y + cast(Tensor, self.skip(F.avg_pool2d(x, 2, ceil_mode=True)))


class ProductClassifier(ModelMixin, ConfigMixin):  # type: ignore[misc]
    """Tells the fields in `classes` (field -> its values) of images float (N, 3, height, width) in [-1, 1].

    channels: of the stem (stride 2) and of each block, which halves the size. The embedding joins the means of all
    blocks' outputs, so that it holds texture as well as kind; `mean` and `deviation`, measured on the photos it was
    taught on, bring each of its numbers to one scale.
    """

    @register_to_config  # type: ignore[untyped-decorator]
    def __init__(
        self,
        classes: dict[str, list[str]],
        architecture: Architecture = "residual",
        channels: tuple[int, ...] = (32, 64, 128, 256),
        height: int = 80,
        width: int = 64,
        temperature: float = 1.0,
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        block: Any = {"residual": ResidualBlock, "depthwise": DepthwiseBlock}[architecture]
        self.stem = nn.Conv2d(3, channels[0], 4, stride=2, padding=1)
        self.stem_norm = nn.BatchNorm2d(channels[0])
        self.blocks = nn.ModuleList(block(i, o) for i, o in pairwise(channels))
        self.embedding_dim = sum(channels[1:])
        self.heads = nn.ModuleDict({field: nn.Linear(self.embedding_dim, len(v)) for field, v in classes.items()})
        self.register_buffer("mean", torch.zeros(self.embedding_dim))
        self.register_buffer("deviation", torch.ones(self.embedding_dim))

    def pooled(self, images: Tensor) -> Tensor:
        """Means of the blocks' outputs, one after the other: float32 (N, embedding_dim), not yet brought to scale."""
        x, means = F.relu(self.stem_norm(self.stem(images))), []
        for block in self.blocks:
            x = block(x)
            means.append(x.mean(dim=(2, 3)).float())
        return torch.cat(means, dim=1)

    def embed(self, images: Tensor) -> Tensor:
        """float32 (N, embedding_dim), each number with mean 0 and deviation 1 over the photos it was taught on."""
        return self.to_scale(self.pooled(images))

    def to_scale(self, pooled: Tensor) -> Tensor:
        """What `pooled` gave, brought to scale."""
        return cast(Tensor, (pooled - self.mean) / self.deviation.clamp_min(_SMALLEST_DEVIATION))

    def answer(self, pooled: Tensor) -> dict[str, Tensor]:
        """Logits (N, number of values) of each field for what `pooled` gave, at the calibrated temperature."""
        return {field: head(pooled) / self.config["temperature"] for field, head in self.heads.items()}

    def forward(self, images: Tensor) -> dict[str, Tensor]:
        """Logits of each field."""
        return self.answer(self.pooled(images))


def to_input(images: Tensor, height: int, width: int) -> Tensor:
    """uint8 (N, H, W, 3) of any size -> float (N, 3, height, width) in [-1, 1], fitted whole on white."""
    pixels = images.permute(0, 3, 1, 2).float() / 127.5 - 1
    scale = min(height / pixels.shape[2], width / pixels.shape[3])
    inner = max(1, round(pixels.shape[2] * scale)), max(1, round(pixels.shape[3] * scale))
    if inner != tuple(pixels.shape[2:]):
        pixels = F.interpolate(pixels, size=inner, mode="bicubic", antialias=True).clamp(-1, 1)
    above, before = (height - inner[0]) // 2, (width - inner[1]) // 2
    edges = (before, width - inner[1] - before, above, height - inner[0] - above)
    return F.pad(pixels, edges, value=WHITE).contiguous(memory_format=torch.channels_last)
