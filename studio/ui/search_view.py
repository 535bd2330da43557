"""Search by meaning and by picture, the same on every page: the field for a photo, what is prepared so far."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from studio.bootstrap import Studio
from studio.errors import InputError
from studio.images.brought import small_picture
from studio.roles import Actor
from studio.searching.questions import Brought, Described, Picture, Question, Words
from studio.searching.vectors import Readiness
from studio.ui import filters
from studio.ui.i18n import number, t
from studio.ui.jobs_view import follow_job
from studio.ui.labels import plain
from studio.ui.notices import empty

WAY = "way"
"""The part of an address that says how its text is searched for."""

_MEANING = "meaning"
_STEP = 56
_NEAREST = 12  # shown where nothing is close


@dataclass(frozen=True)
class Extent:
    """What of a search's results a page shows. shown: how many; more: whether there are further ones of them; nearest:
    nothing is close, and these are the nearest; rest: whether those that are less close are left out.
    """

    shown: int
    more: bool
    nearest: bool = False
    rest: bool = False


def draw_way() -> bool:
    """Whether the words are searched for by what they mean, rather than as they are written."""
    ways = {"words": t("Words"), _MEANING: t("Meaning")}
    return filters.switch_between(t("Search by"), ways, param=WAY, default="words") == _MEANING


def offer_meaning() -> None:
    """The button that searches for the same words by what they mean."""
    if st.button(t("Search by meaning instead"), type="primary", icon=":material/image_search:"):
        st.query_params[WAY] = _MEANING
        st.rerun()


def asked_by(picture: Picture | None, text: str, *, by_meaning: bool) -> Question | None:
    """What is searched by: a picture, words by what they mean, or both; None where the filters alone say it."""
    words = Words(text) if by_meaning and text.strip() else None
    if picture is None or words is None:
        return picture or words
    return Described(picture, words)


def words_of(question: Question) -> str | None:
    """The words of a question; None for a picture alone."""
    words = question.words if isinstance(question, Described) else question
    return words.text.strip() if isinstance(words, Words) else None


def photo_of(question: Question) -> bytes | None:
    """The photo of a question that somebody brought."""
    picture = question.picture if isinstance(question, Described) else question
    return picture.data if isinstance(picture, Brought) else None


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


def extent(question: Question, wanted: object, found: int, close: int | None, *, more: bool) -> Extent:
    """What of the results is shown: those that are close to the words, and the others too once somebody asked."""
    if close is None or close == found:
        return Extent(found, more)
    if st.session_state.get("search_beyond") == (question, wanted):
        return Extent(found, more, nearest=close == 0)  # asking for more of them brings none that is close
    if close == 0:
        return Extent(min(found, _NEAREST), more=False, nearest=True, rest=more or found > _NEAREST)
    return Extent(close, more=False, rest=True)


def draw_unknown(question: Question, unknown: tuple[str, ...], *, nearest: bool) -> None:
    """Say that nothing is close to the words, or which of them were left out."""
    words, names = plain(words_of(question) or ""), plain(", ".join(f"“{word}”" for word in unknown))
    if nearest:
        told = t("What comes nearest stands below. Try a kind of product, a colour or a pattern.")
        if unknown:
            told = f"{t('The search was never taught {words}.', words=names)} {told}"
        with empty(t("Nothing is close to “{words}”", words=words), told, icon="image_search"):
            pass
    elif unknown:
        left_out = t("The search was never taught {words}: it goes by the rest.", words=names)
        st.caption(f":material/info: {left_out}")


def draw_more(question: Question, wanted: object, shown: int, most: int, now: Extent) -> None:
    """The buttons for more results, and for those that are less close."""
    with st.container(horizontal=True, horizontal_alignment="center"):
        if now.more and shown < most and st.button(t("Show more"), icon=":material/expand_more:"):
            st.session_state["search_shown"] = (question, wanted, min(shown + _STEP, most))
            st.rerun()
        if now.rest and st.button(t("Also show what is less close"), icon=":material/expand_more:"):
            st.session_state["search_beyond"] = (question, wanted)
            st.rerun()
