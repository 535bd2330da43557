"""The review gallery: it is fed by URLs, and sends decisions to the REST routes, not through Streamlit, which would
merge quick ones. Its files stand in `components/review/`.
"""

from __future__ import annotations

from urllib.parse import urlencode

import streamlit as st

from db.tables import AssetState, Role
from studio.review.queue_filter import QueueFilter, as_query
from studio.roles import Actor
from studio.ui.component_files import component
from studio.ui.i18n import language
from studio.ui.review_words import words

_API = "/api/v1"

# A light table takes all the room there is, and scrolls by itself: the page around it does not.
_ROOM = """
<style>
[data-testid="stMainBlockContainer"] { max-width: none; padding-bottom: 0; }
[data-testid="stMainBlockContainer"] > [data-testid="stVerticalBlock"] { gap: 0.6rem; }
</style>
"""


def review_gallery(actor: Actor, wanted: QueueFilter, *, key: str) -> None:
    """The images of a filter, to be decided on; a new run with the same filter leaves the gallery as it stands."""
    st.html(_ROOM)
    query = urlencode(as_query(wanted))
    data = words() | {
        "user": actor.id,
        "waiting": wanted.state is AssetState.IN_REVIEW,
        "may_decide": actor.may(Role.REVIEWER),
        "may_give": actor.may(Role.MANAGER),
        "may_comment": actor.may(Role.EDITOR),
        "queue": f"{_API}/review/queue?{query}",
        "counts": f"{_API}/review/counts?{query}",
        "items": f"{_API}/review/items/{{id}}",
        "decisions": f"{_API}/decisions",
        "claims": f"{_API}/review/claims",
        "comments": f"{_API}/assets/{{id}}/comments",
        "again": f"{_API}/assets/{{id}}/again",
        "sharing": f"{_API}/review",
        "people": f"{_API}/review/people",
        "locale": st.context.locale or language(),
    }
    component("review")(key=key, data=data, on_next_change=lambda: None)
