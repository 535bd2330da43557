"""The provenance of an image in three short lists: the brief, the making, the model."""

from __future__ import annotations

import streamlit as st

from db.tables import LicenceState
from studio.images.assets import AssetView
from studio.images.detail import ImageDetail
from studio.ui.facts import facts
from studio.ui.i18n import ago, moment, msg, number, plural, t
from studio.ui.labels import PURPOSES, term

_SOURCES = {
    "shipped": msg("shipped with the studio"),
    "fine_tuned": msg("fine-tuned here"),
    "added": msg("added by an admin"),
}
_LICENCES = {
    LicenceState.GRANTED: msg("Granted"),
    LicenceState.UNCONFIRMED: msg("Unconfirmed"),
    LicenceState.REFUSED: msg("Refused"),
}


def draw_facts(detail: ImageDetail) -> None:
    """Brief, making and model."""
    view = detail.view
    asked = " · ".join(term(str(value)) for value in view.attributes.values() if value)
    finishing = ", ".join(str(step["step"]).replace("_", " ") for step in view.finishing)
    st.markdown(f"**{t('The brief')}**")
    facts(
        [
            (t("Text"), view.prompt),
            (t("Told the model"), asked),
            (t("Words it was given"), str(view.settings.get("text", ""))),
            (t("Product"), f"{view.product_sku} · {view.product_title}" if view.product_sku else ""),
            (t("Purpose"), t(PURPOSES[view.purpose])),
            (t("Order"), plural("{n} image in all", "{n} images in all", detail.siblings)),
        ]
    )
    st.markdown(f"**{t('How it was made')}**")
    facts(
        [
            (t("Seed"), str(view.seed)),
            (t("Variety"), number(view.truncation, 2)),
            (t("Guidance"), number(view.guidance_scale, 1)),
            (t("Finishing"), finishing or t("none")),
            (t("Size"), t("{width} x {height} px", width=view.width, height=view.height)),
            (t("True detail"), _true_detail(view)),
            (t("Made by"), view.created_by),
            (t("Made"), f"{moment(view.created_at)} ({ago(view.created_at)})"),
            (t("Made on"), _made_on(detail)),
            ("SHA-256", view.sha256),
        ],
        code=("SHA-256",),
    )
    st.markdown(f"**{t('The model')}**")
    model = detail.model
    seen = "" if model.images_seen is None else plural("{n} image seen", "{n} images seen", model.images_seen)
    facts(
        [
            (t("Name"), model.name),
            (t("Origin"), " · ".join(part for part in (t(_SOURCES.get(model.source, model.source)), seen) if part)),
            (t("Grown from"), detail.base.name if detail.base else ""),
            (t("Licence"), t(_LICENCES[model.licence])),
            (t("Digest"), model.digest),
        ],
        code=(t("Digest"),),
    )


def _true_detail(view: AssetView) -> str:
    """How high a photo with as much detail would be, where that is known."""
    if view.effective_height is None:
        return ""
    return t("as in a photo {n} px high; what else is larger or crisper is likely, not known", n=view.effective_height)


def _made_on(detail: ImageDetail) -> str:
    """The machine and the libraries, as far as they were recorded."""
    made = detail.made_with
    if not made:
        return t("not recorded: it is older than the record")
    device, torch = str(made.get("device", "")), made.get("torch")
    threads = made.get("threads")
    parts = [device, f"torch {torch}" if torch else "", plural("{n} thread", "{n} threads", threads) if threads else ""]
    return ", ".join(part for part in parts if part)
