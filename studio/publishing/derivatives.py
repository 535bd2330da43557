"""A copy of an image as a channel wants it; the original stays what it is."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
from PIL import Image, UnidentifiedImageError

from ecomgan.finishing.reframe import Reframe
from studio.errors import StorageError
from studio.publishing.marking import Mark, encode

MAX_PIXELS = 64_000_000  # of an original that is decoded here; what shops accept at most

_WHITE = (255, 255, 255)


@dataclass(frozen=True)
class Frame:
    """The size that a channel wants, in pixels; None: as made."""

    height: int | None
    width: int | None


def enlargement(height: int, width: int, frame: Frame) -> float:
    """The factor by which an image grows to fit into the frame; below 1 it shrinks."""
    if frame.height is None or frame.width is None:
        return 1.0
    return min(frame.height / height, frame.width / width)


def derivative(
    data: bytes, frame: Frame, image_format: str, mark: Mark, reframe: Reframe | None = None
) -> tuple[bytes, int, int]:
    """The image scaled into the frame on white and marked, with its height and width in pixels. reframe: first sets its
    product to another scale and place in it, and raises CannotReframe where that cannot be.

    Raises StorageError when `data` is no image that can be decoded.
    """
    try:
        with Image.open(io.BytesIO(data)) as image:
            if image.width * image.height > MAX_PIXELS:
                raise StorageError(
                    f"An image has {image.width} x {image.height} pixels; up to {MAX_PIXELS:,} are exported."
                )
            pixels = _on_white(image)
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError) as error:
        raise StorageError(f"The bytes of an image cannot be decoded: {error}.") from error
    if reframe is not None:
        pixels = Image.fromarray(reframe(np.asarray(pixels)))
    framed = _framed(pixels, frame)
    return encode(framed, image_format, mark), framed.height, framed.width


def _on_white(image: Image.Image) -> Image.Image:
    if not image.has_transparency_data:
        return image.convert("RGB")
    layers = image.convert("RGBA")
    ground = Image.new("RGBA", layers.size, (*_WHITE, 255))
    return Image.alpha_composite(ground, layers).convert("RGB")


def _framed(image: Image.Image, frame: Frame) -> Image.Image:
    if frame.height is None or frame.width is None:
        return image
    factor = enlargement(image.height, image.width, frame)
    # Rounding may not go past the frame, nor to nothing.
    size = (
        min(frame.width, max(1, round(image.width * factor))),
        min(frame.height, max(1, round(image.height * factor))),
    )
    scaled = image.resize(size, Image.Resampling.LANCZOS)
    framed = Image.new("RGB", (frame.width, frame.height), _WHITE)
    framed.paste(scaled, ((frame.width - scaled.width) // 2, (frame.height - scaled.height) // 2))
    return framed
