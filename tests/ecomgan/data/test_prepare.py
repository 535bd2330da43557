"""Preparing a set: what is kept, what is dropped and said, and which side of the split it falls on."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from ecomgan.data.prepare import prepare
from ecomgan.data.prepared import build_vocabulary, encode_conditions, open_prepared
from ecomgan.data.splits import title_share
from ecomgan.errors import DataError


def png(folder: Path, name: str, colour: tuple[int, int, int], size: tuple[int, int] = (40, 40)) -> str:
    Image.new("RGB", size, colour).save(folder / name)
    return name


def shades() -> Iterator[tuple[int, int, int]]:
    return ((i, 255 - i, 7 * i % 256) for i in range(256))


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A folder with images and one CSV: 20 good photos, and one of each kind of bad one."""
    folder = tmp_path / "shop"
    folder.mkdir()
    shade = shades()
    rows = [(png(folder, f"{i}.png", next(shade)), f"Title {i // 2}", "Bags") for i in range(20)]
    rows.append((png(folder, "copy.png", (0, 255, 0)), "Copy of 0", "Bags"))
    rows.append((png(folder, "small.png", (1, 2, 3), (31, 90)), "Small", "Bags"))
    (folder / "text.jpg").write_text("no image")
    rows += [("text.jpg", "Text", "Bags"), ("missing.png", "Missing", "Bags")]
    lines = ["file,title,article_type", *(",".join(row) for row in rows)]
    (folder / "products.csv").write_text("\n".join(lines), encoding="utf-8")
    return folder


def test_bad_photos_are_dropped_and_reported(shop: Path, tmp_path: Path) -> None:
    report = prepare(shop, tmp_path / "set")
    assert report.found == 24
    assert report.dropped == {"duplicate": 1, "tiny": 1, "corrupt": 2}
    assert sum(report.kept.values()) == 20
    written = json.loads((tmp_path / "set" / "report.json").read_text())
    assert {drop["origin"] for drop in written["dropped_photos"]} == {
        "copy.png",
        "small.png",
        "text.jpg",
        "missing.png",
    }
    assert "1  dropped: tiny" in report.table()


def test_photos_of_one_title_fall_on_one_side(shop: Path, tmp_path: Path) -> None:
    prepare(shop, tmp_path / "set")
    table = pq.read_table(tmp_path / "set" / "table.parquet").to_pylist()
    sides: dict[str, set[str]] = {}
    for row in table:
        sides.setdefault(row["title"], set()).add(row["split"])
    assert all(len(splits) == 1 for splits in sides.values())


def test_title_decides_the_split_whatever_its_case() -> None:
    assert title_share("Red  Bag", "dev") == title_share("red bag", "dev") != title_share("red bag", "validation")
    shares = [title_share(f"title {i}", "dev") for i in range(4000)]
    assert 0.04 < np.mean(np.array(shares) < 0.05) < 0.06


def test_parquet_file_names_give_the_split_and_held_out_titles_leave_the_train_side(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    shade = shades()
    for name, titles in (("train-0", ["A", "B", "C"]), ("validation", ["a", "D"])):
        rows = [{"title": t, "image": (tmp_path / png(tmp_path, "x.png", next(shade))).read_bytes()} for t in titles]
        pq.write_table(pa.Table.from_pylist(rows), source / f"{name}.parquet")
    report = prepare(source, tmp_path / "set")
    assert report.dropped == {"title is held out": 1}
    assert len(open_prepared(tmp_path / "set", "validation")) == 2


def test_a_set_is_never_overwritten_nor_left_half_written(shop: Path, tmp_path: Path) -> None:
    prepare(shop, tmp_path / "set")
    with pytest.raises(DataError, match="exists already"):
        prepare(shop, tmp_path / "set")
    for file in shop.glob("*.png"):
        file.unlink()
    with pytest.raises(DataError, match="none of the 24 photos"):
        prepare(shop, tmp_path / "other")
    assert {path.name for path in tmp_path.iterdir()} == {"shop", "set"}


def test_source_that_cannot_be_read_is_refused(shop: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no folder"):
        prepare(tmp_path / "nowhere", tmp_path / "set")
    table = shop / "products.csv"
    table.write_text("file,name\n0.png,x", encoding="utf-8")
    with pytest.raises(DataError, match="no column title; it has file, name"):
        prepare(shop, tmp_path / "set")
    table.write_bytes("file,title\n0.png,Blé".encode("latin-1"))
    with pytest.raises(DataError, match="not UTF-8"):
        prepare(shop, tmp_path / "set")
    table.write_text("file,title\n../secret.png,x", encoding="utf-8")
    with pytest.raises(DataError, match="lies outside"):
        prepare(shop, tmp_path / "set")
    (shop / "second.csv").write_text("")
    with pytest.raises(DataError, match="2 CSV files"):
        prepare(shop, tmp_path / "set")


def test_vocabulary_holds_what_has_enough_photos(tiny_set: Path) -> None:
    photos = open_prepared(tiny_set, "train")
    counts = {value: photos.columns["colour"].count(value) for value in set(photos.columns["colour"])}
    most = max(counts, key=lambda value: counts[value])
    vocabulary = build_vocabulary(photos, counts[most])
    assert most in vocabulary["colour"]
    codes = encode_conditions(photos.columns, len(photos), vocabulary)
    assert ((codes[:, 1] == 0) == [value not in vocabulary["colour"] for value in photos.columns["colour"]]).all()


def test_split_without_photos_is_an_error(tiny_set: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no photo of split 'validation'"):
        open_prepared(tiny_set, "validation")
    with pytest.raises(DataError, match="no prepared set"):
        open_prepared(tmp_path, "train")
