"""How well images fit the titles they were made for, in the space of a dual encoder."""

from collections.abc import Sequence
from statistics import median
from typing import Any

import numpy as np
import numpy.typing as npt

from ecomgan.encoder.dual_encoder import DualEncoder
from ecomgan.evaluation.figures import Cell, over_seeds

Vectors = npt.NDArray[np.float32]


def match_figures(
    encoder: DualEncoder,
    titles: Sequence[str],
    real: Vectors,
    made: Sequence[Vectors],
    order: npt.NDArray[np.intp],
) -> dict[str, Any]:
    """Median cosine x100 of images and their titles: of generated images, held-out photos, and photos beside titles
    that are not theirs (in `order`).

    A checkpoint that takes texts is conditioned in this very space, so that the figure tells how well it listens and
    not how good its images are.
    """
    texts = encoder.texts([title or " " for title in titles])

    def middle(images: Vectors, of: Vectors) -> Cell:
        return {"value": 100 * median((images * of).sum(axis=1).tolist())}

    return {
        "generated": over_seeds([middle(one, texts) for one in made]),
        "real": over_seeds([middle(real, texts)]),
        "shuffled": over_seeds([middle(real, texts[order])]),
        "encoder_sha256": encoder.weights_sha256,
    }
