import numpy as np
import pytest

from ecomgan.evaluation.categories import OTHERS, Sets, by_category, groups, within_categories
from ecomgan.evaluation.describing import Described
from ecomgan.evaluation.figures import accuracy, over_seeds

ARTICLES = ["Bags"] * 130 + ["Belts"] * 110 + [f"Rare {i % 40}" for i in range(120)]
CENTRES = {"Bags": 4.0, "Belts": -4.0}


def described(seed: int, shift: float = 0.0, right: float = 0.9) -> Described:
    """Images of ARTICLES as points around the centre of their article; the judge is right for a share of them."""
    draw = np.random.default_rng(seed)
    middles = np.array([CENTRES.get(article, 0.0) for article in ARTICLES])[:, None] + shift
    points = {space: (middles + draw.standard_normal((len(ARTICLES), 6))).astype(np.float32) for space in SPACES}
    answers = [article if draw.random() < right else "Hats" for article in ARTICLES]
    return Described(points, {"article_type": answers}, {})


SPACES = ("catalog", "lite2", "lite0")
ORDER = np.random.default_rng(9).permutation(len(ARTICLES))
SETS = Sets(described(0), [described(1, 1.0, 0.6), described(2, 1.0, 0.6)], described(3), ORDER)
WANTED = {"article_type": [None if article.startswith("Rare") else article for article in ARTICLES]}


def test_large_articles_stand_alone_and_the_others_together() -> None:
    found = groups(ARTICLES)
    assert {name: len(places) for name, places in found.items()} == {"Bags": 130, "Belts": 110, OTHERS: 120}
    assert groups(["Bags"] * 99) == {}


def test_each_category_has_distances_shares_and_accuracies_with_intervals() -> None:
    bags, belts, others = by_category(groups(ARTICLES), WANTED, SETS)
    assert (bags["article_type"], bags["photos"]) == ("Bags", 130)
    for space in ("catalog", "lite2"):
        made, floor = bags[f"KD_{space}_x1000"], bags["floor"][f"KD_{space}_x1000"]
        assert floor["low"] < 0 < floor["high"] < made["low"] < made["value"]
    assert not any("lite0" in key for key in bags)
    assert bags["recall_catalog"]["low"] <= bags["recall_catalog"]["value"] <= bags["recall_catalog"]["high"]
    assert belts["article_type_accuracy"]["generated"]["value"] == pytest.approx(0.6, abs=0.1)
    assert belts["article_type_accuracy"]["real"]["value"] == pytest.approx(0.9, abs=0.07)
    assert others["article_type_accuracy"] == {}


def test_shuffled_categories_are_far_only_within_categories() -> None:
    found = within_categories(groups(ARTICLES), SETS)
    for space in ("catalog", "lite2"):
        columns = found[f"KD_{space}_x1000_within"]
        assert columns["floor"]["low"] < 0 < columns["floor"]["high"]
        assert columns["floor"]["value"] < columns["generated"]["value"] < columns["shuffled"]["value"]
        assert columns["generated"]["low"] < columns["generated"]["value"] < columns["generated"]["high"]
    assert within_categories({}, SETS) == {}


def test_accuracy_counts_only_what_was_asked_for_and_the_judge_knows() -> None:
    found = accuracy(["Bags", None, "Belts"], {"real": [["Bags", "Bags", "Belts"]], "generated": [["Bags", "", ""]]})
    assert found["photos"] == 2
    assert found["real"]["value"] == 1
    assert found["generated"]["value"] == found["ratio"]["value"] == 0.5
    assert accuracy([None], {"real": [["Bags"]], "generated": [["Bags"]]}) == {}


def test_figures_of_several_seeds_are_their_mean_with_their_spread() -> None:
    cells = [{"value": 1.0, "low": 0.0, "high": 2.0}, {"value": 3.0, "low": 1.0, "high": 6.0}]
    assert over_seeds(cells) == {"value": 2.0, "low": 0.5, "high": 4.0, "spread": pytest.approx(2**0.5, abs=1e-6)}
    assert over_seeds(cells[:1]) == cells[0]
