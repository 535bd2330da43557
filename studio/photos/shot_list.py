"""The products that wait for a photographer: put on a list, ticked off by hand or by the photo that comes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from db.portions import portions
from db.tables import Asset, Photo, Product, Role, Shot, User, utc_now
from studio.activity import record
from studio.bootstrap import Studio
from studio.errors import InputError, NotFound
from studio.imports.spreadsheet import write_csv
from studio.photos.rights import usable
from studio.roles import Actor, require

MOST_AT_ONCE = 5_000
MOST_ANGLE, MOST_NOTE = 120, 300

_COLUMNS = ("sku", "title", "category", "colour", "angle", "note", "expected", "of", "added_by", "added_at")


@dataclass(frozen=True)
class Wish:
    """A product to photograph. expected of `ordered` images: how many approved ones an order promised."""

    product_id: int
    expected: float | None = None
    ordered: int | None = None


@dataclass(frozen=True)
class ShotView:
    """One line of the list. picture: bytes of an image of it or of an earlier photo. done_at: when the photo came
    (`photo` is then its hash) or `done_by` ticked it off; None while it waits.
    """

    id: int
    product_id: int
    sku: str
    title: str
    category: str
    colour: str | None
    picture: str | None
    angle: str
    note: str
    expected: float | None
    ordered: int | None
    added_by: str
    added_at: dt.datetime
    done_at: dt.datetime | None
    done_by: str
    photo: str | None


@dataclass(frozen=True)
class ShotCounts:
    """How many lines wait, and how many are done."""

    waiting: int
    done: int


def add_shots(studio: Studio, actor: Actor | None, wishes: Sequence[Wish]) -> tuple[int, ...]:
    """Put products on the list; returns the ids of the new lines. Those that wait on it already stay as they are.

    Raises InputError for none or too many, NotFound for a product that is not there. Then nothing is added.
    """
    actor = require(actor, Role.EDITOR)
    by_product = {wish.product_id: wish for wish in wishes}
    _check_number(len(by_product))
    with studio.writing() as session:
        there: set[int] = set()
        waiting: set[int] = set()
        for some in portions(sorted(by_product)):
            # Held against whoever puts the same products on the list at this moment.
            rows = sa.select(Product.id).where(Product.id.in_(some)).order_by(Product.id).with_for_update()
            there.update(session.scalars(rows))
            waiting.update(session.scalars(sa.select(Shot.product_id).where(Shot.product_id.in_(some), _waits())))
        if absent := sorted(by_product.keys() - there):
            raise NotFound("There is no product {product} in the catalogue (any more).", product=absent[0])
        new = [
            Shot(product_id=wish.product_id, expected=wish.expected, ordered=wish.ordered, added_by_id=actor.id)
            for wish in by_product.values()
            if wish.product_id not in waiting
        ]
        session.add_all(new)
        session.flush()
        if new:
            _told(session, actor, "added", new, "Put {n} on the shot list.")
        return tuple(row.id for row in new)


def shot_list(studio: Studio, actor: Actor | None, *, done: bool = False, limit: int = MOST_AT_ONCE) -> list[ShotView]:
    """The lines that wait, by category and SKU; or those that are done, the newest first."""
    require(actor, Role.VIEWER)
    adder, ticker = aliased(User), aliased(User)
    photo = sa.select(Photo.sha256).where(_came()).order_by(Photo.id).limit(1).scalar_subquery()
    came = sa.select(sa.func.min(Photo.created_at)).where(_came()).scalar_subquery()
    image = sa.select(Asset.sha256).where(Asset.product_id == Product.id).order_by(Asset.id.desc()).limit(1)
    earlier = sa.select(Photo.sha256).where(Photo.product_id == Product.id, usable()).order_by(Photo.id.desc()).limit(1)
    query = (
        sa.select(
            Shot, Product, adder.name, ticker.name, photo, came, image.scalar_subquery(), earlier.scalar_subquery()
        )
        .join(Product, Product.id == Shot.product_id)
        .join(adder, adder.id == Shot.added_by_id)
        .outerjoin(ticker, ticker.id == Shot.ticked_by_id)
        .where(Shot.removed_at.is_(None), _is_done() if done else ~_is_done())
        .limit(limit)
    )
    order = (Shot.id.desc(),) if done else (Product.category, Product.sku)
    with studio.reading() as session:
        return [_view(*row) for row in session.execute(query.order_by(*order))]


def shot_counts(studio: Studio, actor: Actor | None) -> ShotCounts:
    """How long the list is."""
    require(actor, Role.VIEWER)
    with studio.reading() as session:
        on_it = sa.select(sa.func.count()).select_from(Shot).where(Shot.removed_at.is_(None))
        done = session.scalar(on_it.where(_is_done())) or 0
        return ShotCounts(waiting=(session.scalar(on_it) or 0) - done, done=done)


def describe_shots(studio: Studio, actor: Actor | None, shot_ids: Iterable[int], *, angle: str, note: str) -> None:
    """Say how these are to be photographed. Raises InputError for texts that are too long or no line of text."""
    actor = require(actor, Role.EDITOR)
    angle, note = angle.strip(), note.strip()
    for name, text, most in (("An angle", angle, MOST_ANGLE), ("A note", note, MOST_NOTE)):
        if len(text) > most or not text.isprintable():
            raise InputError(f"{name} is one line of up to {most} characters, got {len(text)}.")
    with studio.writing() as session:
        for row in _lines(session, shot_ids):
            row.angle, row.note = angle, note


def tick_shots(studio: Studio, actor: Actor | None, shot_ids: Iterable[int], *, done: bool = True) -> None:
    """Tick lines off, or take the tick back. A photo that came ticks its line by itself, and for good."""
    actor = require(actor, Role.EDITOR)
    with studio.writing() as session:
        rows = _lines(session, shot_ids)
        for row in rows:
            row.ticked_by_id, row.ticked_at = (actor.id, utc_now()) if done else (None, None)
        told = "Ticked {n} off the shot list." if done else "Took back the tick of {n} on the shot list."
        _told(session, actor, "changed", rows, told)


def remove_shots(studio: Studio, actor: Actor | None, shot_ids: Iterable[int], *, back: bool = False) -> None:
    """Take lines off the list, or put them back."""
    actor = require(actor, Role.EDITOR)
    with studio.writing() as session:
        rows = _lines(session, shot_ids)
        for row in rows:
            row.removed_by_id, row.removed_at = (None, None) if back else (actor.id, utc_now())
        told = "Put {n} back on the shot list." if back else "Took {n} off the shot list."
        _told(session, actor, "added" if back else "removed", rows, told)


def export_shots(studio: Studio, actor: Actor | None) -> bytes:
    """The lines that wait, as CSV (UTF-8)."""
    rows = (
        (
            line.sku,
            line.title,
            line.category,
            line.colour,
            line.angle,
            line.note,
            None if line.expected is None else round(line.expected, 2),
            line.ordered,
            line.added_by,
            line.added_at.isoformat(timespec="seconds"),
        )
        for line in shot_list(studio, actor)
    )
    return write_csv(_COLUMNS, rows)


def _came() -> sa.ColumnElement[bool]:
    """A photo that came after its product was put on the list."""
    return sa.and_(Photo.product_id == Shot.product_id, Photo.created_at >= Shot.added_at, usable())


def _is_done() -> sa.ColumnElement[bool]:
    return sa.or_(Shot.ticked_at.is_not(None), sa.exists().where(_came()))


def _waits() -> sa.ColumnElement[bool]:
    return sa.and_(Shot.removed_at.is_(None), ~_is_done())


def _lines(session: Session, shot_ids: Iterable[int]) -> list[Shot]:
    ids = sorted(set(shot_ids))
    _check_number(len(ids))
    found: list[Shot] = []
    for some in portions(ids):
        found += session.scalars(sa.select(Shot).where(Shot.id.in_(some)).order_by(Shot.id).with_for_update())
    if absent := sorted(set(ids) - {row.id for row in found}):
        raise NotFound("There is no line {line} on the shot list.", line=absent[0])
    return found


def _check_number(number: int) -> None:
    if not 1 <= number <= MOST_AT_ONCE:
        raise InputError("Choose 1 to {most} products for the shot list, got {n}.", most=f"{MOST_AT_ONCE:,}", n=number)


def _told(session: Session, actor: Actor, verb: str, rows: Sequence[Shot], text: str) -> None:
    number = "1 product" if len(rows) == 1 else f"{len(rows)} products"
    products = [row.product_id for row in rows[:100]]
    record(session, actor, verb, "shot", rows[0].id, text.format(n=number), products=products)


def _view(
    row: Shot,
    product: Product,
    added_by: str,
    ticked_by: str | None,
    photo: str | None,
    came: dt.datetime | None,
    image: str | None,
    earlier: str | None,
) -> ShotView:
    return ShotView(
        id=row.id,
        product_id=product.id,
        sku=product.sku,
        title=product.title,
        category=product.category,
        colour=product.colour,
        picture=photo or image or earlier,
        angle=row.angle,
        note=row.note,
        expected=row.expected,
        ordered=row.ordered,
        added_by=added_by,
        added_at=row.added_at,
        done_at=came or row.ticked_at,
        done_by="" if came else ticked_by or "",
        photo=photo,
    )
