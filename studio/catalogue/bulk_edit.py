"""Many products changed at once: first what it would come to, then one transaction, which can be taken back."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.portions import portions
from db.tables import Product, ProductEdit, ProductEditRow, Role, User, utc_now
from studio.activity import record
from studio.bootstrap import Studio
from studio.errors import Conflict, InputError, NotFound
from studio.imports.rows import LIMITS, MAX_ATTRIBUTE
from studio.roles import Actor, require

FIELDS = ("category", "colour", "usage", "size")
"""Fields that may be changed in bulk; everything else is an attribute."""
MOST_PRODUCTS = 50_000
SHOWN = 200
"""Products that a preview shows."""

_LONGEST_NAME = 64


@dataclass(frozen=True)
class EditedProduct:
    """One product of a preview: field -> what it says now and what it would say; an empty text is no value."""

    id: int
    sku: str
    title: str
    changes: dict[str, tuple[str, str]]


@dataclass(frozen=True)
class EditPreview:
    """What a change would come to: the first products that it changes, their number, and that of all others.

    `digest` stands for this outcome; `edit_products` asks for it.
    """

    products: tuple[EditedProduct, ...]
    changed: int
    unchanged: int
    digest: str


@dataclass(frozen=True)
class EditView:
    """A change that was made."""

    id: int
    by: str
    values: dict[str, str]
    products: int
    at: dt.datetime
    undone_at: dt.datetime | None


def preview_edit(
    studio: Studio, actor: Actor | None, product_ids: Sequence[int], values: Mapping[str, str]
) -> EditPreview:
    """What `edit_products` would do now; nothing is written. values: field or attribute -> new text, empty for none.

    Raises InputError for values that do not fit, and without products.
    """
    require(actor, Role.EDITOR)
    wanted = _checked(values)
    with studio.reading() as session:
        return _preview(_rows(session, product_ids, lock=False), wanted)


def edit_products(
    studio: Studio, actor: Actor | None, product_ids: Sequence[int], values: Mapping[str, str], digest: str
) -> int:
    """Do what the preview with this digest showed, in one transaction; returns the id for `undo_edit`.

    Raises Conflict when the products changed since, or nothing would change.
    """
    person = require(actor, Role.EDITOR)
    wanted = _checked(values)
    with studio.writing() as session:
        rows = _rows(session, product_ids, lock=True)
        preview = _preview(rows, wanted)
        if preview.digest != digest:
            raise Conflict("The products changed since the preview. Nothing was written; look at it again.")
        if preview.changed == 0:
            raise Conflict("All of these products say this already. Nothing was written.")
        edit = ProductEdit(user_id=person.id, values=wanted, products=preview.changed)
        session.add(edit)
        session.flush()
        for row in rows:
            before = {name: _said(row, name) for name in wanted}
            if before != wanted:
                session.add(ProductEditRow(edit_id=edit.id, product_id=row.id, before=before))
                _set(row, wanted)
        told = ", ".join(f"{name}: {value or 'none'}" for name, value in wanted.items())
        text = f"changed {preview.changed} products ({told})"
        record(session, person, "edited", "products", edit.id, text, values=wanted)
        return edit.id


def undo_edit(studio: Studio, actor: Actor | None, edit_id: int) -> tuple[int, int]:
    """Take a change back; returns how many products say again what they said, and how many were left alone because
    they were changed again since. Raises NotFound, Conflict when it was taken back already.
    """
    person = require(actor, Role.EDITOR)
    with studio.writing() as session:
        edit = session.get(ProductEdit, edit_id, with_for_update=True)
        if edit is None:
            raise NotFound(f"There is no change {edit_id} of products.")
        if edit.undone_at is not None:
            raise Conflict("This change was taken back already.")
        query = sa.select(ProductEditRow, Product).join(Product, Product.id == ProductEditRow.product_id)
        restored = left = 0
        for row, product in session.execute(query.where(ProductEditRow.edit_id == edit_id).with_for_update()):
            if all(_said(product, name) == value for name, value in edit.values.items()):
                _set(product, row.before)
                restored += 1
            else:
                left += 1
        edit.undone_at = utc_now()
        text = f"took back a change of {restored} products" + (f"; {left} were changed again since" if left else "")
        record(session, person, "took back", "products", edit_id, text)
        return restored, left


def latest_edit(studio: Studio, actor: Actor | None) -> EditView | None:
    """The newest change in bulk that was not taken back."""
    require(actor, Role.EDITOR)
    with studio.reading() as session:
        query = sa.select(ProductEdit, User.name).join(User, User.id == ProductEdit.user_id)
        found = session.execute(query.where(ProductEdit.undone_at.is_(None)).order_by(ProductEdit.id.desc())).first()
        if found is None:
            return None
        edit, name = found
        return EditView(edit.id, name, dict(edit.values), edit.products, edit.created_at, edit.undone_at)


def attribute_names(studio: Studio, actor: Actor | None, product_ids: Sequence[int]) -> list[str]:
    """The names of the attributes that these products have."""
    require(actor, Role.EDITOR)
    with studio.reading() as session:
        names: set[str] = set()
        for part in portions(product_ids):
            for attributes in session.scalars(sa.select(Product.attributes).where(Product.id.in_(part))):
                names.update(attributes)
        return sorted(names)


def _checked(values: Mapping[str, str]) -> dict[str, str]:
    if not values:
        raise InputError("Say what to change: a category, a colour, a usage, a size or an attribute.")
    cleaned = {}
    for name, value in values.items():
        key, text = " ".join(name.split()), " ".join(value.split())
        if key in LIMITS and key not in FIELDS:
            raise InputError(f"{key!r} is not changed in bulk; {', '.join(FIELDS)} and attributes are.")
        if not key or len(key) > _LONGEST_NAME or not key.isprintable():
            raise InputError(f"An attribute has a name of 1 to {_LONGEST_NAME} readable characters, got {name[:80]!r}.")
        if key == "category":
            text = " > ".join(level for part in text.split(">") if (level := part.strip()))
            if not text:
                raise InputError("Every product needs a category; it cannot be left empty.")
        limit = LIMITS.get(key, MAX_ATTRIBUTE)
        if len(text) > limit or not text.isprintable():
            raise InputError(f"{key!r} takes up to {limit} readable characters, got {len(text)}.")
        cleaned[key] = text
    return cleaned


def _rows(session: Session, product_ids: Sequence[int], *, lock: bool) -> list[Product]:
    ids = list(dict.fromkeys(product_ids))
    if not 0 < len(ids) <= MOST_PRODUCTS:
        raise InputError(f"1 to {MOST_PRODUCTS:,} products are changed at once, got {len(ids):,}.")
    found: list[Product] = []
    for part in portions(ids):
        query = sa.select(Product).where(Product.id.in_(part)).order_by(Product.id)
        found += session.scalars(query.with_for_update() if lock else query)
    if len(found) < len(ids):
        raise NotFound(f"{len(ids) - len(found)} of these products are not in the catalogue any more.")
    return found


def _preview(rows: Sequence[Product], wanted: Mapping[str, str]) -> EditPreview:
    shown: list[EditedProduct] = []
    changed, outcome = 0, hashlib.sha256(repr(sorted(wanted.items())).encode())
    for row in rows:
        changes = {name: (_said(row, name), new) for name, new in wanted.items() if _said(row, name) != new}
        if not changes:
            continue
        changed += 1
        outcome.update(repr((row.id, changes)).encode())
        if len(shown) < SHOWN:
            shown.append(EditedProduct(row.id, row.sku, row.title, changes))
    return EditPreview(tuple(shown), changed, len(rows) - changed, outcome.hexdigest())


def _said(row: Product, name: str) -> str:
    return str((getattr(row, name) if name in FIELDS else row.attributes.get(name)) or "")


def _set(row: Product, values: Mapping[str, Any]) -> None:
    attributes = dict(row.attributes)
    for name, value in values.items():
        if name in FIELDS:
            setattr(row, name, value or None)
        elif value:
            attributes[name] = value
        else:
            attributes.pop(name, None)
    row.attributes = attributes
