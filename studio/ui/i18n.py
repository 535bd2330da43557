"""The texts of the screens in the visitor's language, and dates and numbers in the visitor's way of writing.

English is the key: `t("To review")`. The Chinese stands in `locale/zh/`, a file an area; a test keeps it complete.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from contextvars import ContextVar
from functools import cache, lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

import streamlit as st
from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime, format_skeleton, format_time, format_timedelta
from babel.messages.pofile import read_po
from babel.numbers import format_currency, format_decimal, format_percent

from studio.errors import Words

LANGUAGES = {"en": "English", "zh": "简体中文"}
COOKIE = "ecomgan_language"
SESSION_KEY = "language"

_settled: ContextVar[str | None] = ContextVar("language", default=None)  # set anew as each run starts

_FOLDER = Path(__file__).parent / "locale"


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """English text -> text in `language`. A text with two numbers is found under its singular."""
    texts: dict[str, str] = {}
    for path in sorted((_FOLDER / language).glob("*.po")):
        with path.open("rb") as file:
            messages = read_po(file, locale=language)
        for message in messages:
            forms = [message.string] if isinstance(message.string, str) else list(message.string or ())
            if message.id:
                texts[message.id if isinstance(message.id, str) else message.id[0]] = forms[0]
    return texts


def translate(language: str, text: str, **values: object) -> str:
    """`text` in `language` with its `{names}` filled in; English where the language lacks it."""
    found = catalogue(language).get(text) or text
    return found.format(**{name: _spoken(language, value) for name, value in values.items()}) if values else found


def _spoken(language: str, value: object) -> object:
    """A value as it stands in a text: `Words` in the language, all others as they are."""
    if not isinstance(value, Words) or language == "en":
        return value
    return "、".join(catalogue(language).get(word) or word for word in value)


def language() -> str:
    """The visitor's language: the one chosen here, else the browser's, else English."""
    return _settled.get() or _found()


def settle_language() -> None:
    """Look the language up once for all texts of this run; the router and the guard of each page do so."""
    _settled.set(_found())


def _found() -> str:
    chosen = st.session_state.get(SESSION_KEY) or st.context.cookies.get(COOKIE)
    if chosen in LANGUAGES:
        return str(chosen)
    return "zh" if (st.context.locale or "").lower().startswith("zh") else "en"


def t(text: str, **values: object) -> str:
    """`text` in the visitor's language with its `{names}` filled in."""
    return translate(language(), text, **values)


def plural(one: str, many: str, n: int, **values: object) -> str:
    """The form of the text that fits `n`, which stands in it as `{n}`."""
    chosen = language()
    filled = {"n": number(n), **values}
    if chosen == "en":
        return (one if n == 1 else many).format(**filled)
    return translate(chosen, one, **filled)


def msg(text: str) -> str:
    """Marks a text that is translated later, by `t(...)`, such as a label in a table of labels."""
    return text


def number(value: float, digits: int = 0) -> str:
    """A number with the visitor's separators, rounded to `digits` decimals."""
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    return str(format_decimal(round(value, digits), format=pattern, locale=_locale()))


def percent(share: float, digits: int = 0) -> str:
    """A share in [0, 1] as per cent."""
    pattern = "#,##0" + ("." + "0" * digits if digits else "") + "%"
    return str(format_percent(share, format=pattern, locale=_locale()))


def money(amount: float, currency: str) -> str:
    """An amount in a currency of three letters, such as €1.20; small ones to a tenth of a cent."""
    digits = "0.000" if 0 < abs(amount) < 0.1 else "0.00"
    return str(format_currency(amount, currency, format=f"¤#,##{digits}", currency_digits=False, locale=_locale()))


def date(moment: dt.datetime | dt.date) -> str:
    """A day, such as 3 Mar 2026."""
    local = moment.astimezone(_zone()) if isinstance(moment, dt.datetime) else moment
    return str(format_date(local, format="medium", locale=_locale()))


def month(of: dt.date) -> str:
    """The month of a day, such as November 2026."""
    return str(format_skeleton("yMMMM", of, locale=_locale()))


def day(of: dt.date) -> str:
    """A day without its year, such as 3 Mar, for the ticks of charts."""
    return str(format_skeleton("MMMd", of, locale=_locale()))


def moment(at: dt.datetime) -> str:
    """A day and a time in the visitor's time zone."""
    return str(format_datetime(at, format="short", tzinfo=_zone(), locale=_locale()))


def clock(at: dt.datetime) -> str:
    """A time of day in the visitor's time zone."""
    return str(format_time(at, format="short", tzinfo=_zone(), locale=_locale()))


def ago(at: dt.datetime, now: dt.datetime | None = None) -> str:
    """How long ago, such as 3 minutes ago."""
    passed = at - (now or dt.datetime.now(dt.UTC))
    return str(format_timedelta(passed, add_direction=True, locale=_locale()))


def duration(seconds: float) -> str:
    """A length of time in its two largest units: 0.4 s, 12 s, 2 min 10 s, 3 min, 3 h 5 min, 2 d 4 h."""
    whole = max(0, round(seconds))
    if 0 < seconds < 9.95:
        return t("{s} s", s=number(seconds, 1))
    if whole < 60:
        return t("{s} s", s=number(whole))
    if whole < 3600:
        minutes, seconds = divmod(whole, 60)
        return t("{m} min {s} s", m=number(minutes), s=number(seconds)) if seconds else t("{m} min", m=number(minutes))
    if whole < 86_400:
        hours, minutes = divmod(whole // 60, 60)
        return t("{h} h {m} min", h=number(hours), m=number(minutes)) if minutes else t("{h} h", h=number(hours))
    days, hours = divmod(whole // 3600, 24)
    return t("{d} d {h} h", d=number(days), h=number(hours)) if hours else t("{d} d", d=number(days))


def _locale() -> Locale:
    """The browser's locale where it fits the language of the screens (en-GB, zh-TW ...), else the language's own."""
    return _locale_of(language(), st.context.locale or "")


@lru_cache(maxsize=64)
def _locale_of(chosen: str, wanted: str) -> Locale:
    if wanted.lower().startswith(chosen):
        try:
            return Locale.parse(wanted, sep="-")
        except (ValueError, UnknownLocaleError):
            pass
    return Locale.parse("zh_Hans_CN" if chosen == "zh" else "en_GB")


def _zone() -> dt.tzinfo:
    name = st.context.timezone
    return ZoneInfo(name) if name else dt.UTC
