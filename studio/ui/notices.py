"""How the screens say that something did not work, or that there is nothing yet: calmly, with the next step."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from studio.errors import (
    DatabaseBusy,
    DiskFull,
    Forbidden,
    InputError,
    NotReady,
    NotSignedIn,
    RateLimited,
    StaleDecision,
    StorageError,
    StudioError,
)
from studio.ui.i18n import duration, msg, t
from studio.ui.labels import plain

_log = logging.getLogger(__name__)

_NEXT_STEPS: tuple[tuple[type[StudioError], str], ...] = (
    (DatabaseBusy, msg("Another write was under way. Nothing was lost: try again in a moment.")),
    (NotReady, msg("Nothing was lost: it goes on by itself as soon as the part that is missing is up.")),
    (DiskFull, msg("Nothing was half-saved. Free some space on the disk, then try again.")),
    (StorageError, msg("Nothing else is touched. Please tell the person who runs this studio.")),
    (StaleDecision, msg("Nothing was changed. Look at the image again, then decide.")),
    (NotSignedIn, msg("Nothing was lost. Sign in, then try again.")),
    (Forbidden, msg("Nothing was changed. An admin can give you another role.")),
    (InputError, msg("Nothing was changed. Correct it, then try again.")),
)
"""What to do after each kind of refusal, the nearest kind first."""

SIDES = (msg("top"), msg("left"), msg("bottom"), msg("right"))
"""Of a frame, as the `Words` of refusals have them."""


@contextmanager
def calm() -> Iterator[None]:
    """Draw a refusal of the block in place of what it would have drawn, and go on after it."""
    try:
        yield
    except StudioError as error:
        refusal(error)


def unexpected(error: Exception) -> bool:
    """What the visitor sees of a fault that no page caught; the log has the details. Tells Streamlit to add nothing."""
    if isinstance(error, StudioError):
        refusal(error)
        return True
    _log.error("a page failed", exc_info=error)
    told = t("Something went wrong on this page.")
    step = t("Nothing was lost. Load the page again; if it stays, tell the person who runs this studio.")
    st.error(f"**{told}**  \n{step}", icon=":material/error:")
    return True


def refusal(error: StudioError) -> None:
    """What happened, that nothing was lost, and what to do."""
    text = f"**{plain(t(error.template, **error.values))}**  \n{next_step(error)}"
    if isinstance(error, (DatabaseBusy, NotReady, StaleDecision, RateLimited)):
        st.warning(text, icon=":material/schedule:")
    else:
        st.error(text, icon=":material/error:")


def next_step(error: StudioError) -> str:
    """The sentence that follows the message of a refusal."""
    if isinstance(error, RateLimited):
        return t("Wait {time}, then try again.", time=duration(error.retry_after))
    for kind, step in _NEXT_STEPS:
        if isinstance(error, kind):
            return t(step)
    return t("Nothing was lost. Try again; if it stays, tell the person who runs this studio.")


@contextmanager
def empty(title: str, text: str, *, icon: str) -> Iterator[None]:
    """What a page shows that has nothing to show yet; the buttons for the next step go into the block."""
    with st.container(horizontal_alignment="center", gap="xsmall", key=f"empty-{icon}"):
        st.space("medium")
        st.header(f":gray[:material/{icon}:]", anchor=False, width="content")
        st.subheader(title, anchor=False, width="content")
        st.caption(text, width="content", text_alignment="center")
        st.space("small")
        yield
