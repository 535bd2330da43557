"""Generate or photograph? What an order would bring, before it is placed: approvals, hours and cost a product."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from db.tables import Product, Role
from studio.bootstrap import Studio
from studio.engines.choice import adjusted, choose
from studio.errors import InputError
from studio.making.briefs import ARTICLE, UNCATEGORISED
from studio.making.category_history import Ground, History, Pace, histories, paces
from studio.making.estimates import Estimate, estimate_images
from studio.making.order_requests import Draft, OrderRequest, draft_briefs
from studio.making.predictive import expected, interval, together
from studio.quality.costs import CostRates, rates_of
from studio.roles import Actor, require
from studio.team_settings import keep_setting, setting

FEWEST_WANTED = 1.0
"""Approved images of a product below which it had better be photographed, until a manager says otherwise."""

_MOST_WANTED = 20.0
_NAME = "photograph_below"
_TRUSTED = (Ground.MODEL, Ground.CATEGORY, Ground.AROUND)


@dataclass(frozen=True)
class CategoryForecast:
    """What is to be expected of one category of an order.

    product_ids: empty where a text is ordered. expected, low, high: approved images of one product, of `number`, with
    the interval that holds 80 % of cases; None where too little was decided. seconds: until half of the images have
    their verdict, waiting included. cost, per_approved: of one product, and of an approved image, in the currency of
    the forecast. photograph: too few approved images are to be expected.
    """

    category: str
    product_ids: tuple[int, ...]
    number: int
    history: History
    expected: float | None
    low: int | None
    high: int | None
    seconds: float | None
    cost: float | None
    per_approved: float | None
    photograph: bool


@dataclass(frozen=True)
class Forecast:
    """All categories of an order, those to photograph first, and the whole of it. unknown: products of a kind that the
    model was not taught. wanted: the approved images of a product below which it had better be photographed.
    """

    lines: tuple[CategoryForecast, ...]
    images: int
    expected: float | None
    low: int | None
    high: int | None
    seconds: float | None
    cost: float | None
    currency: str
    unknown: tuple[int, ...]
    wanted: float

    @property
    def to_photograph(self) -> tuple[int, ...]:
        """The products that had better be photographed."""
        return tuple(one for line in self.lines if line.photograph for one in line.product_ids) + self.unknown


@dataclass(frozen=True)
class Outlook:
    """What an order would take and what it would bring."""

    estimate: Estimate
    forecast: Forecast


def outlook(studio: Studio, actor: Actor | None, request: OrderRequest) -> Outlook:
    """Look ahead at an order. Raises as `place_order`, except that products unknown to the model are listed."""
    require(actor, Role.EDITOR)
    chosen = adjusted(choose(studio, request.model_id), request)
    run = {} if chosen.settings is None else chosen.settings.as_json()
    with studio.reading() as session:
        drafts, unknown = draft_briefs(session, request, chosen.words, free=chosen.settings is not None)
        estimate = estimate_images(session, chosen.model, len(drafts) * request.number, unknown, run=run)
        products = tuple(product.id for product in unknown)
        forecast = _forecast(session, drafts, request.number, chosen.model.id, estimate, products)
    return Outlook(estimate, forecast)


def photograph_below(studio: Studio, actor: Actor | None) -> float:
    """The approved images of a product below which it had better be photographed."""
    require(actor, Role.VIEWER)
    with studio.reading() as session:
        return _wanted(session)


def set_photograph_below(studio: Studio, actor: Actor | None, approved: float) -> None:
    """Set it for the team. For managers. Raises InputError."""
    actor = require(actor, Role.MANAGER)
    if not 0 <= approved <= _MOST_WANTED:
        raise InputError("Approved images of a product: 0 to {most}, got {value}.", most=_MOST_WANTED, value=approved)
    with studio.writing() as session:
        told = f"Products with fewer than {approved:g} approved images to expect are to be photographed."
        keep_setting(session, actor, _NAME, {"approved": approved}, told)


def is_hopeless(approved: float, number: int, wanted: float) -> bool:
    """Whether so few approved images of `number` are expected that a photo is the better way. Of an order of one or two
    images nobody can expect more than half of them.
    """
    return approved < min(wanted, number / 2)


def _wanted(session: Session) -> float:
    value = setting(session, _NAME)
    return FEWEST_WANTED if value is None else float(value["approved"])


def _forecast(
    session: Session,
    drafts: Sequence[Draft],
    number: int,
    model_id: int,
    estimate: Estimate,
    unknown: tuple[int, ...],
) -> Forecast:
    groups: dict[str, list[Draft]] = {}
    for draft in drafts:
        groups.setdefault(draft.attributes.get(ARTICLE) or UNCATEGORISED, []).append(draft)
    known = histories(session, {name: _path(session, some[0]) for name, some in groups.items()}, model_id)
    pace, rates, wanted = paces(session, groups), rates_of(session), _wanted(session)
    lines = tuple(
        _line(name, some, number, known[name], pace[name], estimate, rates, wanted) for name, some in groups.items()
    )
    spoken = [line for line in lines if line.expected is not None]
    total = together(known[line.category].belief.of(number * len(groups[line.category])) for line in spoken)
    low, high = interval(total) if lines and len(spoken) == len(lines) else (None, None)
    costs = [None if line.cost is None else line.cost * len(groups[line.category]) for line in lines]
    times = [line.seconds for line in lines if line.seconds is not None]
    return Forecast(
        lines=tuple(sorted(lines, key=lambda line: (not line.photograph, -len(line.product_ids), line.category))),
        images=number * len(drafts),
        expected=None if low is None else expected(total),
        low=low,
        high=high,
        seconds=max(times, default=None),
        cost=None if None in costs or not costs else sum(cost for cost in costs if cost is not None),
        currency="" if rates is None else rates.currency,
        unknown=unknown,
        wanted=wanted,
    )


def _path(session: Session, draft: Draft) -> str:
    """Where the catalogue keeps such a product; "" for a text."""
    found = None if draft.product_id is None else session.get(Product, draft.product_id)
    return "" if found is None else found.category


def _line(
    category: str,
    drafts: Sequence[Draft],
    number: int,
    history: History,
    pace: Pace,
    estimate: Estimate,
    rates: CostRates | None,
    wanted: float,
) -> CategoryForecast:
    approved, low, high = None, None, None
    if history.ground is not Ground.NONE:
        approved, (low, high) = number * history.belief.mean, interval(history.belief.of(number))
    cost = _cost(number, estimate, pace, rates)
    return CategoryForecast(
        category=category,
        product_ids=tuple(draft.product_id for draft in drafts if draft.product_id is not None),
        number=number,
        history=history,
        expected=approved,
        low=low,
        high=high,
        seconds=_seconds(estimate, pace),
        cost=cost,
        per_approved=None if cost is None or not approved else cost / approved,
        photograph=approved is not None and history.ground in _TRUSTED and is_hopeless(approved, number, wanted),
    )


def _seconds(estimate: Estimate, pace: Pace) -> float | None:
    if estimate.seconds is None or pace.wait is None:
        return None
    return (estimate.waiting_seconds or 0.0) + estimate.seconds + pace.wait


def _cost(number: int, estimate: Estimate, pace: Pace, rates: CostRates | None) -> float | None:
    """Computing and reviewing of the images of one product."""
    if rates is None or estimate.seconds is None or pace.review is None or not estimate.images:
        return None
    computing = estimate.seconds / estimate.images / 3600 * rates.compute_hour
    return number * (computing + pace.review / 3600 * rates.review_hour)
