"""An image's row as a card of the gallery."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from db.tables import AssetState
from studio.images.assets import AssetView
from studio.review.review_queue import QueuePage
from studio.review.states import REASONS, Action, allowed
from studio.roles import Actor
from studio.ui.gallery import Badge, Card
from studio.ui.i18n import ago, moment, number, t
from studio.ui.labels import METRICS, PURPOSES, score_tone, state_badge, term


def card(
    view: AssetView,
    actor: Actor,
    *,
    self_approval: bool,
    rejection: tuple[str, str] | None = None,
    ended: bool = False,
    photo: str = "",
) -> Card:
    """The card of an image as `actor` may act on it.

    `self_approval`: the team's switch. `rejection`: reason and comment of a rejection that stands; `ended`: that reason
    is factual, and so final. `photo`: the hash of a real photo of the product, if there is one.
    """
    word, tone = state_badge(view.state)
    may = allowed(view.state, actor, made_by_id=view.created_by_id, self_approval=self_approval, factual=ended)
    title = view.product_title or view.prompt
    kind = " · ".join(term(value) for value in (view.category, view.colour) if value)
    return Card(
        id=view.id,
        thumbnail=thumbnail_url(view.sha256, 320),
        large=thumbnail_url(view.sha256, 640),
        image=f"/api/v1/assets/{view.id}/image",
        download=f"/api/v1/assets/{view.id}/image?download=1",
        alt=t("Generated image: {title}, {kind}", title=title, kind=kind),
        title=title,
        caption=kind,
        state_label=word,
        tone=tone,
        revision=view.revision,
        badges=badges(view.scores),
        facts=_facts(view),
        may=tuple(may),
        photo=thumbnail_url(photo, 640) if photo else "",
        note=_rejected(*rejection, ended=ended) if rejection else "",
        locked=_locked(view, actor, may),
    )


def queue_cards(page: QueuePage, actor: Actor, *, self_approval: bool) -> list[Card]:
    """The cards of one page of the review queue, rejected ones with the reason."""
    return [
        card(
            view,
            actor,
            self_approval=self_approval,
            rejection=page.rejections.get(view.id),
            ended=view.id in page.ended,
            photo=page.photos.get(view.product_id or 0, ""),
        )
        for view in page.assets
    ]


def cards(views: Sequence[AssetView], actor: Actor, *, self_approval: bool) -> list[Card]:
    """The cards of several images, in their order."""
    return [card(view, actor, self_approval=self_approval) for view in views]


def thumbnail_url(sha256: str, size: int) -> str:
    """Where the browser gets a thumbnail; its bytes never change. `size`: 160, 320 or 640 pixels."""
    return f"/api/v1/thumbnails/{sha256}?size={size}"


def badges(scores: Mapping[str, float | None]) -> tuple[Badge, ...]:
    """The scores that apply to the image, in their usual order."""
    found = ((key, metric, scores.get(key)) for key, metric in METRICS.items())
    return tuple(
        Badge(key, t(metric.name), metric.written(value), score_tone(key, value))
        for key, metric, value in found
        if value is not None
    )


def best_first(views: Sequence[AssetView]) -> list[AssetView]:
    """Images with fewer scores out of range come first; the smaller colour difference and then the sharper decide."""

    def rank(view: AssetView) -> tuple[int, float, float]:
        known = {key: value for key, value in view.scores.items() if value is not None and key in METRICS}
        out = sum(score_tone(key, value) != "good" for key, value in known.items())
        return out, known.get("colour_difference", 0.0), -known.get("sharpness", 0.0)

    return sorted(views, key=rank)


def _facts(view: AssetView) -> tuple[tuple[str, str], ...]:
    facts = [
        (t("SKU"), view.product_sku or "–"),
        (t("Purpose"), t(PURPOSES[view.purpose])),
        (t("Model"), view.model_name),
        (t("Seed"), str(view.seed)),
        (t("Variety"), number(view.truncation, 2)),
        (t("Size"), t("{width} x {height} px", width=view.width, height=view.height)),
        (t("Made by"), view.created_by),
        (t("Made"), f"{moment(view.created_at)} ({ago(view.created_at)})"),
    ]
    return tuple(facts)


def _rejected(reason: str, comment: str, *, ended: bool) -> str:
    known = REASONS.get(reason)
    told = t("Rejected: {reason}", reason=t(known.label)) if known else t("Sent back")
    final = t("That is final: make a new image.") if ended else ""
    return ". ".join(part for part in (told, comment, final) if part)


def _locked(view: AssetView, actor: Actor, may: Sequence[Action]) -> str:
    """Why the reader may not approve an image that waits for approval; empty when they may, or none waits."""
    if view.state is not AssetState.IN_REVIEW or Action.APPROVE in may:
        return ""
    if view.created_by_id == actor.id:
        return t("You made this image: another person has to approve it. (An admin can change that for teams of one.)")
    return t("Approving needs the role Reviewer or above.")
