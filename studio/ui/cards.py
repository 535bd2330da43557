"""An image's row as a card of the gallery."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from studio.images.assets import AssetView
from studio.ui.gallery import Badge, Card
from studio.ui.i18n import t
from studio.ui.labels import METRICS, score_tone, state_badge, term


def card(view: AssetView) -> Card:
    """The card of an image."""
    word, tone = state_badge(view.state)
    title = view.product_title or view.prompt
    kind = " · ".join(term(value) for value in (view.category, view.colour) if value)
    return Card(
        id=view.id,
        thumbnail=thumbnail_url(view.sha256, 320),
        image=f"/api/v1/assets/{view.id}/image",
        download=f"/api/v1/assets/{view.id}/image?download=1",
        alt=t("Generated image: {title}, {kind}", title=title, kind=kind),
        title=title,
        caption=kind,
        state_label=word,
        tone=tone,
        badges=badges(view.scores),
    )


def cards(views: Sequence[AssetView]) -> list[Card]:
    """The cards of several images, in their order."""
    return [card(view) for view in views]


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
