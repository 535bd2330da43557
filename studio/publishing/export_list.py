"""The list that goes with an export, and the mark in each of its files."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from db.tables import LicenceState
from studio.images.assets import AssetView
from studio.images.naming import alt_text
from studio.publishing.marking import TRAINED_ALGORITHMIC_MEDIA, Mark

COLUMNS = (
    "file",
    "sku",
    "title",
    "alt_text",
    "category",
    "colour",
    "purpose",
    "height",
    "width",
    "effective_height",
    "prompt",
    "seed",
    "model",
    "model_digest",
    "licence",
    "digital_source_type",
    "original_sha256",
    "derivative_sha256",
    "approved_by",
    "approved_at",
    "house_style",
)


@dataclass(frozen=True)
class LeavingImage:
    """An image that may leave, with what its row of the list says."""

    view: AssetView
    model_digest: str
    licence: LicenceState
    refusal: str | None
    approved_by: str
    approved_at: dt.datetime


def mark_of(image: LeavingImage) -> Mark:
    """What the file of the image says about itself."""
    view = image.view
    return Mark(
        title=view.product_title or view.prompt,
        alt_text=alt_text(view),
        prompt=view.prompt,
        model=view.model_name,
        model_digest=image.model_digest,
        created_at=view.created_at,
    )


def row_of(
    image: LeavingImage, name: str, digest: str, height: int, width: int, house_style: str
) -> tuple[object, ...]:
    """The line of the list about the image, in the order of COLUMNS. height, width: of its file, in pixels;
    house_style: see `export_style.Copy`.
    """
    view = image.view
    return (
        name,
        view.product_sku,
        view.product_title,
        alt_text(view),
        view.category,
        view.colour,
        view.purpose.value,
        height,
        width,
        "" if view.effective_height is None else min(view.effective_height, height),
        view.prompt,
        view.seed,
        view.model_name,
        image.model_digest,
        image.licence.value,
        TRAINED_ALGORITHMIC_MEDIA,
        view.sha256,
        digest,
        image.approved_by,
        image.approved_at.isoformat(timespec="seconds"),
        house_style,
    )
