"""The part of the page Settings that says which images need the approval of several people."""

from __future__ import annotations

import streamlit as st

from db.tables import Purpose, RuleCause
from studio.bootstrap import Studio
from studio.review.review_queue import facets
from studio.review.review_rules import APPROVALS, RuleView, add_rule, remove_rule, rules
from studio.roles import Actor
from studio.ui.i18n import ago, msg, t
from studio.ui.labels import PURPOSES, plain, term
from studio.ui.notices import calm

CAUSES = {
    RuleCause.PEOPLE: msg("Shows people"),
    RuleCause.REGULATED: msg("Regulated goods"),
    RuleCause.HOUSE: msg("Rule of the house"),
}


def draw_review_rules(studio: Studio, actor: Actor) -> None:
    """A line for each rule, and the form of a new one."""
    known = rules(studio, actor)
    if not known:
        st.caption(t("One approval is enough for every image. Add a rule where you want a second pair of eyes."))
    for rule in known:
        with st.container(border=True, key=f"review-rule-{rule.id}"):
            what, why, action = st.columns([4, 4, 1.6], vertical_alignment="center")
            what.markdown(f"**{_whom(rule)}**")
            needed = t("{n} people approve", n=rule.approvals)
            why.markdown(
                f":gray[{needed} · {t(CAUSES[rule.cause])} · {plain(rule.created_by)}, {ago(rule.created_at)}]"
            )
            with action, calm():
                if st.button(t("Remove"), type="tertiary", key=f"remove-rule-{rule.id}", width="stretch"):
                    remove_rule(studio, actor, rule.id)
                    st.rerun()
    with st.popover(t("Add a rule"), icon=":material/add:", key="add-review-rule"):
        _draw_form(studio, actor)


def _draw_form(studio: Studio, actor: Actor) -> None:
    with st.form("review-rule-form", border=False, clear_on_submit=True), calm():
        category = st.selectbox(
            t("Category"),
            list(facets(studio, actor).categories),
            index=None,
            format_func=term,
            placeholder=t("Every category"),
            accept_new_options=True,
            help=t("A category of images, or a level of your products' categories, such as Shoes."),
            key="rule-category",
        )
        purpose = st.selectbox(
            t("Purpose"),
            list(Purpose),
            index=None,
            format_func=lambda value: t(PURPOSES[value]),
            placeholder=t("Any purpose"),
            key="rule-purpose",
        )
        causes = list(CAUSES)
        cause = st.selectbox(t("Why"), causes, format_func=lambda value: t(CAUSES[value]), key="rule-cause")
        number = st.number_input(t("People who must approve"), *APPROVALS, 2, 1, key="rule-approvals")
        if st.form_submit_button(t("Add the rule"), type="primary"):
            add_rule(studio, actor, category=category or "", purpose=purpose, cause=cause, approvals=int(number))
            st.rerun()


def _whom(rule: RuleView) -> str:
    category = plain(term(rule.category)) if rule.category else t("Every category")
    purpose = t(PURPOSES[rule.purpose]) if rule.purpose else t("Any purpose")
    return f"{category} · {purpose}"
