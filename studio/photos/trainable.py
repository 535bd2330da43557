"""Real photos of products: which there are, what may be done with them, and which of them a model may be taught."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import LicenceState, Photo, Product
from ecomgan.text import Vocabulary
from studio.catalogue.products import ProductFilter, conditions_of
from studio.catalogue.value_mappings import mappings
from studio.errors import InputError
from studio.making.briefs import ARTICLE, COLOUR, USAGE, Attributes, Confirmed, ProductText, attributes_of_product
from studio.photos.rights import Rights, rights_condition, rights_of


@dataclass(frozen=True)
class PhotoFilter:
    """Which photos: those of products that fit (as in `ProductFilter`), of these rights, at most so many.

    `as_json` and `from_json` keep it in a row of the database.
    """

    text: str = ""
    category: str | None = None
    colour: str | None = None
    usage: str | None = None
    rights: Rights | None = None
    most: int | None = None

    def __post_init__(self) -> None:
        if self.most is not None and self.most < 1:
            raise InputError(f"At least 1 photo must be wanted, got {self.most}.")

    def as_json(self) -> dict[str, Any]:
        """The filter as JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> PhotoFilter:
        """The filter that `as_json` wrote."""
        rights = values.get("rights")
        return cls(**{**values, "rights": None if rights is None else Rights(rights)})


@dataclass(frozen=True)
class TrainablePhoto:
    """A photo that a model may be taught with, in the model's words; each picture (`sha256`) comes once.

    article_type, colour, usage: what people confirmed for the words of the catalogue, which may be a new word that the
    model does not know yet; else what the base model's vocabulary plainly says. family: the SKU of the product's
    family, which should not be torn apart between training and held-out photos.
    """

    photo_id: int
    sha256: str
    sku: str
    title: str
    article_type: str
    colour: str | None
    usage: str | None
    licence: LicenceState
    consent: LicenceState
    acknowledged: bool
    family: str

    @property
    def rights(self) -> Rights:
        """How the rights stand; never REFUSED."""
        return rights_of(self.licence, self.consent, acknowledged=self.acknowledged)


@dataclass(frozen=True)
class TrainableCount:
    """Pictures that fit a filter. `trainable` = settled + acknowledged + open; the others are left out: `refused` by
    their rights, `unnamed` because no word of the model stands for what they show.
    """

    settled: int
    acknowledged: int
    open: int
    refused: int
    unnamed: int

    @property
    def trainable(self) -> int:
        """How many a model may be taught with, once people answer for those with open rights."""
        return self.settled + self.acknowledged + self.open


def trainable(session: Session, wanted: PhotoFilter, words: Vocabulary) -> list[TrainablePhoto]:
    """The photos that fit and that a model with the vocabulary `words` may be taught with, the oldest first.

    Refused ones never are among them, nor those of things that no word stands for.
    """
    found, _, _ = _sorted_out(session, wanted, words)
    return found[: wanted.most]


def count_trainable(session: Session, wanted: PhotoFilter, words: Vocabulary) -> TrainableCount:
    """How many photos fit, by their rights, and how many are left out."""
    found, refused, unnamed = _sorted_out(session, wanted, words)
    number = dict.fromkeys(Rights, 0)
    for photo in found[: wanted.most]:
        number[photo.rights] += 1
    return TrainableCount(
        settled=number[Rights.SETTLED],
        acknowledged=number[Rights.ACKNOWLEDGED],
        open=number[Rights.OPEN],
        refused=refused,
        unnamed=unnamed,
    )


def _sorted_out(session: Session, wanted: PhotoFilter, words: Vocabulary) -> tuple[list[TrainablePhoto], int, int]:
    """What can be used, and the numbers of pictures that are refused and that no word stands for."""
    confirmed = mappings(session)
    refused: set[str] = set(session.scalars(sa.select(Photo.sha256).where(rights_condition(Rights.REFUSED))))
    rows: dict[str, list[tuple[Photo, Product]]] = {}
    for photo, product in session.execute(_query(session, wanted)):
        rows.setdefault(photo.sha256, []).append((photo, product))
    found, unnamed = [], 0
    for sha256, same in rows.items():
        if sha256 in refused:
            continue
        picture = _trainable(same, words, confirmed)
        if picture is None:
            unnamed += 1
        else:
            found.append(picture)
    return found, len(rows.keys() & refused), unnamed


def photo_conditions(session: Session, wanted: PhotoFilter) -> list[sa.ColumnElement[bool]]:
    """What holds for the rows of `photos` joined with `products` that fit; `most` is the caller's to keep."""
    products = ProductFilter(wanted.text, wanted.category, wanted.colour, wanted.usage)
    found = conditions_of(session, products)
    return found if wanted.rights is None else [*found, rights_condition(wanted.rights)]


def _query(session: Session, wanted: PhotoFilter) -> sa.Select[Photo, Product]:
    query = sa.select(Photo, Product).join(Product, Photo.product_id == Product.id).order_by(Photo.id)
    return query.where(*photo_conditions(session, wanted))


def _trainable(rows: Sequence[tuple[Photo, Product]], words: Vocabulary, confirmed: Confirmed) -> TrainablePhoto | None:
    """One picture, which may stand at several products: a value counts where none of them says another."""
    said = [_attributes(product, words, confirmed) for _, product in rows]
    values: Attributes = {}
    for field in (ARTICLE, COLOUR, USAGE):
        different = {attributes[field] for attributes in said if field in attributes}
        if len(different) == 1:
            values[field] = different.pop()
    if ARTICLE not in values:
        return None
    # The row that says the most speaks for the picture: a variant rather than its parent without a colour.
    (photo, product), _ = max(zip(rows, said, strict=True), key=lambda pair: (len(pair[1]), -pair[0][0].id))
    return TrainablePhoto(
        photo_id=photo.id,
        sha256=photo.sha256,
        sku=product.sku,
        title=product.title,
        article_type=values[ARTICLE],
        colour=values.get(COLOUR),
        usage=values.get(USAGE),
        licence=photo.licence,
        consent=photo.consent,
        acknowledged=photo.acknowledged_by_id is not None,
        family=product.parent_sku or product.sku,
    )


def _attributes(product: Product, words: Vocabulary, confirmed: Confirmed) -> Attributes:
    text = ProductText(product.title, product.category, product.colour, product.usage)
    return attributes_of_product(text, {}, words, confirmed, new_words=True) or {}
