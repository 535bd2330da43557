"""The judge: the sealed network of `models/judge`. It tells what an image shows, and gives the space `catalog`.

Taught on the train split of the catalogue's own photos, so that it sees what matters there. It is sealed: nothing is
ever trained, stopped, chosen or ranked by it. Loads torch.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from ecomgan.classifiers.opening import open_classifier
from ecomgan.networks.classifier import to_input

SPACE = "catalog"
"""Short name of the judge's space; figures carry it: `KD_catalog`, `FD_catalog`."""
DESCRIPTION = "the sealed network, means of its three blocks, each number at deviation 1 over the train photos"
VERSION = 2
SHIPPED = Path(__file__).resolve().parents[2] / "models" / "judge"


@dataclass(frozen=True)
class Judged:
    """What the judge says of N images. features: float32 (N, d); answers: field -> most likely value of each image."""

    features: npt.NDArray[np.float32]
    answers: dict[str, list[str]]


class Judge:
    """The sealed network, opened. `classes`: field -> the values that it tells apart."""

    def __init__(self, folder: Path = SHIPPED, device: torch.device | str = "cpu") -> None:
        """Raises CheckpointError where the folder is missing, damaged or no judge."""
        opened = open_classifier(folder, "judge")
        self._device = torch.device(device)
        self._network = opened.network
        self._network.to(self._device)  # type: ignore[arg-type]
        self.record = opened.record
        self.weights_sha256 = opened.weights_sha256
        self.classes: dict[str, list[str]] = opened.classes
        self._size = opened.size

    @torch.inference_mode()
    def __call__(self, images: npt.NDArray[np.uint8]) -> Judged:
        """Look at a batch of uint8 RGB images (N, H, W, 3) of any size; they are fitted on white to 80x64."""
        pixels = to_input(torch.from_numpy(np.array(images)).to(self._device), *self._size)
        pooled = self._network.pooled(pixels)
        answers = {
            field: [self.classes[field][i] for i in logits.argmax(dim=1).tolist()]
            for field, logits in self._network.answer(pooled).items()
        }
        return Judged(self._network.to_scale(pooled).cpu().numpy(), answers)
