"""From photos to a network that opens: splits, damage, training, resuming."""

import dataclasses
import json
import shutil
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from ecomgan.cli import main
from ecomgan.detail import training
from ecomgan.detail.config import DetailConfig
from ecomgan.detail.degrade import degrade
from ecomgan.detail.opening import open_detail
from ecomgan.detail.photos import open_photos
from ecomgan.detail.training import draw_batch, teach
from ecomgan.errors import CheckpointError, ConfigError, DataError
from tests.ecomgan.detail.conftest import PHOTOS, QUICK


def test_photos_are_split_by_title_and_small_ones_left_out(cloth: Path) -> None:
    train, held_out = open_photos(cloth, "train"), open_photos(cloth, "validation")
    dev = open_photos(cloth, "dev")
    assert len(train) + len(dev) == PHOTOS
    assert train.too_small + dev.too_small == 1
    assert len(held_out) == 6
    assert train.sha256 != held_out.sha256
    assert train.pixels(0).shape == (320, 256, 3)


def test_a_folder_without_large_photos_is_refused(tmp_path: Path, catalogue: Path) -> None:
    with pytest.raises(DataError, match="320 pixels of height"):
        open_photos(catalogue, "train")


def test_damage_is_the_draws_and_of_a_quarter_of_the_size(cloth: Path) -> None:
    photo = open_photos(cloth, "train").pixels(0)
    made = [degrade(photo, np.random.default_rng(seed)) for seed in (1, 1, 2)]
    assert made[0].shape == (80, 64, 3)
    assert made[0].dtype == np.uint8
    assert np.array_equal(made[0], made[1])
    assert not np.array_equal(made[0], made[2])


def test_all_kinds_of_damage_keep_the_white_ground_nearly_white(cloth: Path) -> None:
    photo = open_photos(cloth, "train").pixels(0)
    corners = [degrade(photo, np.random.default_rng(seed))[:6, :6] for seed in range(40)]
    assert np.mean(corners) > 250


def test_a_batch_pairs_patches_with_their_damaged_copies(cloth: Path) -> None:
    config = DetailConfig().with_changes(QUICK)
    small, large = draw_batch(open_photos(cloth, "train"), config, np.random.default_rng(0))
    assert small.shape == (4, 3, 16, 16)
    assert large.shape == (4, 3, 64, 64)
    apart = (torch.nn.functional.avg_pool2d(large, 4) - small).abs().mean()
    assert apart < 0.25 * (large - large.roll(1, dims=0)).abs().mean()


def test_a_training_that_was_interrupted_ends_with_the_same_weights(
    cloth: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    photos, options = open_photos(cloth, "train"), QUICK | {"evaluate_photos": 0}
    through = teach(tmp_path / "through", photos, cloth, options, threading.Event())
    stop, drawn = threading.Event(), []

    def stop_after_three(*arguments: Any) -> Any:
        drawn.append(None)
        if len(drawn) == 3:
            stop.set()
        return draw_batch(*arguments)

    monkeypatch.setattr(training, "draw_batch", stop_after_three)
    stopped = teach(tmp_path / "run", photos, cloth, options, stop)
    assert (stopped.step, stopped.done) == (3, False)
    resumed = teach(tmp_path / "run", photos, cloth, {}, threading.Event())
    assert resumed.done
    for one, other in zip(resumed.network.parameters(), through.network.parameters(), strict=True):
        assert torch.equal(one, other)


def test_a_run_refuses_other_photos_other_shapes_and_damaged_files(cloth: Path, tmp_path: Path) -> None:
    photos = open_photos(cloth, "train")
    teach(tmp_path / "run", photos, cloth, QUICK | {"evaluate_photos": 0, "steps": 1}, threading.Event())
    with pytest.raises(DataError, match="other photos"):
        teach(tmp_path / "run", open_photos(cloth, "validation"), cloth, {}, threading.Event())
    with pytest.raises(ConfigError, match="depth cannot change"):
        teach(tmp_path / "run", photos, cloth, {"depth": 4}, threading.Event())
    (tmp_path / "run" / "run.json").write_text("{}")
    with pytest.raises(CheckpointError, match=r"run\.json cannot be read"):
        teach(tmp_path / "run", photos, cloth, {}, threading.Event())
    with pytest.raises(CheckpointError, match=r"no checkpoint\.pt"):
        teach(tmp_path / "new", photos, cloth, QUICK, threading.Event(), init=tmp_path)


def test_another_run_can_be_begun_from(cloth: Path, tmp_path: Path) -> None:
    photos, options = open_photos(cloth, "train"), QUICK | {"evaluate_photos": 0, "adversarial_weight": 0}
    base = teach(tmp_path / "base", photos, cloth, options, threading.Event())
    begun = teach(tmp_path / "next", photos, cloth, options | {"steps": 1}, threading.Event(), init=tmp_path / "base")
    assert begun.step == 1
    apart = [
        (one - other).abs().max().item()
        for one, other in zip(base.network.parameters(), begun.network.parameters(), strict=True)
    ]
    assert 0 < max(apart) < 0.01


@pytest.mark.parametrize(
    ("changes", "message"),
    [({"speed": 1}, "unknown option 'speed'"), ({"steps": 0}, "at least 1"), ({"steps": 1.5}, "steps is 1.5"),
     ({"patch": 10}, "divisible by 4"), ({"ema": 1.0}, "in \\[0, 1\\)")],
)  # fmt: skip
def test_options_that_cannot_be_are_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        DetailConfig().with_changes(changes)


def test_the_folder_opens_is_small_and_holds_its_record_and_card(detail_folder: Path) -> None:
    network = open_detail(detail_folder)
    assert network.reach == 4
    assert not any(parameter.requires_grad for parameter in network.parameters())
    record = json.loads((detail_folder / "training.json").read_text())
    assert record["steps"] == 4
    assert record["data"]["name"].startswith("cloth")
    assert "Not measured yet" in (detail_folder / "README.md").read_text()


def test_a_damaged_or_missing_folder_is_refused(detail_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="is no folder"):
        open_detail(tmp_path / "nowhere")
    copy = tmp_path / "copy"
    shutil.copytree(detail_folder, copy)
    weights = copy / "diffusion_pytorch_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"x")
    with pytest.raises(CheckpointError, match="damaged"):
        open_detail(copy)


def test_commands_teach_measure_and_write_the_card(
    cloth: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = [part for name, value in QUICK.items() for part in ("--set", f"{name}={value}")]
    command = ["train-detail", str(tmp_path / "run"), "--data", str(cloth), "--set", "evaluate_every=4", *options]
    assert main([*command, "--set", "evaluate_photos=2"]) == 0
    model = tmp_path / "run" / "model"
    lines = [json.loads(line) for line in (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()]
    assert lines[-1]["dev/psnr"] > 5
    capsys.readouterr()
    assert main(["evaluate-detail", str(model), "--data", str(cloth), "--photos", "2", "--write-card"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["data"]["photos"] == 2
    assert "feature_distance_lite2" in found["degraded"]["finished"]
    card = (model / "README.md").read_text()
    assert "Effective detail" in card
    assert str(found["images_per_second"]["bf16"]) in card
    open_detail(model)


def test_commands_begin_with_another_runs_networks_and_measure_generated_images_too(
    cloth: Path, tiny_checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = [part for name, value in QUICK.items() for part in ("--set", f"{name}={value}")]
    command = ["train-detail", "--data", str(cloth), "--set", "evaluate_photos=0", *options]
    assert main([*command, str(tmp_path / "first")]) == 0
    model = tmp_path / "model"
    assert main([*command, str(tmp_path / "second"), "--init", str(tmp_path / "first"), "--out", str(model)]) == 0
    assert "--init" in json.loads((model / "training.json").read_text())["command"]
    capsys.readouterr()
    measure = ["evaluate-detail", str(model), "--data", str(cloth), "--split", "dev", "--photos", "1"]
    pictures = tmp_path / "pictures"
    assert main([*measure, "--generator", str(tiny_checkpoint), "--pictures", str(pictures)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["data"]["split"], found["generated"]["images"]) == ("dev", 80)
    assert {file.name for file in pictures.iterdir()} == {"photos.png", "generated.png"}
    assert main([*measure[:-1], "-1"]) == 1
    assert "photos is -1; at most so many are measured, 0 for all" in capsys.readouterr().err


def test_a_single_photo_teaches_nothing(cloth: Path, tmp_path: Path) -> None:
    photos = open_photos(cloth, "train")
    alone = dataclasses.replace(photos, encoded=photos.encoded[:1])
    with pytest.raises(DataError, match="holds 1 photo to teach; at least 2 were expected"):
        teach(tmp_path / "run", alone, cloth, QUICK, threading.Event())
    assert not (tmp_path / "run").exists()
