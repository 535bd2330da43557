"""Library: find any image, and everything that is known about one."""

import streamlit as st

from db.tables import Role
from studio.ui import guard
from studio.ui.image_view import draw_image
from studio.ui.library_view import draw_library
from studio.ui.notices import calm

studio, actor = guard.page(Role.VIEWER)

with calm():
    shown = st.query_params.get("image", "")
    if shown.isdecimal():
        draw_image(studio, actor, int(shown))
    else:
        draw_library(studio, actor)
