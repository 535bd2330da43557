"""The README names what there is: every setting with its meaning, every command, every folder."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from studio.settings import Settings

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_listed_with_its_meaning(name: str) -> None:
    described = Settings.model_fields[name].description
    assert f"| `ECOMGAN_{name.upper()}` |" in README
    assert described is not None
    assert described in README


def test_no_setting_is_listed_that_does_not_exist() -> None:
    listed = set(re.findall(r"\| `ECOMGAN_([A-Z_]+)` \|", README))
    assert listed == {name.upper() for name in Settings.model_fields}


@pytest.mark.parametrize(
    "command",
    [
        "prepare",
        "train",
        "tune",
        "export",
        "generate",
        "evaluate",
        "card",
        "train-classifier",
        "train-encoder",
        "evaluate-encoder",
        "export-encoder",
        "train-detail",
        "evaluate-detail",
    ],
)
def test_every_command_of_the_library_is_shown(command: str) -> None:
    assert f"python -m ecomgan {command}" in README


def test_every_link_leads_to_a_file() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert target.startswith("http") or (ROOT / target).exists(), f"{target} is not there"


def test_the_speed_targets_and_make_commands_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"`?make ([a-z]+)`?", README)) - {"and"} <= targets
