"""What reviewers decided, as something to learn from: approved images join the photos of a training, rejected ones stay
out and are counted.

Images are only learned from, never held out: a model is judged on real photos. One of a product whose photos are held
out stays out, or the figures would flatter the model.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import Asset, AssetState, Brief, Decision, LicenceState, ModelVersion, Product
from ecomgan.data.splits import split_catalogue, title_key
from studio.catalogue.products import ProductFilter, conditions_of
from studio.making.briefs import ARTICLE, COLOUR, USAGE
from studio.models.licences import refusal
from studio.photos.rights import Rights
from studio.photos.trainable import PhotoFilter, TrainablePhoto
from studio.review.states import APPROVED_STATES, REASONS, Family
from studio.review.verdicts import is_last_verdict


@dataclass(frozen=True)
class DecidedImage:
    """An approved image that a model may be taught with, in the words of its brief; `decision_id` approved it.

    family: the SKU of its product's family, or its text for one made from text alone. rights: how those of the model
    that made it stand; never REFUSED.
    """

    asset_id: int
    sha256: str
    title: str
    article_type: str
    colour: str | None
    usage: str | None
    family: str
    decision_id: int
    rights: Rights


@dataclass(frozen=True)
class DecidedCount:
    """How many decided images join, and how many stay out and why, each counted once.

    settled, acknowledged, open: the approved ones that join, by the rights of the model that made them. factual,
    artefact, other: rejected for such a reason. refused: the rights of their model were refused. held_out: photos of
    their product are held out. unnamed: no word of a model stands for what they show. beyond: more than the photos.
    """

    settled: int = 0
    acknowledged: int = 0
    open: int = 0
    factual: int = 0
    artefact: int = 0
    other: int = 0
    refused: int = 0
    held_out: int = 0
    unnamed: int = 0
    beyond: int = 0

    @property
    def joining(self) -> int:
        """How many are learned from."""
        return self.settled + self.acknowledged + self.open

    def as_json(self) -> dict[str, int]:
        """The counts by name."""
        return asdict(self)


def has_approved(session: Session) -> bool:
    """Whether any image stands approved."""
    return session.scalar(sa.select(Asset.id).where(Asset.state.in_(APPROVED_STATES)).limit(1)) is not None


def decided(
    session: Session, wanted: PhotoFilter, photos: Sequence[TrainablePhoto]
) -> tuple[list[DecidedImage], DecidedCount]:
    """The approved images that join a training on these photos, the newest first, and what stays out.

    `wanted` narrows to images of the products that fit; what was made from text alone fits where it does not narrow.
    At most as many as there are photos join: the model is to learn products first, and its own hand only beside them.
    """
    found: list[DecidedImage] = []
    left: Counter[str] = Counter(_rejected(session, wanted))
    held_out = _held_out(photos)
    rights = cache(lambda model_id: _rights(session, model_id))
    seen = {photo.sha256 for photo in photos}
    for image, attributes, prompt, product, decision_id in session.execute(_approved(session, wanted)):
        title = product.title if product else prompt
        family = (product.parent_sku or product.sku) if product else prompt
        if image.sha256 in seen:  # the same bytes twice teach nothing more
            continue
        seen.add(image.sha256)
        if rights(image.model_version_id) is Rights.REFUSED:
            left["refused"] += 1
        elif not attributes.get(ARTICLE):
            left["unnamed"] += 1
        elif title_key(family) in held_out:
            left["held_out"] += 1
        elif len(found) == len(photos):
            left["beyond"] += 1
        else:
            found.append(
                DecidedImage(
                    asset_id=image.id,
                    sha256=image.sha256,
                    title=title,
                    article_type=attributes[ARTICLE],
                    colour=attributes.get(COLOUR) or None,
                    usage=attributes.get(USAGE) or None,
                    family=family,
                    decision_id=decision_id,
                    rights=rights(image.model_version_id),
                )
            )
    standing = Counter(image.rights.value for image in found)
    return found, replace(DecidedCount(), **left, **standing)


def _approved(session: Session, wanted: PhotoFilter) -> sa.Select[Asset, dict[str, str], str, Product, int]:
    query = (
        sa.select(Asset, Brief.attributes, Brief.prompt, Product, Decision.id)
        .join(Brief, Brief.id == Asset.brief_id)
        .join(Decision, Decision.asset_id == Asset.id)
        .join(Product, Product.id == Asset.product_id, isouter=True)
        .where(Asset.state.in_(APPROVED_STATES), Decision.to_state == AssetState.APPROVED, is_last_verdict(Decision))
        .order_by(Decision.id.desc())
    )
    return query.where(*_narrowing(session, wanted))


def _rejected(session: Session, wanted: PhotoFilter) -> dict[str, int]:
    """Images whose rejection stands, by what was wrong with them."""
    query = (
        sa.select(Decision.reason, sa.func.count())
        .join(Asset, Asset.id == Decision.asset_id)
        .join(Product, Product.id == Asset.product_id, isouter=True)
        .where(Asset.state == AssetState.CHANGES_REQUESTED, is_last_verdict(Decision), *_narrowing(session, wanted))
        .group_by(Decision.reason)
    )
    names = {Family.FACTUAL: "factual", Family.ARTEFACT: "artefact"}
    found: Counter[str] = Counter()
    for reason, number in session.execute(query):
        known = REASONS.get(reason or "")
        found[names.get(known.family, "other") if known else "other"] += number
    return found


def _narrowing(session: Session, wanted: PhotoFilter) -> list[sa.ColumnElement[bool]]:
    return conditions_of(session, ProductFilter(wanted.text, wanted.category, wanted.colour, wanted.usage))


def _held_out(photos: Sequence[TrainablePhoto]) -> set[str]:
    """The families and titles of photos that the training will hold out, as keys.

    Preparing the photos may still drop damaged ones and then hold out others: it keeps to the same rule by itself.
    """
    sides = split_catalogue([photo.family for photo in photos], [photo.article_type for photo in photos])
    out = [photo for photo, side in zip(photos, sides, strict=True) if side != "train"]
    return {title_key(name) for photo in out for name in (photo.family, photo.title)}


def _rights(session: Session, model_id: int) -> Rights:
    if refusal(session, model_id) is not None:
        return Rights.REFUSED
    model = session.get_one(ModelVersion, model_id)
    if model.licence is LicenceState.GRANTED:
        return Rights.SETTLED
    return Rights.OPEN if model.licence_acknowledged_by_id is None else Rights.ACKNOWLEDGED
