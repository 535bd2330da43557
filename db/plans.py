"""A word to SQLite's planner, which knows nothing of how often a value occurs; PostgreSQL needs none."""

from __future__ import annotations

from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

T = TypeVar("T")


def beside_index(column: sa.orm.InstrumentedAttribute[T]) -> sa.ColumnElement[T]:
    """The column, for a condition that is to be checked on rows that were found otherwise, not to be looked up."""
    return _BesideIndex(column)


class _BesideIndex(FunctionElement[Any]):
    inherit_cache = True

    def __init__(self, column: sa.orm.InstrumentedAttribute[Any]) -> None:
        super().__init__(column)
        self.type = column.type


@compiles(_BesideIndex)
def _bare(element: _BesideIndex, compiler: SQLCompiler, **options: Any) -> str:
    (column,) = element.clauses
    return compiler.process(column, **options)


@compiles(_BesideIndex, "sqlite")
def _plus(element: _BesideIndex, compiler: SQLCompiler, **options: Any) -> str:
    (column,) = element.clauses
    return f"+{compiler.process(column, **options)}"  # https://www.sqlite.org/optoverview.html#uplus
