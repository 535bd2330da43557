"""Small pictures for the pages, made at the first look and kept under `home`."""

from __future__ import annotations

import io
import logging
from typing import TYPE_CHECKING

from PIL import Image, ImageOps

from studio.errors import InputError, StorageError
from studio.images.integrity import bytes_of
from studio.storage import check_name, write_file

if TYPE_CHECKING:
    from studio.bootstrap import Studio

SIZES = (160, 320, 640)
"""The longest sides in pixels that pages may ask for."""
MEDIA_TYPE = "image/webp"
_log = logging.getLogger(__name__)
_MOST_PIXELS = 64_000_000
_WHITE = (255, 255, 255)
_HEADER = 12  # bytes


def thumbnail(studio: Studio, sha256: str, size: int) -> bytes:
    """The image as WebP with its longest side at most `size` pixels; never enlarged. Every call gives equal bytes.

    An image that needs no reduction is kept exactly (lossless). Raises InputError for a size that is not in SIZES,
    NotFound for a name that is no hash, IntegrityError when the bytes are missing or damaged, which marks the image,
    StorageError when they are no image of at most 64 megapixels.
    """
    check_name(sha256)
    if size not in SIZES:
        raise InputError(f"Thumbnails are {', '.join(map(str, SIZES))} pixels; got {size}.")
    path = studio.settings.home / "thumbnails" / str(size) / sha256[:2] / f"{sha256}.webp"
    try:
        kept = path.read_bytes()
    except FileNotFoundError:
        kept = b""
    if _is_whole(kept):
        return kept
    data = _reduced(bytes_of(studio, sha256), sha256, size)
    try:
        write_file(path, data, lasting=False)  # decisions wait for the same disk
    except OSError as error:
        _log.warning("the thumbnail of image %s is not kept and will be made again: %s", sha256, error)
    return data


def _reduced(data: bytes, sha256: str, size: int) -> bytes:
    try:
        with Image.open(io.BytesIO(data)) as source:
            if source.width * source.height > _MOST_PIXELS:  # read from the header: nothing is decoded yet
                raise StorageError(
                    f"Image {sha256} has {source.width}x{source.height} pixels, too many for a thumbnail."
                )
            source.draft("RGB", (2 * size, 2 * size))  # lets JPEG skip work that the reduction throws away
            image = _on_white(ImageOps.exif_transpose(source))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise StorageError(f"The bytes of image {sha256} are no image that can be read: {error}.") from error
    whole = max(image.size) <= size
    image.thumbnail((size, size), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    # The encoder's effort: it is waited for. 256x320 pixels lossless take 0.8 ms so, and 12 with more effort.
    image.save(out, "WEBP", lossless=whole, quality=85, method=0 if whole else 2)
    return out.getvalue()


def _is_whole(data: bytes) -> bool:
    """Whether a WebP file is as long as its own header says (RFC 9649): a power cut may leave one short."""
    return len(data) > _HEADER and len(data) == int.from_bytes(data[4:8], "little") + 8


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        image = image.convert("RGBA")
        ground = Image.new("RGBA", image.size, (*_WHITE, 255))
        return Image.alpha_composite(ground, image).convert("RGB")
    return image.convert("RGB")
