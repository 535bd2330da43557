"""A studio on a database that was filled for a measurement."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa

from db.engine import open_engine
from db.migrate import upgrade
from studio.bootstrap import Studio, open_studio
from studio.settings import Settings
from studio.work.queue import migrate


def filled_studio(url: str, home: Path, fill: Callable[[sa.Engine], None], what: str) -> Studio:
    """Migrate an empty database and have it filled. The decisions in it are not sealed. what: it is filled with."""
    engine = open_engine(url)
    upgrade(engine)
    engine.dispose()
    migrate(sa.make_url(url))
    studio = open_studio(Settings(home=home, database_url=url))
    sys.stderr.write(f"filling {studio.engine.dialect.name} with {what}\n")
    fill(studio.engine)
    return studio
