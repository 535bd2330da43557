"""Presets: chosen by the number of photos, complete, and refused where there are too few."""

import subprocess
import sys

import pytest

from ecomgan.errors import ConfigError
from ecomgan.training.config import TrainConfig, read_nearest
from ecomgan.training.presets import PRESETS, preset_for, preset_named


@pytest.mark.parametrize(
    ("photos", "name"), [(24, "small"), (150, "small"), (151, "medium"), (500, "medium"), (501, "large")]
)
def test_the_number_of_photos_decides(photos: int, name: str) -> None:
    assert preset_for(photos).name == name


def test_too_few_photos_are_refused() -> None:
    with pytest.raises(ConfigError, match="23 photos cannot teach a checkpoint; at least 24"):
        preset_for(23)
    with pytest.raises(ConfigError, match="unknown preset 'huge'; known are quick, small"):
        preset_named("huge")


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_gives_options_that_fit_together(name: str) -> None:
    preset = PRESETS[name]
    config = TrainConfig().with_changes(preset.changes())
    assert config.images % config.evaluate_every == config.evaluate_every % config.grid_every == 0
    assert config.evaluate_every % config.batch == config.grid_every % config.batch == 0
    assert config.replayed == preset.replay * preset.batch
    assert preset.seconds(10.0) == preset.images / 10


def test_fewer_photos_leave_less_to_be_changed() -> None:
    frozen = [PRESETS[name].frozen_blocks for name in ("small", "medium", "large")]
    assert frozen == sorted(frozen, reverse=True)


def test_pages_can_read_the_presets_without_torch() -> None:
    code = "import sys, ecomgan.training.presets; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_what_new_values_start_from_is_read_from_assignments() -> None:
    assert read_nearest(["colour.Wine=Red", "article_type.Tank Tops = Tops"]) == {
        "colour": {"Wine": "Red"},
        "article_type": {"Tank Tops": "Tops"},
    }
    for wrong in ("Wine=Red", "colour.Wine", "colour.=Red", "colour.Wine="):
        with pytest.raises(ConfigError, match=r"FIELD\.NEW=KNOWN was expected"):
            read_nearest([wrong])
