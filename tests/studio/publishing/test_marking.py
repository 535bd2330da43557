"""The mark of generated images survives being written, and is read by others than us."""

from __future__ import annotations

import datetime as dt
import io
import json
import shutil
import subprocess
from pathlib import Path

import pytest
from PIL import Image

from studio.publishing.marking import FORMATS, TRAINED_ALGORITHMIC_MEDIA, Mark, encode, read_mark

MARK = Mark(
    title='Red <Dress> & "Belt"',
    alt_text="红色连衣裙",
    prompt="red dress\x00\x07 with ]]> and \ud83d an emoji 👗",
    model="starter",
    model_digest="ab" * 32,
    created_at=dt.datetime(2026, 11, 23, 5, 0, tzinfo=dt.UTC),
)


def picture() -> Image.Image:
    return Image.linear_gradient("L").resize((64, 80)).convert("RGB")


@pytest.mark.parametrize("image_format", FORMATS)
def test_every_format_carries_the_mark(image_format: str) -> None:
    data = encode(picture(), image_format, MARK)
    assert read_mark(data) == TRAINED_ALGORITHMIC_MEDIA
    with Image.open(io.BytesIO(data)) as again:
        assert (again.format, again.size) == (image_format, (64, 80))


@pytest.mark.parametrize("image_format", FORMATS)
def test_pillow_reads_the_fields_by_their_names(image_format: str) -> None:
    with Image.open(io.BytesIO(encode(picture(), image_format, MARK))) as image:
        fields = image.getxmp()["xmpmeta"]["RDF"]["Description"]
    assert fields["DigitalSourceType"] == TRAINED_ALGORITHMIC_MEDIA
    assert fields["AISystemVersionUsed"] == MARK.model_digest
    assert fields["AIPromptInformation"] == "red dress with ]]> and  an emoji 👗"
    assert fields["title"]["Alt"]["li"]["text"] == MARK.title
    assert fields["CreatorTool"] == "EcomGAN Studio"


@pytest.mark.parametrize("image_format", FORMATS)
@pytest.mark.skipif(shutil.which("exiftool") is None, reason="exiftool is not installed")
def test_exiftool_reads_the_mark(image_format: str, tmp_path: Path) -> None:
    file = tmp_path / f"image.{FORMATS[image_format]}"
    file.write_bytes(encode(picture(), image_format, MARK))
    printed = subprocess.run(
        ["exiftool", "-json", "-n", "-G1", str(file)], check=True, capture_output=True, text=True
    ).stdout
    tags = json.loads(printed)[0]
    assert tags["XMP-iptcExt:DigitalSourceType"] == TRAINED_ALGORITHMIC_MEDIA
    assert tags["XMP-dc:Title"] == MARK.title
    assert tags["XMP-iptcCore:AltTextAccessibility"] == MARK.alt_text
    assert not tags.get("ExifTool:Warning")


def test_the_mark_replaces_what_an_image_said_before() -> None:
    before = io.BytesIO()
    picture().save(before, "JPEG", xmp=b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/>", comment=b"from elsewhere")
    with Image.open(before) as image:
        image.load()
        after = encode(image, "JPEG", MARK)
    assert read_mark(after) == TRAINED_ALGORITHMIC_MEDIA
    assert b"from elsewhere" not in after


def test_a_mark_given_as_an_attribute_is_read() -> None:
    packet = (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description xmlns:e="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" '
        f'e:DigitalSourceType="{TRAINED_ALGORITHMIC_MEDIA}"/></rdf:RDF></x:xmpmeta>'
    )
    file = io.BytesIO()
    picture().save(file, "JPEG", xmp=packet.encode())
    assert read_mark(file.getvalue()) == TRAINED_ALGORITHMIC_MEDIA


@pytest.mark.parametrize(
    "packet",
    [
        b"not xml",
        b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
        b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/>",
    ],
)
def test_packets_that_say_nothing_usable_count_as_no_mark(packet: bytes) -> None:
    file = io.BytesIO()
    picture().save(file, "JPEG", xmp=packet)
    assert read_mark(file.getvalue()) is None


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"plain text", encode(picture(), "PNG", MARK)[:40]])
def test_bytes_that_are_no_image_have_no_mark(data: bytes) -> None:
    assert read_mark(data) is None


def test_other_formats_are_refused() -> None:
    with pytest.raises(ValueError, match="JPEG, PNG, WEBP"):
        encode(picture(), "GIF", MARK)
