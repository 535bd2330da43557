"""The judge and the ranker as they are shipped."""

import json
from pathlib import Path

import numpy as np
import pytest

from ecomgan.classifiers.config import ROLES
from ecomgan.classifiers.folder import card_text
from ecomgan.metrics import category_confidence, judge
from ecomgan.metrics.category_confidence import Ranker
from ecomgan.metrics.judge import Judge
from tests.ecomgan.classifiers.conftest import shelf

FOLDERS = {"judge": judge.SHIPPED, "ranker": category_confidence.SHIPPED}


@pytest.mark.parametrize("folder", FOLDERS.values(), ids=FOLDERS)
def test_each_is_small_and_holds_weights_figures_and_a_card(folder: Path) -> None:
    assert sum(file.stat().st_size for file in folder.iterdir()) <= 5 * 10**6
    assert {file.suffix for file in folder.iterdir()} == {".safetensors", ".json", ".md"}


def test_both_open_and_know_what_the_catalogue_is_about() -> None:
    images = shelf(4, seed=0).pixels(np.arange(4))
    judged = Judge()(images)
    assert set(judged.answers) == {"article_type", "colour"}
    assert len(judged.answers["colour"]) == len(judged.features) == 4
    assert all(value is not None for value in Ranker()(images, ["Belts"] * 4))


@pytest.mark.parametrize("role", ROLES)
def test_each_was_taught_as_its_options_say_and_its_card_is_of_its_record(role: str) -> None:
    folder = FOLDERS[role]
    record = json.loads((folder / "training.json").read_text(encoding="utf-8"))
    assert record["config"] == ROLES[role].to_json()
    assert f"train-classifier models/{role} --role {role}" in record["command"]
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    assert (folder / "README.md").read_text(encoding="utf-8") == card_text(role, record, config["classes"])
