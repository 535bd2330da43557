"""Starts the web server in this process."""

from __future__ import annotations

import logging
import os
import secrets
import sys
from pathlib import Path

from studio.settings import PROJECT, Settings


def serve(settings: Settings) -> None:
    """Serve the pages and the API until a signal ends it. Exits with status 1 when the port is taken."""
    logging.basicConfig(level=settings.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    os.environ["STREAMLIT_SERVER_COOKIE_SECRET"] = cookie_secret(settings.home / "cookie_secret")
    os.environ["STREAMLIT_LOGGER_LEVEL"] = settings.log_level
    # As under `streamlit run app.py`: .streamlit/config.toml is looked for beside this path and the working directory.
    os.chdir(PROJECT)
    sys.argv = [str(PROJECT / "app.py")]
    sys.path.insert(0, str(PROJECT))
    from app import app

    app.run(config={"server.port": settings.port, "server.address": settings.host})


def cookie_secret(path: Path) -> str:
    """The secret of Streamlit's own cookies, drawn once for this installation."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(f".{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_hex(32))
        draft.replace(path)
    return path.read_text()
