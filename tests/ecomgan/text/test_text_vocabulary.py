import json
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from ecomgan.errors import CheckpointError, ConditionError
from ecomgan.text import Vocabulary, display_name, read_brief


def _checkpoint(folder: Path, config: str) -> Path:
    (folder / "generator").mkdir()
    (folder / "generator" / "config.json").write_text(config, encoding="utf-8")
    return folder


def test_is_read_from_a_checkpoint_folder(tmp_path: Path) -> None:
    fields = {"article_type": ["Shirts", "Dresses"], "colour": ["Red"]}
    vocabulary = Vocabulary.from_checkpoint(_checkpoint(tmp_path, json.dumps({"vocabulary": fields})))
    assert vocabulary == Vocabulary(fields)
    assert vocabulary["article_type"] == ("Shirts", "Dresses")


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ("{", "no JSON"),
        ("{}", "holds no vocabulary"),
        ("[]", "holds no vocabulary"),
        ('{"vocabulary": {"colour": "Red"}}', "takes a list of names"),
        ('{"vocabulary": {"colour": ["Red", "Red"]}}', "more than once"),
    ],
)
def test_says_what_is_wrong_with_a_damaged_checkpoint(tmp_path: Path, config: str, message: str) -> None:
    with pytest.raises(CheckpointError, match=message):
        Vocabulary.from_checkpoint(_checkpoint(tmp_path, config))


def test_says_that_a_folder_holds_no_checkpoint(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="no checkpoint in"):
        Vocabulary.from_checkpoint(tmp_path)


@pytest.mark.parametrize("values", [[""], ["Red", "Red"], [3], "Red"])
def test_refuses_values_that_are_no_names(values: object) -> None:
    with pytest.raises(ConditionError):
        Vocabulary({"colour": values})  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("field", "value", "nearest"),
    [
        ("colour", "Navy", "Navy Blue"),
        ("colour", "紅", "Red"),
        ("article_type", "sneakers", "Casual Shoes"),
        ("article_type", "T-shirt", "Tshirts"),
        ("usage", "sport", "Sports"),
    ],
)
def test_names_the_nearest_values(vocabulary: Vocabulary, field: str, value: str, nearest: str) -> None:
    named = vocabulary.nearest(field, value)
    assert len(named) == 3
    assert nearest in named


def test_names_as_many_nearest_values_as_there_are() -> None:
    assert Vocabulary({"colour": ["Red"]}).nearest("colour", "xyz") == ("Red",)
    with pytest.raises(ConditionError, match="no field 'size'"):
        Vocabulary({"colour": ["Red"]}).nearest("size", "M")


def test_travels_between_processes_and_serves_as_a_key(vocabulary: Vocabulary) -> None:
    again = pickle.loads(pickle.dumps(vocabulary))
    assert again == vocabulary
    assert hash(again) == hash(vocabulary)
    reading = read_brief("red dress", again)
    assert pickle.loads(pickle.dumps(reading)) == reading


def test_shows_values_in_chinese() -> None:
    assert display_name("Dresses", "zh-CN") == "连衣裙"
    assert display_name("Navy Blue", "zh") == "藏青色"
    assert display_name("Dresses", "en") == "Dresses"
    assert display_name("Surfboards", "zh") == "Surfboards"


def test_loads_no_torch() -> None:
    code = "import sys, ecomgan.text; print({'torch', 'diffusers', 'transformers', 'numpy'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
