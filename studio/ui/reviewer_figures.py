"""The charts of the page Reviewers: each with plain words, or a sentence where too little is known; a click opens the
images behind a point.
"""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go
import streamlit as st

from studio.quality.rates import Rate
from studio.review.agreement import FEWEST_NAMED, FEWEST_SHARED
from studio.review.behind import Behind, WantedImages
from studio.review.kappa import Kappa
from studio.review.reviewers import FEWEST_GOLD, FEWEST_TIMED, ReviewerReport
from studio.review.states import REASONS
from studio.ui.i18n import duration, number, percent, t
from studio.ui.judged_view import address_of
from studio.ui.labels import plain
from studio.ui.reviewer_charts import PairCell, Spread, pair_grid, spreads
from studio.ui.theme import palette


def draw_charts(report: ReviewerReport) -> None:
    """Agreement and gold images at the left, time and reasons at the right; of one person only the reasons, since the
    rest has one row.
    """
    if not report.whole_team:
        with st.container(border=True):
            st.subheader(t("Agreement, by reason"), anchor=False)
            _draw_reasons(report)
        return
    left, right = st.columns(2, gap="medium")
    with left:
        with st.container(border=True):
            st.subheader(t("Agreement beyond chance"), anchor=False)
            _draw_kappas(report)
        with st.container(border=True):
            st.subheader(t("Gold images with the right verdict"), anchor=False)
            _draw_gold(report)
        if len(report.pairs) > 1:
            with st.container(border=True):
                st.subheader(t("Who agrees with whom"), anchor=False)
                _draw_pairs(report)
    with right:
        with st.container(border=True):
            st.subheader(t("Time to decide"), anchor=False)
            _draw_times(report)
        with st.container(border=True):
            st.subheader(t("Agreement, by reason"), anchor=False)
            _draw_reasons(report)


def _draw_kappas(report: ReviewerReport) -> None:
    known = [(one, one.agreement.kappa) for one in report.people]
    rows = [(one, kappa) for one, kappa in known if kappa is not None and kappa.value is not None]
    if not rows:
        most = max((one.agreement.agreed.n for one, _ in known), default=0)
        _too_few(t("images judged by two"), most, FEWEST_SHARED)
        return
    st.caption(
        f"{t('1 is always the same verdict, 0 as often as by chance; from 0.6 on (shaded) agreement is substantial.')} "
        f"{_several(report.several)}"
    )
    drawn = [_kappa_row(plain(one.name), kappa) for one, kappa in rows]
    wanted = [WantedImages(Behind.DISAGREED, one.user_id) for one, _ in rows]
    _draw(spreads(drawn, t("Cohen's kappa, with 95 % interval"), palette(), kappa=True), wanted, "kappas", drawn)


def _draw_times(report: ReviewerReport) -> None:
    rows = [(one, one.pace) for one in report.people if one.pace is not None]
    if not rows:
        _too_few(t("decisions within five minutes of the one before"), 0, FEWEST_TIMED)
        return
    st.caption(
        t("The point is the middle decision, the line ends where the slowest tenth begins. Breaks are left out.")
    )
    drawn = [
        Spread(
            label=one.name,
            value=pace.median_seconds,
            low=pace.median_seconds,
            high=pace.p90_seconds,
            text=duration(pace.median_seconds),
            hover=t(
                "{name}: median {median}, slowest tenth from {p90} on, {n} decisions",
                name=one.name,
                median=duration(pace.median_seconds),
                p90=duration(pace.p90_seconds),
                n=number(pace.n),
            ),
        )
        for one, pace in rows
    ]
    wanted = [WantedImages(Behind.SLOWEST, one.user_id) for one, _ in rows]
    _draw(spreads(drawn, t("seconds"), palette()), wanted, "times", drawn)


def _draw_gold(report: ReviewerReport) -> None:
    rows = [one for one in report.people if one.gold.right.n >= FEWEST_GOLD]
    if not rows:
        _too_few(
            t("answers about gold images"), max((one.gold.right.n for one in report.people), default=0), FEWEST_GOLD
        )
        return
    st.caption(t("Images of which a manager knows the right verdict. Click a point for those that were judged wrong."))
    drawn = [_share_row(one.name, one.gold.right, one.gold.faults) for one in rows]
    wanted = [WantedImages(Behind.GOLD_WRONG, one.user_id) for one in rows]
    _draw(spreads(drawn, t("right verdicts, with 95 % interval"), palette(), share=True), wanted, "gold", drawn)


def _draw_reasons(report: ReviewerReport) -> None:
    only = None if report.whole_team else report.people[0].user_id
    known = [(one, one.kappa) for one in report.reasons]
    rows = [(one, kappa) for one, kappa in known if kappa is not None and kappa.value is not None]
    if not rows:
        _too_few(t("images rejected for one reason"), max((one.named.n for one, _ in known), default=0), FEWEST_NAMED)
        return
    st.caption(t("Whether two people reject an image for the same reason. Low: the reason needs a clearer example."))
    drawn = [_kappa_row(t(REASONS[one.reason].label), kappa) for one, kappa in rows]
    wanted = [WantedImages(Behind.DISAGREED, only, reason=one.reason) for one, _ in rows]
    _draw(spreads(drawn, t("Cohen's kappa, with 95 % interval"), palette(), kappa=True), wanted, "reasons", drawn)


def _draw_pairs(report: ReviewerReport) -> None:
    met = {id_ for pair in report.pairs for id_ in (pair.one_id, pair.other_id)}
    people = [one for one in report.people if one.user_id in met]
    at = {one.user_id: place for place, one in enumerate(people)}
    cells, wanted = [], []
    for pair in report.pairs:
        value = pair.agreement.kappa.value if pair.agreement.kappa else None
        hover = t(
            "{one} and {other}: same verdict on {hits} of {n}",
            one=people[at[pair.one_id]].name,
            other=people[at[pair.other_id]].name,
            hits=number(pair.agreement.agreed.successes),
            n=number(pair.agreement.agreed.n),
        )
        for row, column in ((pair.one_id, pair.other_id), (pair.other_id, pair.one_id)):
            cells.append(PairCell(at[row], at[column], value, "–" if value is None else number(value, 2), hover))
            wanted.append(WantedImages(Behind.DISAGREED, pair.one_id, pair.other_id))
    st.caption(t("Kappa of each two; – stands for fewer than {n} images that both judged.", n=FEWEST_SHARED))
    _draw(pair_grid([one.name for one in people], cells, palette()), wanted, "pairs", cells)


def _draw(
    figure: go.Figure, wanted: Sequence[WantedImages], key: str, rows: Sequence[Spread] | Sequence[PairCell]
) -> None:
    """The chart; a click on a point opens the images that it stands for."""
    event = st.plotly_chart(
        figure,
        theme=None,
        key=f"reviewers-{key}",
        on_select="rerun",
        selection_mode="points",
        config={"displayModeBar": False},
        alt="; ".join(dict.fromkeys(row.hover for row in rows)),
    )
    points = event["selection"]["points"]
    if points:
        st.query_params.update(address_of(wanted[points[0]["point_index"]]))
        st.rerun()


def _kappa_row(label: str, kappa: Kappa) -> Spread:
    value, low, high = kappa.value or 0.0, kappa.low or 0.0, min(1.0, kappa.high or 0.0)
    hover = t(
        "{name}: kappa {value} (95 %: {low} to {high}), {n} images",
        name=label,
        value=number(value, 2),
        low=number(low, 2),
        high=number(high, 2),
        n=number(kappa.n),
    )
    return Spread(label, value, low, high, number(value, 2), hover)


def _share_row(label: str, right: Rate, faults: Rate) -> Spread:
    hover = t(
        "{name}: {hits} of {n} right (95 %: {low} to {high}); {found} of {faults} faults found",
        name=label,
        hits=number(right.successes),
        n=number(right.n),
        low=percent(right.low or 0.0),
        high=percent(right.high or 0.0),
        found=number(faults.successes),
        faults=number(faults.n),
    )
    share = right.share or 0.0
    return Spread(label, share, right.low or 0.0, right.high or 0.0, f"{right.successes}/{right.n}", hover)


def _several(kappa: Kappa | None) -> str:
    if kappa is None or kappa.value is None:
        return ""
    return t(
        "Among three people or more on an image: {value} (Fleiss, {n} images).",
        value=number(kappa.value, 2),
        n=number(kappa.n),
    )


def _too_few(what: str, n: int, least: int) -> None:
    st.info(
        t("So far {n} of the {least} {what} that a figure needs.", n=number(n), least=number(least), what=what),
        icon=":material/info:",
    )
