"""The order of the queue, and how a page of it is found in the same time from any depth under any filter.

First comes what is urgent, then what came into its state earlier. A cursor is a place in that order.

Filters of two kinds meet. What stands in the index of the order (state, category, model, ...) is answered by walking
along it. What has to be looked up elsewhere (words, scores, verdicts) may fit a handful of images or half of them: a
handful is fetched and sorted, half of them are met soon enough on the walk.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.plans import beside_index
from db.tables import Asset, Brief, Calibration, CalibrationCase, Decision, Product, ReviewClaim, Score, utc_now
from studio.errors import InputError
from studio.images.library import scored
from studio.review.queue_filter import Foretold, QueueFilter
from studio.review.verdicts import is_last_verdict, was_given, within
from studio.word_search import holds, words_of

LEVELS = (2, 1, 0)
"""The priorities, the most urgent first."""

_FEW = 2_000
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


class Place(NamedTuple):
    """Where an image stands in the queue."""

    priority: int
    since: dt.datetime
    asset_id: int

    def __str__(self) -> str:
        """The text form, for cursors."""
        return f"{self.priority}.{(self.since - _EPOCH) // dt.timedelta(microseconds=1)}.{self.asset_id}"

    @classmethod
    def parse(cls, text: str) -> Place:
        """Read the text form. Raises InputError."""
        try:
            priority, since, asset_id = map(int, text.split("."))
            return cls(priority, _EPOCH + dt.timedelta(microseconds=since), asset_id)
        except (ValueError, OverflowError) as error:
            raise InputError(
                f"A page is asked for with the cursor that the page before told, got {text[:80]!r}."
            ) from error


def places(
    session: Session,
    wanted: QueueFilter,
    actor_id: int,
    *,
    after: Place | None,
    limit: int,
    further: tuple[sa.ColumnElement[bool], ...] = (),
) -> list[Place]:
    """The next `limit` images of the queue after a place. further: more conditions on `assets`."""
    wide = [*_along(wanted, actor_id), *further]
    for source in _sources(wanted):
        some = session.scalars(source.limit(_FEW + 1)).all()
        if len(some) <= _FEW:
            kept = [*_along(wanted, actor_id, look_up=False), *_apart(wanted, look_up=False), *further]
            return _sorted_page(session, [Asset.id.in_(some), *kept], after, limit)
    found: list[Place] = []
    met = [*wide, *_apart(wanted, look_up=False)]
    for level in LEVELS:
        if after is None or level <= after.priority:
            query = level_query(met, level, after=after).limit(limit - len(found))
            found += (Place(*row) for row in session.execute(query))
        if len(found) == limit:
            break
    return found


def level_query(
    conditions: list[sa.ColumnElement[bool]], level: int, *, after: Place | None
) -> sa.Select[int, dt.datetime, int]:
    """The images of one priority in their order, those after a place."""
    query = sa.select(Asset.priority, Asset.state_since, Asset.id).where(Asset.priority == level, *conditions)
    if after is not None and after.priority == level:
        query = query.where(sa.tuple_(Asset.state_since, Asset.id) > (after.since, after.asset_id))
    return query.order_by(Asset.state_since, Asset.id)


def conditions(wanted: QueueFilter, actor_id: int) -> list[sa.ColumnElement[bool]]:
    """The filter in SQL, but for claims: these are no matter of the image but of who asks when."""
    return [*_along(wanted, actor_id), *_apart(wanted)]


def fitting(
    session: Session,
    asset_ids: Sequence[int],
    wanted: QueueFilter,
    actor_id: int,
    further: tuple[sa.ColumnElement[bool], ...] = (),
) -> set[int]:
    """Those of a few images that fit the filter."""
    along, apart = _along(wanted, actor_id, look_up=False), _apart(wanted, look_up=False)
    return set(session.scalars(sa.select(Asset.id).where(Asset.id.in_(asset_ids), *along, *apart, *further)))


def claimed_by_others(actor_id: int) -> sa.ColumnElement[bool]:
    """Images that another reviewer holds now."""
    now = sa.select(ReviewClaim.asset_id).join(
        Asset, sa.and_(Asset.id == ReviewClaim.asset_id, Asset.revision == ReviewClaim.revision)
    )
    held = now.where(ReviewClaim.user_id != actor_id, ReviewClaim.until > utc_now())
    return Asset.id.in_(held.correlate(None))


def _along(wanted: QueueFilter, actor_id: int, *, look_up: bool = True) -> list[sa.ColumnElement[bool]]:
    """What the indexes of the order answer by themselves. look_up: False for images that were found already."""
    found: list[sa.ColumnElement[bool]] = []
    assignee = actor_id if wanted.assignee == "me" else wanted.assignee
    for column, value in (
        (Asset.state, wanted.state),
        (Asset.category, wanted.category),
        (Asset.model_version_id, wanted.model_version_id),
        (Asset.purpose, wanted.purpose),
        (Asset.created_by_id, actor_id if wanted.mine else None),
        (Asset.assignee_id, assignee if isinstance(assignee, int) else None),
    ):
        if value is not None:
            found.append((column if look_up else beside_index(column)) == value)
    if wanted.assignee == "nobody":
        found.append((Asset.assignee_id if look_up else beside_index(Asset.assignee_id)).is_(None))
    if wanted.waited_hours is not None:
        found.append(Asset.state_since <= utc_now() - dt.timedelta(hours=wanted.waited_hours))
    return found + within(Asset.created_at if look_up else beside_index(Asset.created_at), wanted.made)


def _apart(wanted: QueueFilter, *, look_up: bool = True) -> list[sa.ColumnElement[bool]]:
    """What has to be looked up beside the order. look_up: False to check it image by image, on images that were found
    already or are met on a walk.
    """
    found: list[sa.ColumnElement[bool]] = []
    product, brief = (column if look_up else beside_index(column) for column in (Asset.product_id, Asset.brief_id))
    if wanted.product_id is not None:
        found.append(product == wanted.product_id)
    found += [brief.in_(_briefs(word)) for word in words_of(wanted.text)]
    if wanted.score is not None:
        fits = scored(wanted.score)
        of_image = sa.exists().where(Score.asset_id == Asset.id, *fits)
        found.append(Asset.id.in_(sa.select(Score.asset_id).where(*fits)) if look_up else of_image)
    if wanted.foretold is not None:
        judged = _foretold(wanted.foretold)
        found.append(Asset.id.in_(judged) if look_up else judged.where(CalibrationCase.asset_id == Asset.id).exists())
    if _asks_for_verdict(wanted):
        fits = [is_last_verdict(Decision), *_given(wanted, look_up=look_up)]
        if look_up:
            found.append(Asset.id.in_(sa.select(Decision.asset_id).where(*fits)))
        else:  # OFFSET 0: or PostgreSQL works out the verdicts of all images, for a page of a hundred
            of_it = sa.select(Decision.id).where(Decision.asset_id == Asset.id, *fits).correlate(Asset)
            found.append(of_it.offset(0).exists())
    return found


def _sources(wanted: QueueFilter) -> list[sa.Select[int]]:
    """For each part of the filter that has to be looked up beside the order: the ids of its images, read lazily.

    Among those of a verdict are some whose verdict was taken back, or that got another one later.
    """
    found = []
    if wanted.product_id is not None:
        found.append(sa.select(Asset.id).where(Asset.product_id == wanted.product_id))
    found += [sa.select(Asset.id).where(Asset.brief_id.in_(_briefs(word))) for word in words_of(wanted.text)]
    if wanted.score is not None:
        found.append(sa.select(Score.asset_id).where(*scored(wanted.score)))
    if wanted.foretold is not None:
        found.append(_foretold(wanted.foretold))
    if _asks_for_verdict(wanted):
        found.append(sa.select(Decision.asset_id).where(was_given(Decision), *_given(wanted)))
    return found


def _briefs(word: str) -> sa.Select[int]:
    products = sa.select(Product.id).where(holds(Product.title, word) | holds(Product.sku, word))
    return sa.select(Brief.id).where(holds(Brief.prompt, word) | Brief.product_id.in_(products))


def _foretold(wanted: Foretold) -> sa.Select[int]:
    version = sa.select(Calibration.id).where(Calibration.version == wanted.version).scalar_subquery()
    found = sa.select(CalibrationCase.asset_id).where(CalibrationCase.calibration_id == version)
    if wanted.low is not None:
        found = found.where(CalibrationCase.probability >= wanted.low)
    if wanted.high is not None:
        found = found.where(CalibrationCase.probability <= wanted.high)
    return found


def _asks_for_verdict(wanted: QueueFilter) -> bool:
    return wanted.verdict is not None or wanted.reason is not None or wanted.decided is not None


def _given(wanted: QueueFilter, *, look_up: bool = True) -> list[sa.ColumnElement[bool]]:
    found = within(Decision.at if look_up else beside_index(Decision.at), wanted.decided)
    if wanted.verdict is not None:
        found.append((Decision.to_state if look_up else beside_index(Decision.to_state)) == wanted.verdict)
    if wanted.reason is not None:
        found.append((Decision.reason if look_up else beside_index(Decision.reason)) == wanted.reason)
    return found


def _sorted_page(
    session: Session, conditions: list[sa.ColumnElement[bool]], after: Place | None, limit: int
) -> list[Place]:
    query = sa.select(Asset.priority, Asset.state_since, Asset.id).where(*conditions)
    if after is not None:
        later = sa.tuple_(Asset.state_since, Asset.id) > (after.since, after.asset_id)
        query = query.where((Asset.priority < after.priority) | ((Asset.priority == after.priority) & later))
    query = query.order_by(Asset.priority.desc(), Asset.state_since, Asset.id).limit(limit)
    return [Place(*row) for row in session.execute(query)]
