"""Every text of the screens stands in the Chinese catalogue, with the same names to fill in, and nothing else does."""

import ast
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.states import REASONS
from studio.ui.i18n import catalogue, translate

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [
    *sorted((ROOT / "pages").glob("*.py")),
    *sorted((ROOT / "studio" / "ui").rglob("*.py")),
    *sorted((ROOT / "studio" / "api").rglob("*.py")),
]
DRAWS = {"title", "header", "subheader", "caption", "button", "link_button", "page_link", "metric", "markdown", "write"}


def texts_of(path: Path) -> Iterator[str]:
    """The literals given to `t`, `msg` and `plural` (both forms stand under the first)."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("t", "msg", "plural"):
            first = node.args[0]
            if isinstance(first, ast.Constant):
                yield first.value


def all_texts() -> set[str]:
    found = {text for path in SOURCES for text in texts_of(path)}
    return found | {reason.label for reason in REASONS.values()}


def names_in(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_text_has_its_chinese() -> None:
    missing = sorted(text for text in all_texts() if not catalogue("zh").get(text))
    assert missing == []


def test_the_chinese_catalogue_holds_nothing_that_no_screen_says() -> None:
    assert sorted(set(catalogue("zh")) - all_texts()) == []


def test_chinese_texts_fill_in_the_same_names() -> None:
    wrong = [text for text, chinese in catalogue("zh").items() if not names_in(chinese) <= names_in(text)]
    assert wrong == []


def test_a_text_is_filled_in_either_language() -> None:
    assert translate("en", "since {day}", day="Monday") == "since Monday"
    assert "Monday" in translate("zh", "since {day}", day="Monday")
    assert translate("zh", "since {day}", day="Monday") != "since Monday"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_no_english_is_drawn_past_the_catalogue(path: Path) -> None:
    bare = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        drawn = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in DRAWS
        if drawn and node.args and isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str):
            bare.append(node.args[0].value)
    assert [text for text in bare if any(letter.isalpha() for letter in text) and not text.startswith("pages/")] == []
