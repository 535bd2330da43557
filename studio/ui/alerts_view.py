"""The alarms: what goes on, what is over, and who sees to it."""

from __future__ import annotations

import streamlit as st

from db.tables import AlertKind, Role
from studio.alerts.rules import AlertView, acknowledge, alerts
from studio.alerts.sentences import ALL_CATEGORIES, SENTENCES
from studio.bootstrap import Studio
from studio.review.states import REASONS
from studio.roles import Actor
from studio.ui.i18n import ago, duration, moment, t
from studio.ui.labels import plain, term
from studio.ui.notices import calm
from studio.ui.places import Place, page_of

_ABOUT_SCORES = ("calibration", "automatic_audit", "automatic_drift")


def draw_alerts(studio: Studio, actor: Actor, *, watching: bool) -> None:
    """The alarms that go on, then those that are over. watching: whether any kind of alarm is turned on."""
    found = alerts(studio, actor)
    going = [one for one in found if one.ended_at is None]
    if not going:
        told = (
            t("Nothing is wrong: all that is watched is as it should be.")
            if watching
            else t("Nothing is watched yet. Turn on below what you want to be told of.")
        )
        st.info(told, icon=":material/check_circle:" if watching else ":material/notifications_off:")
    for one in going:
        _draw_going(studio, actor, one)
    over = [one for one in found if one.ended_at is not None]
    if over:
        with st.expander(t("Over")):
            for one in over:
                _draw_over(one)


def _draw_going(studio: Studio, actor: Actor, one: AlertView) -> None:
    with st.container(border=True, key=f"alert-{one.id}"):
        text, action = st.columns([8, 2], vertical_alignment="center")
        with text.container(gap="xxsmall"):
            st.markdown(f":orange[:material/warning:] {sentence(one)}")
            since = t("since {moment}, {ago}", moment=moment(one.since), ago=ago(one.since))
            st.caption(since if one.acknowledged_by is None else f"{since} · {_seen_to(one)}")
        with action, calm():
            if one.acknowledged_at is None and st.button(
                t("I see to it"), key=f"acknowledge-{one.id}", width="stretch"
            ):
                acknowledge(studio, actor, one.id)
                st.rerun()
            place, icon, query = _lead(actor, one)
            st.page_link(page_of(place), label=t("Look at it"), icon=f":material/{icon}:", query_params=query)


def _draw_over(one: AlertView) -> None:
    assert one.ended_at is not None
    lasted = duration((one.ended_at - one.since).total_seconds())
    told = t("since {moment}, for {time}", moment=moment(one.since), time=lasted)
    seen = "" if one.acknowledged_by is None else f" · {_seen_to(one)}"
    st.markdown(f":green[:material/check:] {sentence(one)}")
    st.caption(f"{told}{seen}")


def _seen_to(one: AlertView) -> str:
    return t("{name} sees to it", name=plain(one.acknowledged_by or ""))


def sentence(one: AlertView) -> str:
    """What is wrong, in the visitor's language."""
    values = dict(one.values)
    if "category" in values:
        whole = values["category"] == ALL_CATEGORIES
        values["category"] = t("All images together") if whole else plain(term(values["category"]))
    labels = {reason.label for reason in REASONS.values()}
    if values.get("reason") in labels:
        values["reason"] = t(values["reason"])
    return t(SENTENCES[values["sentence"]], **values)


def _lead(actor: Actor, one: AlertView) -> tuple[Place, str, dict[str, str]]:
    """The page that shows more and that this person may open, its icon, and how it is narrowed."""
    about = one.values["sentence"]
    if about == "queue_age":
        return "review", "rule", {}
    if one.kind is AlertKind.AUTOMATIC_OFF and actor.may(Role.ADMIN):
        return "settings", "tune", {}
    category = one.values.get("category")
    query = {} if category in (None, ALL_CATEGORIES) else {"category": str(category)}
    return "quality", "monitoring", query | ({"view": "trust"} if about in _ABOUT_SCORES else {})
