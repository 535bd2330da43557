"""Everything about one image: the picture, where it comes from, what happened to it, what it looks like."""

from __future__ import annotations

from html import escape

import streamlit as st

from db.tables import ReproductionOutcome, Role
from studio.bootstrap import Studio
from studio.images.detail import ImageDetail, NearPhoto, image_detail
from studio.images.looks import order_looks
from studio.making.orders import more_like_this
from studio.making.reproductions import latest_reproduction, order_reproduction
from studio.review.states import REASONS
from studio.roles import Actor
from studio.scoring.standing import standing
from studio.searching.images import search_images
from studio.searching.questions import OneOfOurs
from studio.searching.vectors import images_ready
from studio.ui import gallery
from studio.ui.cards import cards, thumbnail_url
from studio.ui.comments_view import draw_comments
from studio.ui.head import head
from studio.ui.i18n import moment, msg, number, percent, t
from studio.ui.image_channels import draw_channels
from studio.ui.image_facts import draw_facts
from studio.ui.image_scores import draw_scores
from studio.ui.labels import BADGE_COLOURS, plain, state_badge
from studio.ui.library_view import open_image, similar_cards
from studio.ui.notices import calm
from studio.ui.opinions_view import draw_gold_choice
from studio.ui.places import page_of
from studio.ui.reframe_view import draw_reframing
from studio.ui.search_view import draw_readiness, show_like

_OUTCOMES: dict[ReproductionOutcome, tuple[str, str]] = {
    ReproductionOutcome.SAME: (msg("The same bytes came out"), "green"),
    ReproductionOutcome.SAME_PIXELS: (msg("The same pixels came out, in other bytes"), "green"),
    ReproductionOutcome.DIFFERENT: (msg("Another image came out"), "orange"),
    ReproductionOutcome.IMPOSSIBLE: (msg("It cannot be made again here"), "red"),
}

_PICTURE = """
<style>
.pictures {{ display: flex; gap: 1rem; }}
.pictures figure {{ flex: 1; margin: 0; }}
.pictures img {{ display: block; width: 100%; height: min(62vh, 34rem); object-fit: contain; background: #fff;
  border-radius: 0.5rem; border: 1px solid rgb(128 128 128 / 25%); }}
.pictures figcaption {{ padding-top: 0.35rem; font-size: 0.85rem; opacity: 0.75; }}
</style>
<div class="pictures">{figures}</div>
"""


def draw_image(studio: Studio, actor: Actor, asset_id: int) -> None:
    """The page of one image."""
    detail = image_detail(studio, actor, asset_id)
    view, now = detail.view, standing(studio, actor, asset_id)
    with head(plain(view.product_title or view.prompt) or t("Image {id}", id=view.id)):
        if st.button(t("Back to the library"), icon=":material/arrow_back:"):
            del st.query_params["image"]
            st.rerun()
    left, right = st.columns([5, 6], gap="large")
    with left:
        _draw_pictures(detail)
        _draw_actions(studio, actor, detail)
        _draw_reproduction(studio, actor, detail)
    with right:
        _draw_state(detail)
        draw_scores(studio, actor, view, now)
    draw_channels(studio, actor, asset_id, now)
    left, right = st.columns(2, gap="large")
    with left:
        draw_facts(detail)
    with right:
        _draw_history(detail)
        draw_comments(studio, actor, asset_id)
    with calm():
        draw_reframing(studio, actor, view)
    _draw_family(detail, actor)
    _draw_taught(studio, actor, detail)
    _draw_similar(studio, actor, asset_id)


def _draw_pictures(detail: ImageDetail) -> None:
    view = detail.view
    if view.damaged:
        st.error(
            t("The bytes of this image are missing or changed: it cannot be approved. Tell an admin."),
            icon=":material/broken_image:",
        )
    alt = t("Generated image: {title}", title=view.product_title or view.prompt)
    figures = _figure(f"/api/v1/assets/{view.id}/image", alt, t("Generated"))
    if detail.photo_sha256:
        figures += _figure(thumbnail_url(detail.photo_sha256, 640), t("Real photo"), t("Real photo"))
    st.html(_PICTURE.format(figures=figures))


def _figure(source: str, alt: str, caption: str) -> str:
    caption = escape(caption)
    return f'<figure><img src="{escape(source)}" alt="{escape(alt)}"><figcaption>{caption}</figcaption></figure>'


def _draw_actions(studio: Studio, actor: Actor, detail: ImageDetail) -> None:
    view = detail.view
    with st.container(horizontal=True, vertical_alignment="center"):
        st.link_button(t("Download"), f"/api/v1/assets/{view.id}/image?download=1", icon=":material/download:")
        if actor.may(Role.EDITOR) and st.button(t("More like this"), icon=":material/auto_awesome:"):
            with calm():
                job_id = more_like_this(studio, actor, view.id, 8)
                st.switch_page(page_of("generate"), query_params={"job": job_id})
        if st.button(t("Find similar"), icon=":material/image_search:"):
            show_like(str(view.id))
        st.page_link(
            page_of("review"),
            label=t("Show in review"),
            icon=":material/rule:",
            query_params={"state": view.state.value, "text": view.prompt[:100]},
        )
        if actor.may(Role.MANAGER):
            draw_gold_choice(studio, actor, view)


def _draw_state(detail: ImageDetail) -> None:
    word, tone = state_badge(detail.view.state)
    st.markdown(f":{BADGE_COLOURS[tone]}[●] **{word}**")


def _draw_reproduction(studio: Studio, actor: Actor, detail: ImageDetail) -> None:
    """The last attempt at making it again, followed while it runs, and the button for another."""
    image_id = detail.view.id
    running = bool(detail.reproductions) and detail.reproductions[0].active

    @st.fragment(run_every=1 if running else None)
    def attempt() -> None:
        last = latest_reproduction(studio, actor, image_id)
        if running and (last is None or not last.active):
            st.rerun()
        if last is None:
            st.caption(t("Nobody has made it again yet: the same brief, seed and model must give the same bytes."))
        elif last.active:
            st.progress(0.0, t("It is being made again …"))
        elif last.outcome is None:
            st.error(f"{t('The attempt broke off.')} {plain(last.text)}", icon=":material/error:")
        else:
            label, colour = _OUTCOMES[last.outcome]
            st.markdown(f":{colour}[●] **{t(label)}**")
            st.caption(f"{plain(last.text)} {last.asked_by}, {moment(last.at)}.")
            if last.sha256:
                figures = _figure(thumbnail_url(last.sha256, 640), t("What came out"), t("What came out"))
                with st.popover(t("Show what came out"), icon=":material/compare:"):
                    st.html(_PICTURE.format(figures=figures))

    with st.container(border=True, key="reproduce"):
        title, action = st.columns([3, 2], vertical_alignment="center")
        title.markdown(f"**{t('Can it be made again?')}**")
        may = actor.may(Role.EDITOR) and not running
        if may and action.button(t("Make it again"), icon=":material/replay:", width="stretch"):
            with calm():
                order_reproduction(studio, actor, image_id)
                st.rerun()
        attempt()


def _draw_history(detail: ImageDetail) -> None:
    st.markdown(f"**{t('What happened')}**")
    made = f"{moment(detail.view.created_at)} · {plain(detail.view.created_by)} · {t('made it')}"
    lines = [made]
    for line in detail.history:
        word, tone = state_badge(line.to_state)
        why = t("taken back") if line.undo else t(REASONS[line.reason].label) if line.reason in REASONS else ""
        if line.approval:
            why = t("approved; others have to approve it too")
        told = " · ".join(part for part in (why, plain(line.comment)) if part)
        lines.append(
            f"{moment(line.at)} · {plain(line.user)} · :{BADGE_COLOURS[tone]}[●] {word}{f' · {told}' if told else ''}"
        )
    st.markdown("  \n".join(reversed(lines)))


def _draw_family(detail: ImageDetail, actor: Actor) -> None:
    """What it started from and what was made from it."""
    for title, views, key in (
        (t("It started from"), detail.ancestors, "ancestors"),
        (t("Made from it"), detail.children, "children"),
    ):
        if views:
            st.subheader(title, anchor=False)
            chosen = gallery.browse(cards(views), key=f"{key}-{detail.view.id}")
            if chosen is not None:
                open_image(chosen)


def _draw_taught(studio: Studio, actor: Actor, detail: ImageDetail) -> None:
    st.subheader(t("Nearest photos that the model was taught"), anchor=False)
    taught = detail.taught
    if taught.why_not == "unknown":
        st.caption(
            t(
                "Not known: {model} did not learn here, so there is no list of its training photos. Models that are "
                "fine-tuned here keep one.",
                model=plain(detail.model.name),
            )
        )
    elif taught.why_not:
        st.caption(t("Its {n} training photos were not compared yet.", n=number(taught.photos)))
        if actor.may(Role.EDITOR) and st.button(t("Compare them"), icon=":material/bolt:"):
            with calm():
                order_looks(studio, actor)
                st.rerun()
    else:
        st.caption(t("Of {n}. The nearer one is, the more the image may be its copy.", n=number(taught.photos)))
        with st.container(horizontal=True):
            for photo in taught.nearest:
                _draw_photo(photo)


def _draw_photo(photo: NearPhoto) -> None:
    with st.container(width=150, gap="xxsmall"):
        st.image(thumbnail_url(photo.sha256, 320), width=140, alt=t("Real photo: {title}", title=photo.title))
        st.caption(f"{t('{share} alike', share=percent(photo.likeness))}  \n{plain(photo.sku)}")


def _draw_similar(studio: Studio, actor: Actor, asset_id: int) -> None:
    st.subheader(t("Images that look like it"), anchor=False)
    with calm():
        draw_readiness(studio, actor, images_ready(studio, actor))
        found = search_images(studio, actor, OneOfOurs(asset_id), limit=12)
        if not found.images:
            st.caption(t("There is no other image yet."))
            return
        chosen = gallery.browse(similar_cards(found), key=f"similar-{asset_id}")
        if chosen is not None:
            open_image(chosen)
        if st.button(t("Show more of them"), icon=":material/image_search:"):
            show_like(str(asset_id))
