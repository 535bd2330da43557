"""Before an order people hear what it would bring: by its category's decisions, and of how many of them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from db.tables import QualityReviewer, QualityVerdict, Role, utc_now
from studio.bootstrap import Studio
from studio.errors import Forbidden, InputError
from studio.making.category_history import FEWEST, Ground
from studio.making.forecast import Forecast, is_hopeless, outlook, photograph_below, set_photograph_below
from studio.making.order_requests import OrderRequest
from studio.models.in_use import champion, register_starter
from studio.quality.costs import CostRates, set_cost_rates
from studio.quality.rollups import bring_up_to_date
from studio.roles import Actor
from studio.settings import Settings
from tests.histories import images as drawn
from tests.histories.filling import fill_year
from tests.histories.plan import CATEGORIES, Plan
from tests.studio.conftest import Images

WATCHES = "Accessories > Watches > Watches"
SHIRTS = "Apparel > Topwear > Shirts"


@pytest.fixture
def settings(settings: Settings, tiny_model: Path) -> Settings:
    return settings.model_copy(update={"model": tiny_model})


def decided(studio: Studio, category: str, approved: int, n: int, *, model: str | None = None) -> None:
    """Verdicts of yesterday, as the figures hold them; of the model in production where none is named."""
    model_id = champion(studio).id if model is None else Images(studio).model(model)
    day = (utc_now() - dt.timedelta(days=1)).date()
    with studio.writing() as session:
        for reason, number in (("", approved), ("halo", n - approved)):
            row = QualityVerdict(day=day, category=category, model_version_id=model_id, reason=reason)
            row.given = row.first = row.standing = number
            row.taken_back = 0
            session.add(row)


def foreseen(studio: Studio, actor: Actor, *product_ids: int, number: int = 4) -> Forecast:
    return outlook(studio, actor, OrderRequest(product_ids=product_ids, number=number)).forecast


@pytest.fixture
def with_starter(studio_on_both: Studio) -> Studio:
    register_starter(studio_on_both)
    return studio_on_both


def test_a_year_of_decisions_tells_to_photograph_the_bad_category_and_to_generate_the_good_one(
    studio_on_both: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    chances = dict(zip(CATEGORIES, drawn.APPROVED, strict=True)) | {"Watches": -0.6}
    monkeypatch.setattr(drawn, "APPROVED", tuple(chances.values()))
    until = utc_now().date() - dt.timedelta(days=1)
    fill_year(studio_on_both.engine, Plan(images=1_500, until=until, days=20, lenient="Sofia Lind", drifting="Belts"))
    register_starter(studio_on_both)
    bring_up_to_date(studio_on_both, seconds=60)
    rows = Images(studio_on_both)
    watch = rows.product("W-1", "Steel watch", category=WATCHES)
    shirt = rows.product("S-1", "Blue shirt", category=SHIRTS)
    found = foreseen(studio_on_both, Actor(1, "Anna", Role.EDITOR), watch, shirt)
    bad, good = found.lines
    assert (bad.category, bad.photograph, good.category, good.photograph) == ("Watches", True, "Shirts", False)
    assert bad.expected is not None
    assert bad.expected < 1 < 2 < (good.expected or 0)
    assert found.to_photograph == (watch,)
    assert bad.history.ground is Ground.CATEGORY  # the model of this studio is new, and has no decisions
    assert bad.seconds is None  # nobody has measured it yet


def test_the_decisions_on_this_model_version_count_most(with_starter: Studio, editor: Actor) -> None:
    shirt = Images(with_starter).product(category=SHIRTS)
    decided(with_starter, "Shirts", 45, 50, model="before")
    decided(with_starter, "Shirts", 5, 50)
    (line,) = foreseen(with_starter, editor, shirt).lines
    assert (line.history.ground, line.history.tally.n) == (Ground.MODEL, 50)
    assert line.history.belief.mean == pytest.approx((5 + 10 * 0.9) / 60, abs=0.01)


def test_few_decisions_lean_on_the_categories_around(with_starter: Studio, editor: Actor) -> None:
    rows = Images(with_starter)
    rows.product("T-1", category="Apparel > Topwear > Tshirts")
    rows.product("J-1", category="Apparel > Bottomwear > Jeans")
    shirt = rows.product("S-1", category=SHIRTS)
    decided(with_starter, "Tshirts", 19, 20)
    decided(with_starter, "Jeans", 1, 40)
    (line,) = foreseen(with_starter, editor, shirt).lines
    assert (line.history.ground, line.history.around, line.history.tally.n) == (Ground.AROUND, "Apparel > Topwear", 20)
    assert line.expected is not None
    assert line.expected > 2


def test_with_too_few_decisions_it_says_nothing(with_starter: Studio, editor: Actor) -> None:
    shirt = Images(with_starter).product(category=SHIRTS)
    decided(with_starter, "Shirts", 0, FEWEST - 1)
    found = foreseen(with_starter, editor, shirt)
    assert (found.expected, found.lines[0].expected, found.to_photograph) == (None, None, ())


def test_of_other_categories_alone_no_product_is_sent_to_the_photographer(with_starter: Studio, editor: Actor) -> None:
    watch = Images(with_starter).product(category=WATCHES)
    decided(with_starter, "Jeans", 0, 60)
    (line,) = foreseen(with_starter, editor, watch).lines
    assert (line.history.ground, line.photograph) == (Ground.ALL, False)


def test_products_of_an_unknown_kind_go_to_the_photographer(with_starter: Studio, editor: Actor) -> None:
    kettle = Images(with_starter).product("K-1", "Kettle", category="Kitchen > Kettles", colour=None)
    assert foreseen(with_starter, editor, kettle).to_photograph == (kettle,)


def test_an_order_of_several_products_expects_their_sum(with_starter: Studio, editor: Actor) -> None:
    rows = Images(with_starter)
    shirts = [rows.product(f"S-{n}", category=SHIRTS) for n in range(3)]
    decided(with_starter, "Shirts", 30, 60)
    found = foreseen(with_starter, editor, *shirts)
    (line,) = found.lines
    assert found.images == 12
    assert found.expected == pytest.approx(3 * (line.expected or 0))
    assert found.low is not None
    assert found.high is not None
    assert 0 < found.low < found.expected < found.high < 12


def test_a_text_is_foretold_by_the_category_that_it_names(with_starter: Studio, editor: Actor) -> None:
    decided(with_starter, "Dresses", 18, 20)
    (line,) = outlook(with_starter, editor, OrderRequest(prompt="red dress", number=4)).forecast.lines
    assert (line.category, line.product_ids, line.photograph) == ("Dresses", (), False)
    assert line.expected is not None
    assert line.expected > 3


def test_the_cost_is_that_of_computing_and_reviewing(with_starter: Studio, editor: Actor, admin: Actor) -> None:
    set_cost_rates(with_starter, admin, CostRates(2.0, 30.0, "EUR"))
    decided(with_starter, "Shirts", 30, 60)
    shirt = Images(with_starter).product(category=SHIRTS)
    assert foreseen(with_starter, editor, shirt).cost is None  # nobody measured how long anything takes
    Images(with_starter).make(editor, 4, model=champion(with_starter).name, compute_seconds=4.0)
    with with_starter.writing() as session:
        place = {"day": utc_now().date(), "category": "Shirts", "model_version_id": champion(with_starter).id}
        session.add(QualityReviewer(**place, user_id=editor.id, verdicts=10, approved=5, seconds=90.0))
    found = foreseen(with_starter, editor, shirt)
    assert (found.cost, found.currency) == (pytest.approx(4 * (1 / 3600 * 2 + 9 / 3600 * 30)), "EUR")
    assert found.lines[0].per_approved == pytest.approx((found.cost or 0) / (found.expected or 1))


def test_managers_set_where_photographing_begins(studio_on_both: Studio, manager: Actor, editor: Actor) -> None:
    assert photograph_below(studio_on_both, editor) == 1.0
    set_photograph_below(studio_on_both, manager, 2.5)
    assert photograph_below(studio_on_both, editor) == 2.5
    with pytest.raises(Forbidden):
        set_photograph_below(studio_on_both, editor, 1.0)
    with pytest.raises(InputError):
        set_photograph_below(studio_on_both, manager, float("nan"))


@pytest.mark.parametrize(
    ("approved", "number", "hopeless"), [(0.4, 4, True), (2.6, 4, False), (0.6, 1, False), (0.4, 1, True)]
)
def test_of_one_image_nobody_expects_more_than_half(approved: float, number: int, hopeless: bool) -> None:
    assert is_hopeless(approved, number, 1.0) is hopeless
