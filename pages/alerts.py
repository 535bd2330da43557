"""Alerts: what is not as it should be, what is watched, and whom it is told."""

import streamlit as st

from db.tables import Role
from studio.alerts.rules import alert_rules
from studio.ui import guard
from studio.ui.alert_rules_view import draw_rule, draw_targets
from studio.ui.alerts_view import draw_alerts
from studio.ui.head import head
from studio.ui.i18n import t
from studio.ui.notices import calm

studio, actor = guard.page(Role.MANAGER)

with head(t("Alerts")):
    pass

with calm():
    rules = alert_rules(studio, actor)
    draw_alerts(studio, actor, watching=any(rule.active for rule in rules))

    st.space("small")
    st.subheader(t("What is watched"), anchor=False)
    st.caption(t("The worker looks every two minutes. One cause raises one alarm, until it is over."))
    for rule in rules:
        draw_rule(studio, actor, rule)

    st.space("small")
    st.subheader(t("Whom it is told"), anchor=False)
    st.caption(t("Managers and admins find alarms under the bell. Add addresses to have them sent as well."))
    draw_targets(studio, actor)
