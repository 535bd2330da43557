"""The web server: Streamlit's pages, the REST API and the sign-in pages in one process that never loads torch.

`python -m studio serve` starts it, and so do `streamlit run app.py` and any ASGI server (`uvicorn app:app`).
"""

from __future__ import annotations

import gc
import importlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

from studio.api.routes import routes
from studio.api.shield import Shield
from studio.bootstrap import get_studio
from studio.migrate import migrate
from studio.serve import cookie_secret
from studio.settings import Settings
from studio.ui.notices import unexpected
from studio.ui.single_sign_on import prepare

PRELOADED = (
    "pandas",
    "pyarrow",
    "plotly.graph_objects",
    "plotly.io",
    "babel.dates",
    "babel.numbers",
    "babel.messages.pofile",
    "ecomgan.finishing",  # imported by the first order
    "onnxruntime",  # by the first search by meaning
    "tokenizers",
)


@asynccontextmanager
async def _lifespan(app: st.App) -> AsyncIterator[None]:
    """Load what pages will need, then tell the garbage collector to leave it alone.

    Streamlit collects garbage after every rerun; walking through these modules would cost 75 ms each time.
    """
    settings = Settings()
    migrate(settings)
    prepare(settings, cookie_secret(settings.home / "cookie_secret"))
    get_studio()
    for module in PRELOADED:
        importlib.import_module(module)
    gc.collect()
    gc.freeze()
    yield
    get_studio().close()
    get_studio.cache_clear()


app = st.App(
    Path(__file__).parent / "studio" / "ui" / "router.py",
    lifespan=_lifespan,
    routes=routes(),
    middleware=[Middleware(Shield)],
    on_script_error=unexpected,
)
