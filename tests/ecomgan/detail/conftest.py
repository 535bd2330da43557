"""Checked cloth in frames of 384x288, and a small detail network taught on it for a few steps."""

import io
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

QUICK: dict[str, Any] = {"steps": 4, "batch": 4, "patch": 16, "channels": 8, "depth": 2, "adversarial_from": 2}
PHOTOS = 60


def draw_cloth(number: int) -> bytes:
    """A PNG of 288x384 (width x height): a checked box on white."""
    draw = np.random.default_rng(number)
    photo = np.full((384, 288, 3), 255, dtype=np.uint8)
    colour, side = draw.integers(0, 200, 3), int(draw.integers(3, 12))
    rows, columns = np.mgrid[:240, :180] // side
    photo[60:300, 50:230] = np.where(((rows + columns) % 2)[..., None], colour, colour // 2)
    packed = io.BytesIO()
    Image.fromarray(photo).save(packed, "PNG", compress_level=1)
    return packed.getvalue()


@pytest.fixture(scope="session")
def cloth(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of Parquet files with a train and a validation split; one photo is too small."""
    folder = tmp_path_factory.mktemp("cloth")
    rows = [{"title": f"Cloth {number}", "image": draw_cloth(number)} for number in range(PHOTOS)]
    small = io.BytesIO()
    Image.new("RGB", (60, 80)).save(small, "PNG")
    rows.append({"title": "Small cloth", "image": small.getvalue()})
    pq.write_table(pa.Table.from_pylist(rows), folder / "train-0.parquet")
    held_out = [{"title": f"Held out {number}", "image": draw_cloth(1000 + number)} for number in range(6)]
    pq.write_table(pa.Table.from_pylist(held_out), folder / "validation.parquet")
    return folder


@pytest.fixture(scope="session")
def detail_folder(cloth: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a network that was taught for four steps. Read only: copy it to change it."""
    from ecomgan.detail.folder import write_folder
    from ecomgan.detail.photos import open_photos
    from ecomgan.detail.training import teach

    work = tmp_path_factory.mktemp("detail")
    photos = open_photos(cloth, "train")
    taught = teach(work / "run", photos, cloth, QUICK | {"evaluate_photos": 0}, threading.Event())
    write_folder(work / "model", taught, photos)
    return work / "model"
