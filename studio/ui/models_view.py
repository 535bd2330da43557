"""The upper part of the page Models: production, the version that may take its place, their pictures, the history."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from db.tables import Role
from studio.bootstrap import Studio
from studio.models.aliases import AliasLine
from studio.models.promotion import gate, roll_back, roll_back_target
from studio.models.versions import VersionView
from studio.models.views import ECOMGAN, ModelView
from studio.roles import Actor
from studio.ui.cards import thumbnail_url
from studio.ui.gate_view import draw_gate
from studio.ui.i18n import ago, moment, msg, number, t
from studio.ui.labels import plain, term
from studio.ui.licence_view import draw_licence
from studio.ui.notices import calm
from studio.ui.places import page_of
from studio.ui.theme import colour

SOURCES = {
    "shipped": msg("shipped with the studio"),
    "fine_tuned": msg("taught here"),
    "added": msg("added by hand"),
}

_LINES = 5
_SHEETS = """
<style>
.sheets {{ display: grid; gap: 6px 18px; grid-template-columns: max-content repeat({n}, minmax(0, 33rem));
  align-items: start; }}
.sheets .words {{ display: grid; align-self: stretch; grid-auto-rows: 1fr; font-size: 0.85rem; color: {quiet};
  text-align: right; }}
.sheets .words span {{ align-self: center; }}
.sheets b {{ font-weight: 600; font-size: 0.95rem; overflow-wrap: anywhere; }}
.sheets img {{ width: 100%; display: block; background: #fff; border-radius: 8px; border: 1px solid {line}; }}
</style>
"""


def candidate_of(found: Sequence[VersionView]) -> VersionView | None:
    """The version that the visitor chose to look at against production, else the challenger."""
    chosen = st.query_params.get("model", "")
    others = [version for version in found if not version.in_production]
    by_id = {str(version.model.id): version for version in others}
    return by_id.get(chosen) or next((version for version in others if version.challenger), None)


def facts(version: VersionView) -> str:
    """One line of what a version is: 80 x 64 px, photos seen, where it comes from."""
    model = version.model
    parts = [f"{model.height} × {model.width} px"]
    if model.images_seen:
        parts.append(t("{n} photos seen", n=number(model.images_seen)))
    parts.append(t(SOURCES.get(model.source, model.source)))
    if version.parent:
        parts.append(t("taught from {name}", name=plain(version.parent)))
    if model.engine != ECOMGAN:
        parts.append(t("reads free texts"))
    return " · ".join(parts)


def draw_production(studio: Studio, actor: Actor, champion: VersionView) -> None:
    """What is in production, and the way back."""
    st.markdown(f":green[●] {t('In production')}")
    st.subheader(plain(champion.model.name), anchor=False)
    st.caption(facts(champion))
    draw_licence(studio, actor, champion)
    if champion.refusal:
        st.error(t("Exports of its images are stopped. Roll back, or put another version into production."))
    target = roll_back_target(studio, actor)
    if target is not None and actor.may(Role.MANAGER):
        label = t("Roll back to {name}", name=plain(target.name))
        if st.button(label, icon=":material/undo:", key="roll-back", help=t("At once; orders that run are finished.")):
            with calm():
                roll_back(studio, actor)
                st.query_params.pop("model", None)
                st.rerun()


def draw_candidate(studio: Studio, actor: Actor, candidate: VersionView | None) -> None:
    """The version that may go into production, and what its gate says."""
    if candidate is None:
        st.markdown(f":gray[●] {t('No challenger')}")
        st.subheader(t("Nothing waits for production"), anchor=False)
        st.caption(
            t(
                "Teach a model your own photos, and it turns up here as challenger. Before it goes into production its "
                "held-out figures and a blind vote are looked at."
            )
        )
        if actor.may(Role.ADMIN):
            st.page_link(page_of("fine_tune"), label=t("Fine-tune a model"), icon=":material/school:")
        return
    word = t("Challenger") if candidate.challenger else t("Candidate")
    st.markdown(f":blue[●] {word}")
    st.subheader(plain(candidate.model.name), anchor=False)
    made = t("registered {time}", time=ago(candidate.model.registered_at))
    st.caption(f"{facts(candidate)} · {made}")
    draw_gate(studio, actor, candidate, gate(studio, actor, candidate.model.id))


def draw_pictures(found: Sequence[VersionView], champion: VersionView, candidate: VersionView | None) -> None:
    """Versions side by side at the same seeds; the visitor may choose others."""
    drawn = {version.model.id: version for version in found if version.model.samples_sha256}
    preset = [one.model.id for one in (champion, candidate) if one is not None and one.model.id in drawn]
    st.space("small")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(t("At the same seeds"), anchor=False, width="stretch")
        chosen = st.multiselect(
            t("Versions side by side"),
            list(drawn),
            default=preset,
            max_selections=3,
            format_func=lambda model_id: drawn[model_id].model.name,
            label_visibility="collapsed",
            placeholder=t("Choose up to three versions"),
            width=420,
            key=f"sheets-{'-'.join(map(str, preset))}",
        )
    if not drawn:
        st.caption(t("The worker draws the pictures of each version as soon as it is free."))
    elif chosen:
        _draw_sheets([drawn[model_id] for model_id in chosen])


def draw_history(lines: Sequence[AliasLine]) -> None:
    """Who put what into production, when and why, the last lines; the page Activity has all."""
    st.markdown(f"**{t('What was in production')}**")
    for line in lines[:_LINES]:
        by = plain(line.by) if line.by else t("the studio itself")
        st.caption(f"{moment(line.at)} · **{plain(line.model)}** · {by}  \n{_why(line)}")


def _draw_sheets(shown: Sequence[VersionView]) -> None:
    longest = max((version.words_shown for version in shown), key=len)
    heads = "".join(f"<b>{_escaped(version.model)}</b>" for version in shown)
    words = "".join(f"<span>{term(word)}</span>" for word in longest)
    pictures = "".join(_picture(version) for version in shown)
    style = _SHEETS.format(n=len(shown), quiet=colour("grayTextColor"), line=colour("borderColor"))
    st.html(f'{style}<div class="sheets"><i></i>{heads}<div class="words">{words}</div>{pictures}</div>')
    st.caption(t("One row a kind of product, one column a seed; the same seeds for every version."))


def _picture(version: VersionView) -> str:
    url = thumbnail_url(version.model.samples_sha256 or "", 640)
    words = ", ".join(term(word) for word in version.words_shown)
    return f'<img src="{url}" alt="{_escaped(version.model)}: {words}">'


def _escaped(model: ModelView) -> str:
    return escape(model.name)


def _why(line: AliasLine) -> str:
    return plain(line.reason)
