"""The feature space in which sets of images are compared: EfficientNet-Lite2, pooled. Loads torch."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F

from ecomgan.networks.backbone import Backbone

SPACE = "lite2"
"""Short name of the space; figures carry it: `KD_lite2`, `FD_lite2`."""
DESCRIPTION = "EfficientNet-Lite2 (ImageNet), pooled features before the classifier, 1280 numbers, longer side 160 px"

_LONG_SIDE = 160
_BATCH = 64


class FeatureExtractor:
    """Maps images to pooled Lite2 features. The network is frozen and never sees the generator's training."""

    def __init__(self, device: torch.device | str = "cpu") -> None:
        self._device = torch.device(device)
        self._network = Backbone("lite2").to(self._device)
        # Runs Lite2's depthwise convolutions about twice as fast on a CPU; torch's stubs do not know the keyword.
        self._network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    @property
    def weights_sha256(self) -> str:
        return str(self._network.weights_sha256)

    @torch.inference_mode()
    def __call__(self, images: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """Features float32 (N, 1280) of uint8 RGB images (N, H, W, 3), 64 at a time.

        Images are resized (bicubic, antialiased) so that the longer side has 160 pixels: twice the 80x64 of the
        starter, large enough for a network trained at 260 px to see the parts of a product.
        """
        return np.concatenate([self._batch(batch) for batch in _batches(images)])

    def _batch(self, images: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        pixels = torch.from_numpy(np.array(images)).to(self._device).permute(0, 3, 1, 2).float() / 127.5 - 1
        height, width = pixels.shape[-2:]
        scale = _LONG_SIDE / max(height, width)
        size = (max(1, round(height * scale)), max(1, round(width * scale)))
        resized = F.interpolate(pixels, size=size, mode="bicubic", antialias=True, align_corners=False).clamp(-1, 1)
        features = self._network(resized.contiguous(memory_format=torch.channels_last))
        pooled: npt.NDArray[np.float32] = features.cpu().numpy()
        return pooled


def _batches(images: npt.NDArray[np.uint8]) -> Iterator[npt.NDArray[np.uint8]]:
    if images.dtype != np.uint8 or images.ndim != 4 or len(images) == 0:
        raise ValueError(f"at least one image, uint8 (N, H, W, 3), was expected; got {images.dtype} {images.shape}")
    for start in range(0, len(images), _BATCH):
        yield images[start : start + _BATCH]
