"""Figures on the few held-out photos of a catalogue, the same way for the base and for what was taught."""

import io
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from ecomgan import EcomGANPipeline
from ecomgan.data.prepare import prepare
from ecomgan.errors import DataError
from ecomgan.evaluation.small_set import KD, small_set_figures


def make_shop(folder: Path, photos: int, height: int, width: int) -> Path:
    rows = []
    for number in range(photos):
        out = io.BytesIO()
        Image.new("RGB", (32, 64), (200 - number, number, 9)).save(out, "PNG")
        article, colour = ("Shopping Bags", "Caps")[number % 2], ("Red", "Wine")[number // 2 % 2]
        rows.append({"title": f"{number}", "article_type": article, "colour": colour, "image": out.getvalue()})
    (folder / "source").mkdir(parents=True)
    pq.write_table(pa.Table.from_pylist(rows), folder / "source" / "photos.parquet")
    prepare(folder / "source", folder / "set", height, width, split="catalogue")
    return folder / "set"


@pytest.fixture(scope="module")
def pipe(tiny_checkpoint: Path) -> EcomGANPipeline:
    return EcomGANPipeline.from_pretrained(tiny_checkpoint)


def test_a_catalogue_is_judged_as_a_whole_and_by_article(pipe: EcomGANPipeline, tmp_path: Path) -> None:
    shop = make_shop(tmp_path, 90, *pipe.image_shape)
    found = small_set_figures(pipe, shop)
    assert found["photos"] >= 16
    assert found["too_few"] is None
    assert found[KD]["low"] <= found[KD]["value"] <= found[KD]["high"]
    assert {entry["article_type"] for entry in found["conditions"]} <= {"Shopping Bags", "Caps"}
    assert all(entry["photos"] >= 8 for entry in found["conditions"])
    assert found["stand_ins"] == {"article_type": {"Shopping Bags": "Bags"}}
    assert small_set_figures(pipe, shop) == found


def test_fewer_than_eight_photos_are_said_to_be_too_few(pipe: EcomGANPipeline, tmp_path: Path) -> None:
    found = small_set_figures(pipe, make_shop(tmp_path, 12, *pipe.image_shape))
    assert found["too_few"] == "0 held-out photos; at least 8 are needed"
    assert found[KD] is None


def test_photos_of_another_size_are_refused(pipe: EcomGANPipeline, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="prepare the photos at that size"):
        small_set_figures(pipe, make_shop(tmp_path, 40, 64, 32))
