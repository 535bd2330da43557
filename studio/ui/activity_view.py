"""Activity as a log: the filters, and lines under their days."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import groupby

import streamlit as st

from db.tables import AssetState
from studio.activity_log import IMAGE, ActivityFilter, ActivityLine, facets
from studio.bootstrap import Studio
from studio.review.states import REASONS, UNDO
from studio.roles import Actor
from studio.ui import filters
from studio.ui.cards import thumbnail_url
from studio.ui.i18n import clock, date, msg, t
from studio.ui.labels import ASSET_STATES, Tone

SUBJECTS: dict[str, str] = {
    "asset": msg("Images"),
    "model_version": msg("Models"),
    "training": msg("Trainings"),
    "catalogue_import": msg("Imports"),
    "products": msg("Products"),
    "photos": msg("Photos"),
    "photo_upload": msg("Photo uploads"),
    "value_mapping": msg("Mapped words"),
    "api_key": msg("API keys"),
    "user": msg("People"),
    "team_setting": msg("Settings"),
    "channel": msg("Channels"),
    "recall": msg("Recalls"),
}
"""What deeds are done to, in words; a subject that is not here shows as it is kept."""

_PAGES = {
    "asset": "library?image={id}",
    "training": "fine_tune?training={id}",
    "model_version": "models?model={id}",
    "recall": "recalls?recall={id}",
}
_UNDONE: tuple[str, Tone] = (msg("Taken back"), "neutral")

_CSS = """
<style>
.log { width: 100%; border-collapse: collapse; font-size: 0.92rem; }
.log th { padding: 1.1rem 0.5rem 0.35rem; font-weight: 600; text-align: left; font-size: 0.95rem; }
.log td { padding: 0.3rem 0.5rem; border-top: 1px solid rgb(128 128 128 / 18%); vertical-align: middle; }
.log .when { width: 4.5rem; opacity: 0.72; font-variant-numeric: tabular-nums; white-space: nowrap; }
.log .who { width: 11rem; overflow-wrap: anywhere; }
.log .shot { width: 2.6rem; }
.log .shot img { display: block; width: 2.1rem; height: 2.6rem; object-fit: contain; background: #fff;
  border-radius: 4px; }
.log .quiet { opacity: 0.72; }
.log .what { overflow-wrap: anywhere; }
.log a { color: inherit; text-decoration: underline; text-decoration-color: rgb(128 128 128 / 60%); }
.log .dot::before { content: ""; display: inline-block; width: 8px; height: 8px; margin-right: 0.45rem;
  border-radius: 50%; background: var(--tone); }
</style>
"""
TONES: dict[Tone, str] = {
    "neutral": "#7d8592",
    "info": "#3b7dd8",
    "good": "#2e8b57",
    "warn": "#d17a1e",
    "bad": "#c9372c",
    "done": "#8a6fd1",
}
"""The colours of dots that are drawn as HTML, readable as dots in both themes."""


def draw_filters(studio: Studio, actor: Actor) -> ActivityFilter:
    """Who, to what, which decisions, when, which words; as the address says them."""
    known = facets(studio, actor)
    text, who, about, decided, made = st.columns([3, 2, 2, 2, 2.4], vertical_alignment="center")
    with text:
        words = filters.search(t("Search what was done, or a comment"), param="text")
    with who:
        people = {str(id_): name for id_, name in known.people.items()}
        person = filters.narrow(t("Person"), people, param="by", placeholder=t("Everyone"))
    with about:
        subjects = {key: t(SUBJECTS.get(key, key)) for key in known.subjects}
        subject = filters.narrow(t("About"), subjects, param="about", placeholder=t("Everything"))
    with decided:
        states = {state.value: t(label) for state, (label, _) in ASSET_STATES.items() if state is not AssetState.DRAFT}
        state = filters.narrow(t("Decision"), states, param="decision", placeholder=t("All decisions"))
    with made:
        days = filters.period(t("From … to"), param="days", in_row=True)
    only = st.query_params.get("of", "")
    if only:
        filters.chip(t("Only {subject} {id}", subject=t(SUBJECTS.get(subject or IMAGE, "")), id=only), param="of")
    return ActivityFilter(
        user_id=int(person) if person else None,
        subject=subject,
        subject_id=only or None,
        to_state=AssetState(state) if state else None,
        days=days,
        text=words,
    )


def draw_lines(lines: Sequence[ActivityLine]) -> None:
    """The lines under their days, the newest first."""
    if not lines:
        return
    rows: list[str] = []
    for day, some in groupby(lines, key=lambda line: date(line.at)):
        rows.append(f"<tr><th colspan='4' scope='colgroup'>{escape(day)}</th></tr>")
        rows += [_row(line) for line in some]
    st.html(f"{_CSS}<table class='log'><tbody>{''.join(rows)}</tbody></table>")


def _row(line: ActivityLine) -> str:
    who = escape(line.user) if line.user else f"<span class='quiet'>{escape(t('the studio'))}</span>"
    picture = ""
    if line.sha256:
        alt = escape(t("Image {id}", id=line.subject_id))
        picture = f"<img loading='lazy' src='{thumbnail_url(line.sha256, 160)}' alt='{alt}'>"
    return (
        f"<tr><td class='when'>{escape(clock(line.at))}</td><td class='who'>{who}</td>"
        f"<td class='shot'>{picture}</td><td class='what'>{_what(line)}</td></tr>"
    )


def _what(line: ActivityLine) -> str:
    if line.source == "activity":
        return _linked(line, escape(line.text))
    word, tone = _UNDONE if line.did == UNDO else ASSET_STATES[AssetState(line.did)]
    reason = t(REASONS[line.reason].label) if line.reason in REASONS else ""
    told = " · ".join(part for part in (reason, line.comment) if part)
    dot = f"<span class='dot' style='--tone: {TONES[tone]}'>{escape(t(word))}</span>"
    more = f" <span class='quiet'>· {escape(told)}</span>" if told else ""
    return f"{dot} · {_linked(line, escape(t('Image {id}', id=line.subject_id)))}{more}"


def _linked(line: ActivityLine, text: str) -> str:
    page = _PAGES.get(line.subject)
    if page is None or not line.subject_id.isdecimal():
        return text
    return f"<a href='/{page.format(id=line.subject_id)}' target='_self'>{text}</a>"
