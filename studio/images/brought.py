"""A photo that someone brings to search by: hostile until it is decoded under limits. It is not kept."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from studio.errors import InputError

MAX_PHOTO_BYTES = 20_000_000

Pixels = npt.NDArray[np.uint8]


def decoded(data: bytes) -> Pixels:
    """The pixels of a photo's file: uint8 RGB (H, W, 3). Raises InputError for what is no such photo."""
    from ecomgan.data.decode import decode_image
    from ecomgan.errors import ImageError

    if len(data) > MAX_PHOTO_BYTES:
        raise InputError(f"A photo to search by has up to {MAX_PHOTO_BYTES:,} bytes, got {len(data):,}.")
    try:
        return np.asarray(decode_image(data))
    except ImageError as error:
        raise InputError(f"This photo cannot be used: {error}.") from error


def small_picture(data: bytes, side: int = 160) -> Pixels:
    """The photo, its longer side at most `side`: uint8 RGB. Raises InputError."""
    from PIL import Image

    image = Image.fromarray(decoded(data))
    image.thumbnail((side, side))
    return np.asarray(image)
