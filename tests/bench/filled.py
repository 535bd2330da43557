"""A studio on a database that was filled for a measurement."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa

from studio.bootstrap import Studio, open_studio
from studio.migrate import migrate
from studio.settings import Settings


def filled_studio(
    url: str, home: Path, fill: Callable[[sa.Engine], None], what: str, *, sealed: bool = False
) -> Studio:
    """Migrate an empty database ("": SQLite at `home`) and have it filled. what: it is filled with; sealed: whether the
    decisions in it are sealed, so that more can follow.
    """
    settings = Settings(home=home, database_url=url)
    migrate(settings)
    studio = open_studio(settings)
    sys.stderr.write(f"filling {studio.engine.dialect.name} with {what}\n")
    fill(studio.engine)
    if sealed:
        migrate(settings)
    return studio
