"""What Alembic runs: on the connection that `db.migrate` hands over, or on `-x url=...` from its command line."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from alembic.autogenerate.api import AutogenContext

from db.engine import open_engine
from db.tables import Base, UtcDateTime


def _is_ours(name: str | None, kind: str, parents: MutableMapping[Any, str | None]) -> bool:
    """On SQLite the queue keeps its own tables in the same file; they are not for us to compare."""
    return kind != "table" or name in Base.metadata.tables


def _render(kind: str, item: Any, autogenerate: AutogenContext) -> str | Literal[False]:
    """Write times as plain SQL types, so that an old migration does not depend on the class of today."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def _migrate(connection: sa.Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_name=_is_ours,
        render_item=_render,
        render_as_batch=True,
        transactional_ddl=True,  # SQLite can, since the engine begins its transactions itself
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


connection = context.config.attributes.get("connection")
if connection is not None:
    _migrate(connection)
else:
    url = context.get_x_argument(as_dictionary=True).get("url")
    if not url:
        raise SystemExit("Say which database: alembic -c db/alembic.ini -x url=sqlite:////tmp/now.db ...")
    with open_engine(url).connect() as opened:
        _migrate(opened)
        opened.commit()
