"""The trainings of this studio, the newest first: what each learnt from, how far it came, what became of it."""

from __future__ import annotations

import streamlit as st

from studio.training.views import TrainingView
from studio.ui.i18n import ago, number, plural, t
from studio.ui.labels import plain
from studio.ui.places import page_of
from studio.ui.training_view import progress, state_line


def draw_list(trainings: list[TrainingView]) -> None:
    """A card for each."""
    for one in trainings:
        with st.container(border=True, key=f"training-{one.id}", gap="xsmall"):
            text, state, actions = st.columns([4, 4, 2], vertical_alignment="center")
            with text.container(gap="xxsmall"):
                st.markdown(f"**{plain(one.name)}**")
                photos = plural("{n} photo", "{n} photos", one.photos)
                st.caption(
                    f"{t('from {base}', base=plain(one.base))} · {photos} · {plain(one.created_by)} · "
                    f"{ago(one.created_at)}"
                )
            with state.container(gap="xxsmall"):
                st.markdown(state_line(one))
                if one.active:
                    done, words = progress(one)
                    st.progress(done, words)
                else:
                    st.caption(_outcome(one))
            with actions, st.container(horizontal=True, horizontal_alignment="right"):
                st.page_link(
                    page_of("fine_tune"),
                    label=t("Open"),
                    icon=":material/open_in_new:",
                    query_params={"training": str(one.id)},
                )


def _outcome(one: TrainingView) -> str:
    seen = t("{seen} of {target} photos seen", seen=number(one.seen), target=number(one.target))
    return f"{seen} · {t('model {name}', name=plain(one.model))}" if one.model else seen
