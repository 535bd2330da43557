"""An image's row as a card of the gallery."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from db.tables import AssetState
from studio.assets import AssetView
from studio.roles import Actor
from studio.states import Action, allowed
from studio.ui.gallery import Badge, Card
from studio.ui.i18n import ago, moment, number, t
from studio.ui.labels import METRICS, PURPOSES, state_badge, term


def card(view: AssetView, actor: Actor, *, self_approval: bool) -> Card:
    """The card of an image as `actor` may act on it. `self_approval` is the team's switch."""
    word, tone = state_badge(view.state)
    may = allowed(view.state, actor, made_by_id=view.created_by_id, self_approval=self_approval)
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
        locked=_locked(view, actor, may),
    )


def cards(views: Sequence[AssetView], actor: Actor, *, self_approval: bool) -> list[Card]:
    """The cards of several images, in their order."""
    return [card(view, actor, self_approval=self_approval) for view in views]


def thumbnail_url(sha256: str, size: int) -> str:
    """Where the browser gets a thumbnail; its bytes never change. `size`: 160, 320 or 640 pixels."""
    return f"/api/v1/thumbnails/{sha256}?size={size}"


def badges(scores: Mapping[str, float | None]) -> tuple[Badge, ...]:
    """The scores that apply to the image, in their usual order."""
    found = ((metric, scores.get(key)) for key, metric in METRICS.items())
    return tuple(
        Badge(t(metric.name), metric.written(value), t(metric.meaning), metric.tone(value))
        for metric, value in found
        if value is not None
    )


def best_first(views: Sequence[AssetView]) -> list[AssetView]:
    """Images with fewer scores out of range come first; the smaller colour difference and then the sharper decide."""

    def rank(view: AssetView) -> tuple[int, float, float]:
        known = {key: value for key, value in view.scores.items() if value is not None and key in METRICS}
        out = sum(METRICS[key].tone(value) != "good" for key, value in known.items())
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


def _locked(view: AssetView, actor: Actor, may: Sequence[Action]) -> str:
    """Why the reader may not approve an image that waits for approval; empty when they may, or none waits."""
    if view.state is not AssetState.IN_REVIEW or Action.APPROVE in may:
        return ""
    if view.created_by_id == actor.id:
        return t("You made this image: another person has to approve it. (An admin can change that for teams of one.)")
    return t("Approving needs the role Reviewer or above.")
