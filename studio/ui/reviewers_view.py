"""Pieces of the page Reviewers: key figures, what concerns a manager, the table, one person's figures."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from studio.quality.rates import Rate
from studio.review.agreement import FEWEST_SHARED, Agreement
from studio.review.behind import Behind, WantedImages
from studio.review.reviewers import FEWEST_GOLD, FEWEST_TIMED, Concern, ReviewerFigures, ReviewerReport
from studio.ui.i18n import duration, msg, number, percent, plural, t
from studio.ui.judged_view import address_of
from studio.ui.labels import plain
from studio.ui.places import page_of

_CONCERNS: dict[Concern, tuple[str, Behind]] = {
    Concern.APPROVES_ALL: (
        msg("{name} approves {share} of the images; the others approve {expected} of the same categories."),
        Behind.APPROVED,
    ),
    Concern.MISSES_FAULTS: (
        msg("{name} found {found} of the {n} faults in gold images."),
        Behind.GOLD_WRONG,
    ),
    Concern.TOO_FAST: (
        msg("Half of the decisions of {name} took less than {median}."),
        Behind.APPROVED,
    ),
}


def draw_key_figures(report: ReviewerReport) -> None:
    """What the team did in the period."""
    gold_right = sum(one.gold.right.successes for one in report.people)
    gold_all = sum(one.gold.right.n for one in report.people)
    decided = sum(one.approved.n for one in report.people)
    with st.grid(5, min_column_width=170):
        _metric(t("Decided"), number(decided), plural("{n} reviewer", "{n} reviewers", len(report.people)))
        agreed = report.agreement.agreed
        _metric(t("Same verdict"), _share(agreed), t("{n} images judged by two", n=number(agreed.n)))
        _metric(t("Kappa"), *_kappa_words(report.agreement))
        told = percent(gold_right / gold_all) if gold_all >= FEWEST_GOLD else "–"
        _metric(t("Gold images right"), told, t("{hits} of {n}", hits=number(gold_right), n=number(gold_all)))
        _metric(t("Waiting for an opinion"), number(report.waiting), t("of another reviewer"))


def draw_concerns(people: Sequence[ReviewerFigures]) -> None:
    """What a manager should look at, each with the way to the images."""
    for one in people:
        for concern in one.concerns:
            text, behind = _CONCERNS[concern]
            faults = one.gold.faults
            told = t(
                text,
                name=plain(one.name),
                share=_share(one.beside.own if one.beside else one.approved),
                expected=percent(one.beside.expected if one.beside else 0.0),
                found=number(faults.successes),
                n=number(faults.n),
                median=duration(one.pace.median_seconds if one.pace else 0.0),
            )
            with st.container(
                border=True, horizontal=True, vertical_alignment="center", key=f"concern-{one.user_id}-{concern}"
            ):
                st.markdown(f":orange[:material/visibility:] {told}", width="stretch")
                _link(t("Look at the images"), WantedImages(behind, one.user_id))


def draw_table(people: Sequence[ReviewerFigures]) -> None:
    """All reviewers, a row each; a click on one shows that person's figures."""
    rows = [
        {
            t("Reviewer"): one.name,
            t("Decided"): one.approved.n,
            t("Approved"): _percentage(one.approved),
            t("First pass"): _percentage(one.first_pass),
            t("Taken back"): _percentage(one.undone),
            t("An hour"): one.pace.per_hour if one.pace else None,
            t("Median"): one.pace.median_seconds if one.pace else None,
            t("Slowest tenth"): one.pace.p90_seconds if one.pace else None,
            t("Same verdict"): _percentage(one.agreement.agreed, FEWEST_SHARED),
            t("Kappa"): one.agreement.kappa.value if one.agreement.kappa else None,
            t("Gold"): _percentage(one.gold.right, FEWEST_GOLD),
        }
        for one in people
    ]
    shares = {
        t(name): st.column_config.NumberColumn(format="%.0f%%", help=t(help_))
        for name, help_ in (
            (msg("Approved"), msg("of the verdicts")),
            (msg("First pass"), msg("approved, of the images that this person was the first to judge")),
            (msg("Taken back"), msg("of all verdicts, within ten seconds")),
            (msg("Same verdict"), msg("as another reviewer, of the images that both judged")),
            (msg("Gold"), msg("gold images with the right verdict")),
        )
    }
    seconds = {
        t(name): st.column_config.NumberColumn(format="%.1f s", help=t("from one decision to the next, without breaks"))
        for name in (msg("Median"), msg("Slowest tenth"))
    }
    picked = st.dataframe(
        rows,
        hide_index=True,
        width="stretch",
        height="content" if len(rows) <= 8 else 340,
        key="reviewers",
        on_select="rerun",
        selection_mode="single-row",
        column_config={
            **shares,
            **seconds,
            t("An hour"): st.column_config.NumberColumn(format="%d", help=t("decisions in an hour of sitting")),
            t("Kappa"): st.column_config.NumberColumn(format="%.2f", help=t("agreement beyond chance, 1 is always")),
        },
    )
    st.caption(
        t(
            "Click a row for that person's figures and images. Empty: fewer than {times} timed decisions, {shared} "
            "shared images or {gold} gold images.",
            times=FEWEST_TIMED,
            shared=FEWEST_SHARED,
            gold=FEWEST_GOLD,
        )
    )
    chosen = picked["selection"]["rows"]
    if chosen and chosen[0] < len(people):
        draw_person(people[chosen[0]])


def draw_person(one: ReviewerFigures) -> None:
    """The figures of one reviewer, each with the way to its images."""
    gold, agreed, pace = one.gold, one.agreement.agreed, one.pace
    with st.container(border=True, key="person"):
        st.markdown(f"**{plain(one.name)}**")
        with st.grid(4, min_column_width=220):
            _tile(one, Behind.APPROVED, t("Approved"), _share(one.approved), _of(one.approved))
            _tile(one, Behind.REJECTED, t("Rejected"), number(one.approved.n - one.approved.successes), _expected(one))
            _tile(one, Behind.FIRST_PASS, t("First pass"), _share(one.first_pass), _of(one.first_pass))
            _tile(one, Behind.UNDONE, t("Taken back"), _share(one.undone), _of(one.undone))
            if pace is None:
                slow = t("from {n} timed decisions on", n=FEWEST_TIMED)
                _tile(one, Behind.SLOWEST, t("Time to decide"), "–", slow)
            else:
                slow = t(
                    "a tenth takes more than {p90} · {n} an hour",
                    p90=duration(pace.p90_seconds),
                    n=number(pace.per_hour),
                )
                _tile(one, Behind.SLOWEST, t("Time to decide"), duration(pace.median_seconds), slow)
            _tile(one, Behind.DISAGREED, t("Kappa"), *_kappa_words(one.agreement))
            _tile(one, Behind.AGREED, t("Same verdict"), _share(agreed), _of(agreed))
            enough = gold.right.n >= FEWEST_GOLD
            note = _of(gold.right) if enough else t("{n} of {least} answers", n=number(gold.right.n), least=FEWEST_GOLD)
            _tile(one, Behind.GOLD_WRONG, t("Gold images right"), _share(gold.right) if enough else "–", note)


def _kappa_words(agreement: Agreement) -> tuple[str, str]:
    """The kappa, and what is to be known of it."""
    kappa = agreement.kappa
    if kappa is None:
        return "–", t("{n} of {least} images judged by two", n=number(agreement.agreed.n), least=FEWEST_SHARED)
    if kappa.value is None or kappa.low is None or kappa.high is None:
        return "–", t("everyone said the same of all images")
    ends = t("95 %: {low} to {high}", low=number(kappa.low, 2), high=number(min(1.0, kappa.high), 2))
    return number(kappa.value, 2), ends


def _tile(one: ReviewerFigures, behind: Behind, label: str, value: str, note: str) -> None:
    with st.container(border=True, key=f"tile-{behind}", gap="xxsmall", height="stretch"):
        st.caption(label)
        st.header(value, anchor=False)
        _link(note, WantedImages(behind, one.user_id))


def _link(label: str, wanted: WantedImages) -> None:
    st.page_link(page_of("reviewers"), label=label, icon=":material/photo_library:", query_params=_kept(wanted))


def _kept(wanted: WantedImages) -> dict[str, str]:
    """The address of the images, in the same period."""
    days = st.query_params.get("days")
    return address_of(wanted) | ({"days": days} if days else {})


def _metric(label: str, value: str, note: str) -> None:
    st.metric(label, value, note, delta_color="off", delta_arrow="off", border=True, height="stretch")


def _percentage(rate: Rate, least: int = 1) -> float | None:
    """The share in per cent; None below `least`."""
    return None if rate.share is None or rate.n < least else 100 * rate.share


def _share(rate: Rate) -> str:
    return "–" if rate.share is None else percent(rate.share)


def _of(rate: Rate) -> str:
    return t("{hits} of {n}", hits=number(rate.successes), n=number(rate.n))


def _expected(one: ReviewerFigures) -> str:
    if one.beside is None:
        return plural("{n} verdict", "{n} verdicts", one.approved.n)
    return t("the others reject {share} of the same categories", share=percent(1 - one.beside.expected))
