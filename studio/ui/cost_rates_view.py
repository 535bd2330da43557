"""What an hour costs: the form by which an admin sets the team's rates."""

from __future__ import annotations

import streamlit as st

from studio.bootstrap import Studio
from studio.quality.costs import MOST_RATE, CostRates, cost_rates, set_cost_rates
from studio.roles import Actor
from studio.ui.i18n import t
from studio.ui.notices import calm

_CURRENCIES = ("EUR", "USD", "GBP", "CNY", "JPY", "CHF", "PLN", "SEK")


def draw_cost_rates(studio: Studio, actor: Actor) -> None:
    """The rates with their form."""
    now = cost_rates(studio, actor)
    currencies = list(_CURRENCIES)
    if now is not None and now.currency not in currencies:
        currencies.insert(0, now.currency)
    with st.form("cost-rates", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        computing = st.number_input(
            t("An hour of computing"), 0.0, MOST_RATE, now.compute_hour if now else 0.0, 0.5, width=200
        )
        reviewing = st.number_input(
            t("An hour of a reviewer"), 0.0, MOST_RATE, now.review_hour if now else 0.0, 1.0, width=200
        )
        currency = st.selectbox(
            t("Currency"), currencies, currencies.index(now.currency) if now else 0, accept_new_options=True, width=140
        )
        pressed = st.form_submit_button(t("Save"), key="save-cost-rates")
    st.caption(t("By these the page Quality tells what an approved image costs. Trainings are not counted."))
    if pressed:
        with calm():
            set_cost_rates(studio, actor, CostRates(computing, reviewing, str(currency)))
            st.toast(t("Saved."), icon=":material/check_circle:")
