"""Bytes of images and models, named by their SHA-256, on a local disk or behind any fsspec URL (S3, GCS, ...)."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import fsspec

from studio.errors import DiskFull, IntegrityError, NotFound, StorageError

_SHA256 = re.compile(r"[0-9a-f]{64}")
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_PIECE = 1 << 20  # bytes that are in memory at a time when a file is copied


class Storage:
    """Bytes that never change. `url` is an fsspec URL of a folder; a missing local folder is made at the first write.

    The same bytes are kept once, at `ab/cd/abcd...`.
    """

    def __init__(self, url: str) -> None:
        self._files, self._root = fsspec.core.url_to_fs(url)
        protocol = self._files.protocol
        self._local = "file" in ((protocol,) if isinstance(protocol, str) else protocol)

    def put(self, data: bytes) -> str:
        """Keep `data` and return its SHA-256 in hex. When this returns, the bytes are on the disk.

        Doing it twice is the same as once. Raises DiskFull, or StorageError for another fault of the store; in both
        cases nothing is half-written.
        """
        sha256 = hashlib.sha256(data).hexdigest()
        path = self._path(sha256)
        try:
            # The size tells a whole file from one that a failing disk cut short.
            if self._files.exists(path) and self._files.size(path) == len(data):
                return sha256
            if self._local:
                write_file(Path(path), data)
            else:
                self._files.pipe_file(path, data)  # object stores write whole objects or none
        except OSError as error:
            raise _refusal(error, f"image {sha256[:12]} ({len(data)} bytes)") from error
        return sha256

    def put_file(self, path: Path) -> str:
        """Keep the bytes of a local file of any size and return their SHA-256; otherwise as `put`.

        Raises StorageError as well when the file changes while it is read.
        """
        try:
            with path.open("rb") as file:
                sha256, size = hashlib.file_digest(file, "sha256").hexdigest(), file.tell()
            kept = self._path(sha256)
            if self._files.exists(kept) and self._files.size(kept) == size:
                return sha256
            if self._local:
                with path.open("rb") as file:
                    copied = _copy(file, Path(kept), wanted=sha256)
                if copied != sha256:
                    raise StorageError(f"{path} changed while it was read; nothing was kept. Try again.")
            else:
                self._files.put_file(str(path), kept)
        except OSError as error:
            raise _refusal(error, f"a copy of {path}") from error
        return sha256

    def fetch(self, sha256: str, path: Path) -> None:
        """Make the local file `path` of the bytes with this hash, whole or not at all; its folder is made too.

        Raises IntegrityError when the bytes are missing or no longer have their hash, DiskFull.
        """
        try:
            with self.open(sha256) as file:
                found = _copy(file, path, wanted=sha256)
        except OSError as error:
            raise _refusal(error, f"a copy of {sha256[:12]}") from error
        if found != sha256:
            raise IntegrityError(f"The bytes named {sha256} are damaged: their hash is now {found}.")

    @contextmanager
    def open(self, sha256: str) -> Iterator[BinaryIO]:
        """The bytes with this name as a stream, for what is too large for memory. Their hash is not checked.

        Raises IntegrityError when they are missing.
        """
        try:
            file = self._files.open(self._path(sha256), "rb")
        except FileNotFoundError as error:
            raise IntegrityError(f"The bytes named {sha256} are missing from the storage.") from error
        with file:
            yield file

    def get(self, sha256: str) -> bytes:
        """The bytes with this hash. Raises IntegrityError when they are missing or no longer have it, StorageError."""
        try:
            data: bytes = self._files.cat_file(self._path(sha256))
        except FileNotFoundError as error:
            raise IntegrityError(f"The bytes of image {sha256} are missing from the storage.") from error
        except OSError as error:
            raise StorageError(f"The bytes of image {sha256} cannot be read: {error}.") from error
        found = hashlib.sha256(data).hexdigest()
        if found != sha256:
            raise IntegrityError(f"The bytes of image {sha256} are damaged: their hash is now {found}.")
        return data

    def exists(self, sha256: str) -> bool:
        """Whether bytes with this name are kept; their content is not read."""
        return bool(self._files.exists(self._path(sha256)))

    def _path(self, sha256: str) -> str:
        check_name(sha256)
        return f"{self._root}/{sha256[:2]}/{sha256[2:4]}/{sha256}"


def check_name(sha256: str) -> None:
    """Raise NotFound unless `sha256` is 64 hexadecimal digits, so that a name from outside is never a path."""
    if not _SHA256.fullmatch(sha256):
        raise NotFound(f"An image is named by 64 hexadecimal digits (its SHA-256), got {sha256[:80]!r}.")


def write_file(path: Path, data: bytes, *, lasting: bool = True) -> None:
    """Write a file whole or not at all, and through to the disk. Raises OSError; nothing is left behind then.

    lasting: False for what can be made again. It waits for no disk, and a power cut may leave it short or take it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")  # the same folder: renaming cannot cross disks
    try:
        with open(draft, "xb") as file:
            file.write(data)
            if lasting:
                file.flush()
                os.fsync(file.fileno())
        os.replace(draft, path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    if not lasting:
        return
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # or a power cut may forget the name of a file whose bytes are safe
    finally:
        os.close(folder)


def _copy(source: BinaryIO, path: Path, *, wanted: str) -> str:
    """Copy a stream to `path` if its bytes have the hash `wanted`, else leave nothing behind; returns their hash."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    seen = hashlib.sha256()
    try:
        with open(draft, "xb") as file:
            while piece := source.read(_PIECE):
                seen.update(piece)
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        if seen.hexdigest() == wanted:
            os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)
    return seen.hexdigest()


def _refusal(error: OSError, what: str) -> StorageError:
    if error.errno in _FULL:
        return DiskFull(f"There is no room to save {what}: {error.strerror}. Free some space, then try again.")
    return StorageError(f"Saving {what} failed: {error}.")
