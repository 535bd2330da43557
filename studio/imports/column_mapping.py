"""What the columns of one file become: recognised by its header, corrected by people, checked before use."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from rapidfuzz import fuzz, process

from studio.errors import InputError
from studio.imports.layouts import FIELDS, LAYOUTS, OTHER, OWN, OWN_WORDS, Columns, Layout, Target, normalised

MAX_COLUMNS = 500
MAX_NAME = 64

# Words for the columns of tables that follow no layout: proposals, which the user confirms.
_GUESSES = {
    Target.SKU: ("sku", "item number", "article number", "product code", "product id", "style number", "id"),
    Target.TITLE: ("title", "product name", "item name", "product title", "name"),
    Target.DESCRIPTION: ("description", "long description", "product description", "body"),
    Target.CATEGORY: ("category", "categories", "product type", "product category", "department"),
    Target.COLOUR: ("colour", "color", "colour name", "color name"),
    Target.USAGE: ("usage", "occasion"),
    Target.SIZE: ("size",),
    Target.PARENT_SKU: ("parent sku", "parent", "parent id", "item group id", "style id"),
    Target.PHOTOS: ("photos", "photo", "image", "images", "image url", "image file", "picture"),
}
_ALIKE = 88  # of 100; below this two names only look alike


def column_names(header: Sequence[str]) -> tuple[str, ...]:
    """A name for every column, each once: nameless ones are called by their place. Raises InputError."""
    cells = [" ".join(cell.replace("\ufeff", "").split()) for cell in header]
    while cells and not cells[-1]:
        cells.pop()  # spreadsheets leave empty columns at the end
    if len(cells) > MAX_COLUMNS:
        raise InputError(f"The file has {len(cells)} columns; up to {MAX_COLUMNS} are read.")
    names: dict[str, None] = {}
    for place, cell in enumerate(cells, 1):
        if any(ord(letter) < 32 or ord(letter) == 127 for letter in cell):
            raise InputError(f"Column {place} has a name that cannot be used: {cell[:60]!r}.")
        base = name = cell[:MAX_NAME] or f"Column {place}"
        number = 1
        while name in names:
            number += 1
            name = f"{base[: MAX_NAME - 6]} ({number})"
        names[name] = None
    return tuple(names)


def recognise(columns: Sequence[str], samples: Sequence[Sequence[str]]) -> tuple[Layout, Columns]:
    """The layout of a table by its header, and what each column becomes unless the user says otherwise.

    samples: some rows, cell by column; they tell which of several columns for one field is in use.
    """
    known = {normalised(column) for column in columns}
    layout = next((one for one in LAYOUTS.values() if any(sign <= known for sign in one.signs)), None)
    if layout is None:
        own = {OWN_WORDS[name] for name in known & set(OWN_WORDS)}
        layout = OWN if set(OWN.required) <= own else OTHER
    used = {
        column: any(place < len(row) and row[place].strip() for row in samples) for place, column in enumerate(columns)
    }
    mapping = {column: _target(layout, column) for column in columns}
    if layout is OTHER:
        _guess(mapping)
    _keep_one_a_field(layout, mapping, used)
    return layout, mapping


def _target(layout: Layout, column: str) -> Target:
    name = normalised(column)
    if name in layout.known:
        return layout.known[name]
    if re.fullmatch(r"column_\d+", name) or layout.unused.fullmatch(name):
        return Target.LEFT_OUT
    return layout.otherwise


def _guess(mapping: Columns) -> None:
    taken = set(mapping.values())
    for target, words in _GUESSES.items():
        open_columns = [column for column, now in mapping.items() if now is Target.ATTRIBUTE]
        if target in taken or not open_columns:
            continue
        plain = [normalised(column).replace("_", " ") for column in open_columns]
        best = max(
            (found for word in words if (found := process.extractOne(word, plain, scorer=fuzz.ratio))),
            key=lambda found: found[1],
        )
        if best[1] >= _ALIKE:
            mapping[open_columns[best[2]]] = target


def _keep_one_a_field(layout: Layout, mapping: Columns, used: Mapping[str, bool]) -> None:
    order = list(layout.known)
    for target in FIELDS:
        rivals = [column for column, now in mapping.items() if now is target]
        if len(rivals) < 2:
            continue
        rank = {column: order.index(normalised(column)) for column in rivals}
        taken = min(rivals, key=lambda column: (not used[column], rank[column]))
        for column in rivals:
            if column != taken:
                mapping[column] = Target.ATTRIBUTE


def check_mapping(layout: Layout, mapping: Columns) -> None:
    """Raise InputError unless every field that is needed has its column, and no field has two."""
    for target in FIELDS:
        rivals = [column for column, now in mapping.items() if now is target]
        if len(rivals) > 1:
            raise InputError(f"Two columns mean {target.value!r}: {rivals[0]!r} and {rivals[1]!r}. Choose one of them.")
    for column, target in mapping.items():
        if target not in layout.offered:
            raise InputError(f"The column {column!r} cannot become {target.value!r} in a file of this kind.")
    missing = [target for target in layout.required if target not in mapping.values()]
    if missing:
        raise InputError(_missing(missing, mapping))


def _missing(missing: Sequence[Target], mapping: Columns) -> str:
    others = [column for column, target in mapping.items() if target in (Target.ATTRIBUTE, Target.LEFT_OUT)]
    words = []
    for target in missing:
        nearest = process.extractOne(target.value, others, scorer=fuzz.ratio, processor=str.casefold, score_cutoff=50)
        words.append(f"{target.value!r}" + (f" (is it the one called {nearest[0]!r}?)" if nearest else ""))
    found = ", ".join(repr(column[:60]) for column in list(mapping)[:20])
    return f"The file lacks the column {' and '.join(words)}. Found: {found}."
