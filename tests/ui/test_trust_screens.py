"""How far scores are trusted, and automatic approval, as the screens show them."""

from __future__ import annotations

import pytest

from studio.bootstrap import Studio
from studio.roles import Actor
from studio.trust.automatic import automatic_rules
from studio.trust.calibrations import standing
from tests.studio.conftest import Images
from tests.studio.trust.conftest import learn
from tests.studio.trust.deciding_by_scores import drawn, keep
from tests.ui.conftest import Visit, press, told


def test_too_few_decisions_lead_on_to_the_review(
    visit: Visit, images: Images, studio: Studio, editor: Actor, reviewer: Actor, manager: Actor
) -> None:
    keep(studio, editor, reviewer, drawn(20)[0])
    page = visit("quality", manager, view="trust")
    assert not page.exception
    assert "From 200 decisions on" in told(page)
    assert not [button for button in page.button if button.label.startswith("Calibrate")]


def test_a_manager_has_the_scores_calibrated(
    visit: Visit, studio: Studio, editor: Actor, reviewer: Actor, manager: Actor
) -> None:
    keep(studio, editor, reviewer, drawn(400)[0])
    assert not [button for button in visit("quality", reviewer, view="trust").button if "Calibrate" in button.label]
    page = press(visit("quality", manager, view="trust"), "Calibrate the scores")
    assert not page.exception
    assert standing(studio, manager).job_id is not None


@pytest.mark.parametrize("category", [None, "Shoes", "Nothing of this"])
def test_the_curve_and_the_figures_are_drawn_with_words(
    visit: Visit, studio: Studio, editor: Actor, reviewer: Actor, manager: Actor, category: str | None
) -> None:
    keep(studio, editor, reviewer, drawn(1500)[0])
    learn(studio, manager)
    query = {} if category is None else {"category": category}
    page = visit("quality", manager, view="trust", **query)
    assert not page.exception
    words = told(page)
    assert "learnt from 1,500 verdicts" in words
    assert "0.5 is a coin" in words
    assert "hollow mark" in words


def test_an_admin_sees_the_proof_and_switches_it_on_and_off(
    visit: Visit, studio: Studio, editor: Actor, reviewer: Actor, manager: Actor, admin: Actor
) -> None:
    page = visit("settings", admin)
    assert "must be calibrated" in told(page)
    keep(studio, editor, reviewer, drawn(3000)[0])
    learn(studio, manager)
    page = visit("settings", admin)
    assert "Not proven" in told(page)
    assert not [button for button in page.button if button.label.startswith("Switch")]
    page.selectbox(key="automatic-category").set_value("Tshirts")
    page = page.number_input(key="automatic-rate").set_value(10.0).run()
    assert "Proven on" in told(page)
    page = press(page, "Switch automatic approval on")
    assert not page.exception
    assert [rule.on for rule in automatic_rules(studio, admin)] == [True]
    page = press(visit("settings", admin), "Switch off")
    assert [rule.on for rule in automatic_rules(studio, admin)] == [False]
    assert "switched off by Ada" in told(page)
