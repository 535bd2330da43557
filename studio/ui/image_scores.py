"""The scores of one image in groups: each on its scale, with a dot that says whether it is good."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

import streamlit as st

from db.tables import Role
from ecomgan.metrics import SCORERS
from studio.bootstrap import Studio
from studio.images.assets import AssetView
from studio.review.checks import CHECKS, FURTHER_CHECKS
from studio.roles import Actor
from studio.scoring.standing import Standing
from studio.scoring.wanted import score_now
from studio.ui.i18n import number, t
from studio.ui.jobs_view import follow_job
from studio.ui.labels import Tone
from studio.ui.notices import calm
from studio.ui.score_words import GROUPS, WORDS
from studio.ui.theme import colour

_CSS = """
<style>
.scores {{ display: grid; grid-template-columns: 0.9rem minmax(8rem, 11rem) 4.6rem minmax(4rem, 1fr);
  gap: 0.28rem 0.6rem; align-items: center; font-size: 0.88rem; }}
.scores h5 {{ grid-column: 1 / -1; margin: 0.55rem 0 0.1rem; padding: 0; font-size: 0.78rem; font-weight: 600;
  color: {quiet}; }}
.scores i {{ width: 8px; height: 8px; border-radius: 50%; background: {border}; }}
.scores i.good {{ background: {green}; }}
.scores i.bad {{ background: {red}; }}
.scores b {{ font-weight: 600; text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }}
.scores .none {{ font-weight: 400; color: {quiet}; }}
.scores .scale {{ position: relative; height: 6px; border-radius: 3px; background: {border}; }}
.scores .scale span {{ position: absolute; top: 0; bottom: 0; border-radius: 3px; background: {green}; opacity: 0.35; }}
.scores .scale u {{ position: absolute; top: -4px; width: 3px; height: 14px; margin-left: -1.5px; border-radius: 2px;
  background: {text}; }}
.scores small {{ grid-column: 2 / -1; margin-top: -0.3rem; color: {quiet}; font-size: 0.76rem; line-height: 1.3; }}
</style>
"""

_COMPARED = frozenset(key for title, keys in GROUPS[-2:] for key in keys)


@dataclass(frozen=True)
class _Range:
    """Where a score is good; an open end is None."""

    low: float | None
    high: float | None

    def holds(self, value: float) -> bool:
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)


def draw_scores(studio: Studio, actor: Actor, view: AssetView, now: Standing) -> None:
    """The groups, and the way to scores that are still missing."""
    st.markdown(f"**{t('Scores')}**")
    _draw_missing(studio, actor, view, now)
    ranges = _ranges(now)
    rows: list[str] = []
    for title, keys in GROUPS:
        known = [key for key in keys if key in view.scores and key in WORDS]
        if known:
            rows.append(f"<h5>{escape(t(title))}</h5>")
            rows += [_row(key, view.scores[key], ranges.get(key)) for key in known]
    colours = {name: colour(option) for name, option in _COLOURS.items()}
    st.html(f"{_CSS.format(**colours)}<div class='scores'>{''.join(rows)}</div>")


_COLOURS = {
    "green": "greenTextColor",
    "red": "redTextColor",
    "text": "textColor",
    "quiet": "grayTextColor",
    "border": "borderColor",
}


def _draw_missing(studio: Studio, actor: Actor, view: AssetView, now: Standing) -> None:
    if now.job_id is not None:
        follow_job(studio, actor, now.job_id, t("Scores are being taken"))
    elif now.missing:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(t("Some scores were not taken yet."))
            if actor.may(Role.EDITOR) and st.button(t("Measure now"), icon=":material/speed:", key="measure-now"):
                with calm():
                    score_now(studio, actor, view.id)
                    st.rerun()


def _ranges(now: Standing) -> dict[str, _Range]:
    """Where each score is good: by the checks of review, and by what the team demands of a listing image."""
    found = {key: _Range(check.least, check.most) for key, check in {**FURTHER_CHECKS, **CHECKS}.items()}
    for fact in now.identity.facts:
        if fact.demanded is not None:
            less = SCORERS[fact.key].better == "lower"
            found[fact.key] = _Range(None, fact.demanded) if less else _Range(fact.demanded, None)
    return found


def _row(key: str, value: float | None, good: _Range | None) -> str:
    words = WORDS[key]
    name, meaning = escape(t(words.name)), escape(t(words.meaning))
    if value is None:
        told = escape(t("nothing to compare with") if key in _COMPARED else t("does not apply"))
        return f"<i></i><span title='{meaning}'>{name}</span><b class='none'>–</b><small class='none'>{told}</small>"
    tone: Tone = "neutral" if good is None else "good" if good.holds(value) else "bad"
    said = {"good": t("good"), "bad": t("outside the good range")}.get(tone, "")
    unit = SCORERS[key].unit if key in SCORERS else "%"
    unit = "" if unit.startswith("ΔE") else f" {unit}" if unit else ""
    return (
        f"<i class='{tone}' role='img' aria-label='{escape(said)}' title='{escape(said)}'></i>"
        f"<span title='{meaning}'>{name}</span><b>{number(value, words.digits)}{escape(unit)}</b>"
        f"{_scale(key, value, good)}<small>{meaning}</small>"
    )


def _scale(key: str, value: float, good: _Range | None) -> str:
    low, high = (SCORERS[key].low, SCORERS[key].high) if key in SCORERS else (0.0, 100.0)

    def at(point: float) -> float:
        return min(max((point - low) / (high - low), 0.0), 1.0) * 100

    band = ""
    if good is not None:
        left = at(low if good.low is None else good.low)
        right = at(high if good.high is None else good.high)
        band = f"<span style='left:{left:.1f}%;width:{max(right - left, 1):.1f}%'></span>"
    return f"<div class='scale' aria-hidden='true'>{band}<u style='left:{at(value):.1f}%'></u></div>"
