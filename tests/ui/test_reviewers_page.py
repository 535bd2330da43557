"""Reviewers: a manager sees the team, a reviewer oneself; every figure leads to its images."""

from __future__ import annotations

import pytest

from db.tables import AssetState
from studio.bootstrap import Studio
from studio.review.gold import mark_gold
from studio.review.opinion_rates import OpinionRates, opinion_rates
from studio.roles import Actor
from tests.studio.conftest import Images
from tests.studio.review.asked import act, answer, person, rates
from tests.ui.conftest import Visit, press, told


@pytest.fixture
def second(studio: Studio) -> Actor:
    return person(studio, "Sven")


@pytest.fixture
def judged(studio: Studio, images: Images, editor: Actor, reviewer: Actor, second: Actor) -> list[int]:
    """24 images that two reviewers judged: they agree on 16 of them."""
    rates(studio, second=1.0)
    made = images.make(editor, 24, state=AssetState.IN_REVIEW)
    for at, image in enumerate(made):
        act(studio, reviewer, image, None if at % 3 else "halo")
        answer(studio, second, image, None if at % 2 else "halo")
    rates(studio, second=0.05)
    return made


def test_without_decisions_the_page_says_what_to_do_and_a_manager_can_begin(
    visit: Visit, studio: Studio, manager: Actor, reviewer: Actor
) -> None:
    page = visit("reviewers", manager)
    assert "Nothing was decided in this time" in told(page)
    press(page, "Ask about 5%")
    assert opinion_rates(studio, manager) == OpinionRates(second=0.05, gold=0.02)
    assert "Nobody is asked" not in told(visit("reviewers", manager))
    own = visit("reviewers", reviewer)
    assert not own.exception
    assert not [button for button in own.button if button.label.startswith("Ask")]


def test_a_manager_sees_the_team(visit: Visit, manager: Actor, judged: list[int]) -> None:
    page = visit("reviewers", manager)
    assert not page.exception
    assert [title.value for title in page.title] == ["Reviewers"]
    figures = {metric.label: metric.value for metric in page.metric}
    assert (figures["Decided"], figures["Same verdict"], figures["Kappa"]) == ("24", "50%", "0.00")
    assert list(page.dataframe[0].value["Reviewer"]) == ["Rune", "Sven"]
    assert "Where two came to different verdicts" in told(page)
    assert {"reviewers-kappas", "reviewers-reasons"} <= {chart.key for chart in page.get("plotly_chart")}


def test_a_reviewer_sees_only_oneself(visit: Visit, second: Actor, judged: list[int]) -> None:
    page = visit("reviewers", second)
    assert not page.exception
    assert [title.value for title in page.title] == ["My decisions"]
    everything = told(page) + "".join(str(html.proto.body) for html in page.get("html"))
    assert "Rune" not in everything
    assert not page.dataframe


def test_a_figure_opens_its_images(visit: Visit, manager: Actor, reviewer: Actor, judged: list[int]) -> None:
    page = visit("reviewers", manager, images="disagreed", of=str(reviewer.id), reason="halo")
    assert not page.exception
    assert "Different verdicts · Rune · Halo or fringe" in told(page)
    assert "12 images" in told(page)
    back = press(page, "Back to the figures")
    assert back.metric


def test_images_of_another_reviewer_are_refused(
    visit: Visit, second: Actor, reviewer: Actor, judged: list[int]
) -> None:
    page = visit("reviewers", second, images="approved", of=str(reviewer.id))
    assert "Figures of other reviewers are shown to managers." in told(page).replace("\\", "")


@pytest.mark.parametrize("query", [{"images": "nonsense"}, {"images": "agreed", "of": "x", "reason": "y"}])
def test_an_address_of_nothing_shows_figures_or_no_images(
    visit: Visit, manager: Actor, judged: list[int], query: dict[str, str]
) -> None:
    assert not visit("reviewers", manager, **query).exception


def test_a_manager_makes_a_gold_image_on_the_page_of_an_image(
    visit: Visit, studio: Studio, manager: Actor, reviewer: Actor, judged: list[int]
) -> None:
    page = visit("library", manager, image=str(judged[1]))
    assert not page.exception
    (save,) = [button for button in page.button if button.key == "gold-save"]
    save.click().run()
    assert "1 gold image" in [expander.label for expander in visit("reviewers", manager).expander]
    assert not [
        button for button in visit("library", reviewer, image=str(judged[1])).button if button.key == "gold-save"
    ]


def test_gold_images_are_shown_to_managers_with_their_right_verdict(
    visit: Visit, studio: Studio, manager: Actor, judged: list[int]
) -> None:
    mark_gold(studio, manager, judged[0], AssetState.CHANGES_REQUESTED, "shape")
    page = visit("reviewers", manager)
    bodies = "".join(str(html.proto.body) for html in page.get("html"))
    assert "Shape is not the product" in bodies
    assert "Right verdict" in bodies
