"""Overlay: whether text, a watermark or a badge was laid over a photo. Loads torch.

A logistic regression (overlay.npz, 352 weights) on early features of the frozen ImageNet network EfficientNet-Lite0,
fitted by `overlay_training` on product photos and the same photos with overlays drawn over them: the products' own
prints are what it was taught to leave alone.
"""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image

from ecomgan.data.decode import fit_on_white
from ecomgan.networks.backbone import Backbone

SHIPPED = Path(__file__).with_name("overlay.npz")
_HEIGHT, _WIDTH = 320, 256
_LAST_STRIDE = 16  # letters are told by what lies before it


class OverlayFeatures:
    """The frozen network, opened on the CPU."""

    def __init__(self) -> None:
        """Raises BackboneError where the package with its weights is missing."""
        self._backbone = Backbone("lite0")

    @torch.inference_mode()
    def __call__(self, image: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
        """Mean and largest value of each channel at strides 4, 8 and 16: (352,), of uint8 RGB (H, W, 3), which is
        shrunk whole on white into 320x256 and never enlarged."""
        fitted = torch.from_numpy(fit_on_white(Image.fromarray(image), _HEIGHT, _WIDTH))
        pixels = fitted.permute(2, 0, 1)[None].float() / 127.5 - 1
        maps = self._backbone.features(pixels, _LAST_STRIDE)[1:]
        pooled = [part[0] for level in maps for part in (level.mean((2, 3)), level.amax((2, 3)))]
        return np.asarray(torch.cat(pooled).numpy(), dtype=np.float64)


class Overlay:
    """The shipped regression, opened on the CPU."""

    def __init__(self, file: Path = SHIPPED) -> None:
        self._features = OverlayFeatures()
        with np.load(file, allow_pickle=False) as weights:
            self._weights, self._bias = weights["weights"], float(weights["bias"])

    def __call__(self, images: Iterable[npt.NDArray[np.uint8]]) -> list[float]:
        """Percent, 0..100, of each of uint8 RGB images (H, W, 3) that something was laid over it."""
        logits = (float(self._features(image) @ self._weights) + self._bias for image in images)
        return [float(100 / (1 + np.exp(-np.clip(logit, -50, 50)))) for logit in logits]
