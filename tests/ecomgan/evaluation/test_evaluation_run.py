import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ecomgan import EcomGANPipeline
from ecomgan.cli import main
from ecomgan.data.prepared import open_prepared
from ecomgan.errors import CheckpointError, DataError
from ecomgan.evaluation.evaluate import SEEDS, evaluate
from ecomgan.evaluation.held_out import choose_held_out, prepared_folder
from ecomgan.evaluation.making import crushed, generated, photos
from ecomgan.evaluation.samples import ROWS, sample_grid
from ecomgan.metrics import SCORERS


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Shared, so that the judge is taught once."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def pipe(checkpoint: Path) -> EcomGANPipeline:
    return EcomGANPipeline.from_pretrained(checkpoint)


def test_the_command_gives_the_same_figures_again_and_a_card_that_leaves_the_checkpoint_whole(
    checkpoint: Path, prepared: Path, cache: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = evaluate(EcomGANPipeline.from_pretrained(checkpoint), prepared, cache, images=40)
    arguments = ["evaluate", str(checkpoint), "--data", str(prepared), "--images", "40", "--cache", str(cache)]
    assert main([*arguments, "--out", str(tmp_path / "out"), "--write-card"]) == 0
    figures = json.loads((tmp_path / "out" / "evaluation.json").read_text(encoding="utf-8"))
    for part in ("distances", "accuracy", "birth_scores", "variety", "categories"):
        assert json.dumps(figures[part]) == json.dumps(first[part])
    _check_figures(figures)
    assert "KD_lite2 x1000" in capsys.readouterr().out
    for name in ("evaluation.json", "samples.png"):
        assert (checkpoint / name).read_bytes() == (tmp_path / "out" / name).read_bytes()
    assert (checkpoint / "README.md").read_text(encoding="utf-8").startswith("# tiny: product images of 80x64")
    EcomGANPipeline.from_pretrained(checkpoint)


def _check_figures(figures: dict[str, Any]) -> None:
    distances = figures["distances"]
    assert list(distances) == ["KD_lite2_x1000", "FD_lite2", "precision", "recall", "density", "coverage"]
    for columns in distances.values():
        assert {"value", "spread"} <= columns["generated"].keys()
        assert "spread" not in columns["floor"]
    kernel = distances["KD_lite2_x1000"]
    assert kernel["floor"]["value"] < kernel["ceiling"]["value"] < kernel["generated"]["value"]
    assert figures["settings"]["seeds"] == list(SEEDS)
    assert figures["settings"]["images_a_seed"] == 40
    assert figures["accuracy"]["article_type"]["real"]["value"] > 0.8
    assert set(figures["birth_scores"]) == set(SCORERS)
    assert [found["attributes"] for found in figures["variety"]] == [{"article_type": "Bags", "colour": "Red"}]


def test_a_card_without_a_training_record_is_refused_before_the_long_work(
    checkpoint: Path, prepared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (checkpoint / "training.json").unlink()
    assert main(["evaluate", str(checkpoint), "--data", str(prepared), "--write-card"]) == 1
    assert "training.json" in capsys.readouterr().err
    with pytest.raises(CheckpointError, match=r"training\.json"):
        EcomGANPipeline.from_pretrained(checkpoint)


def test_each_held_out_photo_asks_for_what_the_checkpoint_knows_of_it(pipe: EcomGANPipeline, prepared: Path) -> None:
    validation = open_prepared(prepared, "validation")
    held_out = choose_held_out(validation, pipe.vocabulary, None)
    assert len(held_out) == 60
    for row, attributes in zip(held_out.rows, held_out.attributes, strict=True):
        truth = {field: validation.columns[field][row] for field in ("article_type", "colour", "usage")}
        expected = {field: value for field, value in truth.items() if value != "Plum"}
        assert attributes == expected


@pytest.mark.parametrize("images", [39, 61])
def test_too_few_or_too_many_held_out_photos_are_refused(pipe: EcomGANPipeline, prepared: Path, images: int) -> None:
    with pytest.raises(DataError, match=f"{images} held-out photos were asked for; 40 to 60"):
        choose_held_out(open_prepared(prepared, "validation"), pipe.vocabulary, images)


def test_fewer_photos_are_the_first_of_more(pipe: EcomGANPipeline, prepared: Path) -> None:
    validation = open_prepared(prepared, "validation")
    few, all_of_them = (choose_held_out(validation, pipe.vocabulary, images) for images in (40, None))
    assert np.array_equal(few.rows, all_of_them.rows[:40])


def test_an_image_depends_on_seed_and_place_alone(pipe: EcomGANPipeline) -> None:
    asked = [{"article_type": "Bags"}, {"article_type": "Belts", "colour": "Red"}] * 35
    together = np.concatenate(list(generated(pipe, asked, seed=1)))
    few = np.concatenate(list(generated(pipe, asked[:3], seed=1)))
    other = np.concatenate(list(generated(pipe, asked[:3], seed=2)))
    assert together.shape == (70, 16, 16, 3)
    assert np.abs(together[:3].astype(int) - few).max() <= 1
    assert (few != other).any()


def test_crushed_photos_keep_their_number_and_lose_their_detail(prepared: Path) -> None:
    train = open_prepared(prepared, "train")
    rows = np.arange(70)
    whole, spoilt = (np.concatenate(list(b)) for b in (photos(train, rows), crushed(photos(train, rows))))
    assert spoilt.shape == whole.shape
    assert np.abs(spoilt.astype(int) - whole).mean() > 2


def test_a_folder_of_photos_is_prepared_once_and_again_when_it_changes(source: Path, tmp_path: Path) -> None:
    changing = tmp_path / "shop"
    changing.mkdir()
    for file in source.iterdir():
        (changing / file.name).write_bytes(file.read_bytes())
    first = prepared_folder(changing, tmp_path / "cache", 16, 16)
    made = (first / "images.npy").stat().st_mtime_ns
    assert prepared_folder(changing, tmp_path / "cache", 16, 16) == first
    assert (first / "images.npy").stat().st_mtime_ns == made
    (changing / "note.txt").write_text("one more file", encoding="utf-8")
    assert prepared_folder(changing, tmp_path / "cache", 16, 16) != first


def test_a_prepared_set_of_another_size_is_refused(prepared: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds photos of 16x16; the checkpoint makes 80x64"):
        prepared_folder(prepared, tmp_path, 80, 64)


def test_sample_grid_has_a_row_a_category_and_a_column_a_seed(pipe: EcomGANPipeline) -> None:
    grid = sample_grid(pipe)
    assert grid.shape == (2 * 16, 96 + 8 * 16, 3)
    assert ROWS >= 2
    assert np.array_equal(grid, sample_grid(pipe))


def test_importing_the_options_loads_no_torch() -> None:
    code = "import sys, ecomgan.evaluation; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
