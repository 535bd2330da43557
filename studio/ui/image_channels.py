"""How one image stands with every channel, as a table: what is wrong, measured beside demanded, what mends it."""

from __future__ import annotations

from html import escape

import streamlit as st

from db.tables import Role
from studio.bootstrap import Studio
from studio.publishing.pack_checks import Finding, PackVerdict
from studio.roles import Actor
from studio.scoring.standing import Standing, mend
from studio.ui.i18n import date, t
from studio.ui.labels import plain
from studio.ui.notices import calm
from studio.ui.pack_words import CONFIDENCES, MEASURES, OUTCOMES, fix_words, rule_words
from studio.ui.places import page_of
from studio.ui.theme import colour

_CSS = """
<style>
.verdicts {{ width: 100%; border-collapse: collapse; font-size: 0.88rem; }}
.verdicts th, .verdicts td {{ text-align: left; vertical-align: top; padding: 0.12rem 0.9rem 0.12rem 0; border: 0; }}
.verdicts tbody {{ border-top: 1px solid {border}; }}
.verdicts tbody tr:first-child > * {{ padding-top: 0.4rem; }}
.verdicts tbody tr:last-child > *, .verdicts [rowspan] {{ padding-bottom: 0.4rem; }}
.verdicts thead th {{ font-size: 0.78rem; font-weight: 600; color: {quiet}; }}
.verdicts tbody th {{ font-weight: 600; white-space: nowrap; }}
.verdicts .word {{ white-space: nowrap; }}
.verdicts i {{ display: inline-block; width: 8px; height: 8px; border-radius: 50%; margin-right: 0.45rem;
  background: {quiet}; }}
.verdicts i.good {{ background: {green}; }}
.verdicts i.bad {{ background: {red}; }}
.verdicts .quiet {{ color: {quiet}; }}
</style>
"""
_COLOURS = {"green": "greenTextColor", "red": "redTextColor", "quiet": "grayTextColor", "border": "borderColor"}


def draw_channels(studio: Studio, actor: Actor, asset_id: int, now: Standing) -> None:
    """The table, buttons that order the image as a channel wants it, and where the rules are from."""
    st.subheader(t("Channels"), anchor=False)
    head = "".join(f"<th scope='col'>{escape(word)}</th>" for word in _head())
    rows = "".join(_row(verdict) for verdict in now.verdicts)
    colours = {name: colour(option) for name, option in _COLOURS.items()}
    table = f"<table class='verdicts'><thead><tr>{head}</tr></thead>{rows}</table>"
    st.html(_CSS.format(**colours) + table)
    names = {one.pack.key: one.pack.name for one in now.verdicts}
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if now.mending and actor.may(Role.EDITOR):
            st.caption(t("Make it again, finished for"), width="content")
            for key in now.mending:
                if st.button(plain(names[key]), icon=":material/auto_fix_high:", key=f"mend-{key}"):
                    with calm():
                        job_id = mend(studio, actor, asset_id, key)
                        st.switch_page(page_of("generate"), query_params={"job": job_id})
        with st.popover(t("Where these rules are from"), icon=":material/menu_book:"):
            _draw_sources(now)


def _head() -> tuple[str, ...]:
    return (t("Channel"), t("Verdict"), t("What is wrong"), t("What mends it"))


def _row(verdict: PackVerdict) -> str:
    """The lines of a channel: each broken rule beside what mends it."""
    word, tone = OUTCOMES[verdict.outcome]
    demands = [one for one in verdict.broken if one.rule.severity == "refused"]
    advice = _strictest([one for one in verdict.broken if one.rule.severity == "advised"], demands)
    lines = [_line(rule_words(one), one, quiet=not one.keeps_out) for one in demands]
    lines += [_line(f"{t('Advised')}: {rule_words(one)}", one, quiet=True) for one in advice]
    waiting = [t(MEASURES[one.rule.check]) for one in verdict.unmeasured if one.rule.severity == "refused"]
    if waiting:
        told = escape(t("Not measured yet: {measures}", measures=", ".join(waiting)))
        lines.append(f"<td class='quiet'>{told}</td><td></td>")
    first, *further = lines or ["<td>–</td><td>–</td>"]
    span = f" rowspan='{len(lines)}'" if further else ""
    head = (
        f"<th scope='row'{span}>{escape(verdict.pack.name)}</th>"
        f"<td class='word'{span}><i class='{tone}'></i>{escape(t(word))}</td>"
    )
    return f"<tbody><tr>{head}{first}</tr>{''.join(f'<tr>{line}</tr>' for line in further)}</tbody>"


def _line(words: str, finding: Finding, *, quiet: bool) -> str:
    shade = " class='quiet'" if quiet else ""
    mended = fix_words(finding.fix) if finding.fix else ""
    return f"<td{shade} title='{escape(t(finding.rule.text))}'>{escape(words)}</td><td{shade}>{escape(mended)}</td>"


def _strictest(advice: list[Finding], demands: list[Finding]) -> list[Finding]:
    """One piece of advice for each measure, the last of its pack, where no demand says more already."""
    last = {one.rule.check: one for one in advice}
    for one in demands:
        last.pop(one.rule.check, None)
    return list(last.values())


def _draw_sources(now: Standing) -> None:
    for one in now.verdicts:
        pack, source = one.pack, one.pack.source
        name = plain(t(source.name))
        named = f"[{name}]({source.url})" if source.url else name
        st.markdown(f"**{plain(pack.name)}** · {t('version {n}', n=pack.version)}, {date(pack.dated)}")
        st.caption(f"{named} · {t('read {day}', day=date(source.read))} · {t(CONFIDENCES[source.confidence])}")
        if pack.note:
            st.caption(plain(t(pack.note)))
