"""What an image is called: the name of its file, and its description for those who do not see it."""

from __future__ import annotations

import re

from studio.images.assets import AssetView
from studio.publishing.marking import FORMATS

MAX_ALT_TEXT = 512  # characters; Shopify's limit, the shortest known


def slug(text: str) -> str:
    """`text` as a part of a file name: lower case, letters and digits of any script, at most 60 characters."""
    return re.sub(r"[^\w.]+", "-", text).strip("-._").lower()[:60].rstrip("-._")


def export_name(view: AssetView, image_format: str) -> str:
    """The name of an exported image: the same each time, and no other image's, since its id ends it."""
    parts = (slug(view.product_sku or view.prompt or view.category), slug(view.colour or ""), str(view.id))
    return "_".join(part for part in parts if part) + f".{FORMATS[image_format]}"


def alt_text(view: AssetView) -> str:
    """What the image shows, in one line: the product's title or the text it was made from, and the colour."""
    shown = " ".join((view.product_title or view.prompt or view.category).split())
    if view.colour and view.colour.casefold() not in shown.casefold():
        shown = f"{shown}, {view.colour}"
    return shown if len(shown) <= MAX_ALT_TEXT else f"{shown[: MAX_ALT_TEXT - 1]}…"
