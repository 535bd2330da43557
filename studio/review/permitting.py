"""What a decision must fulfil: its own words, the state of the image, who asks, and what they saw."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import Asset, AssetState, Photo, Purpose
from studio.access.team import switch_is_on
from studio.errors import Conflict, Forbidden, InputError
from studio.photos.rights import usable
from studio.review.decisions import last_decision, scores_now, storable, told, word
from studio.review.review_rules import Approvals
from studio.review.states import FACTUAL, REASONS, RULES, Action
from studio.roles import Actor
from studio.scoring.identity import check_identity

if TYPE_CHECKING:
    from studio.review.taking import Decide

MAX_COMMENT = 2_000


def check_words(decision: Decide) -> None:
    """Raise InputError unless key, reason, comment and what was seen are such as the action takes."""
    rule = RULES[decision.action]
    check_key(decision.idempotency_key)
    if decision.reason is not None and decision.reason not in REASONS:
        raise InputError(f"There is no reason {decision.reason!r}; there are: {', '.join(REASONS)}.")
    if decision.reason is None and rule.reason == "required":
        raise InputError(f"To {decision.action.value} an image needs a reason; there are: {', '.join(REASONS)}.")
    if decision.reason is not None and rule.reason == "none":
        raise InputError(f"To {decision.action.value} an image takes no reason, got {decision.reason!r}.")
    if len(decision.comment) > MAX_COMMENT:
        raise InputError(f"A comment has up to {MAX_COMMENT:,} characters, got {len(decision.comment):,}.")
    if not storable(decision.comment):
        raise InputError("The comment holds characters that cannot be stored (NUL, or half of a surrogate pair).")
    if rule.must_be_seen and not decision.seen_sha256:
        raise InputError(
            "An image that was not displayed cannot be decided: to approve or to reject, send the hash of the image "
            "that was seen (seen_sha256)."
        )


def check_key(key: str) -> None:
    """Raise InputError for a key that is none."""
    if not 8 <= len(key) <= 64 or not storable(key):
        raise InputError(f"An idempotency key has 8 to 64 characters, got {len(key)}.")


def check_allowed(session: Session, actor: Actor, image: Asset, decision: Decide, approvals: Approvals) -> None:
    """Raise Conflict or Forbidden unless this person may do this to the image as it stands."""
    action, rule = decision.action, RULES[decision.action]
    if image.state not in rule.sources:
        raise Conflict(
            f"Image {image.id} is {word(image.state)}; to {action.value} needs one that is "
            f"{' or '.join(word(state) for state in AssetState if state in rule.sources)}. {told(session, image)}"
        )
    check_seen(image, decision)
    last = last_decision(session, image)
    if last is not None and last.reason in FACTUAL and not rule.after_factual:
        raise Conflict(
            f"Image {image.id} was rejected for a fact ({REASONS[last.reason].label.lower()}). That is final: "
            "make a new image."
        )
    if rule.second_person and image.created_by_id == actor.id and not switch_is_on(session, "self_approval"):
        raise Forbidden(f"You made image {image.id}, so another person has to {action.value} it.")
    if action is Action.APPROVE and actor.id in approvals.given_by:
        raise Forbidden(
            f"You approved image {image.id} already. It needs {approvals.needed} approvals, of as many people, and has "
            f"{approvals.given}."
        )
    if image.purpose is Purpose.LISTING and action in (Action.SUBMIT, Action.APPROVE, Action.PUBLISH):
        _check_listing(session, image)
        if action is Action.APPROVE:
            check_identity(session, image)
    if action is Action.SUBMIT and not scores_now(session, image.id):
        raise Conflict(f"The checks of image {image.id} did not run yet, so it cannot go to review. Try again shortly.")


def check_seen(image: Asset, decision: Decide) -> None:
    """Raise Conflict where another image was displayed than the one that is to be decided."""
    if RULES[decision.action].must_be_seen and decision.seen_sha256 != image.sha256:
        raise Conflict(
            f"Another image than image {image.id} was displayed: {str(decision.seen_sha256)[:12]}… was seen, "
            f"{image.sha256[:12]}… is to be decided. An image that was not displayed cannot be decided."
        )


def _check_listing(session: Session, image: Asset) -> None:
    """A listing image shows the product itself: a reviewer must have a real photo of it to compare."""
    photos = sa.select(sa.exists().where(Photo.product_id == image.product_id, usable()))
    if image.product_id is None or not session.scalar(photos):
        raise Conflict(
            f"Image {image.id} was made from text alone: it can be a concept, a placeholder or an ad, never a listing "
            "image, which needs a real photo of the product as proof."
        )
