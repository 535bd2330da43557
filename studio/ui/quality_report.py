"""The report of a month: one HTML file with everything in it, which prints well."""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import replace
from html import escape

from plotly.offline import get_plotlyjs

from studio.bootstrap import Studio
from studio.errors import StorageError
from studio.images.assets import AssetView
from studio.images.thumbnails import thumbnail
from studio.quality.costs import cost_rates, costs
from studio.quality.drift import drifts
from studio.quality.extremes import extremes
from studio.quality.figures import (
    Axis,
    QualityFilter,
    approval_by_category,
    by_model,
    known_metrics,
    reasons,
    score_groups,
    trend,
)
from studio.quality.kernel_distances import kernel_distances
from studio.quality.kpis import kpis
from studio.quality.lenience import lenient_reviewers
from studio.quality.rollups import standing
from studio.quality.waits import waits
from studio.review.verdicts import Days
from studio.roles import Actor
from studio.ui.charts import Palette
from studio.ui.i18n import language, moment, month, t
from studio.ui.labels import term
from studio.ui.quality_view import drift_in_words, kpi_texts, lenient_in_words
from studio.ui.told import Told
from studio.ui.told_costs import told_costs, told_kernel_distances, told_waits
from studio.ui.told_decisions import told_rates, told_reasons, told_trend
from studio.ui.told_scores import metric_of, told_spreads

PAPER = Palette(
    text="#1c1f24",
    quiet="#5a6270",
    line="#e1e4e8",
    accent="#0b6b74",
    background="#ffffff",
    font="system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Noto Sans CJK SC', sans-serif",
)
"""Paper is white: the report is always in the light theme."""

_WIDTH = 680  # pixels; what an A4 page holds

_CSS = """
:root { color-scheme: light; }
body { font: 15px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Noto Sans CJK SC', sans-serif;
  color: #1c1f24; background: #fff; max-width: 720px; margin: 2rem auto; padding: 0 16px; }
h1 { font-size: 1.7rem; margin: 0; } h2 { font-size: 1.15rem; margin: 0 0 0.2rem; }
section { margin: 1.8rem 0 0; break-inside: avoid; }
p { margin: 0.3rem 0 0; color: #5a6270; }
.kpis { display: grid; grid-template-columns: repeat(3, 1fr); gap: 10px; margin-top: 1.2rem; }
.kpis div { border: 1px solid #e1e4e8; border-radius: 8px; padding: 10px 14px; }
.kpis b { display: block; font-size: 1.5rem; font-weight: 600; font-variant-numeric: tabular-nums; }
.kpis span { color: #5a6270; font-size: 0.85rem; }
.concerns { border: 1px solid #b45309; border-radius: 8px; padding: 12px 16px; }
.concerns li { margin: 0.35rem 0; }
.pictures { display: grid; grid-template-columns: repeat(5, 1fr); gap: 8px; margin-top: 8px; }
.pictures figure { margin: 0; font-size: 0.75rem; color: #5a6270; }
.pictures img { width: 100%; aspect-ratio: 4 / 5; object-fit: contain; border: 1px solid #e1e4e8; border-radius: 6px; }
.pictures b { color: #1c1f24; }
@page { size: A4; margin: 14mm; }
@media print { body { margin: 0; padding: 0; max-width: none; } .concerns, .kpis div { break-inside: avoid; } }
"""


def report_of_month(studio: Studio, actor: Actor, first: dt.date, wanted: QualityFilter) -> str:
    """The report of the month that begins on `first`, for the category and model of `wanted`."""
    last = (first + dt.timedelta(days=31)).replace(day=1) - dt.timedelta(days=1)
    within = replace(wanted, days=Days(first, min(last, dt.datetime.now(dt.UTC).date())))
    title = t("Quality in {month}", month=month(first))
    parts = [*_head(studio, title, within), _key_figures(studio, actor, within), _concerns(studio, actor, within)]
    parts += [_section(told) for told in _charts(studio, actor, within)]
    parts += _pictures(studio, actor, within)
    return (
        f"<!doctype html><html lang='{language()}'><head><meta charset='utf-8'><title>{escape(title)}</title>"
        f"<style>{_CSS}</style><script>{get_plotlyjs()}</script></head><body>{''.join(parts)}</body></html>"
    )


def _head(studio: Studio, title: str, wanted: QualityFilter) -> Iterator[str]:
    yield f"<h1>{escape(title)}</h1>"
    narrowed = [term(wanted.category)] if wanted.category else []
    made = t("As of {moment}.", moment=moment(dt.datetime.now(dt.UTC)))
    if standing(studio).days:
        made += " " + t("Some of the latest changes are not counted yet.")
    yield f"<p>{escape(' · '.join([*narrowed, made]))}</p>"


def _key_figures(studio: Studio, actor: Actor, wanted: QualityFilter) -> str:
    cells = (
        f"<div><span>{escape(name)}</span><b>{escape(value)}</b><span>{escape(change or ' ')}</span></div>"
        for name, (value, change, _) in kpi_texts(kpis(studio, actor, wanted)).items()
    )
    return (
        f"<div class='kpis'>{''.join(cells)}</div><p>{escape(t('Below each: change against as many days before.'))}</p>"
    )


def _concerns(studio: Studio, actor: Actor, wanted: QualityFilter) -> str:
    lines = [drift_in_words(drift) for drift in drifts(studio, actor, wanted)]
    lines += [lenient_in_words(one) for one in lenient_reviewers(studio, actor, wanted)]
    if not lines:
        return ""
    items = "".join(f"<li>{escape(line.replace('**', '').replace(chr(92), ''))}</li>" for line in lines)
    return f"<section class='concerns'><h2>{escape(t('Look at this first'))}</h2><ul>{items}</ul></section>"


def _charts(studio: Studio, actor: Actor, wanted: QualityFilter) -> Iterator[Told]:
    yield told_trend(trend(studio, actor, wanted), PAPER, weekly=False)
    yield told_rates(approval_by_category(studio, actor, wanted), PAPER, kinds=True)
    yield told_reasons(reasons(studio, actor, wanted), PAPER)
    yield told_rates(by_model(studio, actor, wanted), PAPER, kinds=False)
    yield told_kernel_distances(kernel_distances(studio, actor, wanted), PAPER)
    rates = cost_rates(studio, actor)
    yield told_costs(costs(studio, actor, Axis.CATEGORY, wanted), rates, PAPER, kinds=True)
    yield told_waits(waits(studio, actor, Axis.CATEGORY, wanted), PAPER, kinds=True)
    for metric in known_metrics(studio, actor):
        groups = score_groups(studio, actor, metric, Axis.CATEGORY, wanted)
        yield told_spreads(groups, metric, PAPER, kinds=True)


def _section(told: Told) -> str:
    drawn = ""
    if told.figure is not None:
        told.figure.update_layout(width=_WIDTH)
        chart = told.figure.to_html(full_html=False, include_plotlyjs=False, config={"staticPlot": True})
        drawn = f"<div role='img' aria-label='{escape(told.alt)}'>{chart}</div>"
    return f"<section><h2>{escape(told.title)}</h2>{drawn}<p>{escape(told.words)}</p></section>"


def _pictures(studio: Studio, actor: Actor, wanted: QualityFilter) -> Iterator[str]:
    known = known_metrics(studio, actor)
    if not known:
        return
    metric = "colour_difference" if "colour_difference" in known else known[0]
    found, score = extremes(studio, actor, metric, wanted), t(metric_of(metric).name)
    for title, images in (
        (t("Worst ten: {score}", score=score), found.worst),
        (t("Best ten: {score}", score=score), found.best),
    ):
        if images:
            drawn = _figures(studio, images, metric)
            yield f"<section><h2>{escape(title)}</h2><div class='pictures'>{drawn}</div></section>"


def _figures(studio: Studio, images: Sequence[AssetView], metric: str) -> str:
    found = []
    for view in images:
        value = view.scores.get(metric)
        written = "–" if value is None else metric_of(metric).written(value)
        kind, text = escape(term(view.category)), escape(view.product_title or view.prompt)
        found.append(
            f"<figure>{_picture(studio, view, text)}<figcaption><b>{escape(written)}</b> {kind}</figcaption></figure>"
        )
    return "".join(found)


def _picture(studio: Studio, view: AssetView, alt: str) -> str:
    try:
        data = base64.b64encode(thumbnail(studio, view.sha256, 160)).decode()
    except StorageError:  # its bytes are missing; the storage check tells so elsewhere
        return ""
    return f"<img alt='{alt}' src='data:image/webp;base64,{data}'>"
