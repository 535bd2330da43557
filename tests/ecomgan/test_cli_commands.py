"""The command line: every command from photos to images, and clear messages when something is wrong."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ecomgan.cli import main
from ecomgan.generation import file_stem

TINY = ["images=16", "batch=8", "precision=fp32", "device=cpu", "channels=[16, 8, 8]", "latent_dim=8", "style_dim=16",
        "embedding_dim=4", "backbone=none", "smallest_count=2", "evaluate_images=0"]  # fmt: skip


def test_from_photos_to_images(catalogue: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = [part for option in TINY for part in ("--set", option)]
    assert main(["prepare", str(catalogue), str(tmp_path / "set"), "--height", "32", "--width", "32"]) == 0
    assert "36  photos found" in capsys.readouterr().out
    assert main(["train", str(tmp_path / "run"), "--data", str(tmp_path / "set"), *options]) == 0
    assert main(["train", str(tmp_path / "run"), "--resume", "--set", "images=24"]) == 0
    assert main(["export", str(tmp_path / "run"), str(tmp_path / "model")]) == 0
    assert "24 images seen" in capsys.readouterr().out
    command = ["generate", str(tmp_path / "model"), "Red Bag!", "blue cap", "-n", "2", "--seed", "3"]
    assert main([*command, "--out", str(tmp_path / "images")]) == 0
    names = ["blue-cap-s3-0.png", "blue-cap-s3-1.png", "red-bag-s3-0.png", "red-bag-s3-1.png"]
    assert sorted(path.name for path in (tmp_path / "images").iterdir()) == names


def test_same_command_makes_the_same_pictures_and_a_grid_shows_them_all(tiny_checkpoint: Path, tmp_path: Path) -> None:
    command = ["generate", str(tiny_checkpoint), "red bag", "blue cap", "-n", "3", "--device", "cpu"]
    for folder in ("a", "b"):
        assert main([*command, "--out", str(tmp_path / folder)]) == 0
    one, two = (np.asarray(Image.open(tmp_path / folder / "red-bag-s0-1.png")) for folder in ("a", "b"))
    assert (one == two).all()
    assert main([*command, "--grid", "--out", str(tmp_path / "c")]) == 0
    grid = np.asarray(Image.open(tmp_path / "c" / "grid-red-bag-s0.png"))
    assert grid.shape == (2 * 16, 3 * 8, 3)
    assert (grid[:16, 8:16] == one).all()


def test_attributes_on_the_command_line_beat_the_text(tiny_checkpoint: Path, tmp_path: Path) -> None:
    command = ["generate", str(tiny_checkpoint), "red bag", "-n", "1", "--device", "cpu", "--out", str(tmp_path)]
    assert main(command) == 0
    red = np.asarray(Image.open(tmp_path / "red-bag-s0-0.png"))
    assert main([*command, "--attribute", "colour=Navy Blue"]) == 0
    assert (np.asarray(Image.open(tmp_path / "red-bag-s0-0.png")) != red).any()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["generate", "nowhere", "red bag"], "nowhere is no folder"),
        (["train", "run"], "--data is missing"),
        (["train", "run", "--data", "nowhere", "--set", "speed=9"], "unknown option 'speed'"),
        (["prepare", "nowhere", "out"], "nowhere is no folder"),
        (["export", "nowhere", "out"], "nowhere is no run folder"),
    ],
)
def test_mistakes_end_with_one_line_and_code_one(
    arguments: list[str],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 1
    error = capsys.readouterr().err
    assert message in error
    assert "Traceback" not in error
    assert list(tmp_path.iterdir()) == []


def test_dry_run_prints_the_options_and_starts_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", str(tmp_path / "run"), "--set", "batch=8", "--dry-run"]) == 0
    assert json.loads(capsys.readouterr().out)["batch"] == 8
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("text", "stem"),
    [
        ("Red  Bag!", "red-bag"),
        ("红色连衣裙", "红色连衣裙"),
        ("🙂", "image"),
        ("../../etc", "etc"),
        ("a" * 99, "a" * 60),
    ],
)
def test_file_names_are_safe_and_say_what_is_shown(text: str, stem: str) -> None:
    assert file_stem(text) == stem


def test_help_of_every_command_is_quick_and_loads_no_torch() -> None:
    code = (
        "import sys, contextlib, io\n"
        "from ecomgan.cli import main\n"
        "for command in ('prepare', 'train', 'export', 'generate'):\n"
        "    with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):\n"
        "        main([command, '--help'])\n"
        "assert 'torch' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
