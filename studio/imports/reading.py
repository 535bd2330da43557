"""A catalogue file before it is staged: what kind it is, and what its columns become."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO

from studio.errors import InputError
from studio.imports.column_mapping import check_mapping, column_names, recognise
from studio.imports.files import open_sheet
from studio.imports.layouts import LAYOUTS, Columns, Target

_SAMPLES = 200  # rows that tell which columns are in use


@dataclass(frozen=True)
class ColumnView:
    """A column of a file, what it becomes, and the first value in it."""

    name: str
    target: Target
    example: str


@dataclass(frozen=True)
class FileView:
    """A file before it is staged. `form`: "CSV", "XLSX" or "XML"; notes are sentences for the user."""

    layout: str
    form: str
    columns: tuple[ColumnView, ...]
    notes: tuple[str, ...]

    @property
    def mapping(self) -> Columns:
        """What each column becomes."""
        return {column.name: column.target for column in self.columns}


def look_at_file(file: BinaryIO) -> FileView:
    """What kind of file this is and what its columns would become. Raises InputError for one that cannot be read."""
    sheet = open_sheet(file)
    names = column_names(sheet.header.cells)
    samples = [row.cells for row in islice(sheet.rows, _SAMPLES)]
    if not samples:
        raise InputError("The file has column names ({names}) but no rows below them.", names=", ".join(names))
    layout, mapping = recognise(names, samples)
    notes = []
    if sheet.guessed:
        notes.append(
            f"The file is not UTF-8; it was read as {sheet.encoding}. If letters look wrong, save it as “CSV UTF-8”."
        )
    columns = tuple(ColumnView(name, mapping[name], _example(samples, place)) for place, name in enumerate(names))
    return FileView(layout.key, sheet.form, columns, tuple(notes))


def _example(samples: list[tuple[str, ...]], place: int) -> str:
    values = (" ".join(row[place][:200].split()) for row in samples if place < len(row))
    return next((value for value in values if value), "")


def mapped(view: FileView, mapping: Mapping[str, str]) -> FileView:
    """The same file with the columns that `mapping` names becoming what it says."""
    columns = tuple(
        ColumnView(one.name, _target(mapping.get(one.name, one.target)), one.example) for one in view.columns
    )
    return FileView(view.layout, view.form, columns, view.notes)


def wanted_columns(view: FileView, mapping: Mapping[str, str] | None) -> FileView:
    """The same file with a mapping that was corrected. Raises InputError for one that cannot be used."""
    unknown = set(mapping or {}) - set(view.mapping)
    if unknown:
        raise InputError(f"The file has no column {sorted(unknown)[0]!r}.")
    wanted = mapped(view, mapping or {})
    check_mapping(LAYOUTS[view.layout], wanted.mapping)
    return wanted


def _target(value: str) -> Target:
    try:
        return Target(value)
    except ValueError:
        raise InputError(
            f"A column becomes one of {', '.join(filter(None, Target))} or nothing, got {value!r}."
        ) from None
