"""Every text of the screens stands in the Chinese catalogue, with the same names to fill in, and nothing else does."""

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.alerts.sentences import SENTENCES
from studio.publishing.packs import shipped_packs
from studio.review.states import REASONS
from studio.ui.i18n import catalogue, translate
from studio.work.retrying import ELSEWHERE, INSTEAD

ROOT = Path(__file__).resolve().parents[2]
SCREENS = [*sorted((ROOT / "pages").glob("*.py")), *sorted((ROOT / "studio" / "ui").rglob("*.py"))]
ROUTES = sorted((ROOT / "studio" / "api").glob("*.py"))
TEMPLATES = sorted((ROOT / "studio" / "api" / "templates").glob("*.html"))
USE_CASES = sorted((ROOT / "studio").rglob("*.py"))
DRAWS = {"title", "header", "subheader", "caption", "button", "link_button", "page_link", "metric", "markdown", "write"}


def calls(path: Path) -> Iterator[ast.Call]:
    return (node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call))


def marked_texts(path: Path) -> Iterator[str]:
    """The literals given to `t`, `msg` and `plural` (both forms stand under the first)."""
    for call in calls(path):
        if isinstance(call.func, ast.Name) and call.func.id in ("t", "msg", "plural"):
            first = call.args[0]
            if isinstance(first, ast.Constant):
                yield first.value


def fixed_refusals(path: Path) -> Iterator[str]:
    """Messages of errors: those that are the same each time, and templates whose values are given beside them. Those
    that are put together from texts and values stay English.
    """
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and node.exc.args:
            message = node.exc.args[0]
            named = isinstance(node.exc.func, ast.Name) and node.exc.func.id != "ValueError"
            if named and isinstance(message, ast.Constant) and isinstance(message.value, str):
                yield message.value


def all_texts() -> set[str]:
    found = {text for path in (*SCREENS, *ROUTES) for text in marked_texts(path)}
    found |= {text for path in TEMPLATES for text in re.findall(r'\bt\("([^"]+)"', path.read_text("utf-8"))}
    found |= {text for path in USE_CASES for text in fixed_refusals(path)}
    found |= set(rule_texts())
    found |= {*SENTENCES.values(), *INSTEAD.values(), ELSEWHERE}
    return found | {reason.label for reason in REASONS.values()}


def rule_texts() -> Iterator[str]:
    """What the shipped packs say: their notes, their rules, and the names of their sources."""
    for pack in shipped_packs().values():
        yield from (text for text in (pack.note, pack.source.name) if text)
        for rule in pack.rules:
            yield from (rule.text, *([rule.source.name] if rule.source else []))


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


@pytest.mark.parametrize("path", SCREENS, ids=lambda path: path.name)
def test_no_english_is_drawn_past_the_catalogue(path: Path) -> None:
    drawn = (call for call in calls(path) if isinstance(call.func, ast.Attribute) and call.func.attr in DRAWS)
    bare = [call.args[0].value for call in drawn if call.args and isinstance(call.args[0], ast.Constant)]
    assert [text for text in bare if any(letter.isalpha() for letter in str(text))] == []
