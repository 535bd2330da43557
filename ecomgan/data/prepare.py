"""Turn a folder of product photos into a cached training set.

The set is a folder with `images.npy` (uint8, N x H x W x 3, read as a memory map), `table.parquet` (one row an
image: id, title, split and the source's other columns) and `report.json` (what was kept and what was dropped, why).
"""

import hashlib
import json
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from tqdm import tqdm

from ecomgan.data.decode import PIXEL_LIMIT, decode_image, fit_on_white
from ecomgan.data.prepared import REPORT_FILE
from ecomgan.data.sources import SourcePhoto, count_photos, read_photos
from ecomgan.data.splits import SplitBy, split_by_title, split_catalogue, title_key
from ecomgan.errors import DataError, ImageError

SMALLEST_SIDE = 32
_SIDES = (8, 4_096)
"""Least and most pixels of a prepared photo's sides."""

_LISTED_DROPS = 1000


@dataclass(frozen=True)
class Dropped:
    """One photo that was left out: where it was found, the kind of reason, and the reason in words."""

    origin: str
    kind: str
    reason: str


@dataclass
class PrepareReport:
    """What became of the photos of one source, and how they were split. Sizes are height x width."""

    source: str
    height: int
    width: int
    split: SplitBy = "titles"
    found: int = 0
    kept: dict[str, int] = field(default_factory=dict)
    dropped: dict[str, int] = field(default_factory=dict)
    dropped_photos: list[Dropped] = field(default_factory=list)

    def table(self) -> str:
        """The counts as lines to print."""
        lines = [f"{self.found:>8}  photos found in {self.source}"]
        lines += [f"{count:>8}  kept for {split}" for split, count in self.kept.items()]
        lines += [f"{count:>8}  dropped: {kind}" for kind, count in self.dropped.items()]
        return "\n".join(lines)


def prepare(
    source: Path,
    out: Path,
    height: int = 80,
    width: int = 64,
    pixel_limit: int = PIXEL_LIMIT,
    split: SplitBy = "titles",
) -> PrepareReport:
    """Decode, pad, shrink and cache all photos of `source` in the new folder `out`.

    split: "titles" gives each title a side of its own accord, for large sets; "catalogue" holds out counted photos of
    whole styles (column `style`, else the title), for sets of tens to some thousands: see `ecomgan.data.splits`;
    "held_out" holds out all, for a set that only judges. Pictures that were generated (column `made`) are only ever
    trained on, and left out where photos of their style are held out.
    Raises DataError when `out` exists already, `source` cannot be read, nothing usable is found, or for an impossible
    size; `out` then does not come into being.
    """
    if not (_SIDES[0] <= height <= _SIDES[1] and _SIDES[0] <= width <= _SIDES[1]):
        raise DataError(
            f"{height}x{width} pixels (height x width) were asked for; {_SIDES[0]} to {_SIDES[1]} are possible"
        )
    if out.exists():
        raise DataError(f"{out} exists already; choose a new folder or remove it first")
    total = count_photos(source)
    if total == 0:
        raise DataError(f"{source} holds no photo")
    partial = out.with_name(out.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        report = _fill(source, partial, total, height, width, pixel_limit, split)
        partial.rename(out)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return report


def _fill(
    source: Path, folder: Path, total: int, height: int, width: int, pixel_limit: int, split: SplitBy
) -> PrepareReport:
    report = PrepareReport(str(source.name), height, width, split, found=total)
    scratch = folder / "all.npy"
    images = np.lib.format.open_memmap(scratch, mode="w+", dtype=np.uint8, shape=(total, height, width, 3))
    rows: list[dict[str, str]] = []
    drops: list[Dropped] = []
    for photo, pixels in _usable(read_photos(source), drops, total, height, width, pixel_limit):
        images[len(rows)] = pixels
        side = split_by_title(photo.title, photo.split)
        rows.append({"id": str(len(rows))} | photo.columns | {"title": photo.title, "split": side})
    if not rows:
        raise DataError(f"none of the {total} photos in {source} can be used; the first: {drops[0].reason}")
    keep = list(range(len(rows)))
    if split == "catalogue":
        keep = _split_as_catalogue(rows, drops)
    if split == "held_out":
        rows = [row | {"split": "validation"} for row in rows]
    if split == "titles":
        keep = _without_leaks(rows, drops)
    final = np.lib.format.open_memmap(
        folder / "images.npy", mode="w+", dtype=np.uint8, shape=(len(keep), height, width, 3)
    )
    for start in range(0, len(keep), 4096):
        final[start : start + 4096] = images[keep[start : start + 4096]]
    final.flush()
    del images, final
    scratch.unlink()
    rows = [rows[i] for i in keep]
    pq.write_table(_as_table(rows), folder / "table.parquet")
    report.kept = dict(Counter(row["split"] for row in rows))
    report.dropped = dict(Counter(drop.kind for drop in drops))
    report.dropped_photos = drops[:_LISTED_DROPS]
    (folder / REPORT_FILE).write_text(json.dumps(asdict(report), indent=1, ensure_ascii=False), encoding="utf-8")
    return report


def _usable(
    photos: Iterator[SourcePhoto], drops: list[Dropped], total: int, height: int, width: int, pixel_limit: int
) -> Iterator[tuple[SourcePhoto, np.ndarray]]:
    """The photos that decode, are large enough and were not seen before, with their pixels; the others into `drops`."""
    seen: dict[bytes, str] = {}
    for photo in tqdm(photos, total=total, desc="prepare", unit="photo"):
        try:
            image = decode_image(photo.data, pixel_limit)
        except ImageError as error:
            drops.append(Dropped(photo.origin, "corrupt", str(error)))
            continue
        if min(image.size) < SMALLEST_SIDE:
            size = f"{image.height}x{image.width}"
            drops.append(Dropped(photo.origin, "tiny", f"{size}; at least {SMALLEST_SIDE} a side is needed"))
            continue
        pixels = fit_on_white(image, height, width)
        digest = hashlib.blake2b(pixels.tobytes(), digest_size=16).digest()
        if digest in seen:
            drops.append(Dropped(photo.origin, "duplicate", f"same picture as {seen[digest]}"))
            continue
        seen[digest] = photo.origin
        yield photo, pixels


def _split_as_catalogue(rows: list[dict[str, str]], drops: list[Dropped]) -> list[int]:
    """By the column `style`, where it is filled in, else by title; the indices of the rows that stay.

    A model is judged on photos, never on generated pictures; those of a style that is held out would flatter it.
    """
    photos = [row for row in rows if not row.get("made")]
    styles = [row.get("style") or row["title"] for row in photos]
    sides = split_catalogue(styles, [row.get("article_type", "") for row in photos])
    held_out: set[str] = set()
    for row, style, side in zip(photos, styles, sides, strict=True):
        row["split"] = side
        if side != "train":
            held_out |= {title_key(style), title_key(row["title"])}  # what was made from a text has that as its style
    keep = []
    for index, row in enumerate(rows):
        if row.get("made"):
            row["split"] = "train"
            if title_key(row.get("style") or row["title"]) in held_out:
                drops.append(Dropped(row["id"], "title is held out", f"photos of {row['title']!r} are held out"))
                continue
        keep.append(index)
    return keep


def _without_leaks(rows: list[dict[str, str]], drops: list[Dropped]) -> list[int]:
    """Indices of the rows that stay: train photos whose title is also held out would leak into the figures."""
    held_out = {title_key(row["title"]) for row in rows if row["split"] == "validation"}
    keep = []
    for index, row in enumerate(rows):
        if row["split"] != "validation" and title_key(row["title"]) in held_out:
            drops.append(Dropped(row["id"], "title is held out", f"{row['title']!r} is also in validation"))
        else:
            keep.append(index)
    return keep


def _as_table(rows: list[dict[str, str]]) -> pa.Table:
    names = list(dict.fromkeys(name for row in rows for name in row))
    return pa.table({name: pa.array([row.get(name, "") for row in rows], pa.string()) for name in names})
