"""The UI script: navigation, account menu, and the page asked for. It stands apart from `pages/` on purpose:
Streamlit serves a folder `pages/` beside the main script by itself, past `st.navigation`."""

import streamlit as st

from db.tables import Role
from studio import bootstrap
from studio.ui import account, guard, theme
from studio.ui.i18n import settle_language, t
from studio.ui.places import Place, page_of

st.set_page_config(page_title="EcomGAN Studio", page_icon=":material/photo_camera:", layout="wide")
# A link to the page that one is on runs it with the link's parameters, but leaves the browser's address as it was, and
# the next run would go by that. Said again, the browser takes them over; it does nothing where they are there already.
st.query_params.from_dict(st.query_params.to_dict())
settle_language()
theme.apply()
studio = bootstrap.get_studio()
actor = guard.visitor(studio)


def page(name: Place, title: str, icon: str, minimum: Role, *, default: bool = False, listed: bool = True) -> st.Page:
    """One page; hidden from the navigation where the visitor's role is too small. Its guard refuses it all the same.

    listed: False for a page that the account menu leads to.
    """
    shown = listed and actor is not None and actor.may(minimum)
    return st.Page(
        page_of(name),
        title=title,
        icon=f":material/{icon}:",
        url_path=name,
        default=default,
        visibility="visible" if shown else "hidden",
    )


chosen = st.navigation(
    {
        "": [
            page("home", t("Home"), "home", Role.VIEWER, default=True),
            page("catalogue", t("Catalogue"), "inventory_2", Role.VIEWER),
            page("generate", t("Generate"), "auto_awesome", Role.EDITOR),
            page("review", t("Review"), "rule", Role.VIEWER),
            page("library", t("Library"), "photo_library", Role.VIEWER),
            page("account", t("My account"), "account_circle", Role.VIEWER, listed=False),
        ],
        t("Insights"): [
            page("quality", t("Quality"), "monitoring", Role.VIEWER),
            page("reviewers", t("Reviewers"), "balance", Role.REVIEWER),
            page("house_style", t("House style"), "straighten", Role.VIEWER),
            page("activity", t("Activity"), "history", Role.VIEWER),
            page("alerts", t("Alerts"), "notifications_active", Role.MANAGER),
            page("recalls", t("Recalls"), "assignment_return", Role.MANAGER),
        ],
        t("Admin"): [
            page("models", t("Models"), "deployed_code", Role.VIEWER),
            page("fine_tune", t("Fine-tune"), "school", Role.ADMIN),
            page("jobs", t("Jobs"), "pending_actions", Role.VIEWER),
            page("people", t("People"), "group", Role.ADMIN),
            page("settings", t("Settings"), "tune", Role.ADMIN),
        ],
    },
    position="top" if actor else "hidden",
)
account.draw_menu(studio, actor)
chosen.run()
