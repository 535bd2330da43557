"""All routes of our own, for `st.App(routes=...)`. Those of Streamlit keep `/_stcore /media /component /static`."""

from __future__ import annotations

from starlette.routing import BaseRoute, Mount

from studio.api.rest import PREFIX, rest
from studio.api.sign_in import sign_in_routes


def routes() -> list[BaseRoute]:
    """REST under `/api/v1`, and the sign-in pages."""
    return [Mount(PREFIX, app=rest()), *sign_in_routes()]
