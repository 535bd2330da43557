"""Home: what waits for me, whether the studio can work, my latest images."""

import streamlit as st

from db.tables import Role
from studio.home import tiles
from studio.ui import gallery, guard
from studio.ui.cards import cards
from studio.ui.head import head
from studio.ui.home_view import draw_first_images, draw_first_steps, draw_service, draw_tiles
from studio.ui.i18n import t
from studio.ui.inbox_view import draw_bell
from studio.ui.labels import plain
from studio.ui.notices import calm
from studio.ui.sent_back_view import draw_sent_back

guard.page(Role.VIEWER)


@st.fragment(run_every=5)
def draw() -> None:
    """All of the page, drawn again every five seconds: worker, jobs and queue change while one looks."""
    studio, actor = guard.page(Role.VIEWER)
    with calm():
        now = tiles(studio, actor)
        with head(t("Hello, {name}", name=plain(actor.name))):
            draw_service(now)
            draw_bell(studio, actor)
        if now.products == 0 and not now.latest:
            draw_first_steps(studio, actor)
            return
        draw_tiles(now)
        if not now.latest and now.model and actor.may(Role.EDITOR):
            draw_first_images(studio, actor)
        draw_sent_back(studio, actor)
        if now.latest:
            st.subheader(t("My latest images"), anchor=False)
            gallery.view(cards(now.latest), key="latest", size="small")


draw()
