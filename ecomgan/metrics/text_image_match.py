"""Text-image match: how well an image fits the text that it was asked for by. Loads torch and transformers."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ecomgan.encoder import SHIPPED, open_encoder
from ecomgan.errors import RequestError


def text_image_match(image: npt.NDArray[np.uint8], text: str) -> float | None:
    """What the shipped encoder says of one image, uint8 RGB (H, W, 3): see `Matcher`. Opened at the first call."""
    return _shipped()(image[None], [text])[0]


class Matcher:
    """A dual encoder, opened on the CPU: about 1 ms an image and 0.5 ms a text in a batch."""

    def __init__(self, folder: Path = SHIPPED) -> None:
        """folder: of any encoder that `open_encoder` opens; scores of two encoders are not comparable.

        Raises CheckpointError where the folder is missing, damaged or no encoder.
        """
        self._encoder = open_encoder(folder)

    def __call__(self, images: npt.NDArray[np.uint8], texts: Sequence[str]) -> list[float | None]:
        """Cosine x 100 of each of uint8 RGB images (N, H, W, 3) with its text; None where the text is empty.

        Raises RequestError for another number of texts than images, or what is neither.
        """
        seen = self._encoder.images(images)
        if len(texts) != len(images):
            raise RequestError(f"{len(texts)} texts for {len(images)} images; one each was expected")
        fits = (seen * self._encoder.texts([text or " " for text in texts])).sum(axis=1)
        return [100 * float(fit) if text.strip() else None for fit, text in zip(fits, texts, strict=True)]

    def alike(self, images: npt.NDArray[np.uint8], photos: npt.NDArray[np.uint8]) -> list[float]:
        """Cosine x 100 between the image tower's vectors of row i of both, uint8 RGB (N, H, W, 3)."""
        return [100 * float(cosine) for cosine in (self._encoder.images(images) * self._encoder.images(photos)).sum(1)]


@cache
def _shipped() -> Matcher:
    return Matcher()
