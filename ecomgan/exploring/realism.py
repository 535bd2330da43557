"""Where the heads that taught a generator find an image right: their logits are maps, so this costs one look."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F

from ecomgan.asking import Attributes
from ecomgan.errors import CheckpointError, RequestError
from ecomgan.networks.backbone import Backbone
from ecomgan.pipeline import EcomGANPipeline

_STRIDE = 16


class RealismMap:
    """Looks through the heads of a checkpoint. Raises CheckpointError for a folder without its discriminator."""

    def __init__(self, pipe: EcomGANPipeline) -> None:
        if pipe.discriminator is None:
            raise CheckpointError("this checkpoint holds no discriminator; open one that was exported with its heads")
        self._pipe, self._heads = pipe, pipe.discriminator.eval()
        device = pipe.generator.device
        self._backbone = self._heads.pyramid or Backbone("lite0").to(device)

    @torch.inference_mode()
    def __call__(self, images: npt.NDArray[np.uint8], attributes: Sequence[Attributes]) -> npt.NDArray[np.float32]:
        """Mean logit of all heads at each pixel, float32 (N, H, W), of uint8 images (N, H, W, 3) in the checkpoint's
        size: above 0 where they look real and like their attributes, below where they do not.

        Raises RequestError for images of another size or number, ConditionError for unknown attributes.
        """
        height, width = self._pipe.image_shape
        if images.dtype != np.uint8 or images.shape[1:] != (height, width, 3) or len(images) != len(attributes):
            raise RequestError(
                f"images are {images.dtype} {images.shape} with {len(attributes)} attribute tables; "
                f"uint8 (N, {height}, {width}, 3) with N tables were expected"
            )
        pixels = torch.from_numpy(np.array(images)).to(self._pipe.generator.device).permute(0, 3, 1, 2)
        features = self._backbone.features(pixels.float() / 127.5 - 1, _STRIDE)
        logits = self._heads(features, self._pipe.conditions(attributes))
        maps = [F.interpolate(head, size=(height, width), mode="bilinear", align_corners=False) for head in logits]
        found: npt.NDArray[np.float32] = torch.cat(maps, dim=1).mean(dim=1).float().cpu().numpy()
        return found
