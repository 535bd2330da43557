"""Where the detail network is used: the pipeline's `detail`, the finishing step, the shipped folder."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from ecomgan import EcomGANPipeline
from ecomgan.checksums import write_checksums
from ecomgan.detail import shipped
from ecomgan.detail.card import FIGURES, card_text
from ecomgan.detail.enlarge import enlarge_image
from ecomgan.detail.opening import open_detail
from ecomgan.errors import FinishingError, RequestError
from ecomgan.finishing import apply

SHIPPED = shipped.SHIPPED


def make(pipe: EcomGANPipeline, detail: bool) -> np.ndarray:
    seed = torch.Generator().manual_seed(0)
    made = pipe("red bag", num_images_per_prompt=3, generator=seed, detail=detail, output_type="np")
    return np.asarray(made.images)


def test_detail_finishes_the_very_images_four_times_as_large(tiny_checkpoint: Path, detail_folder: Path) -> None:
    pipe = EcomGANPipeline.from_pretrained(tiny_checkpoint, detail_network=detail_folder)
    plain, finished = make(pipe, detail=False), make(pipe, detail=True)
    assert finished.shape == (3, 64, 32, 3)
    network = open_detail(detail_folder)
    alone = np.stack([enlarge_image(network, image) for image in plain])
    assert np.abs(finished.astype(int) - alone).max() <= 1
    large = pipe("red bag", detail=True).images[0]
    assert isinstance(large, Image.Image)
    assert large.size == (32, 64)


def test_finished_images_tell_how_much_of_their_height_is_true_detail(
    tiny_checkpoint: Path, detail_folder: Path, tmp_path: Path
) -> None:
    pipe = EcomGANPipeline.from_pretrained(tiny_checkpoint, detail_network=detail_folder)
    assert pipe("red bag", detail=True).effective_height is None  # nobody measured it
    heights = {"bicubic": {"agreeing_height": 60}, "finished": {"agreeing_height": 75}}
    figures = {"degraded": heights | {"input_height": 80}}
    shutil.copytree(detail_folder, tmp_path / "measured")
    (tmp_path / "measured" / FIGURES).write_text(json.dumps(figures))
    write_checksums(tmp_path / "measured")
    pipe = EcomGANPipeline.from_pretrained(tiny_checkpoint, detail_network=tmp_path / "measured")
    assert pipe("red bag", detail=True).effective_height == 15  # 75/80 of the 16 pixels that were made, of 64
    assert pipe("red bag").effective_height is None


def test_detail_without_a_network_says_where_it_was_looked_for(tiny_checkpoint: Path) -> None:
    pipe = EcomGANPipeline.from_pretrained(tiny_checkpoint)
    with pytest.raises(RequestError, match=rf"{tiny_checkpoint.parent / 'detail'} holds none.*detail_network=FOLDER"):
        pipe("red bag", detail=True)


@pytest.mark.parametrize("factor", [1, 2, 4, 8, 16])
def test_the_finishing_step_takes_pictures_of_any_size(
    factor: int, detail_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shipped, "shipped_detail", lambda: open_detail(detail_folder))
    picture = np.full((21, 17, 3), 180, dtype=np.uint8)
    assert apply(picture, [{"step": "detail", "factor": factor}]).shape == (21 * factor, 17 * factor, 3)


def test_the_finishing_step_refuses_what_would_become_too_large_and_other_factors() -> None:
    with pytest.raises(FinishingError, match="at most 50000000"):
        apply(np.full((2000, 2000, 3), 200, dtype=np.uint8), [{"step": "detail"}])
    with pytest.raises(FinishingError, match="must be 1, 2, 4, 8 or 16; got 3"):
        apply(np.full((8, 8, 3), 200, dtype=np.uint8), [{"step": "detail", "factor": 3}])


def test_the_shipped_network_is_small_opens_and_its_card_is_of_its_record_and_figures() -> None:
    assert sum(file.stat().st_size for file in SHIPPED.glob("*.safetensors")) < 6 * 10**6
    open_detail(SHIPPED)
    record = json.loads((SHIPPED / "training.json").read_text(encoding="utf-8"))
    figures = json.loads((SHIPPED / FIGURES).read_text(encoding="utf-8"))
    assert (SHIPPED / "README.md").read_text(encoding="utf-8") == card_text("detail", record, figures)
    assert figures["data"]["split"] == "validation"


def test_the_shipped_network_keeps_white_white_and_colours_as_they_are() -> None:
    picture = np.full((40, 32, 3), 255, dtype=np.uint8)
    picture[12:28, 8:24] = (180, 40, 60)
    finished = shipped.enlarge_shipped(picture, 4).astype(int)
    assert finished[:24].min() >= 250
    assert np.abs(finished[64:96, 48:80].mean(axis=(0, 1)) - (180, 40, 60)).max() < 6
