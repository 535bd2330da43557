"""Options: refused when unknown, of another kind or out of range, with what would be right."""

import json
from pathlib import Path

import pytest

from ecomgan.errors import ConfigError
from ecomgan.training.config import TrainConfig, read_assignments, read_config_file


def test_unknown_options_are_refused_with_the_known_ones() -> None:
    with pytest.raises(ConfigError, match=r"unknown option 'lr'; known are .*lr_generator"):
        TrainConfig().with_changes({"lr": 1e-3})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"batch": 0}, "batch is 0; it must be at least 1"),
        ({"batch": "64"}, "batch is '64'; int was expected"),
        ({"batch": 3, "group": 2}, "batch is 3; it must be a multiple of group = 2"),
        ({"ema": 1.0}, r"ema is 1.0; it must be in \[0, 1\)"),
        ({"condition_dropout": 1.5}, "between 0 and 1"),
        ({"lr_generator": 0}, "lr_generator is 0.0; it must be above 0"),
        ({"backbone": "resnet"}, "backbone is 'resnet'; it must be one of lite0, none"),
        ({"channels": [64]}, "at least two sizes"),
        ({"smallest_count": True}, "int was expected"),
    ],
)
def test_impossible_values_are_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        TrainConfig().with_changes(changes)


def test_a_started_run_keeps_the_shape_of_its_networks() -> None:
    config = TrainConfig()
    assert config.resumed_with({"images": 7, "lr_generator": 1e-4}).images == 7
    with pytest.raises(ConfigError, match="latent_dim cannot change from 128 to 64"):
        config.resumed_with({"latent_dim": 64})


def test_options_survive_json() -> None:
    config = TrainConfig(channels=(8, 4), variety_condition=("Bags", "Red", "Casual"))
    assert TrainConfig().with_changes(json.loads(json.dumps(config.to_json()))) == config


def test_options_are_read_from_toml_json_and_assignments(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text('batch = 8\nchannels = [8, 4]\nprecision = "fp32"')
    (tmp_path / "a.json").write_text('{"batch": 8}')
    assert TrainConfig().with_changes(read_config_file(tmp_path / "a.toml")).channels == (8, 4)
    assert read_config_file(tmp_path / "a.json") == {"batch": 8}
    assert read_assignments(["batch=8", "precision=fp32", "channels=[8, 4]"]) == {
        "batch": 8,
        "precision": "fp32",
        "channels": [8, 4],
    }


def test_unreadable_options_are_refused(tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text("batch = ")
    (tmp_path / "list.json").write_text("[1]")
    with pytest.raises(ConfigError, match="cannot be read as options"):
        read_config_file(tmp_path / "bad.toml")
    with pytest.raises(ConfigError, match="holds a list"):
        read_config_file(tmp_path / "list.json")
    with pytest.raises(ConfigError, match="'batch' is no option; name=value"):
        read_assignments(["batch"])
