"""A dual encoder at work: texts and images to unit vectors of one space. Loads torch and transformers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from ecomgan.errors import ConfigError, RequestError
from ecomgan.networks.classifier import to_input
from ecomgan.networks.dual_encoder import ProductEncoder, ProductTextEncoder

Vectors = npt.NDArray[np.float32]

_BATCH = 256
TOKENS = ("input_ids", "attention_mask")
"""What a text tower may take of a tokenizer's answer."""


@dataclass(frozen=True)
class Look:
    """How photos are brought before an image tower: fitted whole on white to height x width, then (x - mean) / std.

    mean, std: of pixels in [0, 1], channel by channel.
    """

    height: int
    width: int
    mean: tuple[float, ...] = (0.5, 0.5, 0.5)
    std: tuple[float, ...] = (0.5, 0.5, 0.5)

    def prepare(self, images: npt.NDArray[np.uint8], device: torch.device) -> Tensor:
        """uint8 (N, H, W, 3) of any size -> float (N, 3, height, width)."""
        fitted = to_input(torch.from_numpy(np.array(images)).to(device), self.height, self.width)
        mean = torch.tensor(self.mean, device=device)[:, None, None]
        std = torch.tensor(self.std, device=device)[:, None, None]
        return ((fitted + 1) / 2 - mean) / std


class DualEncoder:
    """Texts and images of products as vectors of length 1, alike where they fit. The text decides its vector alone,
    whatever other texts it comes with, within rounding.

    longest_text: in tokens; padding: "longest", or "max_length" where each text is filled up to that. record: how it
    was taught, where its folder says so; weights_sha256: of its weights, None before they are saved.
    """

    def __init__(
        self,
        network: PreTrainedModel,
        tokenizer: PreTrainedTokenizerBase,
        look: Look,
        *,
        longest_text: int,
        padding: str = "longest",
        device: torch.device | str = "cpu",
        record: dict[str, Any] | None = None,
        weights_sha256: str | None = None,
    ) -> None:
        self._device = torch.device(device)
        self.network: Any = network.to(self._device)  # type: ignore[arg-type]
        self.tokenizer: Any = tokenizer
        self.look, self.longest_text, self.padding = look, longest_text, padding
        self.record = record
        self.weights_sha256 = weights_sha256
        self.dim = int(self.texts(["product"]).shape[1])

    def texts(self, texts: Sequence[str]) -> Vectors:
        """float32 (N, dim), unit vectors, of N >= 1 texts; what is longer than the encoder reads is cut off.

        Raises RequestError for anything but texts.
        """
        if isinstance(texts, str) or not texts or not all(isinstance(text, str) for text in texts):
            raise RequestError(f"texts are {texts!r}; a list of at least one text was expected")
        found = text_vectors(self.network, self.tokenizer, texts, self.longest_text, self.padding)
        vectors: Vectors = found.cpu().numpy()
        return vectors

    def images(self, images: npt.NDArray[np.uint8]) -> Vectors:
        """float32 (N, dim), unit vectors, of uint8 RGB images (N, H, W, 3) of any size; raises RequestError else."""
        if images.dtype != np.uint8 or images.ndim != 4 or images.shape[-1] != 3 or 0 in images.shape:
            raise RequestError(f"images are {images.dtype} {images.shape}; uint8 (N, H, W, 3) with N >= 1 was expected")
        parts = [images[start : start + _BATCH] for start in range(0, len(images), _BATCH)]
        return np.concatenate([self._of_images(part) for part in parts])

    def similarity(self, texts: Sequence[str], images: npt.NDArray[np.uint8]) -> Vectors:
        """Cosines float32 (number of texts, number of images), -1..1; arguments as `texts` and `images` take them."""
        found: Vectors = self.texts(texts) @ self.images(images).T
        return found

    def text_tower(self) -> tuple[ProductTextEncoder, PreTrainedTokenizerBase]:
        """The text tower and its tokenizer, for a generator to carry; raises ConfigError for an encoder not of ours."""
        if not isinstance(self.network, ProductEncoder):
            raise ConfigError(
                f"the encoder is a {type(self.network).__name__}; generators are conditioned on texts by an encoder "
                "that `ecomgan train-encoder` taught"
            )
        tower: Any = self.network.text_tower().requires_grad_(False)
        return tower.eval(), self.tokenizer

    @torch.inference_mode()
    def _of_images(self, images: npt.NDArray[np.uint8]) -> Vectors:
        features = self.network.get_image_features(self.look.prepare(images, self._device)).pooler_output
        found: Vectors = F.normalize(features.float(), dim=1).cpu().numpy()
        return found


@torch.inference_mode()
def text_vectors(
    network: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    texts: Sequence[str],
    longest_text: int,
    padding: str = "longest",
) -> Tensor:
    """Unit vectors float32 (N, D) on the network's device; longest_text in tokens, what is longer is cut off."""
    tower: Any = network
    parts = []
    for start in range(0, len(texts), _BATCH):
        tokens = tokenizer(
            [" ".join(text.split()) for text in texts[start : start + _BATCH]],
            padding=padding,
            truncation=True,
            max_length=longest_text,
            return_tensors="pt",
        )
        known = {name: tokens[name].to(network.device) for name in TOKENS if name in tokens}
        parts.append(F.normalize(tower.get_text_features(**known).pooler_output.float(), dim=1))
    return torch.cat(parts)
