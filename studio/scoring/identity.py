"""Whether an image shows the product itself: its likeness to a real photo, beside what the team demands of it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import Asset, AssetScoring, Photo, Role, Score
from ecomgan.metrics import SCORERS, keys_of
from studio.errors import Conflict, InputError
from studio.photos.rights import usable
from studio.roles import Actor, require
from studio.team_settings import keep_setting, setting

if TYPE_CHECKING:
    from studio.bootstrap import Studio

SETTING: Final = "identity"

DEFAULTS: Final[Mapping[str, float]] = {
    "silhouette_overlap": 80.0,
    "photo_colour_difference": 5.0,
    "print_match": 65.0,
    "feature_match": 95.0,
}
"""What a score of identity must reach, by its key; where less is better: what it may be at most.

Measured on a shop's styles in several colours, 320x256: of 110 photos mildly damaged (moved, smaller, softer, a little
lighter, JPEG) all pass beside the undamaged one, of 104 photos of another style of the same kind and colour 1 does, of
106 photos of the same style in another colour 6 do, 5 of which lie within 1.5 of the colour.
"""


@dataclass(frozen=True)
class IdentityFact:
    """A score of identity beside what is demanded. value: None where there is nothing to compare, such as a print;
    demanded: None where the team demands nothing of it.
    """

    key: str
    value: float | None
    demanded: float | None

    @property
    def passes(self) -> bool | None:
        """Whether it reaches what is demanded; None where it does not apply."""
        if self.value is None or self.demanded is None:
            return None
        return self.value <= self.demanded if less_is_better(self.key) else self.value >= self.demanded


@dataclass(frozen=True)
class Identity:
    """How an image stands with the real photo of its product.

    state: "no_photo" (there is none to compare with), "missing" (it was not compared yet), "waiting" (a job will),
    "unmeasurable" (nothing could be compared), "passes" or "fails".
    """

    state: Literal["no_photo", "missing", "waiting", "unmeasurable", "passes", "fails"]
    facts: tuple[IdentityFact, ...] = ()
    photo_sha256: str | None = None


def check_identity(session: Session, asset: Asset) -> None:
    """Raise Conflict unless the image was compared with a real photo of its product and is like it. In plain words,
    measured beside demanded.
    """
    found = identity_of(session, asset)
    if found.state == "passes":
        return
    if found.state == "no_photo":
        raise Conflict(
            "There is no usable real photo of the product of image {image} to compare it with, so it cannot become a "
            "listing image.",
            image=asset.id,
        )
    if found.state == "waiting":
        raise Conflict(
            "The likeness of image {image} to the real photo is being measured. Approve it in a moment.", image=asset.id
        )
    if found.state == "missing":
        raise Conflict(
            "Image {image} was not compared with the real photo yet. Choose Measure now on its page in the library.",
            image=asset.id,
        )
    if found.state == "unmeasurable":
        raise Conflict(
            "Nothing of image {image} could be compared with the real photo, so it cannot become a listing image. "
            "Reject it, or order it as concept, placeholder or ad.",
            image=asset.id,
        )
    raise Conflict(
        "Image {image} is not like the real photo of its product, so it cannot become a listing image: {facts}. Reject "
        "it, or order it as concept, placeholder or ad.",
        image=asset.id,
        facts="; ".join(_told(fact) for fact in found.facts if fact.passes is False),
    )


def identity_of(session: Session, asset: Asset) -> Identity:
    """How an image stands with the real photo of its product, by its newest scores."""
    photos = set(session.scalars(sa.select(Photo.sha256).where(Photo.product_id == asset.product_id, usable())))
    if asset.product_id is None or not photos:
        return Identity("no_photo")
    row = session.get(AssetScoring, asset.id)
    compared = row is not None and row.photo_sha256 in photos
    if row is None or not compared:
        return Identity("waiting" if row is not None and row.job_id is not None else "missing")
    bounds = demanded(session)
    query = sa.select(Score.metric, Score.value).where(Score.asset_id == asset.id)
    query = query.where(Score.metric.in_(keys_of("identity"))).order_by(Score.version)
    values: dict[str, float | None] = dict(session.execute(query).all())  # the newest version is the last
    facts = tuple(IdentityFact(key, values.get(key), bounds.get(key)) for key in keys_of("identity"))
    known = [fact.passes for fact in facts if fact.passes is not None]
    state: Literal["unmeasurable", "passes", "fails"] = (
        "fails" if False in known else "passes" if known else "unmeasurable"
    )
    return Identity(state, facts, row.photo_sha256)


def demanded(session: Session) -> dict[str, float]:
    """What the team demands of each score of identity; those left out are not looked at."""
    value = setting(session, SETTING)
    return dict(DEFAULTS if value is None else {key: float(wanted) for key, wanted in value.items()})


def demands(studio: Studio, actor: Actor | None) -> dict[str, float]:
    """As `demanded`, for a page."""
    require(actor, Role.VIEWER)
    with studio.reading() as session:
        return demanded(session)


def set_demands(studio: Studio, actor: Actor | None, wanted: Mapping[str, float]) -> None:
    """Set what listing images must reach, by the keys of identity scores; a key that is left out is not looked at any
    more, but one must be. Listings of today stay as they are. For admins. Raises InputError.
    """
    actor = require(actor, Role.ADMIN)
    if not wanted:
        raise InputError("At least one score must be demanded: without any, nothing proves that it is the product.")
    for key, value in wanted.items():
        if key not in keys_of("identity"):
            raise InputError(
                "There is no score of identity {key}; there are: {known}.",
                key=repr(key[:40]),
                known=", ".join(keys_of("identity")),
            )
        low, high = SCORERS[key].low, SCORERS[key].high
        if not (math.isfinite(value) and low <= value <= high):
            raise InputError(
                "{score} lies from {low} to {high}, got {value}.",
                score=SCORERS[key].name,
                low=f"{low:g}",
                high=f"{high:g}",
                value=f"{value:g}",
            )
    with studio.writing() as session:
        told = "; ".join(f"{SCORERS[key].name} {bound(key, value)}" for key, value in wanted.items())
        keep_setting(session, actor, SETTING, wanted, f"Listing images must reach: {told}.")


def less_is_better(key: str) -> bool:
    """Whether a smaller value of this score means more alike."""
    return SCORERS[key].better == "lower"


def bound(key: str, value: float) -> str:
    """A demand, short: "≥ 70 %"."""
    unit = SCORERS[key].unit
    return f"{'≤' if less_is_better(key) else '≥'} {value:g}{' ' + unit if unit else ''}"


def _told(fact: IdentityFact) -> str:
    scorer = SCORERS[fact.key]
    unit = f" {scorer.unit}" if scorer.unit else ""
    return f"{scorer.name} {fact.value or 0:.3g}{unit}, demanded {bound(fact.key, fact.demanded or 0)}"
