"""The way of an image through review, as data: states, actions, who may take them, reasons.

                          ┌──┐ (an approval, where a rule asks for several)
                          │  ▼
    draft ─► checked ─► in review ─► approved ─► published ─► withdrawn
                ▲           │  ▲         │
                └─ changes requested     └─► (reopen) in review

`withdrawn` ends, from any state. An image rejected for a factual reason ends too: it shows another product, and no
second look changes that; only a new image does.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, NamedTuple

from db.tables import AssetState, Role
from studio.roles import Actor


class Action(StrEnum):
    """What a person may do to an image."""

    SUBMIT = "submit"
    APPROVE = "approve"
    REJECT = "reject"
    REOPEN = "reopen"
    PUBLISH = "publish"
    WITHDRAW = "withdraw"


@dataclass(frozen=True)
class Rule:
    """Where an action leads (`path`, one decision a step), from which states, and what it asks for."""

    sources: frozenset[AssetState]
    path: tuple[AssetState, ...]
    minimum: Role
    reason: Literal["none", "optional", "required"] = "none"
    second_person: bool = False  # refused to the maker of the image, unless the team allows self-approval
    undoable: bool = True
    must_be_seen: bool = False  # whether the image must have been displayed to the one who decides
    after_factual: bool = False  # whether it is still open to an image that was rejected for a factual reason


RULES: dict[Action, Rule] = {
    Action.SUBMIT: Rule(
        sources=frozenset({AssetState.DRAFT, AssetState.CHECKED, AssetState.CHANGES_REQUESTED}),
        path=(AssetState.CHECKED, AssetState.IN_REVIEW),
        minimum=Role.EDITOR,
    ),
    Action.APPROVE: Rule(
        sources=frozenset({AssetState.IN_REVIEW}),
        path=(AssetState.APPROVED,),
        minimum=Role.REVIEWER,
        second_person=True,
        must_be_seen=True,
    ),
    Action.REJECT: Rule(
        sources=frozenset({AssetState.IN_REVIEW}),
        path=(AssetState.CHANGES_REQUESTED,),
        minimum=Role.REVIEWER,
        reason="required",
        must_be_seen=True,
    ),
    Action.REOPEN: Rule(
        sources=frozenset({AssetState.CHANGES_REQUESTED, AssetState.APPROVED}),
        path=(AssetState.IN_REVIEW,),
        minimum=Role.REVIEWER,
    ),
    Action.PUBLISH: Rule(
        sources=frozenset({AssetState.APPROVED}),
        path=(AssetState.PUBLISHED,),
        minimum=Role.REVIEWER,
        undoable=False,
    ),
    Action.WITHDRAW: Rule(
        sources=frozenset(AssetState) - {AssetState.WITHDRAWN},
        path=(AssetState.WITHDRAWN,),
        minimum=Role.MANAGER,
        reason="optional",
        undoable=False,
        after_factual=True,
    ),
}
"""The rules of review. `undo` is not among them: it takes back one's own last decision, see `deciding.undo`."""


class Family(StrEnum):
    """What kind of fault a rejection names."""

    FACTUAL = "factual"  # it shows another product than the one sold
    ARTEFACT = "artefact"  # it was made badly
    CHANNEL = "channel"  # it breaks a rule of where it goes
    RIGHTS = "rights"  # someone else's rights


class Reason(NamedTuple):
    """One reason to reject an image; the label is the English text of the pages."""

    family: Family
    label: str


REASONS: dict[str, Reason] = {
    "shape": Reason(Family.FACTUAL, "Shape is not the product's"),
    "colour": Reason(Family.FACTUAL, "Colour is not the product's"),
    "logo_text": Reason(Family.FACTUAL, "Logo or text is wrong"),
    "parts": Reason(Family.FACTUAL, "Parts are missing or added"),
    "scale": Reason(Family.FACTUAL, "Scale is wrong"),
    "halo": Reason(Family.ARTEFACT, "Halo or fringe"),
    "shadow": Reason(Family.ARTEFACT, "Shadow or light is wrong"),
    "hands": Reason(Family.ARTEFACT, "Hands or body are wrong"),
    "texture": Reason(Family.ARTEFACT, "Texture or fabric is wrong"),
    "background": Reason(Family.CHANNEL, "Background is not clean"),
    "fill": Reason(Family.CHANNEL, "Product fills too little or too much"),
    "size": Reason(Family.CHANNEL, "Too few pixels"),
    "overlay": Reason(Family.CHANNEL, "Text, border or watermark on it"),
    "brand": Reason(Family.RIGHTS, "Looks like someone else's brand"),
    "likeness": Reason(Family.RIGHTS, "Shows a recognisable person"),
}
"""The reasons by key, in the order of the number keys 1-9 of the review page and onward."""

FACTUAL = tuple(key for key, reason in REASONS.items() if reason.family is Family.FACTUAL)
"""Keys of the reasons that are never overridden."""

UNDO = "undo"
"""What the reason of a decision says when that decision took the one before it back."""

APPROVED_STATES = (AssetState.APPROVED, AssetState.PUBLISHED)
"""States in which an image may leave the house."""


def allowed(
    state: AssetState,
    actor: Actor,
    *,
    made_by_id: int,
    self_approval: bool,
    factual: bool = False,
    approved_by: Collection[int] = (),
) -> tuple[Action, ...]:
    """The actions open to a person on an image in `state` that the user `made_by_id` made.

    `factual`: the image was rejected for a factual reason. `self_approval`: the switch of one-person teams.
    `approved_by`: ids of those who approved it already, where it needs several (`review_rules.approvals`).
    """
    return tuple(
        action
        for action, rule in RULES.items()
        if state in rule.sources
        and actor.may(rule.minimum)
        and not (rule.second_person and made_by_id == actor.id and not self_approval)
        and not (factual and not rule.after_factual)
        and not (action is Action.APPROVE and actor.id in approved_by)
    )
