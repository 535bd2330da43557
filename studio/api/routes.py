"""All routes of our own, for `st.App(routes=...)`. Those of Streamlit keep `/_stcore /media /component /static`."""

from __future__ import annotations

from starlette.routing import BaseRoute, Mount

from studio.api.modules import modules
from studio.api.rest import PREFIX, rest
from studio.api.sign_in import sign_in_routes


def routes() -> list[BaseRoute]:
    """REST under `/api/v1`, the scripts of the pages, and the sign-in pages."""
    return [Mount(PREFIX, app=rest()), modules(), *sign_in_routes()]
