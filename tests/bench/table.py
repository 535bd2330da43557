"""One measured figure, and a table of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """What was measured, its value and unit, the aim that the project names, and how it was measured."""

    what: str
    value: float
    unit: str
    aim: str
    note: str = ""


def as_markdown(rows: Iterable[Row]) -> str:
    """A Markdown table of the rows."""
    lines = ["| what | measured | aim | how |", "|---|---:|---|---|"]
    lines += [f"| {row.what} | {row.value:,.3g} {row.unit} | {row.aim} | {row.note} |" for row in rows]
    return "\n".join(lines)
