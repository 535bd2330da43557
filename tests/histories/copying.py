"""Rows in bulk: PostgreSQL takes them as a stream of CSV, SQLite as tuples by the thousand."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import pyarrow as pa
import pyarrow.csv
import sqlalchemy as sa

_A_BATCH = 50_000


def copy_columns(connection: sa.Connection, table: str, columns: pa.Table) -> None:
    """Add the rows of a table of columns. Moments are texts in UTC, JSON is text; nulls are kept."""
    names = ", ".join(columns.column_names)
    if connection.dialect.name == "postgresql":
        driver: Any = connection.connection.driver_connection
        with driver.cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN WITH (FORMAT csv)") as copy:
            for batch in columns.to_batches(max_chunksize=_A_BATCH):
                file = io.BytesIO()
                pa.csv.write_csv(batch, file, pa.csv.WriteOptions(include_header=False))
                copy.write(file.getvalue())
        return
    places = ", ".join("?" * columns.num_columns)
    driver = connection.connection.driver_connection
    for batch in columns.to_batches(max_chunksize=_A_BATCH):
        rows = zip(*(column.to_pylist() for column in batch.columns), strict=True)
        driver.executemany(f"INSERT INTO {table} ({names}) VALUES ({places})", rows)


def insert_rows(connection: sa.Connection, table: type[Any], rows: Iterable[dict[str, Any]]) -> None:
    """Add rows given as values of the table's columns, with the defaults of the table."""
    for some in _batches(rows):
        connection.execute(sa.insert(table), some)


def settle(engine: sa.Engine, tables: Iterable[str] = ()) -> None:
    """What PostgreSQL does by itself after a while: counters of ids behind the rows of `tables`, and statistics. SQLite
    needs neither.
    """
    if engine.dialect.name != "postgresql":
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for table in tables:
            connection.exec_driver_sql(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"
            )
        connection.exec_driver_sql("VACUUM ANALYZE")


def _batches(rows: Iterable[dict[str, Any]], size: int = 5_000) -> Iterator[list[dict[str, Any]]]:
    iterator = iter(rows)
    while some := list(islice(iterator, size)):
        yield some
