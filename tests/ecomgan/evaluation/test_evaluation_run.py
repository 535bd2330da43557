import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from plotly.offline import get_plotlyjs

from ecomgan import EcomGANPipeline
from ecomgan.checksums import write_checksums
from ecomgan.cli import main
from ecomgan.data.prepared import open_prepared
from ecomgan.encoder import SHIPPED as ENCODER
from ecomgan.errors import CheckpointError, DataError
from ecomgan.evaluation.evaluate import SEEDS, evaluate
from ecomgan.evaluation.held_out import choose_held_out, floor_rows, prepared_folder
from ecomgan.evaluation.making import Batches, blurred, crushed, generated, generated_at, photos
from ecomgan.evaluation.samples import ROWS, finished_grid, sample_grid
from ecomgan.metrics import keys_of
from ecomgan.metrics.category_confidence import Ranker
from ecomgan.metrics.judge import Judge


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Shared, so that the train photos are looked at once."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def pipe(checkpoint: Path) -> EcomGANPipeline:
    return EcomGANPipeline.from_pretrained(checkpoint)


@pytest.mark.slow
def test_the_command_gives_the_same_figures_again_and_a_card_that_leaves_the_checkpoint_whole(
    checkpoint: Path,
    prepared: Path,
    judge_folder: Path,
    ranker_folder: Path,
    cache: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    pipe = EcomGANPipeline.from_pretrained(checkpoint)
    first = evaluate(pipe, prepared, cache, Judge(judge_folder), Ranker(ranker_folder), images=40).figures
    arguments = ["evaluate", str(checkpoint), "--data", str(prepared), "--images", "40", "--cache", str(cache)]
    arguments += ["--judge", str(judge_folder), "--ranker", str(ranker_folder), "--encoder", str(ENCODER)]
    arguments += ["--device", "cpu"]
    assert main([*arguments, "--out", str(tmp_path / "out"), "--write-card"]) == 0
    figures = json.loads((tmp_path / "out" / "evaluation.json").read_text(encoding="utf-8"))
    for part in ("distances", "accuracy", "birth_scores", "variety", "copying", "categories", "spaces"):
        assert json.dumps(figures[part]) == json.dumps(first[part])
    _check_figures(figures)
    assert "KD_catalog x1000" in capsys.readouterr().out
    for name in ("evaluation.json", "samples.png"):
        assert (checkpoint / name).read_bytes() == (tmp_path / "out" / name).read_bytes()
    assert (checkpoint / "README.md").read_text(encoding="utf-8").startswith("# tiny: product images of 80x64")
    _check_that_photos_of_the_data_stay_behind(checkpoint, tmp_path / "out")
    EcomGANPipeline.from_pretrained(checkpoint)
    _check_that_a_card_comes_from_its_json_and_of_its_weights(checkpoint, capsys)


def _check_figures(figures: dict[str, Any]) -> None:
    distances = figures["distances"]
    shares = ["precision", "recall", "density", "coverage"]
    sealed = ["KD_catalog_x1000", "FD_catalog", *(f"{share}_catalog" for share in shares)]
    assert list(distances) == [*sealed, "KD_lite2_x1000", "FD_lite2", *shares, "KD_lite0_x1000", "FD_lite0"]
    for metric, columns in distances.items():
        assert {"value", "spread"} <= columns["generated"].keys()
        assert "spread" not in columns["floor"]
        assert columns.get("training_space", False) is ("lite0" in metric)
        assert ("low" in columns["generated"]) is not metric.startswith("FD")
    for space in ("catalog", "lite2"):
        kernel = distances[f"KD_{space}_x1000"]
        assert kernel["floor"]["value"] < kernel["ceiling"]["value"]
        assert kernel["floor"]["value"] < kernel["blurred"]["value"]
        assert kernel["floor"]["value"] < kernel["generated"]["value"]
    assert figures["settings"]["seeds"] == list(SEEDS)
    assert figures["settings"]["images_a_seed"] == 40
    article = figures["accuracy"]["article_type"]
    assert article["real"]["value"] > 0.8
    assert article["shuffled"]["value"] < 0.8
    assert article["real"]["low"] < article["real"]["value"] <= article["real"]["high"] <= 1
    assert article["ratio"]["value"] == pytest.approx(article["generated"]["value"] / article["real"]["value"])
    assert set(figures["birth_scores"]) == set(keys_of("birth"))
    assert [found["attributes"] for found in figures["variety"]] == [{"article_type": "Bags", "colour": "Red"}]
    assert figures["variety_share"]["features"]["value"] > 0
    assert figures["counterfactual"]["pairs"] > 20
    assert figures["settings"]["texts"] is None
    match = figures["text_image_match"]
    assert -100 <= match["shuffled"]["value"] <= match["real"]["value"] <= 100
    assert figures["spaces"]["catalog"]["taught_on"] == "shop"
    assert len(figures["model"]["generator_sha256"]) == 64
    copying = figures["copying"]
    for space in ("catalog", "lite2"):
        assert copying[space]["ratio"]["low"] <= copying[space]["ratio"]["value"] <= copying[space]["ratio"]["high"]
        assert sum(copying[space]["histogram"]["held_out"]) == 40
    assert copying["nearest_pairs"]["generated"][0]["distance"] <= copying["nearest_pairs"]["generated"][1]["distance"]


def _check_that_photos_of_the_data_stay_behind(checkpoint: Path, out: Path) -> None:
    assert (out / "nearest_photos.png").exists()
    assert not (checkpoint / "nearest_photos.png").exists()
    assert not (checkpoint / "report.html").exists()
    report = (out / "report.html").read_text(encoding="utf-8").replace(get_plotlyjs(), "")
    assert report.count("data:image/png") == 2
    assert "://" not in report


def _check_that_a_card_comes_from_its_json_and_of_its_weights(
    checkpoint: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    card = (checkpoint / "README.md").read_bytes()
    (checkpoint / "README.md").unlink()
    assert main(["card", str(checkpoint)]) == 0
    assert (checkpoint / "README.md").read_bytes() == card
    weights = checkpoint / "generator" / "diffusion_pytorch_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"!")
    write_checksums(checkpoint)
    assert main(["card", str(checkpoint)]) == 1
    assert "figures of the weights" in capsys.readouterr().err


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


def test_images_can_be_made_again_by_their_places(pipe: EcomGANPipeline) -> None:
    asked = [{"article_type": "Bags"}, {"article_type": "Belts", "colour": "Red"}] * 5
    together = np.concatenate(list(generated(pipe, asked, seed=1)))
    some = np.concatenate(list(generated_at(pipe, asked, 1, [7, 2])))
    assert np.abs(together[[7, 2]].astype(int) - some).max() <= 1


def test_the_floor_shows_what_the_held_out_photos_show(pipe: EcomGANPipeline, prepared: Path) -> None:
    train = open_prepared(prepared, "train")
    held_out = choose_held_out(open_prepared(prepared, "validation"), pipe.vocabulary, None)
    rows = floor_rows(train, held_out)
    assert len(set(rows)) == 60
    assert [train.columns["article_type"][row] for row in rows] == held_out.column("article_type")


@pytest.mark.parametrize("spoil", [crushed, blurred])
def test_spoilt_photos_keep_their_number_and_lose_their_detail(
    prepared: Path, spoil: Callable[[Batches], Batches]
) -> None:
    train = open_prepared(prepared, "train")
    rows = np.arange(70)
    whole, spoilt = (np.concatenate(list(b)) for b in (photos(train, rows), spoil(photos(train, rows))))
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


def test_the_finished_grid_shows_the_same_images_four_times_as_large(pipe: EcomGANPipeline) -> None:
    plain, finished = sample_grid(pipe)[:, 96:], finished_grid(pipe)
    assert finished.shape == (4 * 2 * 16, 4 * (96 + 8 * 16), 3)
    small = np.asarray(Image.fromarray(finished[:, 4 * 96 :]).resize((8 * 16, 2 * 16), Image.Resampling.BOX))
    assert np.abs(small.astype(float) - plain).mean() < np.abs(small[::-1].astype(float) - plain).mean()


def test_importing_the_options_loads_no_torch() -> None:
    code = "import sys, ecomgan.evaluation; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
