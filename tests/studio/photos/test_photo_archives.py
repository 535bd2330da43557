"""Archives of photos: read like folders, and hostile ones harm nothing."""

from __future__ import annotations

import io
import struct
import zipfile

import pytest

from db.tables import (
    PhotoOutcome,
)
from studio.errors import InputError
from studio.photos.archives import list_archive
from studio.photos.rights import Statement
from studio.photos.uploads import (
    latest_upload,
    upload_archive,
)
from tests.studio.photo_files import bring_zip, photo, reasons, standing, zipped


def test_an_archive_is_read_like_a_folder(shop, editor) -> None:
    view = bring_zip(
        shop, editor, zipped({"a/MH01.jpg": photo(1), "a/1163/front.jpg": photo(2), "a/readme.txt": b"hi"})
    )
    assert standing(shop) == {"a/MH01.jpg": {"MH01"}, "a/1163/front.jpg": {"1163"}}
    assert list(reasons(shop, editor, view)) == ["a/readme.txt"]


def test_names_that_point_out_of_an_archive_and_links_are_refused(shop, editor, tmp_path) -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name in ("../MH01.jpg", "/etc/MH01.jpg", "C:\\MH01.jpg", "a/../../MH01.jpg"):
            archive.writestr(name, photo(1))
        link = zipfile.ZipInfo("MH01-link.jpg")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("MH01-9.jpg", photo(2))
    before = set(tmp_path.parent.rglob("MH01*"))
    view = bring_zip(shop, editor, data.getvalue())
    said = reasons(shop, editor, view)
    assert (view.counts[PhotoOutcome.ADDED], len(said)) == (1, 5)
    assert "link" in said.pop("MH01-link.jpg")
    assert all("points out of the archive" in reason for reason in said.values())
    assert set(tmp_path.parent.rglob("MH01*")) == before


def test_an_archive_that_unpacks_to_too_much_is_not_opened(shop, editor) -> None:
    huge = zipped({f"MH01-{number}.jpg": b"\0" * 1000 for number in range(3)})
    swollen = huge.replace(struct.pack("<L", 1000), struct.pack("<L", 2**31))  # says it unpacks to 6 GB
    with pytest.raises(InputError, match=r"would unpack to 6\.0 GB"):
        upload_archive(shop, editor, "bomb.zip", swollen, Statement())


def test_a_bomb_inside_an_archive_is_refused_by_itself(shop, editor) -> None:
    data = zipped({"MH01-bomb.jpg": b"\0" * (31 * 2**20), "MH01.jpg": photo(1)})
    assert len(data) < 2**17
    view = bring_zip(shop, editor, data)
    assert "31.0 MB" in reasons(shop, editor, view)["MH01-bomb.jpg"]
    assert view.counts[PhotoOutcome.ADDED] == 1


def test_a_size_that_lies_does_not_unpack_more(shop, editor) -> None:
    data = zipped({"MH01.jpg": b"\0" * 1_000_000})
    lying = data.replace(struct.pack("<L", 1_000_000), struct.pack("<L", 1_000))
    assert "damaged" in reasons(shop, editor, bring_zip(shop, editor, lying))["MH01.jpg"]


def test_locked_and_oddly_packed_files_are_refused(shop, editor) -> None:
    locked = bytearray(zipped({"MH01.jpg": photo(1)}))
    at = locked.rindex(b"PK\x01\x02")
    locked[at + 8] |= 1
    assert "password" in list_archive(io.BytesIO(bytes(locked)))[0].fault
    odd = io.BytesIO()
    with zipfile.ZipFile(odd, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("MH01.jpg", photo(1))
    assert "method 14" in list_archive(odd)[0].fault


@pytest.mark.parametrize(
    "data",
    [b"", b"no zip", b"PK\x03\x04" + b"\0" * 50, zipped({"a.jpg": b"1"})[:-30], zipped({})],
    ids=["nothing", "text", "a header alone", "cut off", "empty"],  # an archive names the second it was made in
)
def test_what_is_no_archive_is_refused(shop, editor, data) -> None:
    with pytest.raises(InputError):
        upload_archive(shop, editor, "photos.zip", data, Statement())
    assert latest_upload(shop, editor) is None


def test_a_directory_of_millions_is_refused_before_it_is_read() -> None:
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 400 * 2**20, 0, 0)
    with pytest.raises(InputError, match="400 MB"):
        list_archive(io.BytesIO(b"\0" * 1000 + end))
    record = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 9, 9, 900 * 2**20, 0)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, 1000, 1)
    small = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, 46, 0, 0)
    with pytest.raises(InputError, match="900 MB"):
        list_archive(io.BytesIO(b"\0" * 1000 + record + locator + small))
