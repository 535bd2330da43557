"""The list of all versions: what each is, where it comes from, its rights, its card and figures."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import streamlit as st

from db.tables import Role
from studio.bootstrap import Studio
from studio.models.versions import VersionView
from studio.models.views import ECOMGAN
from studio.review.causes import Cause, CauseKind
from studio.roles import Actor
from studio.ui.engine_form import draw_engine_facts
from studio.ui.gate_view import interval, measure_name
from studio.ui.i18n import date, number, plural, t
from studio.ui.labels import plain
from studio.ui.licence_view import draw_licence, licence_line
from studio.ui.models_view import facts
from studio.ui.places import page_of
from studio.ui.recall_form import address_of


def draw_versions(studio: Studio, actor: Actor, found: Sequence[VersionView], shown: Collection[int]) -> None:
    """One line a version, the newest first. `shown`: ids of those that stand above with all that can be done."""
    st.space("small")
    st.subheader(t("All versions"), anchor=False)
    for version in found:
        _draw_version(studio, actor, version, above=version.model.id in shown)


def _draw_version(studio: Studio, actor: Actor, version: VersionView, *, above: bool) -> None:
    model = version.model
    with st.container(border=True, key=f"version-{model.id}", gap="xsmall"):
        what, rights, actions = st.columns([5, 4, 2.4], vertical_alignment="center")
        with what.container(gap="xxsmall"):
            st.markdown(f"**{plain(model.name)}**{_place(version)}")
            by = plain(version.registered_by) if version.registered_by else t("the studio itself")
            registered = t("registered {day} by {name}", day=date(model.registered_at), name=by)
            st.caption(f"{facts(version)} · {registered}")
        with rights:
            if above:
                st.markdown(licence_line(version))
            else:
                draw_licence(studio, actor, version)
        with actions, st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center"):
            if st.button(t("Card"), type="tertiary", icon=":material/description:", key=f"card-{model.id}"):
                _open_card(studio, version)
            if actor.may(Role.MANAGER) and version.images:
                cause = Cause(CauseKind.MODEL, model_version_id=model.id)
                st.page_link(page_of("recalls"), label=t("Recall"), query_params=address_of(cause))
            if not above and st.button(t("To the gate"), type="tertiary", key=f"gate-{model.id}"):
                st.query_params["model"] = str(model.id)
                st.rerun()


def _place(version: VersionView) -> str:
    if version.in_production:
        return f" &nbsp; :green-badge[{t('In production')}]"
    return f" &nbsp; :blue-badge[{t('Challenger')}]" if version.challenger else ""


def _open_card(studio: Studio, version: VersionView) -> None:
    @st.dialog(version.model.name, width="large")
    def card() -> None:
        _draw_card(studio, version)

    card()


def _draw_card(studio: Studio, version: VersionView) -> None:
    """The card of a version with its origin and figures."""
    st.caption(facts(version))
    lines = [t("{n} images made with it", n=number(version.images))]
    if version.photos:
        lines.append(plural("taught with {n} photo", "taught with {n} photos", version.photos))
    st.markdown(" · ".join(lines))
    if version.model.engine != ECOMGAN:
        draw_engine_facts(studio, version.model)
    if version.training_id is not None:
        query = {"training": str(version.training_id)}
        st.page_link(
            page_of("fine_tune"), label=t("See how it was taught"), icon=":material/school:", query_params=query
        )
    rows = [
        {t("Held-out photos"): data, t("Measure"): measure_name(measure), t("Figure"): interval(figure)}
        for data, measures in version.figures.items()
        for measure, figure in measures.items()
    ]
    if rows:
        st.dataframe(rows, hide_index=True, width="stretch")
    else:
        st.caption(t("No held-out figures yet."))
    st.code(version.model.digest, language=None, wrap_lines=True)
    st.caption(t("SHA-256 over its weights and configuration: the copy in the storage never changes."))
    if version.card:
        st.divider()
        st.markdown(_without_pictures(version.card))


def _without_pictures(card: str) -> str:
    """The card without links to pictures beside it, which the browser could not load."""
    return "\n".join(line for line in card.splitlines() if not line.startswith("!["))
