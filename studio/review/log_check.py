"""`python -m studio verify-log`: whether every decision is still as it was sealed, and none is gone."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import Decision, DecisionSeal, SealHead
from studio.bootstrap import Studio
from studio.review.sealing import Anchor, seal_of

_A_BATCH = 1_000


@dataclass(frozen=True)
class LogCheck:
    """What was found. decisions: how many are there; anchor: the last line of the anchor; fault: the first thing that
    is wrong, naming the row, empty when the record is whole.
    """

    decisions: int
    anchor: Anchor | None
    fault: str

    def __str__(self) -> str:
        if self.fault:
            return f"The record of decisions is BROKEN. {self.fault}"
        if self.anchor is None:
            return f"{self.decisions:,} decisions, unbroken, nothing to anchor yet."
        at = f"{self.anchor.at:%Y-%m-%d %H:%M:%S} UTC"
        return f"{self.decisions:,} decisions, unbroken, last anchor {at} at position {self.anchor.position:,}."


def check_log(studio: Studio) -> LogCheck:
    """Go through the whole chain. For whoever is at the machine: it needs the key, and no actor. Raises StorageError
    when key or anchor cannot be read.
    """
    anchors = studio.notary.anchors()  # before the rows: a line is written after its seal, so none is ahead of them
    with studio.reading() as session:
        decisions = session.scalar(sa.select(sa.func.count()).select_from(Decision)) or 0
        fault = _chain(session, studio, anchors) or _unsealed(session)
    return LogCheck(decisions, anchors[-1] if anchors else None, fault)


def _chain(session: Session, studio: Studio, anchors: list[Anchor]) -> str:
    head = session.execute(sa.select(SealHead.position, SealHead.mac, SealHead.key_id)).one_or_none()
    told = {anchor.position: anchor.mac for anchor in anchors}
    if len(told) < len({(anchor.position, anchor.mac) for anchor in anchors}):
        return "The anchor tells two ends for one position: decisions were cut off, and others sealed in their place."
    if head is not None and head.key_id and head.key_id != studio.notary.key_id():
        return f"It was sealed with another key than the one in {studio.notary.key_path}."
    query = (
        sa.select(DecisionSeal.position, DecisionSeal.decision_id, DecisionSeal.mac.label("seal"), *_columns())
        .join(Decision, Decision.id == DecisionSeal.decision_id, isouter=True)
        .order_by(DecisionSeal.position)
        .execution_options(yield_per=_A_BATCH)
    )
    position, mac, last = 0, "", 0
    with session.execute(query) as rows:
        for row in rows:
            position += 1
            if row.position != position:
                return f"Decisions were removed after decision {last}: seal {position} is missing."
            if row.id is None:
                return f"Decision {row.decision_id} (seal {position}) was removed."
            if seal_of(studio.notary.key(), position, mac, row) != row.seal:
                return f"Decision {row.id} of image {row.asset_id} (seal {position}), or its seal, was changed."
            if told.get(position, row.seal) != row.seal:
                return f"Decision {row.id} (seal {position}) is not the one that the anchor tells."
            mac, last = row.seal, row.id
    if (anchored := max(told, default=0)) > position:
        return (
            f"The end was cut off after decision {last} (seal {position}): the anchor tells of {anchored} seals, so "
            f"{anchored - position} are gone."
        )
    if head is None or (head.position, head.mac) != (position, mac):
        return f"The end was cut off or changed after decision {last} (seal {position}): the chain's own end differs."
    if position and not anchors:
        return f"The anchor {studio.notary.anchor_path} is missing or empty, so nobody can tell a cut-off end."
    return ""


def _unsealed(session: Session) -> str:
    query = (
        sa.select(Decision.id, Decision.asset_id)
        .join(DecisionSeal, DecisionSeal.decision_id == Decision.id, isouter=True)
        .where(DecisionSeal.position.is_(None))
        .order_by(Decision.id)
        .limit(1)
    )
    row = session.execute(query).one_or_none()
    return "" if row is None else f"Decision {row.id} of image {row.asset_id} was added without a seal."


def _columns() -> list[sa.ColumnElement[object]]:
    return list(sa.inspect(Decision).columns)
