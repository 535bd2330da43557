"""Who did what: decisions on images and everything else that people did, as one list, and as a CSV file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import Activity, Asset, AssetState, Decision, Role, User
from studio.bootstrap import Studio
from studio.errors import InputError
from studio.imports.spreadsheet import write_csv
from studio.review.decisions import is_one_of_several
from studio.review.states import UNDO
from studio.review.verdicts import Days, within
from studio.roles import Actor, require
from studio.word_search import holds, words_of

MAX_PAGE = 500
MAX_EXPORT = 100_000
IMAGE = "asset"
"""The subject of decisions, and of what else is done to images."""

_COLUMNS = ("at", "user", "did", "subject", "subject_id", "text", "reason", "comment")

Source = Literal["decision", "activity"]
Cursor = tuple[dt.datetime, Source, int]
"""Where a page ended: time, table and id of its last line."""


@dataclass(frozen=True)
class ActivityFilter:
    """Which lines; a field that is None (or empty) does not narrow.

    subject: what it was done to ("model_version", "asset", ...). to_state: only decisions that led there. text: words
    that the sentence of a deed, or the comment of a decision, must all hold.
    """

    user_id: int | None = None
    subject: str | None = None
    subject_id: str | None = None
    to_state: AssetState | None = None
    days: Days | None = None
    text: str = ""


@dataclass(frozen=True)
class ActivityLine:
    """One deed. `user` is None where the studio itself acted. did: the state that a decision led to, "undo", or a verb.
    sha256: of the image, for its thumbnail.
    """

    source: Source
    id: int
    at: dt.datetime
    user: str | None
    did: str
    subject: str
    subject_id: str
    text: str
    reason: str | None = None
    comment: str = ""
    sha256: str | None = None


@dataclass(frozen=True)
class ActivityPage:
    """Lines, the newest first. `after` asks for the next page; None: there is no more."""

    lines: tuple[ActivityLine, ...]
    after: Cursor | None


@dataclass(frozen=True)
class ActivityFacets:
    """What the list can be narrowed by: everyone by id, and the subjects that something was done to."""

    people: dict[int, str]
    subjects: tuple[str, ...]


def activity(
    studio: Studio,
    actor: Actor | None,
    wanted: ActivityFilter | None = None,
    *,
    after: Cursor | None = None,
    limit: int = 100,
) -> ActivityPage:
    """One page of what people did. `after` is what the page before told. Raises InputError."""
    require(actor, Role.VIEWER)
    if not 1 <= limit <= MAX_PAGE:
        raise InputError(f"A page holds 1 to {MAX_PAGE} lines, got {limit}.")
    with studio.reading() as session:
        return _page(session, wanted or ActivityFilter(), after, limit)


def facets(studio: Studio, actor: Actor | None) -> ActivityFacets:
    """The values by which the list can be narrowed."""
    require(actor, Role.VIEWER)
    with studio.reading() as session:
        people = dict(session.execute(sa.select(User.id, User.name).order_by(User.name)).all())
        subjects = set(session.scalars(sa.select(Activity.subject).distinct())) | {IMAGE}
    return ActivityFacets(people, tuple(sorted(subjects)))


def export_activity(studio: Studio, actor: Actor | None, wanted: ActivityFilter | None = None) -> bytes:
    """The lines that fit as a CSV file, the newest MAX_EXPORT of them; texts that a spreadsheet would take for
    formulas are neutralised.
    """
    require(actor, Role.VIEWER)
    with studio.reading() as session:
        return write_csv(_COLUMNS, (_row(line) for line in _all(session, wanted or ActivityFilter())))


def _all(session: Session, wanted: ActivityFilter) -> Iterator[ActivityLine]:
    after: Cursor | None = None
    for _ in range(MAX_EXPORT // MAX_PAGE):
        page = _page(session, wanted, after, MAX_PAGE)
        yield from page.lines
        after = page.after
        if after is None:
            return


def _row(line: ActivityLine) -> tuple[object, ...]:
    at = line.at.isoformat(timespec="seconds")
    return at, line.user or "", line.did, line.subject, line.subject_id, line.text, line.reason or "", line.comment


def _page(session: Session, wanted: ActivityFilter, after: Cursor | None, limit: int) -> ActivityPage:
    """Each table tells its newest lines by its own index; the newer ones of both make the page."""
    lines = _decisions(session, wanted, after, limit + 1) + _activities(session, wanted, after, limit + 1)
    lines.sort(key=_place, reverse=True)
    page = tuple(lines[:limit])
    return ActivityPage(page, _place(page[-1]) if len(lines) > limit else None)


def _place(line: ActivityLine) -> Cursor:
    return line.at, line.source, line.id


def _decisions(session: Session, wanted: ActivityFilter, after: Cursor | None, limit: int) -> list[ActivityLine]:
    if wanted.subject not in (None, IMAGE):
        return []
    query = (
        sa.select(Decision, User.name, Asset.sha256)
        .join(User, User.id == Decision.user_id)
        .join(Asset, Asset.id == Decision.asset_id)
        .where(*within(Decision.at, wanted.days), *_words(wanted.text, Decision.comment))
    )
    if wanted.user_id is not None:
        query = query.where(Decision.user_id == wanted.user_id)
    if wanted.subject_id is not None:
        query = query.where(Decision.asset_id == (int(wanted.subject_id) if wanted.subject_id.isdecimal() else -1))
    if wanted.to_state is not None:
        query = query.where(Decision.to_state == wanted.to_state)
    if after is not None:
        query = query.where(_before(Decision.at, Decision.id, "decision", after))
    rows = session.execute(query.order_by(Decision.at.desc(), Decision.id.desc()).limit(limit))
    return [_decision_line(row, name, sha256) for row, name, sha256 in rows]


def _activities(session: Session, wanted: ActivityFilter, after: Cursor | None, limit: int) -> list[ActivityLine]:
    if wanted.to_state is not None:
        return []
    query = (
        sa.select(Activity, User.name)
        .join(User, User.id == Activity.user_id, isouter=True)
        .where(*within(Activity.at, wanted.days), *_words(wanted.text, Activity.text))
    )
    for column, value in (
        (Activity.user_id, wanted.user_id),
        (Activity.subject, wanted.subject),
        (Activity.subject_id, wanted.subject_id),
    ):
        if value is not None:
            query = query.where(column == value)
    if after is not None:
        query = query.where(_before(Activity.at, Activity.id, "activity", after))
    rows = session.execute(query.order_by(Activity.at.desc(), Activity.id.desc()).limit(limit))
    return [
        ActivityLine("activity", row.id, row.at, name, row.verb, row.subject, row.subject_id, row.text)
        for row, name in rows
    ]


def _before(
    at: sa.orm.InstrumentedAttribute[dt.datetime], id_: sa.orm.InstrumentedAttribute[int], source: Source, after: Cursor
) -> sa.ColumnElement[bool]:
    """Lines of a table that stand after the cursor in the whole list, where same times go by table, then by id."""
    moment, other, last = after
    same = id_ < last if source == other else sa.literal(source < other)
    return sa.and_(at <= moment, sa.or_(at < moment, same))


def _words(text: str, column: sa.orm.InstrumentedAttribute[str]) -> list[sa.ColumnElement[bool]]:
    return [holds(column, word) for word in words_of(text)]


def _decision_line(row: Decision, name: str, sha256: str) -> ActivityLine:
    undone = row.reason == UNDO
    done = "Took a decision back; it is" if undone else "Set image"
    word = row.to_state.value.replace("_", " ")
    text = f"{done} {word} again." if undone else f"{done} {row.asset_id} to {word}."
    if is_one_of_several(row):
        text = f"Approved image {row.asset_id}, as one of several."
    return ActivityLine(
        source="decision",
        id=row.id,
        at=row.at,
        user=name,
        did=UNDO if undone else row.to_state.value,
        subject=IMAGE,
        subject_id=str(row.asset_id),
        text=text,
        reason=None if undone else row.reason,
        comment=row.comment,
        sha256=sha256,
    )
