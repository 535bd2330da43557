"""An encoder without torch: the same vectors from its graphs, for ours and for other folders, and what is refused."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from transformers import CLIPConfig, CLIPModel, SiglipConfig, SiglipModel

from ecomgan.checksums import write_checksums
from ecomgan.cli import main
from ecomgan.encoder import SHIPPED, open_encoder, open_portable
from ecomgan.encoder.exporting import export_towers
from ecomgan.encoder.portable import IMAGE_GRAPH, RECORD, fit_on_white
from ecomgan.encoder.retrieval import recall
from ecomgan.errors import CheckpointError, RequestError
from ecomgan.networks.classifier import to_input
from tests.ecomgan.encoder.test_dual_encoder import LOOKS, TEXTS, foreign_folder

WORDS = ["black running shoes", "a", "Women Striped Blue Summer Shirt " * 20, "红色连衣裙", "", "🙂"]


def pictures(seed: int, *sizes: tuple[int, int]) -> list[np.ndarray]:
    draw = np.random.default_rng(seed)
    small = [draw.integers(0, 256, (5, 4, 3), dtype=np.uint8) for _ in sizes]
    return [
        np.asarray(Image.fromarray(one).resize((width, height), Image.Resampling.BICUBIC))
        for one, (height, width) in zip(small, sizes, strict=True)
    ]


def test_the_shipped_graphs_give_the_vectors_that_torch_gives() -> None:
    with_torch, without = open_encoder(SHIPPED), open_portable(SHIPPED)
    np.testing.assert_allclose(without.texts(WORDS), with_torch.texts(WORDS), atol=1e-4)
    shown = pictures(0, (80, 64), (320, 256), (30, 200), (17, 9), (1, 1))
    found = without.images(shown)
    np.testing.assert_allclose(found, np.concatenate([with_torch.images(one[None]) for one in shown]), atol=1e-4)
    assert without.dim == found.shape[1] == 128
    assert without.identity.startswith((with_torch.weights_sha256 or "")[:16])


def test_texts_find_pictures_as_often_without_torch() -> None:
    with_torch, without = open_encoder(SHIPPED), open_portable(SHIPPED)
    colours = ["black", "red", "blue", "green", "white", "yellow", "pink", "brown"]
    texts = [f"{colour} {kind}" for colour in colours for kind in ("dress", "shoes", "bag")]
    shown = pictures(1, *[(80, 64)] * len(texts))
    one = recall(with_torch.texts(texts), with_torch.images(np.stack(shown)))
    other = recall(without.texts(texts), without.images(shown))
    assert one == other


def test_a_photo_is_fitted_as_the_image_tower_was_taught() -> None:
    import torch

    for picture in pictures(2, (80, 64), (100, 30), (31, 90), (250, 250)):
        wanted = to_input(torch.from_numpy(picture[None].copy()), 80, 64)[0].numpy()
        np.testing.assert_allclose(fit_on_white(Image.fromarray(picture), 80, 64) * 2 - 1, wanted, atol=2e-4)


def test_a_huge_photo_costs_little_and_means_the_same() -> None:
    encoder = open_portable(SHIPPED)
    (small,) = pictures(3, (160, 128))
    huge = np.asarray(Image.fromarray(small).resize((128 * 20, 160 * 20), Image.Resampling.BICUBIC))
    assert float((encoder.images([small]) @ encoder.images([huge]).T)[0, 0]) > 0.99


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::UserWarning", "ignore::DeprecationWarning")
@pytest.mark.parametrize("kind", ["ours", "clip", "siglip"])
def test_any_encoder_becomes_graphs(kind: str, tmp_path: Path, tiny_encoder: Path) -> None:
    ends = {"bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0}
    if kind == "ours":
        folder = shutil.copytree(tiny_encoder, tmp_path / "ours")
    elif kind == "clip":
        config = CLIPConfig(text_config=TEXTS | ends, vision_config=LOOKS, projection_dim=20)
        folder = foreign_folder(tmp_path, CLIPModel(config), 24)
    else:
        folder = foreign_folder(tmp_path, SiglipModel(SiglipConfig(text_config=TEXTS, vision_config=LOOKS)), 24)
    assert export_towers(folder) < 1e-4
    open_encoder(folder)  # its checksums are right
    graphs = b"".join(file.read_bytes() for file in folder.glob("*.onnx"))
    assert str(Path(__file__).parents[3]).encode() not in graphs


def test_what_is_missing_damaged_or_of_another_form_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="run: python -m ecomgan export-encoder"):
        open_portable(tmp_path / "nowhere")
    folder = shutil.copytree(SHIPPED, tmp_path / "encoder")
    (folder / IMAGE_GRAPH).write_bytes(b"no graph")
    with pytest.raises(CheckpointError, match=r"image\.onnx is missing or not the one"):
        open_portable(folder)
    with pytest.raises(CheckpointError, match="damaged"):
        open_encoder(folder)
    record = json.loads((folder / RECORD).read_text())
    import hashlib

    record["graphs"][IMAGE_GRAPH] = hashlib.sha256(b"no graph").hexdigest()
    (folder / RECORD).write_text(json.dumps(record))
    with pytest.raises(CheckpointError, match="cannot be opened"):
        open_portable(folder)
    (folder / RECORD).write_text("{}")
    with pytest.raises(CheckpointError, match="no readable"):
        open_portable(folder)


def test_a_folder_that_is_no_encoder_is_not_exported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export-encoder", str(tmp_path)]) == 1
    assert "config.json cannot be read" in capsys.readouterr().err


def test_other_than_texts_and_rgb_images_are_refused() -> None:
    encoder = open_portable(SHIPPED)
    for texts in ([], "red bag", [None]):
        with pytest.raises(RequestError, match="a list of at least one text was expected"):
            encoder.texts(texts)  # type: ignore[arg-type]
    for images in ([], [np.zeros((8, 8), np.uint8)], [np.zeros((8, 8, 3))], [np.zeros((0, 8, 3), np.uint8)]):
        with pytest.raises(RequestError, match=r"at least one, each uint8 \(H, W, 3\)"):
            encoder.images(images)  # type: ignore[arg-type]


def test_it_loads_neither_torch_nor_transformers() -> None:
    code = (
        "import sys\n"
        "from ecomgan.encoder import SHIPPED, open_portable\n"
        "assert open_portable(SHIPPED).texts(['red bag']).shape == (1, 128)\n"
        "assert not {'torch', 'transformers', 'diffusers', 'onnx'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_graphs_of_earlier_weights_do_not_stay(tmp_path: Path, tiny_encoder: Path) -> None:
    from ecomgan.encoder.exporting import remove_towers

    folder = shutil.copytree(SHIPPED, tmp_path / "encoder")
    remove_towers(folder)
    write_checksums(folder)
    open_encoder(folder)
    with pytest.raises(CheckpointError, match="export-encoder"):
        open_portable(folder)
