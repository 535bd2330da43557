"""What comes back from review, and one step to its next version: the brief again with what the reason calls for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import Asset, AssetState, Brief, Decision, Product, Role, User
from studio.catalogue.value_mappings import mappings
from studio.engines.choice import choose
from studio.errors import Conflict, NotFound, NotReady
from studio.images.assets import AssetView
from studio.images.library import views_in_order
from studio.making import orders
from studio.making.briefs import COLOUR, ProductText, attributes_of_product
from studio.making.orders import Changes
from studio.review.states import REASONS, Family
from studio.roles import Actor, require

if TYPE_CHECKING:
    from studio.bootstrap import Studio

SEEDS, CALMER, TINT, CLEAN, FRAMED, LARGER = "seeds", "calmer", "colour", "clean", "fill", "size"
"""What a change does, by its key: other seeds; less varied; the product's colour; a clean white background; the product
fills 85 % of the frame; more pixels."""

_NEW_IMAGES = 4
_CALMER = 0.85  # of the variety before
_LEAST_VARIETY = 0.5
_FILL = 0.85
_LARGEST_FRAME = 5_000  # pixels of a side that may still be doubled


@dataclass(frozen=True)
class Suggestion:
    """What the reason of a rejection calls for: `does` names it by the keys of this module, `colour` the colour that is
    asked for instead.
    """

    does: tuple[str, ...]
    changes: Changes
    colour: str | None = None


@dataclass(frozen=True)
class SentBack:
    """An image that waits for its maker: why, by whom and since when. `final`: it shows another product, so only a new
    image helps.
    """

    image: AssetView
    reason: str
    comment: str
    by: str
    since: dt.datetime
    final: bool
    suggestion: Suggestion


def sent_back(studio: Studio, actor: Actor | None, *, limit: int = 12) -> tuple[SentBack, ...]:
    """The actor's images that wait for changes and were not tried again since, the newest rejection first."""
    actor = require(actor, Role.EDITOR)
    again = sa.exists().where(Brief.parent_asset_id == Asset.id, Brief.created_at > Asset.state_since)
    query = (
        sa.select(Asset.id)
        .where(Asset.created_by_id == actor.id, Asset.state == AssetState.CHANGES_REQUESTED, ~again)
        .order_by(Asset.state_since.desc(), Asset.id.desc())
        .limit(limit)
    )
    with studio.reading() as session:
        views = views_in_order(session, session.scalars(query).all())
        return _sent_back(studio, session, views)


def suggestion(studio: Studio, actor: Actor | None, asset_id: int) -> Suggestion:
    """What to change on an image that waits for changes. Raises NotFound, Conflict for an image in another state."""
    require(actor, Role.EDITOR)
    with studio.reading() as session:
        views = views_in_order(session, [asset_id])
        if not views:
            raise NotFound(f"There is no image {asset_id}.")
        found = _sent_back(studio, session, views) if views[0].state is AssetState.CHANGES_REQUESTED else ()
        if not found:
            raise Conflict(f"Image {asset_id} waits for no changes, so there is nothing to try again.")
        return found[0].suggestion


def order_again(
    studio: Studio, actor: Actor | None, asset_id: int, changes: Changes | None = None, *, idempotency_key: str = ""
) -> str:
    """Order an image again with changes, by default those that its rejection calls for; returns the order's id.

    Sent again with the same key, it is placed once. Raises as `suggestion` and `orders.order_again` do.
    """
    actor = require(actor, Role.EDITOR)
    if changes is None:
        changes = suggestion(studio, actor, asset_id).changes
    return orders.order_again(studio, actor, asset_id, changes, idempotency_key=idempotency_key)


def suggest(view: AssetView, reason: str, colour: str | None = None) -> Suggestion:
    """What a reason calls for. `colour`: the product's, in the words of the model, where it is known.

    A fault of background or frame is mended on the same image, by its seed; others need another image. Where the remedy
    was in the brief already, another image is the next best.
    """
    steps = list(view.finishing)
    done = {step["step"]: step for step in steps}
    if reason in ("halo", "shadow", "background") and "white_background" not in done:
        return _mended(CLEAN, [{"step": "white_background"}, *steps])
    frame = done.get("pad")
    if reason == "fill" and (frame is None or frame.get("fill", _FILL) != _FILL):
        frame = frame or {"step": "pad", "width": view.width, "height": view.height}
        return _mended(FRAMED, [*(step for step in steps if step["step"] != "pad"), {**frame, "fill": _FILL}])
    if reason == "size" and frame is not None and max(frame["width"], frame["height"]) <= _LARGEST_FRAME:
        twice = {**frame, "width": 2 * frame["width"], "height": 2 * frame["height"]}
        return _mended(LARGER, [twice if step is frame else step for step in steps])
    enlarged = done.get("detail") or done.get("resize") or {}
    if reason == "size" and frame is None and enlarged.get("factor", 0) < 4:
        others = (step for step in steps if step["step"] not in ("detail", "resize"))
        return _mended(LARGER, [*others, {"step": "detail", "factor": 4}])
    if reason == "colour" and colour is not None and colour != view.attributes.get(COLOUR):
        return Suggestion((TINT, SEEDS), Changes(attributes={COLOUR: colour}, number=_NEW_IMAGES), colour)
    return _calmer(view, reason)


def _mended(what: str, steps: Sequence[dict[str, Any]]) -> Suggestion:
    return Suggestion((what,), Changes(number=1, same_seed=True, finishing=tuple(steps)))


def _calmer(view: AssetView, reason: str) -> Suggestion:
    """Other seeds; nearer to what the model knows best where it drew the wrong thing or drew it badly."""
    known = REASONS.get(reason)
    calmer = max(_LEAST_VARIETY, round(view.truncation * _CALMER, 2))
    if known is not None and known.family in (Family.FACTUAL, Family.ARTEFACT) and calmer < view.truncation:
        return Suggestion((SEEDS, CALMER), Changes(number=_NEW_IMAGES, truncation=calmer))
    return Suggestion((SEEDS,), Changes(number=_NEW_IMAGES))


def _sent_back(studio: Studio, session: Session, views: Sequence[AssetView]) -> tuple[SentBack, ...]:
    query = (
        sa.select(Decision.asset_id, Decision.reason, Decision.comment, User.name, Decision.at)
        .join(Asset, sa.and_(Asset.id == Decision.asset_id, Asset.revision == Decision.revision))
        .join(User, User.id == Decision.user_id)
        .where(Decision.asset_id.in_([view.id for view in views]))
    )
    told = {row.asset_id: row for row in session.execute(query)}
    colours = _colours(studio, session, views)
    found = []
    for view in views:
        row = told.get(view.id)
        if row is None:  # no decision brought it where it stands, so nobody said why
            continue
        reason = row.reason or ""
        known = REASONS.get(reason)
        found.append(
            SentBack(
                image=view,
                reason=reason,
                comment=row.comment,
                by=row.name,
                since=row.at,
                final=known is not None and known.family is Family.FACTUAL,
                suggestion=suggest(view, reason, colours.get(view.product_id or 0)),
            )
        )
    return tuple(found)


def _colours(studio: Studio, session: Session, views: Sequence[AssetView]) -> dict[int, str]:
    """Product id -> its colour in the words of the model in production; nothing of products that it does not know."""
    ids = {view.product_id for view in views if view.product_id is not None}
    products = session.scalars(sa.select(Product).where(Product.id.in_(ids))).all()
    if not products:
        return {}
    try:
        words = choose(studio, None).words
    except NotReady:
        return {}
    confirmed, found = mappings(session), {}
    for row in products:
        text = ProductText(row.title, row.category, row.colour, row.usage)
        attributes = attributes_of_product(text, {}, words, confirmed)
        if attributes and COLOUR in attributes:
            found[row.id] = attributes[COLOUR]
    return found
