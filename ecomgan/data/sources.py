"""Where product photos come from: a folder of Parquet files, or a folder of images with one CSV."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow.parquet as pq

from ecomgan.errors import DataError

_BATCH_ROWS = 512
_MEGABYTE = 2**20
_LARGEST_FILE = 64 * _MEGABYTE


@dataclass(frozen=True)
class SourcePhoto:
    """One row of a source: the image bytes as found, its texts, and the split its file name says (or None)."""

    origin: str
    data: bytes
    title: str
    columns: dict[str, str] = field(default_factory=dict)
    split: str | None = None


def count_photos(source: Path) -> int:
    """Number of rows that `read_photos` will give, at no reading cost for Parquet."""
    files = _parquet_files(source)
    if files:
        return sum(pq.read_metadata(file).num_rows for file in files)
    return sum(1 for _ in _csv_rows(_csv_file(source)))


def read_photos(source: Path) -> Iterator[SourcePhoto]:
    """All photos of a source folder, in a fixed order.

    Parquet: columns `image` (bytes, or a struct with `bytes`) and `title`; file names that start with `train` or
    `validation` give the split. CSV: columns `file` (path below the folder) and `title`, UTF-8. All other columns
    are kept as text. Raises DataError when neither is found or a column is missing.
    """
    files = _parquet_files(source)
    if files:
        for file in files:
            yield from _read_parquet(file)
    else:
        yield from _read_csv(source, _csv_file(source))


def _parquet_files(source: Path) -> list[Path]:
    if not source.is_dir():
        raise DataError(f"{source} is no folder; a folder with Parquet files, or with images and one CSV, was expected")
    # train before validation, so that of two equal photos the one that is trained on stays
    return sorted(source.glob("*.parquet"))


def _csv_file(source: Path) -> Path:
    found = sorted(source.glob("*.csv"))
    if len(found) != 1:
        raise DataError(f"{source} holds no Parquet file and {len(found)} CSV files; exactly one CSV was expected")
    return found[0]


def _read_parquet(file: Path) -> Iterator[SourcePhoto]:
    table = pq.ParquetFile(file)
    names = table.schema_arrow.names
    _require(file, names, ("image", "title"))
    split = next((s for s in ("train", "validation") if file.name.startswith(s)), None)
    row_number = 0
    for batch in table.iter_batches(batch_size=_BATCH_ROWS):
        for row in batch.to_pylist():
            image = row.pop("image")
            data = image.get("bytes") if isinstance(image, dict) else image
            title = _text(row.pop("title"))
            columns = {name: _text(value) for name, value in row.items()}
            yield SourcePhoto(f"{file.name} row {row_number}", data or b"", title, columns, split)
            row_number += 1


def _read_csv(source: Path, file: Path) -> Iterator[SourcePhoto]:
    root = source.resolve()
    for number, row in enumerate(_csv_rows(file), start=2):
        name = row.pop("file")
        path = (source / name).resolve()
        if not path.is_relative_to(root):
            raise DataError(f"{file.name} line {number}: {name!r} lies outside {source}; a path below it was expected")
        # A missing or oversized photo is reported with the corrupt ones, it does not stop the whole set.
        readable = path.is_file() and path.stat().st_size <= _LARGEST_FILE
        yield SourcePhoto(name, path.read_bytes() if readable else b"", row.pop("title"), row)


def _csv_rows(file: Path) -> Iterator[dict[str, str]]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines)
            _require(file, list(reader.fieldnames or ()), ("file", "title"))
            for row in reader:
                yield {name: _text(value) for name, value in row.items() if name}
    except UnicodeDecodeError as error:
        raise DataError(f"{file.name} is not UTF-8 (byte {error.start}); save it as UTF-8") from error


def _require(file: Path, names: list[str], wanted: tuple[str, ...]) -> None:
    missing = [name for name in wanted if name not in names]
    if missing:
        raise DataError(f"{file.name} has no column {', '.join(missing)}; it has {', '.join(names) or 'none'}")


def _text(value: object) -> str:
    return "" if value is None else str(value).strip()
