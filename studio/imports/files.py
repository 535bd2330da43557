"""The files in which catalogues come: CSV, Excel workbooks and XML feeds, told apart by their first bytes."""

from __future__ import annotations

from typing import BinaryIO

from studio.errors import InputError
from studio.imports.product_feeds import open_feed
from studio.imports.spreadsheet import Sheet, open_csv
from studio.imports.workbooks import open_workbook

MAX_BYTES = 200 * 1024 * 1024

_OTHER_FILES = {
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"%PDF": "a PDF",
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"GIF8": "a GIF image",
    b"PAR1": "a Parquet file",
    b"\x1f\x8b": "a compressed file",
}
_XML = (b"<?xml", b"<rss", b"<feed")


def open_sheet(file: BinaryIO) -> Sheet:
    """Open a product table of any of these forms. Raises InputError, also while its rows are read."""
    file.seek(0)
    start = file.read(64)
    for magic, kind in _OTHER_FILES.items():
        if start.startswith(magic):
            raise InputError(
                f"The file is {kind}, not a product table. Save it as XLSX or “CSV UTF-8” and choose that."
            )
    if start.startswith(b"PK\x03\x04"):
        return open_workbook(file)
    if start.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(_XML):
        return open_feed(file)
    return open_csv(file)


def check_size(size: int) -> None:
    """Raise InputError for a file above `MAX_BYTES`."""
    if size > MAX_BYTES:
        raise InputError(
            "The file has {size:.1f} MB; up to {most} MB are read at once. Split it.",
            size=size / 2**20,
            most=MAX_BYTES // 2**20,
        )
