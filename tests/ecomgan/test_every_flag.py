"""Every flag of every command is tried, and every number that makes no sense is refused in one line."""

import argparse
import json
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ecomgan import EcomGANPipeline
from ecomgan.cli import _parser, main

TESTS = Path(__file__).parent
COMMANDS = {
    "prepare": ["test_cli_commands.py", "test_every_flag.py"],
    "train": ["test_cli_commands.py", "test_every_flag.py", "training/test_metrics_log.py"],
    "tune": ["tuning/test_tuning.py", "tuning/test_workers_and_pruning.py"],
    "export": ["test_every_flag.py"],
    "average": ["training/test_averaging.py"],
    "generate": ["test_cli_commands.py", "test_every_flag.py"],
    "evaluate": ["evaluation/test_evaluation_run.py"],
    "card": [],
    "train-classifier": ["classifiers/test_classifiers.py"],
    "train-encoder": ["encoder/test_dual_encoder.py"],
    "evaluate-encoder": ["encoder/test_dual_encoder.py", "encoder/test_closeness.py"],
    "export-encoder": [],
    "train-detail": ["detail/test_detail_training.py"],
    "evaluate-detail": ["detail/test_detail_training.py"],
}
"""Where the flags of a command are tried."""

SMALL = [part for option in ("images=8", "batch=8", "precision=fp32", "smallest_count=1", "evaluate_images=0")
         for part in ("--set", option)]  # fmt: skip
FRESH = [part for option in ("channels=[16, 8, 8]", "latent_dim=8", "style_dim=16", "embedding_dim=4", "backbone=none")
         for part in ("--set", option)]  # fmt: skip


def subparsers(command: str) -> dict[str, argparse.ArgumentParser]:
    (action,) = (a for a in _parser([command])._actions if isinstance(a, argparse._SubParsersAction))
    return dict(action.choices)


@pytest.mark.parametrize("command", COMMANDS)
def test_no_flag_is_left_untried(command: str) -> None:
    told = "\n".join((TESTS / file).read_text(encoding="utf-8") for file in COMMANDS[command])
    for action in subparsers(command)[command]._actions:
        if action.option_strings and not isinstance(action, argparse._HelpAction):
            assert any(f'"{flag}"' in told for flag in action.option_strings), action.option_strings


def test_no_command_is_left_out() -> None:
    assert subparsers("prepare").keys() == COMMANDS.keys()


@pytest.mark.parametrize("split", ["titles", "catalogue", "held_out"])
def test_sets_are_split_as_asked(split: str, catalogue: Path, tmp_path: Path) -> None:
    command = ["prepare", str(catalogue), str(tmp_path / "set"), "--height", "16", "--width", "24", "--split", split]
    assert main(command) == 0
    report = json.loads((tmp_path / "set" / "report.json").read_text(encoding="utf-8"))
    assert (report["height"], report["width"], report["split"]) == (16, 24, split)
    assert set(report["kept"]) <= ({"validation"} if split == "held_out" else {"train", "dev", "validation"})


def test_a_taught_checkpoint_is_taught_on_with_every_flag_for_it(
    tiny_set: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    base, taught = tmp_path / "base", tmp_path / "taught"
    assert main(["train", str(tmp_path / "a"), "--data", str(tiny_set), *SMALL, *FRESH]) == 0
    assert main(["export", str(tmp_path / "a"), str(base), "--which", "last"]) == 0
    command = ["train", str(tmp_path / "b"), "--data", str(tiny_set), "--init", str(base), "--preset", "quick"]
    command += ["--replay", str(tiny_set), "--nearest", "colour.Crimson=Red", *SMALL]
    assert main(command) == 0
    assert main(["export", str(tmp_path / "b"), str(taught)]) == 0
    assert EcomGANPipeline.from_pretrained(taught).image_shape == (32, 32)
    record = json.loads((tmp_path / "b" / "run.json").read_text(encoding="utf-8"))
    assert (record["preset"], record["replay"], record["init"]) == ("quick", str(tiny_set), str(base))
    capsys.readouterr()
    assert main(["export", str(tmp_path / "b"), str(taught), "--which", "best"]) == 1
    assert "error: " in capsys.readouterr().err
    assert main(["train", str(tmp_path / "b"), "--resume", "--data", str(tiny_set)]) == 0
    assert main(["train", str(tmp_path / "b"), "--resume", "--data", str(tmp_path)]) == 1
    assert "began with the photos of" in capsys.readouterr().err


def test_the_best_of_a_watched_run_is_exported(set_with_dev: Path, tmp_path: Path) -> None:
    options = ["--set", "evaluate_images=4", "--set", "evaluate_every=8", "--set", "backbone=lite0"]
    assert main(["train", str(tmp_path / "run"), "--data", str(set_with_dev), *SMALL, *FRESH, *options]) == 0
    assert main(["export", str(tmp_path / "run"), str(tmp_path / "best"), "--which", "best"]) == 0
    assert json.loads((tmp_path / "best" / "training.json").read_text(encoding="utf-8"))["chosen"] == "best"


def test_images_are_made_with_every_flag_for_them(tiny_checkpoint: Path, tmp_path: Path) -> None:
    command = ["generate", str(tiny_checkpoint), "red bag", "--number", "2", "--device", "cpu"]
    for name, flags in {"plain": [], "average": ["--truncation", "0"], "strong": ["--guidance", "3"]}.items():
        assert main([*command, *flags, "--out", str(tmp_path / name)]) == 0
    plain, average, strong = (
        [np.asarray(Image.open(tmp_path / name / f"red-bag-s0-{k}.png")).astype(int) for k in (0, 1)]
        for name in ("plain", "average", "strong")
    )
    assert np.abs(average[0] - average[1]).mean() < np.abs(plain[0] - plain[1]).mean()
    assert (strong[0] != plain[0]).any()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["prepare", "PHOTOS", "out", "--height", "0"], r"0x64 pixels \(height x width\) were asked for; 8 to 4096"),
        (["prepare", "PHOTOS", "out", "--width", "-5"], r"80x-5 pixels \(height x width\) were asked for; 8 to 4096"),
        (["generate", "MODEL", "red bag", "--seed", "-1"], "seed is -1; 0 to"),
        (["generate", "MODEL", "red bag", "--seed", str(2**70)], "seed is 1180591620717411303424; 0 to"),
        (["generate", "MODEL", "red bag", "--number", "0"], "num_images_per_prompt is 0; at least 1"),
        (["generate", "MODEL", "red bag", "--truncation", "nan"], "truncation is nan; a number from 0 to 1"),
        (["generate", "MODEL", "red bag", "--guidance", "inf"], "guidance_scale is inf; a number from 0 to 5"),
        (["generate", "MODEL", "red bag", "--attribute", "x"], "'x' is no option; name=value was expected"),
        (["generate", "MODEL", "red bag", "--out", "FILE"], "is a file; a folder for the images was expected"),
        (["train", "run", "--data", "SET", "--preset", "quick"], "--preset needs --init"),
        (["train", "run", "--data", "SET", "--init", "MODEL", "--preset", "huge"], "unknown preset 'huge'; known are"),
        (["train", "run", "--data", "SET", "--init", "MODEL", "--nearest", "Red"], "FIELD.NEW=KNOWN was expected"),
        (["train", "run", "--data", "SET", "--set", "channels=[]"], r"channels is \(\); it must be at least two sizes"),
        (["train", "run", "--data", "SET", "--set", "lr_generator=NaN"], "lr_generator is nan; it must be a finite"),
        (["export", "nowhere", "out"], "nowhere is no run folder"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line_with_nothing_written(
    arguments: list[str],
    message: str,
    catalogue: Path,
    tiny_set: Path,
    tiny_checkpoint: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    places = {"PHOTOS": catalogue, "SET": tiny_set, "MODEL": tiny_checkpoint, "FILE": catalogue / "train-0.parquet"}
    monkeypatch.chdir(tmp_path)
    assert main([str(places.get(argument, argument)) for argument in arguments]) == 1
    told = capsys.readouterr().err
    assert re.search(rf"^error: .*{message}", told)
    assert len(told.strip().splitlines()) == 1
    assert list(tmp_path.iterdir()) == []
