"""Realism: what the heads that taught the shipped generator say of an image. Loads torch.

These heads look at the projected features of a frozen backbone, one logit a place: their mean is the score, and
`ecomgan.exploring.realism.RealismMap` draws where it comes from.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from ecomgan.asking import Attributes
from ecomgan.data.decode import fit_on_white
from ecomgan.exploring.realism import RealismMap
from ecomgan.pipeline import EcomGANPipeline

SHIPPED = Path(__file__).resolve().parents[2] / "models" / "starter"


class Realism:
    """The heads of one checkpoint, opened on the CPU. Scores of two checkpoints are not comparable."""

    def __init__(self, folder: Path = SHIPPED) -> None:
        """Raises CheckpointError where the folder is missing, damaged or holds no discriminator."""
        self._pipe = EcomGANPipeline.from_pretrained(folder)
        self._map = RealismMap(self._pipe)

    def __call__(self, images: npt.NDArray[np.uint8], attributes: Sequence[Attributes]) -> list[float | None]:
        """Mean logit of each of uint8 RGB images (N, H, W, 3), fitted on white to the checkpoint's size.

        None where the checkpoint knows none of the image's attributes: its heads judge an image as one *of something*,
        and without that they tell nothing (of 120 real photos and their torn copies, the copies won).
        """
        known = [self._known(table) for table in attributes]
        rows = [row for row, table in enumerate(known) if table]
        found: list[float | None] = [None] * len(images)
        if rows:
            fitted = np.stack([fit_on_white(Image.fromarray(images[row]), *self._pipe.image_shape) for row in rows])
            means = self._map(fitted, [known[row] for row in rows]).mean(axis=(1, 2))
            for row, mean in zip(rows, means, strict=True):
                found[row] = float(mean)
        return found

    def _known(self, table: Attributes) -> dict[str, str | None]:
        vocabulary = self._pipe.vocabulary
        return {name: value for name, value in table.items() if name in vocabulary and value in vocabulary[name]}
