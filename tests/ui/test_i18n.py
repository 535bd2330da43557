"""Numbers, times and plurals as the visitor writes them."""

import datetime as dt

import pytest
import streamlit as st

from studio.ui import i18n


@pytest.fixture
def speak(monkeypatch: pytest.MonkeyPatch):
    """`speak("zh-CN")`: a visitor whose browser says so."""

    def visitor(locale: str) -> None:
        class Context:
            cookies: dict[str, str] = {}  # noqa: RUF012

            def __init__(self) -> None:
                self.locale, self.timezone = locale, "Asia/Shanghai"

        monkeypatch.setattr(st, "context", Context())

    return visitor


@pytest.mark.parametrize(("locale", "language"), [("zh-CN", "zh"), ("zh-TW", "zh"), ("en-US", "en"), ("de-DE", "en")])
def test_the_language_follows_the_browser(speak, locale: str, language: str) -> None:
    speak(locale)
    assert i18n.language() == language


def test_numbers_take_the_separators_of_the_visitor(speak) -> None:
    speak("en-GB")
    assert i18n.number(1234567) == "1,234,567"
    assert i18n.number(0.456, 1) == "0.5"
    assert i18n.percent(0.876) == "88%"


def test_times_stand_in_the_time_zone_of_the_visitor(speak) -> None:
    speak("en-GB")
    assert "01:30" in i18n.moment(dt.datetime(2026, 11, 23, 17, 30, tzinfo=dt.UTC))
    assert i18n.date(dt.datetime(2026, 11, 23, 17, 30, tzinfo=dt.UTC)) == "24 Nov 2026"


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (0, "0 s"),
        (0.42, "0.4 s"),
        (12.4, "12 s"),
        (130, "2 min 10 s"),
        (180, "3 min"),
        (11_100, "3 h 5 min"),
        (172_800, "2 d"),
        (187_200, "2 d 4 h"),
    ],
)
def test_a_length_of_time_takes_its_two_largest_units(speak, seconds: float, written: str) -> None:
    speak("en-GB")
    assert i18n.duration(seconds) == written


def test_english_tells_one_from_many_and_chinese_does_not(speak) -> None:
    speak("en-GB")
    assert i18n.plural("{n} image", "{n} images", 1) == "1 image"
    assert i18n.plural("{n} image", "{n} images", 1200) == "1,200 images"
    speak("zh-CN")
    assert i18n.plural("{n} image", "{n} images", 1) == "1 张图片"
    assert i18n.plural("{n} image", "{n} images", 3) == "3 张图片"
