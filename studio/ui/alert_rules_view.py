"""What is watched and from where on, and whom alarms are told outside the app."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from db.tables import AlertKind, TargetKind
from studio.alerts.rules import MOST_DAYS, SCALES, RuleView, set_alert_rule
from studio.alerts.targets import TargetView, add_target, remove_target, targets, try_out
from studio.bootstrap import Studio
from studio.roles import Actor
from studio.ui.i18n import ago, msg, t
from studio.ui.labels import plain
from studio.ui.notices import calm

_SECRET = "webhook-secret"


@dataclass(frozen=True)
class _Words:
    """How a kind of alarm is called, what it means, and its threshold: as `{n}` in a phrase and over its field, where
    `times` of it stands.
    """

    name: str
    meaning: str
    phrase: str
    threshold: str
    times: float = 1.0
    step: float = 1.0


KINDS: dict[AlertKind, _Words] = {
    AlertKind.QUEUE_AGE: _Words(
        msg("Waiting images"), msg("An image has waited for review for too long."), msg("after {n} hours"), msg("Hours")
    ),
    AlertKind.APPROVAL_RATE: _Words(
        msg("Falling approval rate"),
        msg("Fewer images are approved in a category than in the weeks before, beyond chance."),
        msg("fallen by {n} points or more"),
        msg("Fallen by, points"),
        100,
    ),
    AlertKind.CALIBRATION: _Words(
        msg("Scores that mislead"),
        msg("The scores foretell people's decisions worse than when they were calibrated."),
        msg("Brier score up by {n} or more"),
        msg("Brier score up by"),
        1,
        0.01,
    ),
    AlertKind.REASON_MIX: _Words(
        msg("Other reasons"),
        msg("Images of a category are rejected for other reasons than usual: often the first sign."),
        msg("the mix changed by {n} of 100 or more"),
        msg("Changed by, 0 to 100"),
        100,
    ),
    AlertKind.SCORE_MEAN: _Words(
        msg("Drifting scores"),
        msg("A score of a category moves away from its usual mean."),
        msg("moved by {n} % of its scale or more"),
        msg("Moved by, % of its scale"),
        100,
        0.5,
    ),
}


def draw_rule(studio: Studio, actor: Actor, rule: RuleView) -> None:
    """One kind of alarm: its switch, and its threshold in a popover."""
    words, scale = KINDS[rule.kind], SCALES[rule.kind]
    with st.container(border=True, key=f"alert-rule-{rule.kind.value}"):
        what, limit, change = st.columns([6, 3, 1.6], vertical_alignment="center")
        with what.container(gap="xxsmall"):
            key = f"alert-on-{rule.kind.value}-{rule.active}"  # another one once somebody else switched it
            on = st.toggle(f"**{t(words.name)}**", value=rule.active, key=key)
            st.caption(t(words.meaning))
        days = f", {t('over {n} days', n=rule.days)}" if scale.days else ""
        limit.markdown(f":gray[{t(words.phrase, n=f'{words.times * rule.threshold:g}')}{days}]")
        with calm():
            if on != rule.active:
                set_alert_rule(studio, actor, rule.kind, active=on, threshold=rule.threshold, days=rule.days)
                st.rerun()
        with change, st.popover(t("Change"), width="stretch", key=f"alert-change-{rule.kind.value}"):
            _draw_threshold(studio, actor, rule)


def _draw_threshold(studio: Studio, actor: Actor, rule: RuleView) -> None:
    words, scale = KINDS[rule.kind], SCALES[rule.kind]
    with st.form(f"alert-form-{rule.kind.value}", border=False), calm():
        threshold = st.number_input(
            t(words.threshold),
            words.times * scale.least,
            words.times * scale.most,
            words.times * rule.threshold,
            float(words.step),
            format="%g",
        )
        days = int(st.number_input(t("Days looked at"), 1, MOST_DAYS, rule.days)) if scale.days else rule.days
        if st.form_submit_button(t("Save"), type="primary"):
            threshold = threshold / words.times
            set_alert_rule(studio, actor, rule.kind, active=rule.active, threshold=threshold, days=days)
            st.rerun()


def draw_targets(studio: Studio, actor: Actor) -> None:
    """Where alarms are sent, each with its last message, and the form of a new one."""
    for target in targets(studio, actor):
        _draw_target(studio, actor, target)
    if secret := st.session_state.get(_SECRET):
        st.success(
            t("Copy the secret of the new webhook now: it is shown this one time. Each message is signed with it."),
            icon=":material/key:",
        )
        st.code(secret, language=None)
        if st.button(t("I have copied it"), key="secret-copied"):
            del st.session_state[_SECRET]
            st.rerun()
    with st.container(horizontal=True):
        with st.popover(t("Add an e-mail address"), icon=":material/mail:", key="add-email"):
            _draw_new(studio, actor, TargetKind.EMAIL, t("E-mail address"), "name@example.com")
        with st.popover(t("Add a webhook"), icon=":material/webhook:", key="add-webhook"):
            _draw_new(studio, actor, TargetKind.WEBHOOK, t("Address"), "https://example.com/alarms")
            st.caption(
                t(
                    "Each alarm is one signed HTTPS request: X-Ecomgan-Signature is HMAC-SHA256 of the timestamp, a "
                    "dot and the body."
                )
            )


def _draw_target(studio: Studio, actor: Actor, target: TargetView) -> None:
    with st.container(border=True, key=f"target-{target.id}"):
        what, state, test, remove = st.columns([5, 4, 1.4, 1.4], vertical_alignment="center")
        icon = "mail" if target.kind is TargetKind.EMAIL else "webhook"
        what.markdown(f":material/{icon}: `{target.address.replace('`', '')}`")  # code: no link to click by mistake
        state.markdown(_last(target))
        with calm():
            if test.button(t("Test"), key=f"test-{target.id}", width="stretch"):
                try_out(studio, actor, target.id)
                st.toast(t("A test is on its way. It arrives within seconds."), icon=":material/send:")
            if remove.button(t("Remove"), type="tertiary", key=f"remove-target-{target.id}", width="stretch"):
                remove_target(studio, actor, target.id)
                st.rerun()


def _last(target: TargetView) -> str:
    if target.delivered_at is not None:
        return f":green[●] {t('arrived {ago}', ago=ago(target.delivered_at))}"
    if target.error:
        next_step = t("it is tried again") if target.trying else t("it was given up")
        return f":red[●] {t('The last message did not arrive: {error}', error=plain(target.error))} · {next_step}"
    return f":gray[{t('on its way') if target.trying else t('nothing sent yet')}]"


def _draw_new(studio: Studio, actor: Actor, kind: TargetKind, label: str, example: str) -> None:
    with st.form(f"new-{kind.value}", border=False, clear_on_submit=True), calm():
        address = st.text_input(label, placeholder=example, max_chars=500, autocomplete="off", width=420)
        if st.form_submit_button(t("Add"), type="primary"):
            added = add_target(studio, actor, kind, address)
            if added.secret:
                st.session_state[_SECRET] = added.secret
            st.rerun()
