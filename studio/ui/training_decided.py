"""What reviewers decided, on the page Fine-tune: whether to learn from it, what joins, what stays out and why."""

from __future__ import annotations

import streamlit as st

from studio.bootstrap import Studio
from studio.roles import Actor
from studio.training.decided import DecidedCount
from studio.training.plans import Plan, has_approved_images
from studio.ui.cards import thumbnail_url
from studio.ui.i18n import number, plural, t

_IMAGES = '<div style="display:grid;grid-template-columns:repeat(auto-fill,minmax(62px,1fr));gap:6px">{images}</div>'
_IMAGE = '<img src="{source}" alt="{alt}" style="width:100%;height:84px;object-fit:contain;background:#fff">'


def choose_decided(studio: Studio, actor: Actor) -> bool:
    """Whether to learn from what reviewers decided too; nothing is drawn before an image was approved."""
    if not has_approved_images(studio, actor):
        return False
    return st.toggle(
        t("Also what reviewers decided"),
        help=t(
            "Approved images join the photos as examples; rejected ones stay out. Images are only learned from: the "
            "model is judged on real photos, and images of products that are held out stay out too."
        ),
        key="training-decided",
    )


def draw_decided(found: Plan) -> None:
    """What joins, in numbers and pictures, and what stays out and why; nothing where it was not asked for."""
    count = found.decided
    if count is None:
        return
    st.markdown(f":green[●] {plural('{n} approved image joins', '{n} approved images join', count.joining)}")
    if found.images:
        alt = t("Approved image")
        drawn = "".join(_IMAGE.format(source=thumbnail_url(sha256, 160), alt=alt) for sha256 in found.images)
        st.html(_IMAGES.format(images=drawn))
    if left_out := left_out_in_words(count):
        st.markdown(f":gray[●] {t('Stay out: {what}.', what=left_out)}")
    if count.open:
        told = plural(
            "{n} of the images was made by a model whose licence is unconfirmed.",
            "{n} of the images were made by models whose licence is unconfirmed.",
            count.open,
        )
        st.markdown(f":orange[●] {told}")


def left_out_in_words(count: DecidedCount) -> str:
    """What stays out and why, the plainest reason first; empty where nothing does."""
    told = (
        (t("{n} rejected for a fact", n=number(count.factual)), count.factual),
        (t("{n} rejected for an artefact", n=number(count.artefact)), count.artefact),
        (t("{n} rejected for a channel or rights", n=number(count.other)), count.other),
        (t("{n} of products that are held out", n=number(count.held_out)), count.held_out),
        (t("{n} of models whose rights were refused", n=number(count.refused)), count.refused),
        (t("{n} of which no word of the model tells what they show", n=number(count.unnamed)), count.unnamed),
        (t("{n} beyond the number of photos", n=number(count.beyond)), count.beyond),
    )
    return ", ".join(words for words, n in told if n)
