"""The space that training itself matches: EfficientNet-Lite0 at the images' own size. Loads torch.

A projected GAN is taught through these very features, so distances in it flatter: they are shown, marked as the
training's own, and nothing is concluded from them.
"""

import numpy as np
import numpy.typing as npt
import torch

from ecomgan.networks.backbone import Backbone

SPACE = "lite0"
DESCRIPTION = "EfficientNet-Lite0 (ImageNet), pooled features before the classifier, 1280 numbers, native size"


class TrainingSpace:
    """Maps images to pooled Lite0 features, as the discriminator's backbone sees them."""

    def __init__(self, device: torch.device | str = "cpu") -> None:
        self._device = torch.device(device)
        self._network = Backbone("lite0").to(self._device)
        # Runs depthwise convolutions about twice as fast on a CPU; torch's stubs do not know the keyword.
        self._network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    @property
    def weights_sha256(self) -> str:
        return str(self._network.weights_sha256)

    @torch.inference_mode()
    def __call__(self, images: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """Features float32 (N, 1280) of a batch of uint8 RGB images (N, H, W, 3)."""
        pixels = torch.from_numpy(np.array(images)).to(self._device).permute(0, 3, 1, 2).float() / 127.5 - 1
        features: npt.NDArray[np.float32] = (
            self._network(pixels.contiguous(memory_format=torch.channels_last)).cpu().numpy()
        )
        return features
