"""Photos as people see them: a page of them, figures of all, rights stated in bulk, removal."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.portions import portions
from db.tables import LicenceState, Photo, PhotoReference, Product, Role, TrainingPhoto, User
from studio.activity import record
from studio.bootstrap import Studio
from studio.errors import Conflict, Forbidden, InputError
from studio.photos.references import Reference, absent_references, count_references
from studio.photos.rights import Rights, Statement, acknowledge, rights_condition, rights_of
from studio.photos.trainable import PhotoFilter, photo_conditions
from studio.roles import Actor, require

MAX_PAGE = 200
_NAMED = 3  # products that a photo's row names


@dataclass(frozen=True)
class PictureView:
    """One picture with the products that it stands at: the first few SKUs, the title of the first, and their number.

    Sides in pixels; `acknowledged_by` names who answers for rights that are not confirmed.
    """

    sha256: str
    file_name: str
    height: int
    width: int
    licence: LicenceState
    consent: LicenceState
    note: str
    acknowledged_by: str | None
    skus: tuple[str, ...]
    products: int
    title: str
    created_at: dt.datetime

    @property
    def rights(self) -> Rights:
        """How the rights stand."""
        return rights_of(self.licence, self.consent, acknowledged=self.acknowledged_by is not None)


@dataclass(frozen=True)
class PicturePage:
    """One page of pictures, the newest first; `total` counts pictures on all pages."""

    pictures: tuple[PictureView, ...]
    total: int
    page: int
    size: int

    @property
    def pages(self) -> int:
        """Number of pages, at least 1."""
        return max(1, -(-self.total // self.size))


@dataclass(frozen=True)
class PhotoFigures:
    """The state of all photos: different pictures by rights, products with and without one, photos that catalogue
    files name (`named`) and those of them that have not come (`absent`).
    """

    rights: dict[Rights, int]
    products: int
    products_without: int
    named: int
    absent: int

    @property
    def pictures(self) -> int:
        """Different pictures in all."""
        return sum(self.rights.values())


def find_pictures(
    studio: Studio, actor: Actor | None, wanted: PhotoFilter | None = None, *, page: int = 1, size: int = 48
) -> PicturePage:
    """One page of the pictures of products that fit. Raises InputError."""
    require(actor, Role.VIEWER)
    if page < 1 or not 1 <= size <= MAX_PAGE:
        raise InputError(f"Pages count from 1 and hold 1 to {MAX_PAGE} photos, got page {page} of {size}.")
    with studio.reading() as session:
        fits = _hashes(session, wanted or PhotoFilter())
        total = session.scalar(sa.select(sa.func.count()).select_from(fits.subquery())) or 0
        query = fits.order_by(sa.func.max(Photo.id).desc()).offset((page - 1) * size).limit(size)
        return PicturePage(_views(session, list(session.scalars(query))), total, page, size)


def picture_hashes(studio: Studio, actor: Actor | None, wanted: PhotoFilter | None = None) -> tuple[str, ...]:
    """The hashes of all pictures that fit: for changes in bulk."""
    require(actor, Role.VIEWER)
    with studio.reading() as session:
        return tuple(session.scalars(_hashes(session, wanted or PhotoFilter())))


def pictures(studio: Studio, actor: Actor | None, hashes: Sequence[str]) -> tuple[PictureView, ...]:
    """These pictures, in this order; those that are gone are left out."""
    require(actor, Role.VIEWER)
    with studio.reading() as session:
        return _views(session, list(hashes))


def photo_figures(studio: Studio, actor: Actor | None) -> PhotoFigures:
    """The state of all photos."""
    require(actor, Role.VIEWER)
    with studio.reading() as session:
        one_each = sa.func.count(sa.distinct(Photo.sha256))
        rights = {state: session.scalar(sa.select(one_each).where(rights_condition(state))) or 0 for state in Rights}
        products = session.scalar(sa.select(sa.func.count()).select_from(Product)) or 0
        has_photo = sa.exists().where(Photo.product_id == Product.id)
        without = session.scalar(sa.select(sa.func.count()).select_from(Product).where(~has_photo)) or 0
        named, absent = count_references(session)
        return PhotoFigures(rights, products, without, named, absent)


def absent_photos(studio: Studio, actor: Actor | None, *, limit: int = 10_000) -> list[Reference]:
    """Photos that catalogue files name and that have not come: one SKU that names it, and the path."""
    require(actor, Role.VIEWER)
    with studio.reading() as session:
        return absent_references(session, limit=limit)


def set_rights(studio: Studio, actor: Actor | None, hashes: Sequence[str], statement: Statement) -> int:
    """State the rights of these pictures, wherever they stand; returns the number of pictures.

    Raises InputError without pictures, Forbidden when one of them is refused and this would lift it: that takes a
    manager.
    """
    person = require(actor, Role.EDITOR)
    some = _some(hashes)
    refuses = LicenceState.REFUSED in (statement.licence, statement.consent)
    with studio.writing() as session:
        for part in some:
            if not refuses and not person.may(Role.MANAGER):
                _refuse_to_lift(session, part)
            values: dict[str, Any] = {
                "licence": statement.licence,
                "consent": statement.consent,
                "acknowledged_by_id": None,
                "licence_note": statement.note,
            }
            rows = sa.update(Photo).where(Photo.sha256.in_(part)).values(values)
            session.execute(rows.execution_options(synchronize_session=False))
        number = sum(map(len, some))
        record(
            session,
            person,
            "stated rights",
            "photos",
            number,
            f"stated the rights of {number} photos: licence {statement.licence.value}, consent "
            f"{statement.consent.value}" + (f" ({statement.note})" if statement.note else ""),
            sha256=list(hashes)[:100],
        )
    return number


def answer_for(studio: Studio, actor: Actor | None, hashes: Sequence[str], note: str = "") -> int:
    """Answer for the unconfirmed rights of these pictures; settled and refused ones stay as they are.

    Returns the number of pictures that this changed.
    """
    person = require(actor, Role.EDITOR)
    Statement(note=note)
    number = 0
    with studio.writing() as session:
        for part in _some(hashes):
            rows = sa.select(Photo.id, Photo.sha256).where(Photo.sha256.in_(part), rights_condition(Rights.OPEN))
            open_ones = session.execute(rows).all()
            acknowledge(session, person.id, [row.id for row in open_ones], note)
            number += len({row.sha256 for row in open_ones})
        text = f"answers for the unconfirmed rights of {number} photos" + (f" ({note})" if note else "")
        record(session, person, "acknowledged", "photos", number, text, sha256=list(hashes)[:100])
    return number


def remove_pictures(studio: Studio, actor: Actor | None, hashes: Sequence[str]) -> int:
    """Take these pictures away from their products; returns their number. The bytes stay in the storage.

    Raises Conflict for one that a training was taught with: its snapshot must keep telling the truth.
    """
    person = require(actor, Role.EDITOR)
    with studio.writing() as session:
        for part in _some(hashes):
            taught = sa.select(Photo.file_name).join(TrainingPhoto, TrainingPhoto.photo_id == Photo.id)
            name = session.scalar(taught.where(Photo.sha256.in_(part)).limit(1))
            if name is not None:
                raise Conflict(
                    "A model was taught with {name!r}, and its record must stay true. Refuse its rights instead: then "
                    "it is used nowhere any more.",
                    name=name,
                )
            session.execute(sa.delete(Photo).where(Photo.sha256.in_(part)))
            lost = sa.update(PhotoReference).where(PhotoReference.sha256.in_(part)).values(sha256=None)
            session.execute(lost.execution_options(synchronize_session=False))
        number = len(set(hashes))
        record(session, person, "removed", "photos", number, f"removed {number} photos", sha256=list(hashes)[:100])
    return number


def _hashes(session: Session, wanted: PhotoFilter) -> sa.Select[str]:
    query = sa.select(Photo.sha256).join(Product, Photo.product_id == Product.id)
    return query.where(*photo_conditions(session, wanted)).group_by(Photo.sha256)


def _views(session: Session, hashes: list[str]) -> tuple[PictureView, ...]:
    query = (
        sa.select(Photo, Product.sku, Product.title, User.name)
        .join(Product, Photo.product_id == Product.id)
        .outerjoin(User, Photo.acknowledged_by_id == User.id)
        .where(Photo.sha256.in_(hashes))
        .order_by(Photo.id)
    )
    rows: dict[str, list[tuple[Photo, str, str, str | None]]] = {}
    for photo, sku, title, name in session.execute(query):
        rows.setdefault(photo.sha256, []).append((photo, sku, title, name))
    return tuple(_view(rows[sha256]) for sha256 in hashes if sha256 in rows)


def _view(rows: list[tuple[Photo, str, str, str | None]]) -> PictureView:
    photo, _, title, name = rows[0]
    return PictureView(
        sha256=photo.sha256,
        file_name=photo.file_name,
        height=photo.height,
        width=photo.width,
        licence=photo.licence,
        consent=photo.consent,
        note=photo.licence_note,
        acknowledged_by=name,
        skus=tuple(sku for _, sku, _, _ in rows[:_NAMED]),
        products=len(rows),
        title=title,
        created_at=photo.created_at,
    )


def _some(hashes: Sequence[str]) -> list[Sequence[str]]:
    different = list(dict.fromkeys(hashes))
    if not different:
        raise InputError("No photos were chosen. Choose some, then try again.")
    return list(portions(different))


def _refuse_to_lift(session: Session, hashes: Sequence[str]) -> None:
    refused = sa.select(Photo.file_name).where(Photo.sha256.in_(hashes), rights_condition(Rights.REFUSED))
    name = session.scalar(refused.limit(1))
    if name is not None:
        raise Forbidden("The rights of {name!r} were refused; lifting that takes a manager.", name=name)
