"""From what an engine made, or another image's pixels, to the finished image of a brief. Worker only."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa

from db.tables import Asset, Brief
from ecomgan import finishing
from ecomgan.data.decode import decode_image
from ecomgan.errors import EcomGANError
from studio.bootstrap import Studio
from studio.errors import EngineError
from studio.making.reframing import source_of

Pixels = npt.NDArray[np.uint8]


def source_pixels(studio: Studio, brief: Brief) -> Pixels:
    """The pixels that a brief starts from, uint8 RGB (H, W, 3), where it starts from another image's.

    Raises StorageError, EngineError when they cannot be read.
    """
    with studio.reading() as session:
        sha256 = session.scalars(sa.select(Asset.sha256).where(Asset.id == source_of(brief))).one()
    try:
        return np.asarray(decode_image(studio.storage.get(sha256)))
    except EcomGANError as error:
        raise EngineError(f"The image that it starts from cannot be read: {error}") from error


def finish(brief: Brief, image: Pixels) -> tuple[Pixels, str]:
    """The finished image, and why it keeps its own frame ("" where it does not, or was not to be reframed).

    An image of an order whose product is not whole is as good without the house style; where nothing but the frame was
    asked for, that is a refusal. Raises EcomGANError.
    """
    steps: list[dict[str, Any]] = list(brief.finishing)
    try:
        return finishing.apply(image, steps), ""
    except finishing.CannotReframe as error:
        if source_of(brief) is not None:
            raise
        others = [step for step in steps if step["step"] != "reframe"]
        return finishing.apply(image, others), str(error)
