"""Search by meaning and by picture, the same on every page: the field for a photo, what is prepared so far."""

from __future__ import annotations

import streamlit as st

from studio.bootstrap import Studio
from studio.errors import InputError
from studio.images.brought import small_picture
from studio.roles import Actor
from studio.searching.questions import Question
from studio.searching.vectors import Readiness
from studio.ui import filters
from studio.ui.i18n import number, t
from studio.ui.jobs_view import follow_job

WAY = "way"
"""The part of an address that says how its text is searched for."""

_MEANING = "meaning"
_STEP = 56


def draw_way() -> bool:
    """Whether the words are searched for by what they mean, rather than as they are written."""
    ways = {"words": t("Words"), _MEANING: t("Meaning")}
    return filters.switch_between(t("Search by"), ways, param=WAY, default="words") == _MEANING


def offer_meaning() -> None:
    """The button that searches for the same words by what they mean."""
    if st.button(t("Search by meaning instead"), type="primary", icon=":material/image_search:"):
        st.query_params[WAY] = _MEANING
        st.rerun()


def show_like(picture: str) -> None:
    """Show what is most like a picture, in place of what the address says; filters but for the words still narrow.

    picture: id of an image, or hash of a photo.
    """
    for param in ("image", "view", "text", WAY):
        st.query_params.pop(param, None)
    st.query_params["like"] = picture
    st.rerun()


def draw_photo_field(page: str, told: str) -> bytes | None:
    """The button that asks for a photo; its bytes, once there is one, until it is put away (opening something and
    coming back must not lose it). told: what comes of it.
    """
    held, before = f"{page}_photo", f"{page}_photos_before"
    with st.popover(t("Find by photo"), icon=":material/image_search:"):
        st.caption(told)
        file = st.file_uploader(
            t("Photo"),
            type=["jpg", "jpeg", "png", "webp", "gif", "bmp", "tif", "tiff"],
            label_visibility="collapsed",
            key=f"{page}_photo-{st.session_state.get(before, 0)}",
        )
    if file is not None:
        st.session_state[held] = file.getvalue()
    photo: bytes | None = st.session_state.get(held)
    return photo


def draw_photo(page: str, photo: bytes) -> None:
    """The photo that was brought, and the way back to everything."""
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="like-photo"):
        try:
            shown = small_picture(photo)
        except InputError:  # the search below says what is wrong with it
            shown = None
        if shown is not None:
            st.image(shown, width=72, alt=t("Your photo"))
        st.markdown(f"**{t('Your photo')}**", width="stretch")
        if st.button(t("Put the photo away"), icon=":material/close:"):
            before = f"{page}_photos_before"
            del st.session_state[f"{page}_photo"]
            st.session_state[before] = st.session_state.get(before, 0) + 1  # an empty field
            st.rerun()


def draw_readiness(studio: Studio, actor: Actor, ready: Readiness) -> None:
    """Say how many pictures the search finds so far, and how it goes on; nothing once it finds them all."""
    if ready.complete:
        return
    of = {"ready": number(ready.ready), "total": number(ready.total)}
    with st.container(border=True, key="search-readiness"):
        st.markdown(t("So far {ready} of {total} pictures can be found this way.", **of))
        if ready.job_id is not None:
            follow_job(studio, actor, ready.job_id)
        else:
            st.caption(t("The worker prepares the others by itself, usually within a minute."))


def shown_so_far(question: Question, wanted: object) -> int:
    """How many results the page shows: more each time somebody asked for it."""
    asked = st.session_state.get("search_shown")
    return int(asked[2]) if asked is not None and asked[:2] == (question, wanted) else _STEP


def draw_more(question: Question, wanted: object, shown: int, most: int) -> None:
    """The button for more results."""
    if shown < most:
        with st.container(horizontal=True, horizontal_alignment="center"):
            if st.button(t("Show more"), icon=":material/expand_more:"):
                st.session_state["search_shown"] = (question, wanted, min(shown + _STEP, most))
                st.rerun()
