"""The colours of both themes can be read (WCAG 2.2, AA: 4.5 for text, 3 for parts of controls)."""

import tomllib
from pathlib import Path

import pytest

THEMES = tomllib.loads((Path(__file__).resolve().parents[2] / ".streamlit" / "config.toml").read_text("utf-8"))["theme"]


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", ["textColor", "grayTextColor", "linkColor", "primaryColor"])
def test_text_stands_out_from_both_backgrounds(theme: str, name: str) -> None:
    colours = THEMES[theme]
    assert contrast(colours[name], colours["backgroundColor"]) >= 4.5
    assert contrast(colours[name], colours["secondaryBackgroundColor"]) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", ["green", "orange", "red", "blue", "violet", "yellow"])
def test_coloured_words_and_dots_stand_out(theme: str, name: str) -> None:
    colours = THEMES[theme]
    assert contrast(colours[f"{name}TextColor"], colours["backgroundColor"]) >= 4.5
    if f"{name}Color" in colours:
        assert contrast(colours[f"{name}Color"], colours["backgroundColor"]) >= 3


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_words_on_the_accent_stand_out(theme: str) -> None:
    assert contrast(THEMES[theme]["backgroundColor"], THEMES[theme]["primaryColor"]) >= 4.5


def test_no_font_is_fetched() -> None:
    assert "fontFaces" not in THEMES
    assert all("://" not in str(value) for value in THEMES.values())
