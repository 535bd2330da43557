"""Google product feeds as XML (RSS 2.0 and Atom 1.0): each item a row, each of its elements a column."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from studio.errors import InputError
from studio.imports.spreadsheet import Sheet, SheetRow

_ITEMS = ("item", "entry")
_SEVERAL = ("additional_image_link", "lifestyle_image_link", "image_link")  # may be repeated; all count
_LOOKED_AT = 2_000  # items whose elements give the columns; an element that only later items have is not read


def open_feed(file: BinaryIO) -> Sheet:
    """Open a feed; rows are numbered by item. Raises InputError, also while the rows are read."""
    columns: dict[str, None] = {}
    for item in islice(_items(file), _LOOKED_AT):
        columns.update(dict.fromkeys(item))
    if not columns:
        raise InputError("The XML file has no <item> or <entry>: a Google product feed (RSS or Atom) is expected.")
    names = tuple(columns)
    rows = (
        SheetRow(number, tuple(item.get(name, "") for name in names)) for number, item in enumerate(_items(file), 1)
    )
    return Sheet("XML", SheetRow(0, names), rows)


def _items(file: BinaryIO) -> Iterator[dict[str, str]]:
    file.seek(0)
    above: list[Element] = []
    try:
        for event, element in iterparse(file, events=("start", "end"), forbid_dtd=True):
            if event == "start":
                above.append(element)
                continue
            above.pop()
            if _name(element) in _ITEMS:
                yield _values(element)
                above[-1].remove(element)  # or the whole file would stay in memory
    except ParseError as error:
        line, column = error.position
        raise InputError(f"The XML file cannot be read: line {line}, column {column + 1}: {error.msg}.") from error
    except DefusedXmlException as error:
        raise InputError(
            "The XML file declares entities or a document type, which a product feed never does."
        ) from error


def _values(item: Element) -> dict[str, str]:
    found: dict[str, str] = {}
    for element in item:
        if len(element):  # such as shipping, with elements of its own
            continue
        name, value = _name(element), (element.text or element.get("href") or "").strip()
        if name in found and name in _SEVERAL:
            found[name] = f"{found[name]},{value}"
        else:
            found.setdefault(name, value)
    return found


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2]
