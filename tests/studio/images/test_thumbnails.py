"""Thumbnails are small, kept, and never made of something that is no image."""

import io
import struct
import zlib
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from studio.bootstrap import Studio
from studio.errors import InputError, NotFound, StorageError
from studio.images.thumbnails import thumbnail
from studio.storage import Storage


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    home = tmp_path / "home"
    parts = SimpleNamespace(settings=SimpleNamespace(home=home), storage=Storage((tmp_path / "assets").as_uri()))
    return parts  # type: ignore[return-value]


def encoded(image: Image.Image, image_format: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, image_format, **options)  # type: ignore[arg-type]
    return out.getvalue()


def noise(height: int, width: int, bands: int = 3) -> Image.Image:
    return Image.fromarray(np.random.default_rng(0).integers(0, 256, (height, width, bands), dtype=np.uint8))


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def test_a_large_image_is_reduced(studio: Studio) -> None:
    name = studio.storage.put(encoded(noise(800, 400), "PNG"))
    assert opened(thumbnail(studio, name, 160)).size == (80, 160)


def test_a_small_image_is_neither_enlarged_nor_changed(studio: Studio) -> None:
    source = noise(80, 64)
    name = studio.storage.put(encoded(source, "PNG"))
    assert np.array_equal(np.asarray(opened(thumbnail(studio, name, 160)).convert("RGB")), np.asarray(source))


def test_it_is_made_once(studio: Studio, tmp_path: Path) -> None:
    name = studio.storage.put(encoded(noise(300, 300), "PNG"))
    first = thumbnail(studio, name, 160)
    for path in (tmp_path / "assets").rglob(name):
        path.unlink()
    assert thumbnail(studio, name, 160) == first


def test_one_that_a_power_cut_left_short_is_made_again(studio: Studio) -> None:
    sha256 = studio.storage.put(encoded(noise(80, 64), "PNG"))
    data = thumbnail(studio, sha256, 320)
    (kept,) = (studio.settings.home / "thumbnails").rglob("*.webp")
    for short in (b"", data[:10], data[:-1]):
        kept.write_bytes(short)
        assert thumbnail(studio, sha256, 320) == data == kept.read_bytes()


def test_what_is_see_through_stands_on_white(studio: Studio) -> None:
    name = studio.storage.put(encoded(Image.new("RGBA", (50, 50), (0, 0, 0, 0)), "PNG"))
    assert opened(thumbnail(studio, name, 160)).convert("RGB").getpixel((25, 25)) == (255, 255, 255)


def test_a_print_colour_photo_is_shown(studio: Studio) -> None:
    name = studio.storage.put(encoded(Image.new("CMYK", (400, 300), (0, 0, 0, 0)), "JPEG"))
    assert opened(thumbnail(studio, name, 320)).size == (320, 240)


def test_a_photo_taken_sideways_stands_upright(studio: Studio) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    name = studio.storage.put(encoded(noise(300, 400), "JPEG", exif=exif))
    assert opened(thumbnail(studio, name, 160)).size == (120, 160)


@pytest.mark.parametrize("data", [b"", b"this is a text", encoded(noise(99, 99), "PNG")[:2000]])
def test_what_is_no_image_is_told(studio: Studio, data: bytes) -> None:
    name = studio.storage.put(data)
    with pytest.raises(StorageError, match="no image"):
        thumbnail(studio, name, 160)


def test_a_bomb_is_not_decoded(studio: Studio) -> None:
    header = b"IHDR" + struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    png = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
    name = studio.storage.put(png + encoded(noise(9, 9), "PNG")[33:])
    with pytest.raises(StorageError, match=r"too many|no image"):
        thumbnail(studio, name, 160)


def test_only_the_known_sizes_are_made(studio: Studio) -> None:
    with pytest.raises(InputError, match="160, 320, 640"):
        thumbnail(studio, "0" * 64, 161)


def test_a_name_from_outside_is_never_a_path(studio: Studio) -> None:
    with pytest.raises(NotFound):
        thumbnail(studio, "../../../secret", 160)
