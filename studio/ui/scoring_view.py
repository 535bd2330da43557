"""Pieces of the page Settings: what a listing image must reach, and scores that are still missing."""

from __future__ import annotations

import streamlit as st

from ecomgan.metrics import SCORERS, keys_of
from studio.bootstrap import Studio
from studio.roles import Actor
from studio.scoring.identity import DEFAULTS, demands, less_is_better, set_demands
from studio.scoring.wanted import outstanding, score_again
from studio.ui.i18n import duration, plural, t
from studio.ui.jobs_view import follow_job
from studio.ui.notices import calm
from studio.ui.score_words import WORDS


def draw_identity(studio: Studio, actor: Actor) -> None:
    """A number for each score of identity; an empty one is not looked at."""
    now = demands(studio, actor)
    wanted: dict[str, float] = {}
    with st.form("identity", border=False):
        for key, column in zip(keys_of("identity"), st.columns(len(keys_of("identity")) or 1), strict=False):
            words, scorer = WORDS[key], SCORERS[key]
            label = (
                t("{name}, at most", name=t(words.name))
                if less_is_better(key)
                else t("{name}, at least", name=t(words.name))
            )
            with column:
                value = st.number_input(
                    f"{label} ({scorer.unit})" if scorer.unit else label,
                    scorer.low,
                    scorer.high,
                    now.get(key),
                    (scorer.high - scorer.low) / 100,
                    help=t(words.meaning),
                    placeholder=t("not looked at"),
                    key=f"identity-{key}",
                )
                st.caption(t("measured as sensible: {value}", value=f"{DEFAULTS[key]:g}"))
            if value is not None:
                wanted[key] = float(value)
        pressed = st.form_submit_button(t("Save"))
    if pressed and wanted != now:
        set_demands(studio, actor, wanted)
        st.toast(t("Saved."), icon=":material/check_circle:")
    st.caption(t("Images that were approved before stay as they are."))


def draw_outstanding(studio: Studio, actor: Actor) -> None:
    """How many images lack scores, the button that has them taken, and how far a job is with it."""
    now = outstanding(studio, actor)
    if now.job_id is not None:
        with st.container(width=560):
            follow_job(studio, actor, now.job_id, t("Scores are being taken"))
        return
    if not now.images:
        st.caption(t("Every image has all its scores. New images are scored by themselves when their order ends."))
        return
    st.caption(
        plural(
            "{n} image lacks scores of today's scorers. That takes about {time}, beside other work; orders go first.",
            "{n} images lack scores of today's scorers. That takes about {time}, beside other work; orders go first.",
            now.images,
            time=duration(now.seconds),
        )
    )
    label = plural("Score {n} image again", "Score {n} images again", now.images)
    if st.button(label, icon=":material/speed:", key="score-again"):
        with calm():
            score_again(studio, actor)
            st.rerun()
