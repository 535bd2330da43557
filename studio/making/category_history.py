"""What became of a category's images so far, and of those around it, as the ground for what to expect of new ones."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import Product, QualityDay, QualityReviewer, QualityVerdict, utc_now
from studio.making.predictive import JEFFREYS, Belief
from studio.quality.histogram import WAITS

DAYS = 365
"""Older decisions tell nothing of today's images."""

PACE_DAYS = 60
"""The days that say how fast review is now."""

FEWEST = 10
"""Decisions from which on a group of images speaks for itself."""

OTHER_MODELS, OTHER_CATEGORIES = 10.0, 4.0
"""How many decisions the images of other model versions, or of the categories around, are worth at most."""

PATH = " > "


class Ground(StrEnum):
    """What a belief mostly stands on, the nearest kind of images first of which enough were decided."""

    MODEL = "model"
    CATEGORY = "category"
    AROUND = "around"
    ALL = "all"
    NONE = "none"


@dataclass(frozen=True)
class Tally:
    """Of `n` images decided on, `approved` were approved."""

    approved: int = 0
    n: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.approved + other.approved, self.n + other.n)

    def __sub__(self, other: Tally) -> Tally:
        return Tally(self.approved - other.approved, self.n - other.n)


@dataclass(frozen=True)
class History:
    """What is believed of a category. `tally` is of the images of `ground`; `around` names the path that it means."""

    belief: Belief
    ground: Ground
    tally: Tally
    around: str = ""


@dataclass(frozen=True)
class Pace:
    """How long a category's images wait for their verdict (the median, None where none was waited for), and what one
    takes the reviewers. In seconds.
    """

    wait: float | None
    review: float | None


def histories(session: Session, paths: Mapping[str, str], model_id: int) -> dict[str, History]:
    """The history of each category, by the verdicts that stand. paths: category as images name it -> a path of the
    catalogue, "" where there is none.
    """
    of_model, of_all = _tallies(session, model_id)
    known = _leaves(session)
    total = sum(of_all.values(), Tally())
    found = {}
    for category, path in paths.items():
        circles = [total]  # ever nearer kinds of images; each holds the next
        named = ""
        for above in _above(path or known.paths.get(category, "")):
            inside = sum((of_all[leaf] for leaf in known.below[above] | {category}), Tally())
            circles.append(inside)
            named = above if inside.n >= FEWEST else named
        circles += [of_all[category], of_model[category]]
        found[category] = _believed(circles, named)
    return found


def paces(session: Session, categories: Collection[str]) -> dict[str, Pace]:
    """How fast each category goes through review; that of all images where it has none of its own."""
    own = {category: _pace(session, category) for category in categories}
    if all(pace.wait is not None and pace.review is not None for pace in own.values()):
        return own
    every = _pace(session, None)
    return {
        category: Pace(
            wait=every.wait if pace.wait is None else pace.wait,
            review=every.review if pace.review is None else pace.review,
        )
        for category, pace in own.items()
    }


@dataclass(frozen=True)
class _Leaves:
    """The paths of the catalogue: last part -> its most frequent path; path above -> the last parts below it."""

    paths: Mapping[str, str]
    below: Mapping[str, set[str]]


def _leaves(session: Session) -> _Leaves:
    paths: dict[str, str] = {}
    below: dict[str, set[str]] = defaultdict(set)
    for path in session.scalars(_paths()):
        leaf = path.split(PATH)[-1]
        paths.setdefault(leaf, path)
        for above in _above(path):
            below[above].add(leaf)
    return _Leaves(paths, below)


def _paths() -> sa.Select[str]:
    """Those with most products first."""
    return sa.select(Product.category).group_by(Product.category).order_by(sa.func.count().desc(), Product.category)


def _above(path: str) -> list[str]:
    """The paths above one, the farthest first."""
    parts = path.split(PATH)
    return [PATH.join(parts[:end]) for end in range(1, len(parts))]


def _tallies(session: Session, model_id: int) -> tuple[dict[str, Tally], dict[str, Tally]]:
    """Category -> its tally, of this model version and of all."""
    row = QualityVerdict
    ours = row.model_version_id == model_id
    approved = sa.func.sum(sa.case((row.reason == "", row.standing), else_=0))
    query = sa.select(row.category, ours, approved, sa.func.sum(row.standing)).where(row.day >= _since(DAYS))
    of_model: dict[str, Tally] = defaultdict(Tally)
    of_all: dict[str, Tally] = defaultdict(Tally)
    for category, is_ours, good, n in session.execute(query.group_by(row.category, ours)):
        tally = Tally(int(good or 0), int(n or 0))
        of_all[category] += tally
        if is_ours:
            of_model[category] += tally
    return of_model, of_all


def _believed(circles: list[Tally], named: str) -> History:
    """Each circle is the prior of the next one, weighed down: what is not in the next one counts there, and only so
    much of it. The last two are the category and this model version's images of it.
    """
    belief = JEFFREYS
    for at, circle in enumerate(circles):
        nearer = circles[at + 1] if at + 1 < len(circles) else Tally()
        rest = circle - nearer
        belief = belief.after(rest.approved, rest.n)
        if at + 1 < len(circles):
            most = OTHER_MODELS if at + 2 == len(circles) else OTHER_CATEGORIES
            belief = belief.weighing(min(most, belief.alpha + belief.beta))
    for ground, tally in ((Ground.MODEL, circles[-1]), (Ground.CATEGORY, circles[-2])):
        if tally.n >= FEWEST:
            return History(belief, ground, tally)
    for circle in reversed(circles[1:-2]):
        if circle.n >= FEWEST:
            return History(belief, Ground.AROUND, circle, named)
    ground = Ground.ALL if circles[0].n >= FEWEST else Ground.NONE
    return History(belief, ground, circles[0])


def _pace(session: Session, category: str | None) -> Pace:
    """Of one category, or of all."""
    since = _since(PACE_DAYS)
    waits = sa.select(QualityDay.waits).where(QualityDay.day >= since)
    taken = sa.select(sa.func.sum(QualityReviewer.verdicts), sa.func.sum(QualityReviewer.seconds))
    taken = taken.where(QualityReviewer.day >= since)
    if category is not None:
        waits = waits.where(QualityDay.category == category)
        taken = taken.where(QualityReviewer.category == category)
    counts = WAITS.total(session.scalars(waits).all())
    verdicts, seconds = session.execute(taken).one()
    return Pace(
        wait=WAITS.percentile(counts, 50, 0.0, 10 * WAITS.high), review=float(seconds) / verdicts if verdicts else None
    )


def _since(days: int) -> dt.date:
    return utc_now().date() - dt.timedelta(days=days - 1)
