"""Bytes are kept whole or not at all, under their hash."""

import errno
import hashlib
import os
from pathlib import Path

import pytest

from studio.errors import DiskFull, NotFound, StorageError
from studio.storage import Storage, write_file

DATA = b"some picture" * 100
NAME = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "assets"


@pytest.fixture
def storage(folder: Path) -> Storage:
    return Storage(folder.as_uri())


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_bytes_come_back_under_their_hash(storage: Storage, folder: Path) -> None:
    assert storage.put(DATA) == NAME
    assert storage.get(NAME) == DATA
    assert storage.exists(NAME)
    assert files(folder) == [folder / NAME[:2] / NAME[2:4] / NAME]


def test_the_same_bytes_are_kept_once(storage: Storage, folder: Path) -> None:
    storage.put(DATA)
    before = files(folder)[0].stat().st_mtime_ns
    storage.put(DATA)
    assert len(files(folder)) == 1
    assert files(folder)[0].stat().st_mtime_ns == before


def test_missing_bytes_are_named(storage: Storage) -> None:
    assert not storage.exists(NAME)
    with pytest.raises(StorageError, match=NAME):
        storage.get(NAME)


def test_damaged_bytes_are_never_handed_out(storage: Storage, folder: Path) -> None:
    storage.put(DATA)
    files(folder)[0].write_bytes(DATA[:-1] + b"!")
    with pytest.raises(StorageError, match="damaged"):
        storage.get(NAME)


def test_a_file_that_was_cut_short_is_written_again(storage: Storage, folder: Path) -> None:
    storage.put(DATA)
    files(folder)[0].write_bytes(DATA[:10])
    storage.put(DATA)
    assert storage.get(NAME) == DATA


@pytest.mark.parametrize("call", ["write", "fsync", "replace"])
def test_a_full_disk_leaves_nothing_half_written(
    storage: Storage, folder: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    if call == "write":
        device = Path("/dev/full")  # a real disk without room, where the system has one
        if not device.exists():
            pytest.skip("this system has no /dev/full")
        real = open

        def opened(path: object, mode: str = "r") -> object:
            real(path, mode).close()  # type: ignore[call-overload]
            return real(device, "wb")

        monkeypatch.setattr("builtins.open", opened)
    else:
        monkeypatch.setattr(os, call, full)
    with pytest.raises(DiskFull, match="no room"):
        storage.put(DATA)
    monkeypatch.undo()
    assert files(folder) == []
    assert storage.put(DATA) == NAME


def test_another_fault_of_the_disk_is_told(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "replace", broken)
    with pytest.raises(StorageError, match="Input/output error") as caught:
        storage.put(DATA)
    assert not isinstance(caught.value, DiskFull)


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "A" * 64, "0" * 63])
def test_a_name_is_never_a_path(storage: Storage, name: str) -> None:
    with pytest.raises(NotFound, match="64 hexadecimal digits"):
        storage.get(name)


def test_any_fsspec_store_will_do() -> None:
    storage = Storage("memory://studio/assets")
    assert storage.put(DATA) == NAME
    assert storage.get(NAME) == DATA


def test_a_file_replaces_the_old_one_whole(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "file"
    write_file(path, b"old")
    write_file(path, b"new")
    assert path.read_bytes() == b"new"
    assert [p.name for p in path.parent.iterdir()] == ["file"]


def test_a_file_is_kept_under_the_hash_of_its_bytes(storage: Storage, folder: Path, tmp_path: Path) -> None:
    weights = tmp_path / "weights.safetensors"
    weights.write_bytes(DATA)
    assert storage.put_file(weights) == storage.put_file(weights) == NAME
    assert storage.get(NAME) == DATA
    assert files(folder) == [folder / NAME[:2] / NAME[2:4] / NAME]


def test_a_file_comes_back_whole_where_it_is_wanted(storage: Storage, tmp_path: Path) -> None:
    storage.put(DATA)
    storage.fetch(NAME, tmp_path / "local" / "part" / "weights")
    assert (tmp_path / "local" / "part" / "weights").read_bytes() == DATA
    with storage.open(NAME) as stream:
        assert stream.read(4) == DATA[:4]


def test_a_damaged_or_missing_file_leaves_nothing_behind(storage: Storage, folder: Path, tmp_path: Path) -> None:
    storage.put(DATA)
    (folder / NAME[:2] / NAME[2:4] / NAME).write_bytes(b"else")
    with pytest.raises(StorageError, match="damaged"):
        storage.fetch(NAME, tmp_path / "local" / "weights")
    with pytest.raises(StorageError, match="missing"):
        storage.fetch("0" * 64, tmp_path / "local" / "weights")
    assert not any((tmp_path / "local").iterdir())


def test_a_file_that_cannot_be_read_or_kept_is_named(
    storage: Storage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(StorageError, match="absent"):
        storage.put_file(tmp_path / "absent")
    weights = tmp_path / "weights"
    weights.write_bytes(DATA)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DiskFull, match="weights"):
        storage.put_file(weights)
    assert not storage.exists(NAME)
