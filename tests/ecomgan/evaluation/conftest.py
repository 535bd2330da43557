"""A drawn catalogue with a held-out split, and a checkpoint of its size."""

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from ecomgan.data.prepared import open_prepared
from tests.ecomgan.classifiers.conftest import taught_folder

SIDE = 16
COLOURS = {"Red": (200, 30, 40), "Blue": (30, 60, 200), "Plum": (90, 30, 90)}
SHAPES = {"Bags": (20, 12), "Belts": (8, 26)}
RECORD = {
    "images_seen": 153_600,
    "steps": 2400,
    "non_finite_steps": 0,
    "wall_seconds": 5400,
    "hardware": "a small computer, 2 threads",
    "torch": "2.13.0",
    "data": {"name": "fashion-small", "split": "train", "photos": 32_681, "height": 80, "width": 64},
    "init": None,
    "backbone": {"name": "lite0", "sha256": "ab" * 32},
    "config": {},
}


def _rows(count: int, seed: int, red_bags: int = 0) -> list[dict[str, Any]]:
    """Photos of 32x32: boxes with grain, so that no two are the same; the first `red_bags` are red bags."""
    draw = np.random.default_rng(seed)
    rows = []
    for number in range(count):
        kind = 0 if number < red_bags else number
        article, colour = list(SHAPES)[kind % 2], list(COLOURS)[kind // 2 % 3]
        height, width = SHAPES[article]
        top, left = draw.integers(2, 30 - height), draw.integers(2, 30 - width)
        image = np.full((32, 32, 3), 255, dtype=np.uint8)
        grain = draw.integers(-20, 20, (height, width, 1))
        image[top : top + height, left : left + width] = np.clip(np.array(COLOURS[colour]) + grain, 0, 255)
        data = io.BytesIO()
        Image.fromarray(image).save(data, "PNG")
        title = f"Shop {colour} {article} {seed}-{number}"
        texts = {"title": title, "article_type": article, "colour": colour, "usage": "Casual"}
        rows.append(texts | {"image": data.getvalue()})
    return rows


@pytest.fixture(autouse=True)
def _small_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lite2 sees the photos of 16x16 at 64 pixels here, a sixth of the work of 160: what is told of them, and in which
    order, is the same.
    """
    monkeypatch.setattr("ecomgan.metrics.features._LONG_SIDE", 64)


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with 200 train photos, enough red bags to measure variety, and 60 held-out ones."""
    folder = tmp_path_factory.mktemp("shop")
    pq.write_table(pa.Table.from_pylist(_rows(200, 0, red_bags=70)), folder / "train.parquet")
    pq.write_table(pa.Table.from_pylist(_rows(60, 1)), folder / "validation.parquet")
    return folder


@pytest.fixture(scope="session")
def prepared(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from ecomgan.data.prepare import prepare

    folder = tmp_path_factory.mktemp("prepared") / "shop"
    prepare(source, folder, SIDE, SIDE)
    return folder


@pytest.fixture(scope="session")
def judge_folder(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return taught_folder(
        tmp_path_factory.mktemp("classifiers"), "judge", open_prepared(prepared, "train"), channels=(16, 24, 32)
    )


@pytest.fixture(scope="session")
def ranker_folder(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return taught_folder(tmp_path_factory.mktemp("classifiers"), "ranker", open_prepared(prepared, "train"))


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    """An untaught checkpoint of 16x16 images that knows two of the three colours, with a record of its training."""
    import torch

    from ecomgan import EcomGANPipeline
    from ecomgan.networks.generator import Generator

    torch.manual_seed(0)
    generator = Generator(
        {"article_type": ["Bags", "Belts"], "colour": ["Red", "Blue"], "usage": ["Casual"]},
        base_height=4,
        base_width=4,
        channels=(16, 8, 8),
        latent_dim=8,
        embedding_dim=4,
        style_dim=16,
    )
    folder = tmp_path / "tiny"
    folder.mkdir()
    (folder / "training.json").write_text(json.dumps(RECORD), encoding="utf-8")
    EcomGANPipeline(generator).save_pretrained(folder)
    return folder
