"""The part of the page Settings that lets the studio approve images by itself, and shows what proves it."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from studio.alerts.sentences import SENTENCES
from studio.bootstrap import Studio
from studio.roles import Actor
from studio.trust.automatic import (
    LEAST_AUDITED,
    Escaped,
    RuleView,
    automatic_categories,
    automatic_rules,
    escaped,
    proof_of,
    sample_of,
    switch_off,
    switch_on,
)
from studio.trust.proof import RATES, Proof
from studio.ui.cards import thumbnail_url
from studio.ui.i18n import ago, number, percent, plural, t
from studio.ui.labels import plain, term
from studio.ui.notices import calm
from studio.ui.places import page_of
from studio.ui.theme import colour

_USUAL_RATE, _USUAL_AUDIT = 2.0, 10.0
_ENDED_SHOWN = 3

_STRIP = """
<style>
.escapes {{ display: flex; gap: 8px; flex-wrap: wrap; }}
.escapes a {{ border: 1px solid {border}; border-radius: 6px; overflow: hidden; display: block; }}
.escapes a:hover, .escapes a:focus-visible {{ border-color: {primary}; }}
.escapes img {{ width: 72px; height: 84px; object-fit: contain; background: #fff; display: block; }}
</style>
<div class="escapes">{cards}</div>
"""


def draw_automatic(studio: Studio, actor: Actor) -> None:
    """The rules that are on, those that ended lately, and the form of a new one."""
    known = automatic_rules(studio, actor)
    ended = [rule for rule in known if not rule.on]
    for rule in [*(rule for rule in known if rule.on), *ended[:_ENDED_SHOWN]]:
        _draw_rule(studio, actor, rule)
    on = {rule.category for rule in known if rule.on}
    categories = automatic_categories(studio, actor)
    free = [category for category in categories if category not in on]
    if not categories:
        st.info(
            t("People decide every image. Before the studio may, its scores must be calibrated from their decisions."),
            icon=":material/info:",
        )
        st.page_link(page_of("quality"), label=t("Open Quality"), icon=":material/monitoring:")
        return
    if not on:
        st.caption(t("People decide every image now. Choose a category to see what your team's decisions prove."))
    if free:
        with st.container(border=True, key="new-automatic"):
            _draw_new(studio, actor, free)


def _draw_rule(studio: Studio, actor: Actor, rule: RuleView) -> None:
    with st.container(border=True, key=f"automatic-{rule.id}"):
        what, action = st.columns([8, 1.6], vertical_alignment="center")
        dot = ":green[●]" if rule.on else ":gray[●]"
        state = t("on") if rule.on else t("off")
        what.markdown(f"{dot} **{plain(term(rule.category))}** · {state} · {_limits(rule)}")
        if rule.on:
            with action, calm():
                if st.button(t("Switch off"), key=f"automatic-off-{rule.id}", width="stretch"):
                    switch_off(studio, actor, rule.id)
                    st.rerun()
        elif rule.ended_why:
            st.warning(_why(rule), icon=":material/warning:")
        made = plural("{n} image approved", "{n} images approved", rule.approved)
        st.caption(f"{made} · {_audited(rule)} · {_history(rule)}")
        if rule.audit.escapes:
            st.caption(t("Rejected by people in the audit; open one to send it back:"))
            _draw_strip(escaped(studio, actor, rule.id))


def _limits(rule: RuleView) -> str:
    return t(
        "at most {rate} may escape, probability from {threshold}, {audit} audited",
        rate=percent(rule.escape_rate, 1),
        threshold=percent(rule.threshold, 1),
        audit=percent(rule.audit_share),
    )


def _audited(rule: RuleView) -> str:
    audit = rule.audit
    if not audit.asked:
        return t("nothing audited yet")
    return t(
        "audit: {escapes} rejected of {answered} looked at, {waiting} to be looked at; at most {upper} escape (95 %)",
        escapes=number(audit.escapes),
        answered=number(audit.answered),
        waiting=number(audit.asked - audit.answered),
        upper=percent(audit.upper, 1),
    )


def _history(rule: RuleView) -> str:
    began = t("switched on by {name}, {ago}", name=plain(rule.created_by), ago=ago(rule.created_at))
    if rule.ended_at is None:
        return began
    name = plain(rule.ended_by) if rule.ended_by else t("The studio")
    return f"{began} · {t('switched off by {name}, {ago}', name=name, ago=ago(rule.ended_at))}"


def _why(rule: RuleView) -> str:
    values = dict(rule.ended_why or {})
    return t(SENTENCES[values["sentence"]], **{**values, "category": plain(term(rule.category))})


def _draw_new(studio: Studio, actor: Actor, categories: Sequence[str]) -> None:
    one, two, three = st.columns([3, 2, 2])
    category = one.selectbox(t("Category"), categories, format_func=term, key="automatic-category")
    rate = two.number_input(
        t("Escape rate, %"),
        100 * RATES[0],
        100 * RATES[1],
        _USUAL_RATE,
        0.5,
        help=t("Of the images that the studio approves, the share that a person would have rejected: at most this."),
        key="automatic-rate",
    )
    audit = three.number_input(
        t("Audited, %"),
        100 * LEAST_AUDITED,
        100.0,
        _USUAL_AUDIT,
        5.0,
        format="%.0f",
        help=t("This share of them is shown to reviewers all the same, without their knowing."),
        key="automatic-audit",
    )
    with calm():
        proof = proof_of(studio, actor, category, rate / 100)
        if not proof.holds:
            st.warning(_refusal(proof, rate / 100), icon=":material/block:")
            return
        st.success(_proven(proof, rate / 100), icon=":material/verified:")
        _draw_numbers(proof)
        if proof.escapes:
            st.caption(t("These would have escaped. Look at them before you switch it on:"))
            _draw_strip(sample_of(studio, actor, category, proof.threshold))
        st.caption(
            t(
                "The studio never approves listing images, images that show people or need several approvals, damaged "
                "ones, or ones that a person has had in hand. Everyone can still reopen an image."
            )
        )
        if st.button(t("Switch automatic approval on"), type="primary", icon=":material/bolt:", key="automatic-on"):
            switch_on(studio, actor, category=category, escape_rate=rate / 100, audit_share=audit / 100)
            st.rerun()


def _proven(proof: Proof, rate: float) -> str:
    return t(
        "Proven on {n} later decisions: of the {above} images with a probability of {threshold} or more, people "
        "rejected {escapes}. With 95 % confidence at most {upper} escape; {rate} are allowed.",
        n=number(proof.n),
        above=number(proof.above),
        threshold=percent(proof.threshold, 1),
        escapes=number(proof.escapes),
        upper=percent(proof.upper, 2),
        rate=percent(rate, 1),
    )


def _refusal(proof: Proof, rate: float) -> str:
    told = t(
        "Not proven. Of the {above} most probable of {n} later decisions people rejected {escapes}: with 95 % "
        "confidence only that at most {upper} escape, and {rate} are allowed.",
        above=number(proof.above),
        n=number(proof.n),
        escapes=number(proof.escapes),
        upper=percent(proof.upper, 1),
        rate=percent(rate, 1),
    )
    if proof.more is None:
        step = t("More decisions alone will not change that: allow a larger rate, or let people decide.")
    else:
        step = t(
            "About {more} more decisions in this category would do, if they go on like this.", more=number(proof.more)
        )
    return f"{told} {step}"


def _draw_numbers(proof: Proof) -> None:
    one, two, three = st.columns(3)
    one.metric(t("Approved without a look"), percent(proof.share), border=True)
    two.metric(t("Would have escaped"), f"{number(proof.escapes)} / {number(proof.above)}", border=True)
    three.metric(t("At most, with 95 % confidence"), percent(proof.upper, 2), border=True)


def _draw_strip(images: Sequence[Escaped]) -> None:
    cards = "".join(
        f'<a href="/library?image={one.asset_id}"><img loading="lazy" src="{thumbnail_url(one.sha256, 320)}" '
        f'alt="{escape(t("Image {id}", id=one.asset_id))}" title="{escape(percent(one.probability, 1))}"></a>'
        for one in images
    )
    st.html(_STRIP.format(cards=cards, border=colour("borderColor"), primary=colour("primaryColor")))
