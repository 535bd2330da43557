"""Settings: the rules of the team, where images go, the keys of programs, what is kept."""

import streamlit as st

from db.tables import Role
from studio.access.api_keys import all_keys
from studio.ui import guard
from studio.ui.automatic_view import draw_automatic
from studio.ui.cost_rates_view import draw_cost_rates
from studio.ui.head import head, section
from studio.ui.i18n import t
from studio.ui.keys_view import draw_key
from studio.ui.packs_view import draw_packs
from studio.ui.review_rules_view import draw_review_rules
from studio.ui.scoring_view import draw_identity, draw_outstanding
from studio.ui.settings_view import draw_channels, draw_rules, draw_storage

studio, actor = guard.page(Role.ADMIN)

with head(t("Settings")):
    pass

with section(t("Rules of the team")):
    draw_rules(studio, actor)

with section(
    t("Who approves"), t("Images under a rule stay in review until as many different people have approved them.")
):
    draw_review_rules(studio, actor)

with section(
    t("Automatic approval"),
    t("Where the scores foretell decisions well enough, the studio can approve images by itself."),
):
    draw_automatic(studio, actor)

with section(t("What an hour costs")):
    draw_cost_rates(studio, actor)

with section(
    t("Channels"), t("Where approved images go. An export scales each image into the channel's frame, on white.")
):
    draw_channels(studio, actor)

with section(
    t("Rules of the channels"),
    t("Every image is judged by these rules, and every export for a channel that names some is checked first."),
):
    draw_packs(studio, actor)

with section(
    t("Listing images"),
    t("A listing image is approved only when it is like the real photo of its product. What it must reach:"),
):
    draw_identity(studio, actor)

with section(t("Scores")):
    draw_outstanding(studio, actor)

with section(t("API keys of the team")):
    keys = [key for key in all_keys(studio, actor) if key.active]
    for key in keys:
        draw_key(studio, actor, key, with_owner=True)
    if not keys:
        st.caption(t("Nobody has a working key. Everyone makes their own in the account menu."))

with section(t("Storage")):
    draw_storage(studio, actor)
