"""Shopify's exports: the rows that share a handle are one product with its variants and photos."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from studio.imports.rows import LIMITS, ProductRow, RowReader
from studio.imports.spreadsheet import SheetRow

_LARGEST_FAMILY = 5_000  # rows; Shopify allows 2,048 variants
_COLOURS = ("color", "colour", "farbe", "couleur", "colore", "颜色")
_SIZES = ("size", "größe", "grösse", "taille", "taglia", "尺码", "尺寸")
_NO_OPTION = ("title", "default title")
_MADE_UP = "is empty; made from the handle"


def shopify_products(reader: RowReader, rows: Iterable[SheetRow]) -> Iterator[ProductRow]:
    """The products of an export, checked: a product alone, or a parent (its SKU is the handle) before its variants."""
    family: list[ProductRow] = []
    for row in rows:
        draft = reader.draft(row)
        if not draft.refused and not _handle(draft):
            draft.problem(reader.column_of("parent_sku"), "is empty", "")
        if family and (draft.refused or _handle(draft) != _handle(family[0]) or len(family) == _LARGEST_FAMILY):
            yield from map(reader.checked, _products(reader, family))
            family = []
        if draft.refused:
            yield draft
        else:
            family.append(draft)
    if family:
        yield from map(reader.checked, _products(reader, family))


def _products(reader: RowReader, family: list[ProductRow]) -> Iterator[ProductRow]:
    head = next((row for row in family if row.fields.get("title")), family[0])
    names = {place: name for row in reversed(family) for place, (name, _) in row.options.items() if name}
    variants = [row for row in family if row.sku or any(value for _, value in row.options.values())] or [head]
    photos = [photo for row in family for photo in row.photos]
    handle = _short(_handle(head))
    if len(variants) == 1:
        yield _variant(reader, head, variants[0], names, parent="", photos=[*photos, *variants[0].variant_photos])
        return
    parent = replace(
        head, fields={**head.fields, "sku": handle, "parent_sku": ""}, photos=photos, options={}, problems=[]
    )
    if handle != _handle(head):
        reason = f"has {len(_handle(head))} characters and was shortened to {handle}"
        parent.problem(reader.column_of("parent_sku"), reason, _handle(head), refused=False)
    yield parent
    for variant in variants:
        yield _variant(reader, head, variant, names, parent=handle, photos=variant.variant_photos)


def _variant(
    reader: RowReader, head: ProductRow, row: ProductRow, names: dict[str, str], *, parent: str, photos: list[str]
) -> ProductRow:
    """One variant with what the head of its family says; `parent` is empty for a product without others."""
    options = {names.get(place, f"Option {place}"): value for place, (_, value) in row.options.items() if value}
    options = {name: value for name, value in options.items() if (name.casefold(), value.casefold()) != _NO_OPTION}
    title = head.fields.get("title", "")
    fields = {**head.fields, "parent_sku": parent, "sku": row.sku}
    if parent and options:
        fields["title"] = f"{title} - {' / '.join(options.values())}"
    attributes = {name: value or head.attributes.get(name, "") for name, value in row.attributes.items()}
    for name, value in options.items():
        word = name.casefold()
        if word in _COLOURS:
            fields["colour"] = value
        elif word in _SIZES:
            fields["size"] = value
        else:
            attributes[name[:64]] = value
    part = 1 if parent and row is head else 0
    product = ProductRow(row.number, part, fields, attributes, list(photos))
    if not row.sku:
        product.fields["sku"] = _short("-".join((_handle(head), *map(_slug, options.values()))))
        product.problem(reader.column_of("sku"), f"{_MADE_UP}: {product.sku}", "", refused=False)
    return product


def _handle(row: ProductRow) -> str:
    return row.fields.get("parent_sku", "")


def _short(handle: str) -> str:
    """The handle, or its start with a hash of it where it is too long for a SKU."""
    limit = LIMITS["sku"]
    if len(handle) <= limit:
        return handle
    return f"{handle[: limit - 9]}-{hashlib.sha256(handle.encode()).hexdigest()[:8]}"


def _slug(value: str) -> str:
    return re.sub(r"\W+", "-", value).strip("-")
