"""Images of unknown origin either become RGB on white or are refused with a message that says why."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from ecomgan.data.decode import decode_image, fit_on_white
from ecomgan.errors import ImageError


def encode(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def photo(width: int = 40, height: int = 60) -> Image.Image:
    return Image.new("RGB", (width, height), (200, 30, 40))


def png_header_of(width: int, height: int) -> bytes:
    """A PNG of a few bytes that claims any size."""
    body = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    header = struct.pack(">I", 13) + body + struct.pack(">I", zlib.crc32(body))
    return b"\x89PNG\r\n\x1a\n" + header + struct.pack(">I", 2**20) + b"IDAT"


def test_zero_bytes_are_refused() -> None:
    with pytest.raises(ImageError, match="0 bytes"):
        decode_image(b"")


def test_text_named_as_an_image_is_refused_with_its_first_bytes() -> None:
    with pytest.raises(ImageError, match=r"starting b'Dear cus'.*JPEG"):
        decode_image(b"Dear customer, here is the photo")


def test_cut_off_jpeg_is_refused() -> None:
    with pytest.raises(ImageError, match="JPEG image is damaged or cut off"):
        decode_image(encode(photo(400, 400), "JPEG")[:-600])


@pytest.mark.parametrize("size", [(60_000, 60_000), (10_000, 10_000), (8_000, 8_000)])
def test_image_bomb_is_refused_from_its_header(size: tuple[int, int]) -> None:
    with pytest.raises(ImageError, match="50000000"):
        decode_image(png_header_of(*size))


def test_formats_that_shops_do_not_use_are_refused() -> None:
    with pytest.raises(ImageError, match="no image"):
        decode_image(encode(photo(), "PPM"))


def test_cmyk_becomes_rgb() -> None:
    decoded = decode_image(encode(photo().convert("CMYK"), "JPEG", quality=95))
    assert decoded.mode == "RGB"
    assert np.abs(np.asarray(decoded)[30, 20].astype(int) - (200, 30, 40)).max() < 12


def test_sixteen_bit_grey_is_scaled_not_clipped() -> None:
    grey = np.full((40, 40), 32_896, dtype=np.uint16)  # 128 x 257
    decoded = decode_image(encode(Image.fromarray(grey), "PNG"))
    assert np.asarray(decoded)[0, 0].tolist() == [128, 128, 128]


def test_animation_gives_its_first_frame() -> None:
    frames = [photo(), Image.new("RGB", (40, 60), "blue")]
    decoded = decode_image(encode(frames[0], "GIF", save_all=True, append_images=frames[1:]))
    assert np.abs(np.asarray(decoded)[0, 0].astype(int) - (200, 30, 40)).max() < 12


def test_exif_rotation_is_applied() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90 degrees
    decoded = decode_image(encode(photo(40, 60), "JPEG", exif=exif))
    assert decoded.size == (60, 40)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_transparency_is_laid_on_white(mode: str) -> None:
    clear = Image.new("RGBA", (40, 40), (0, 0, 0, 0)).convert(mode)
    options = {"transparency": clear.getpixel((0, 0))} if mode == "P" else {}
    assert np.asarray(decode_image(encode(clear, "PNG", **options))).min() == 255


def test_floating_point_pixels_are_refused() -> None:
    with pytest.raises(ImageError, match="floating-point"):
        decode_image(encode(Image.new("F", (40, 40), 0.5), "TIFF"))


def test_photo_is_padded_to_the_aspect_on_white() -> None:
    frame = fit_on_white(photo(60, 80), height=80, width=64)
    assert frame.shape == (80, 64, 3)
    assert (frame[:, :2] == 255).all()
    assert (frame[:, 62:] == 255).all()
    assert frame[40, 30].tolist() == [200, 30, 40]


def test_photo_is_shrunk_with_antialiasing() -> None:
    stripes = np.zeros((800, 640, 3), dtype=np.uint8)
    stripes[::2] = 255
    frame = fit_on_white(Image.fromarray(stripes), height=80, width=64)
    assert np.abs(frame.astype(int) - 127).max() < 20


def test_photo_is_never_enlarged() -> None:
    frame = fit_on_white(photo(32, 40), height=80, width=64)
    assert int((frame[:, :, 1] != 255).sum()) == 32 * 40
