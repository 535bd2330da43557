"""Photos in a ZIP, read as the hostile input that an archive may be.

Names in it are only names: nothing is ever written to a path that an archive says. The size of its directory is looked
at before the directory is read, so that millions of entries fill no memory; what all entries together come to when
unpacked is limited before the first is unpacked.
"""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from dataclasses import dataclass
from typing import BinaryIO

from studio.errors import InputError

MOST_ARCHIVE_BYTES = 200 * 2**20  # no more than server.maxUploadSize of .streamlit/config.toml lets in
MOST_FILES = 20_000
MOST_FILE_BYTES = 30 * 2**20
"""Of one photo, as it lies on a disk."""
MOST_UNPACKED_BYTES = 4 * 2**30

_MOST_DIRECTORY_BYTES = 16 * 2**20  # 20,000 entries with long names and the extra fields that tools write
_END, _END64_LOCATOR, _END64 = b"PK\x05\x06", b"PK\x06\x07", b"PK\x06\x06"
_KINDS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_LITTER = {"__macosx", "thumbs.db", "desktop.ini"}


@dataclass(frozen=True)
class Entry:
    """One file of an archive. `entry` is its place there, `fault` says why it is not read, in words."""

    entry: int
    path: str
    size: int
    fault: str = ""


def list_archive(file: BinaryIO) -> list[Entry]:
    """The files in a ZIP; folders and what systems leave behind are left out.

    Raises InputError for what is no ZIP, is damaged, or is more than we unpack.
    """
    _check_directory(file)
    try:
        with zipfile.ZipFile(file) as archive:
            infos = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, struct.error) as error:
        raise InputError(f"The archive is damaged and cannot be opened: {error}.") from error
    entries = [
        Entry(at, named(info.filename), info.file_size, _fault(info))
        for at, info in enumerate(infos)
        if not info.is_dir() and not is_litter(info.filename)
    ]
    unpacked = sum(entry.size for entry in entries)
    if len(entries) > MOST_FILES:
        raise InputError(f"The archive holds {len(entries):,} files; up to {MOST_FILES:,} are read at once. Split it.")
    if unpacked > MOST_UNPACKED_BYTES:
        raise InputError(
            f"The archive would unpack to {unpacked / 2**30:.1f} GB; up to {MOST_UNPACKED_BYTES // 2**30} GB are. "
            "Split it."
        )
    if not entries:
        raise InputError("The archive holds no files. A ZIP with photos in it is expected.")
    return entries


def read_entry(archive: zipfile.ZipFile, entry: int) -> bytes:
    """The bytes of one file. Raises InputError when it is damaged or larger than it says."""
    info = archive.infolist()[entry]
    try:
        with archive.open(info) as file:
            data = file.read(MOST_FILE_BYTES + 1)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        raise InputError(f"it is damaged inside the archive: {error}") from error
    if len(data) > MOST_FILE_BYTES:
        raise InputError(too_large(len(data)))
    return data


def named(path: str) -> str:
    """A name as it is kept: with forward slashes, no sign that cannot be shown, at most 500 characters."""
    shown = "".join(letter if letter.isprintable() else "\ufffd" for letter in path.replace("\\", "/"))
    return shown[-500:]


def is_litter(path: str) -> bool:
    """Whether a system left this file behind; nobody means to bring it in."""
    parts = path.replace("\\", "/").split("/")
    return parts[-1].startswith(".") or any(part.casefold() in _LITTER for part in parts)


def too_large(size: int) -> str:
    """Why a file of so many bytes is not read."""
    return f"it has {size / 2**20:.1f} MB; photos of up to {MOST_FILE_BYTES // 2**20} MB are read"


def _fault(info: zipfile.ZipInfo) -> str:
    parts = info.filename.replace("\\", "/").split("/")
    if ".." in parts or not parts[0] or ":" in parts[0]:
        return "its name points out of the archive"
    if stat.S_ISLNK(info.external_attr >> 16):
        return "it is a link, not a file"
    if info.flag_bits & 0x1:
        return "it is locked with a password"
    if info.compress_type not in _KINDS:
        return f"it is packed by method {info.compress_type}; stored and deflated files are read"
    return too_large(info.file_size) if info.file_size > MOST_FILE_BYTES else ""


def _check_directory(file: BinaryIO) -> None:
    """Refuse an archive whose directory is too large to be read (APPNOTE.TXT 6.3.10, 4.3.14 to 4.3.16)."""
    size = file.seek(0, 2)
    if size > MOST_ARCHIVE_BYTES:
        raise InputError(
            f"The archive has {size / 2**20:.0f} MB; up to {MOST_ARCHIVE_BYTES // 2**20} MB are read at once. Split it."
        )
    start = max(0, size - 65_557)  # the record of 22 bytes and the longest comment
    file.seek(start)
    tail = file.read()
    at = tail.rfind(_END)
    if at < 0 or len(tail) < at + 22:
        raise InputError("The file is no ZIP, or its end is missing. Choose a ZIP with photos in it.")
    (directory,) = struct.unpack_from("<L", tail, at + 12)
    if at >= 20 and tail[at - 20 : at - 16] == _END64_LOCATOR:
        (place,) = struct.unpack_from("<Q", tail, at - 12)
        if place <= size - 56:
            file.seek(place)
            record = file.read(56)
            if record[:4] == _END64:
                directory = max(directory, struct.unpack_from("<Q", record, 40)[0])
    if directory > _MOST_DIRECTORY_BYTES:
        raise InputError(
            f"The archive's list of files has {directory / 2**20:.0f} MB, far more than {MOST_FILES:,} photos need. "
            "It is not opened."
        )
    file.seek(0)
