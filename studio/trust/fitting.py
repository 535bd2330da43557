"""Learning a calibration from verdicts. Works inside the worker: scikit-learn stays out of the pages.

Held out in time, as it is used: learnt on the earlier verdicts, brought in line on those that follow, judged on the
latest, which neither has seen. Both later parts are as late as proofs allow: what was decided while a bad model version
was in production says too little afterwards. In made-up years whose bad version ended 70 % on the way, probabilities
that were brought in line at 50 to 70 % lay ten points too low.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss

from studio.errors import Conflict
from studio.trust.calibrations import refuse_too_few
from studio.trust.cases import Case, foretell, outcomes
from studio.trust.measures import FEWEST, Bools, Figures, judge
from studio.trust.model import Floats, Line, Metric, Model, columns, value_of

_JUDGED: Final = (0.15, 0.3)  # of all verdicts: what is enough of many, and the most of few
_ENOUGH: Final = 1_000  # verdicts to judge on; they must prove rates of escapes for each category
_ALIGNED: Final = 0.2  # at most
_OWN_OFFSET: Final = 20  # verdicts of a category from which on it has an offset of its own
_OWN_LINE: Final = 100  # verdicts of a category, in the part to align on, from which on it has a line of its own
_OWN_KIND: Final = 15  # as many of them at least are approvals, and rejections
_MEASURED: Final = 30  # values of a score from which on it enters
_STRENGTHS: Final = (0.003, 0.03, 0.3)  # inverse penalties; tried on the last fifth of what is learnt from
_ALL = ""


@dataclass(frozen=True)
class Fitted:
    """A model, the cases that it was judged on with what it foretold, and its figures in all ("") and by category."""

    model: Model
    held_out: tuple[Case, ...]
    foretold: Floats
    figures: dict[str, Figures]


def fit(some: Sequence[Case]) -> Fitted:
    """Learn from verdicts, the oldest first. Raises Conflict with what is missing."""
    approved = sum(case.approved for case in some)
    refuse_too_few(len(some), approved)
    learn, align, judged = _parts(some)
    if len({case.approved for case in learn}) < 2:
        raise Conflict(
            "All {n} verdicts of the earlier part are the same, so nothing can be learnt from them yet. It works once "
            "the earlier part holds approvals and rejections.",
            n=len(learn),
        )
    model = _aligned(_learnt(learn), align)
    foretold = foretell(model, judged)
    return Fitted(model, tuple(judged), foretold, _figures(judged, foretold))


def _parts(some: Sequence[Case]) -> tuple[list[Case], list[Case], list[Case]]:
    share, most = _JUDGED
    judged = min(round(most * len(some)), max(round(share * len(some)), _ENOUGH))
    second = len(some) - judged
    first = second - min(round(_ALIGNED * len(some)), judged)
    return list(some[:first]), list(some[first:second]), list(some[second:])


def _learnt(learn: Sequence[Case]) -> Model:
    metrics = _metrics(learn)
    numbers = Counter(case.category for case in learn)
    categories = tuple(sorted(category for category, n in numbers.items() if n >= _OWN_OFFSET))
    table = columns(metrics, categories, [case.scores for case in learn], [case.category for case in learn])
    approved = outcomes(learn)
    strength = _best_strength(table, approved)
    learner = LogisticRegression(C=strength, max_iter=2_000).fit(table, approved)
    return Model(metrics, categories, tuple(map(float, learner.coef_[0])), float(learner.intercept_[0]))


def _metrics(learn: Sequence[Case]) -> tuple[Metric, ...]:
    """Each score in the version in which it was measured last: those of two versions cannot be compared."""
    newest: dict[str, int] = {}
    for case in learn:
        newest.update({key: told["version"] for key, told in case.scores.items() if told["value"] is not None})
    found = []
    for key, version in sorted(newest.items()):
        values = np.array([value_of(case.scores, key, version) for case in learn])
        values = values[~np.isnan(values)]
        spread = float(values.std()) if len(values) else 0.0
        if len(values) < _MEASURED or spread < 1e-9:
            continue
        mean = float(values.mean())
        bends = np.unique(np.round((np.quantile(values, (0.25, 0.5, 0.75)) - mean) / spread, 6))
        found.append(Metric(key, version, mean, spread, tuple(map(float, bends))))
    return tuple(found)


def _best_strength(table: Floats, approved: Bools) -> float:
    end = round(0.8 * len(table))
    early, late = approved[:end], approved[end:]
    if len(set(early.tolist())) < 2:
        return _STRENGTHS[0]

    def loss(strength: float) -> float:
        learner = LogisticRegression(C=strength, max_iter=2_000).fit(table[:end], early)
        return float(log_loss(late, learner.predict_proba(table[end:])[:, 1], labels=[False, True]))

    return min(_STRENGTHS, key=loss)


def _aligned(model: Model, align: Sequence[Case]) -> Model:
    """The model with Platt's two numbers, in all and for each category that has enough verdicts."""
    raw = model.raw([case.scores for case in align], [case.category for case in align])
    approved = outcomes(align)
    lines = [_line("", raw, approved) or Line()]
    of = np.array([case.category for case in align], dtype=object)
    for category, n in sorted(Counter(of.tolist()).items()):
        own = of == category
        if n >= _OWN_LINE and min(approved[own].sum(), (~approved[own]).sum()) >= _OWN_KIND:
            lines += [line for line in (_line(category, raw[own], approved[own]),) if line is not None]
    return replace(model, lines=tuple(lines))


def _line(category: str, raw: Floats, approved: Bools) -> Line | None:
    """None where all verdicts are of one kind: nothing can be brought in line with them."""
    if len(set(approved.tolist())) < 2:
        return None
    platt = LogisticRegression(C=1e3).fit(raw[:, None], approved)
    slope, offset = float(platt.coef_[0, 0]), float(platt.intercept_[0])
    if slope <= 0:  # the scores told nothing there: all get the rate of that part
        return Line(category, 0.0, float(np.log(approved.mean() / (1 - approved.mean()))))
    return Line(category, slope, offset)


def _figures(judged: Sequence[Case], foretold: Floats) -> dict[str, Figures]:
    approved = outcomes(judged)
    of = np.array([case.category for case in judged], dtype=object)
    found = {_ALL: judge(foretold, approved)}
    for category, n in Counter(of.tolist()).most_common():
        if n >= FEWEST:
            found[category] = judge(foretold[of == category], approved[of == category])
    return found
