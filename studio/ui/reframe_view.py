"""House style on the page of an image: the image among its neighbours, before and after, and the way to have it so."""

from __future__ import annotations

import streamlit as st

from db.tables import JobState, Role
from studio.bootstrap import Studio
from studio.images.assets import AssetView
from studio.making.orders import order_results
from studio.making.reframing import Prospect, prospect, reframe
from studio.publishing.house_figures import Measure, Place
from studio.publishing.shelf import ShelfPicture, shelf, shelf_picture
from studio.roles import Actor
from studio.ui.i18n import plural, t
from studio.ui.labels import plain, term
from studio.ui.library_view import open_image
from studio.ui.notices import calm
from studio.ui.places import page_of
from studio.ui.shelf_view import draw_shelf, flag_words
from studio.work.jobs import job

_NEIGHBOURS = 11
_BEFORE, _AFTER = "before", "after"
_POLL_SECONDS = 0.5


def draw_reframing(studio: Studio, actor: Actor, view: AssetView) -> None:
    """The section; nothing for images of no category."""
    found = prospect(studio, actor, view.id)
    kind = plain(term(view.category))
    st.subheader(t("In the row of {category}", category=kind), anchor=False)
    if found.style is None:
        st.caption(
            t(
                "{category} has no house style yet. It is learnt from approved images and real photos in which the "
                "whole product is to be seen, eight at least.",
                category=kind,
            )
        )
        st.page_link(page_of("house_style"), label=t("House styles"), icon=":material/straighten:")
        return
    row = shelf(studio, actor, view.category, without=view.id, length=_NEIGHBOURS)
    before = shelf_picture(studio, actor, view.id, found.place)
    with st.container(horizontal=True, vertical_alignment="center", key="reframe-bar"):
        after = _draw_choice(found, view)
        guides = st.toggle(t("Lines of the house style"), value=True, key="reframe-guides")
        st.page_link(
            page_of("house_style"),
            label=t("The house style"),
            icon=":material/straighten:",
            query_params={"category": view.category},
        )
    _draw_word(before, found)
    url = f"/api/v1/assets/{view.id}/reframed?style={found.style.id}" if after else ""
    shown = shelf_picture(studio, actor, view.id, _framed(found)) if after else before
    draw_shelf(row.pictures, found.style, guides=guides, candidate=shown, candidate_url=url)
    with calm():
        _draw_order(studio, actor, view, found, wanted=bool(before.flags))


def _draw_choice(found: Prospect, view: AssetView) -> bool:
    """Whether the image is shown as it would be."""
    if found.refusal:
        return False
    words = {_BEFORE: t("As it is"), _AFTER: t("In house style")}
    chosen = st.segmented_control(
        t("Show"),
        list(words),
        default=_BEFORE,
        required=True,
        format_func=words.__getitem__,
        label_visibility="collapsed",
        key=f"reframe-{view.id}",
    )
    return chosen == _AFTER


def _draw_word(before: ShelfPicture, found: Prospect) -> None:
    if found.refusal is not None:
        st.caption(f":orange[●] {plain(t(found.refusal.template, **found.refusal.values))}")
    elif before.flags:
        st.caption(f":orange[●] {t('This image stands out:')} {flag_words(before.flags)}.")
    else:
        st.caption(f":green[●] {t('This image fits in already.')}")


def _framed(found: Prospect) -> Place | None:
    """Where the product will stand."""
    style, place = found.style, found.place
    if style is None or place is None:
        return place
    step = style.step
    size = place.values[style.scale]
    scale = step[style.scale.value] / size
    width, height = scale * place.values[Measure.WIDTH], scale * place.values[Measure.HEIGHT]
    return Place(
        top=step["baseline"] - height,
        left=step["centre"] - width / 2,
        bottom=step["baseline"],
        right=step["centre"] + width / 2,
        whiteness=place.whiteness,
    )


def _draw_order(studio: Studio, actor: Actor, view: AssetView, found: Prospect, *, wanted: bool) -> None:
    """The button, then the order's progress, then the way to the new image. wanted: the image stands out as it is."""
    key = f"reframe-job-{view.id}"
    if job_id := st.session_state.get(key):
        _draw_progress(studio, actor, job_id)
        return
    if not actor.may(Role.EDITOR) or found.refusal:
        return
    kind = plain(term(view.category))
    label = t("Reframe to the house style of {category}", category=kind)
    told = t("Makes a new image of the same pixels, moved and scaled. This one stays as it is.")
    if st.button(label, type="primary" if wanted else "secondary", icon=":material/crop_free:", help=told):
        st.session_state[key] = reframe(studio, actor, [view.id])
        st.rerun()


def _draw_progress(studio: Studio, actor: Actor, job_id: str) -> None:
    running = job(studio, actor, job_id).active

    @st.fragment(run_every=_POLL_SECONDS if running else None)
    def progress() -> None:
        now = job(studio, actor, job_id)
        if running and not now.active:
            st.rerun()
        if now.active:
            waits = t("It starts as soon as the worker is free. You may leave this page: nothing is lost.")
            st.progress(now.done / max(now.total, 1), t("It is being reframed …"))
            if now.state is JobState.QUEUED:
                st.caption(waits)
            return
        made = order_results(studio, actor, job_id)
        if not made:
            st.error(plain(now.error or t("It was cancelled.")), icon=":material/error:")
            return
        with st.container(horizontal=True, vertical_alignment="center", key="reframed"):
            st.markdown(f":green[●] {plural('{n} new image, a draft', '{n} new images, drafts', len(made))}")
            if st.button(t("Open the reframed image"), icon=":material/open_in_new:", type="primary"):
                open_image(made[0].id)

    progress()
