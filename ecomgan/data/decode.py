"""From bytes of unknown origin to an RGB image on white.

Uploaded and crawled product photos are hostile input: the header is checked against a pixel limit before anything
is decoded, only formats that shops use are tried, and whatever a decoder throws becomes one ImageError.
"""

import io

import numpy as np
from PIL import Image, ImageOps

from ecomgan.errors import ImageError

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")
PIXEL_LIMIT = 50_000_000
"""Largest width x height that is decoded; 50 million pixels are 150 MB as RGB."""

_WHITE = (255, 255, 255)


def decode_image(data: bytes, pixel_limit: int = PIXEL_LIMIT) -> Image.Image:
    """Decode `data` to an RGB image: first frame, turned as its EXIF says, transparency laid on white, 8 bits.

    Raises ImageError when the bytes are empty, of no known format, truncated or above `pixel_limit` pixels.
    """
    if not data:
        raise ImageError("the image is empty (0 bytes)")
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ImageError(f"the image is too large: {error}; at most {pixel_limit} pixels are decoded") from error
    except Exception as error:  # a hostile header can make a decoder raise nearly anything
        raise ImageError(
            f"the bytes ({len(data)}, starting {data[:8]!r}) are no image; expected one of {', '.join(FORMATS)}"
        ) from error
    width, height = image.size
    if width * height > pixel_limit:
        raise ImageError(f"the image has {width}x{height} pixels (width x height); at most {pixel_limit} are decoded")
    try:
        image.seek(0)
        image.load()
        return _to_rgb(ImageOps.exif_transpose(image))
    except ImageError:
        raise
    except Exception as error:  # see above; a truncated file arrives here as OSError
        raise ImageError(f"the {image.format} image is damaged or cut off: {error}") from error


def fit_on_white(image: Image.Image, height: int, width: int) -> np.ndarray:
    """Shrink `image` (antialiased, never enlarged) into height x width and centre it on white: uint8 (H, W, 3)."""
    scale = min(height / image.height, width / image.width, 1.0)
    if scale < 1.0:
        size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
        image = image.resize(size, Image.Resampling.LANCZOS)
    frame = np.full((height, width, 3), 255, dtype=np.uint8)
    top, left = (height - image.height) // 2, (width - image.width) // 2
    frame[top : top + image.height, left : left + image.width] = np.asarray(image)
    return frame


def _to_rgb(image: Image.Image) -> Image.Image:
    if image.mode == "RGB":
        return image
    if image.mode.startswith("I"):  # 16-bit greys, which convert() would clip instead of scaling
        grey = np.asarray(image).astype(np.int64)
        scaled = np.clip(grey // 257, 0, 255).astype(np.uint8)
        return Image.fromarray(scaled).convert("RGB")
    if image.mode == "F":
        raise ImageError("the image holds floating-point pixels; 8 or 16 bits a channel were expected")
    if image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info:
        colours = image.convert("RGBA")
        ground = Image.new("RGB", colours.size, _WHITE)
        ground.paste(colours, mask=colours.getchannel("A"))
        return ground
    return image.convert("RGB")
