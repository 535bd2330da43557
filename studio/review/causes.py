"""What can prove bad behind images, and which images it touched: the causes of a recall, in SQL."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from db.tables import (
    Asset,
    AssetState,
    Brief,
    Channel,
    Decision,
    Export,
    ExportItem,
    ModelVersion,
    Photo,
    Product,
    Purpose,
    Score,
    Training,
    TrainingImage,
    TrainingPhoto,
    User,
)
from studio.errors import InputError, NotFound
from studio.images.library import ScoreRange, scored
from studio.photos.rights import usable
from studio.review.states import APPROVED_STATES, UNDO
from studio.review.verdicts import Days, within

SETTINGS = ("truncation", "guidance_scale", "steps")
"""What an engine can be set to that a cause may name, in a range."""

_STEP = re.compile("[a-z0-9_]{1,40}")  # as `ecomgan.finishing` names them; a step that is gone by now can be named too


class CauseKind(StrEnum):
    """What proved bad.

    MODEL: a version. LICENCE: the right to use a version, which is also that of all that was taught from it. PHOTO: a
    real photo whose licence or consent fell away. FINISHING: a step. SETTING: a range of an engine's setting. CHANNEL:
    the rule of a channel, for what was exported to it. CHECK: the range of a check that was too wide. REVIEWER: a
    person's approvals. CATEGORY: whatever happened in a category at a time.
    """

    MODEL = "model"
    LICENCE = "licence"
    PHOTO = "photo"
    FINISHING = "finishing"
    SETTING = "setting"
    CHANNEL = "channel"
    CHECK = "check"
    REVIEWER = "reviewer"
    CATEGORY = "category"


_NAMED_BY = {
    CauseKind.MODEL: "model_version_id",
    CauseKind.LICENCE: "model_version_id",
    CauseKind.PHOTO: "photo_id",
    CauseKind.FINISHING: "step",
    CauseKind.SETTING: "setting",
    CauseKind.CHANNEL: "channel_id",
    CauseKind.CHECK: "metric",
    CauseKind.REVIEWER: "user_id",
    CauseKind.CATEGORY: "category",
}
_RANGES = (CauseKind.SETTING, CauseKind.CHECK)


@dataclass(frozen=True)
class Cause:
    """One thing that proved bad; of its fields only the one that names a thing of this kind is filled in.

    low, high: the range of a setting or a score that proved bad, both included; None is open. days: on which its images
    were made; for a reviewer those of the approvals, for a channel those of the exports. taught: for a model, also what
    was taught from it. standing: only images that are approved or published now. Raises InputError.
    """

    kind: CauseKind
    model_version_id: int | None = None
    photo_id: int | None = None
    step: str | None = None
    setting: str | None = None
    channel_id: int | None = None
    metric: str | None = None
    user_id: int | None = None
    category: str | None = None
    low: float | None = None
    high: float | None = None
    days: Days | None = None
    taught: bool = False
    standing: bool = False

    def __post_init__(self) -> None:
        wanted = _NAMED_BY[self.kind]
        given = {name for name in _NAMED_BY.values() if getattr(self, name) is not None}
        if given != {wanted}:
            raise InputError(
                f"A recall by {self.kind.value} names a {wanted}, got {', '.join(sorted(given)) or 'none'}."
            )
        if self.step is not None and not _STEP.fullmatch(self.step):
            raise InputError(f"A finishing step is named in small letters, got {self.step[:60]!r}.")
        if self.setting is not None and self.setting not in SETTINGS:
            raise InputError(f"There is no setting {self.setting[:40]!r}; there are {', '.join(SETTINGS)}.")
        if self.metric is not None:
            ScoreRange(self.metric, self.low, self.high)  # refuses one that is not there
        self._check_range()

    def _check_range(self) -> None:
        ends = [end for end in (self.low, self.high) if end is not None]
        if bool(ends) != (self.kind in _RANGES):
            raise InputError(f"A recall by {self.kind.value} takes {'a' if self.kind in _RANGES else 'no'} range.")
        if not all(map(math.isfinite, ends)) or (len(ends) == 2 and ends[0] > ends[1]):
            raise InputError(f"A range goes from a number to one that is not below it, got {self.low} to {self.high}.")

    def as_json(self) -> dict[str, Any]:
        """The cause as JSON values, without what is empty."""
        values = asdict(self) | {"kind": self.kind.value, "days": None if self.days is None else str(self.days)}
        return {name: value for name, value in values.items() if value not in (None, False)}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Cause:
        """The cause that `as_json` wrote. Raises InputError."""
        days = values.get("days")
        try:
            return cls(**{**values, "kind": CauseKind(values["kind"]), "days": Days.parse(days) if days else None})
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(f"This is no cause of a recall: {str(dict(values))[:200]}.") from error


def subject(session: Session, cause: Cause) -> str:
    """What the thing is called that proved bad. Raises NotFound where it is not there."""
    if cause.kind in _RANGES:
        low, high = ("" if end is None else f"{end:g}" for end in (cause.low, cause.high))
        return f"{cause.metric or cause.setting} {low}..{high}"
    name: sa.Select[Any] = {
        CauseKind.MODEL: sa.select(ModelVersion.name).where(ModelVersion.id == cause.model_version_id),
        CauseKind.LICENCE: sa.select(ModelVersion.name).where(ModelVersion.id == cause.model_version_id),
        CauseKind.PHOTO: sa.select(Product.sku + " · " + Photo.file_name)
        .join(Product, Product.id == Photo.product_id)
        .where(Photo.id == cause.photo_id),
        CauseKind.FINISHING: sa.select(sa.literal(cause.step)),
        CauseKind.CHANNEL: sa.select(Channel.name).where(Channel.id == cause.channel_id),
        CauseKind.REVIEWER: sa.select(User.name).where(User.id == cause.user_id),
        CauseKind.CATEGORY: sa.select(sa.literal(cause.category)),
    }[cause.kind]
    found: str | None = session.scalar(name)
    if found is None:
        raise NotFound(f"There is no {cause.kind.value} {getattr(cause, _NAMED_BY[cause.kind])}.")
    return found.rstrip(" ·")


def touched(session: Session, cause: Cause) -> list[sa.ColumnElement[bool]]:
    """What holds for the rows of `assets` that the cause touched, in any state."""
    found = [_by_kind(session, cause)]
    if cause.kind not in (CauseKind.REVIEWER, CauseKind.CHANNEL):
        found += within(Asset.created_at, cause.days)
    return found


def to_withdraw(session: Session, cause: Cause) -> list[sa.ColumnElement[bool]]:
    """What holds for the rows of `assets` that a recall takes back."""
    states = Asset.state.in_(APPROVED_STATES) if cause.standing else Asset.state != AssetState.WITHDRAWN
    return [*touched(session, cause), states]


def withdrawn_but_out(session: Session, cause: Cause) -> list[sa.ColumnElement[bool]]:
    """What holds for images that were withdrawn before, after they had left the house: who took them must know."""
    left = sa.exists().where(ExportItem.asset_id == Asset.id)
    return [*touched(session, cause), Asset.state == AssetState.WITHDRAWN, left]


def taught_from(session: Session, model_ids: set[int], *, by_images: bool = False) -> set[int]:
    """These model versions and all that was taught from them; `by_images`: also what was taught with their images."""
    parents = dict(session.execute(sa.select(ModelVersion.id, ModelVersion.parent_id)).all())
    pairs = {(child, parent) for child, parent in parents.items() if parent is not None}
    if by_images:
        teachers = (
            sa.select(Training.model_version_id, Asset.model_version_id)
            .join(TrainingImage, TrainingImage.training_id == Training.id)
            .join(Asset, Asset.id == TrainingImage.asset_id)
            .where(Training.model_version_id.is_not(None), TrainingImage.split == "train")
            .distinct()
        )
        pairs |= {(child, teacher) for child, teacher in session.execute(teachers) if child is not None}
    found = set(model_ids)
    while grown := {child for child, parent in pairs if parent in found} - found:
        found |= grown
    return found


def bad_models(session: Session, cause: Cause) -> set[int]:
    """The model versions whose images the cause touches as such; none of them may make the replacements."""
    if cause.kind is CauseKind.PHOTO:
        return _taught_with(session, _sha256_of(session, cause.photo_id))
    if cause.model_version_id is None:
        return set()
    if cause.kind is CauseKind.LICENCE:
        return taught_from(session, {cause.model_version_id}, by_images=True)
    return taught_from(session, {cause.model_version_id}) if cause.taught else {cause.model_version_id}


def _by_kind(session: Session, cause: Cause) -> sa.ColumnElement[bool]:
    match cause.kind:
        case CauseKind.MODEL | CauseKind.LICENCE:
            return Asset.model_version_id.in_(bad_models(session, cause))
        case CauseKind.PHOTO:
            return _by_photo(session, cause)
        case CauseKind.FINISHING:
            # As the JSON is written, on either database: {"step": "pad", ...}
            named = sa.cast(Brief.finishing, sa.Text).contains(f'"step": "{cause.step}"', autoescape=True)
            return Asset.brief_id.in_(sa.select(Brief.id).where(named))
        case CauseKind.SETTING:
            return Asset.brief_id.in_(sa.select(Brief.id).where(*_set_within(cause)))
        case CauseKind.CHANNEL:
            left = sa.select(ExportItem.asset_id).join(Export, Export.id == ExportItem.export_id)
            left = left.where(Export.channel_id == cause.channel_id, *within(Export.created_at, cause.days))
            return Asset.id.in_(left)
        case CauseKind.CHECK:
            assert cause.metric is not None
            wanted = ScoreRange(cause.metric, cause.low, cause.high)
            return Asset.id.in_(sa.select(Score.asset_id).where(*scored(wanted)))
        case CauseKind.REVIEWER:
            return Asset.id.in_(_approved_by(cause))
        case CauseKind.CATEGORY:
            return Asset.category == cause.category


def _set_within(cause: Cause) -> list[sa.ColumnElement[bool]]:
    column: Any = (
        Brief.settings["steps"].as_integer() if cause.setting == "steps" else getattr(Brief, cause.setting or "")
    )
    found: list[sa.ColumnElement[bool]] = []
    if cause.low is not None:
        found.append(column >= cause.low)
    if cause.high is not None:
        found.append(column <= cause.high)
    return found


def _approved_by(cause: Cause) -> sa.Select[int]:
    """Images that a person approved, first or second, where nobody has taken that back, rejected or reopened since."""
    later = aliased(Decision)
    lifted = sa.or_(
        later.to_state == AssetState.CHANGES_REQUESTED,
        sa.and_(later.from_state == AssetState.APPROVED, later.to_state == AssetState.IN_REVIEW),
        sa.and_(later.revision == Decision.revision + 1, later.reason == UNDO),
    )
    return sa.select(Decision.asset_id).where(
        Decision.user_id == cause.user_id,
        Decision.from_state == AssetState.IN_REVIEW,
        Decision.to_state.in_((AssetState.APPROVED, AssetState.IN_REVIEW)),
        sa.func.coalesce(Decision.reason, "") != UNDO,
        *within(Decision.at, cause.days),
        ~sa.exists().where(later.asset_id == Decision.asset_id, later.revision > Decision.revision, lifted),
    )


def _by_photo(session: Session, cause: Cause) -> sa.ColumnElement[bool]:
    """Images of models that were taught with the picture, and listing images that had no other proof."""
    sha256 = _sha256_of(session, cause.photo_id)
    other = aliased(Photo)
    proved = sa.select(Photo.product_id).where(Photo.sha256 == sha256)
    unproved = ~sa.exists().where(other.product_id == Asset.product_id, other.sha256 != sha256, usable(other))
    listing = sa.and_(Asset.purpose == Purpose.LISTING, Asset.product_id.in_(proved), unproved)
    return sa.or_(Asset.model_version_id.in_(_taught_with(session, sha256)), listing)


def _taught_with(session: Session, sha256: str) -> set[int]:
    query = (
        sa.select(Training.model_version_id)
        .join(TrainingPhoto, TrainingPhoto.training_id == Training.id)
        .where(TrainingPhoto.sha256 == sha256, TrainingPhoto.split == "train", Training.model_version_id.is_not(None))
    )
    return taught_from(session, {model_id for model_id in session.scalars(query) if model_id is not None})


def _sha256_of(session: Session, photo_id: int | None) -> str:
    row = session.get(Photo, photo_id) if photo_id is not None else None
    if row is None:
        raise NotFound(f"There is no photo {photo_id}.")
    return row.sha256
