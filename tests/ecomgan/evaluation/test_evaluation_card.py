import copy
from typing import Any

import numpy as np
from plotly.offline import get_plotlyjs

from ecomgan.evaluation.card import card_text
from ecomgan.evaluation.page import report_page
from ecomgan.evaluation.report import card_figures, figures_table

PICTURE = np.zeros((8, 8, 3), dtype=np.uint8)
SHARES = ("precision", "recall", "density", "coverage")

RECORD: dict[str, Any] = {
    "images_seen": 153_600,
    "wall_seconds": 5400,
    "hardware": "a small computer, 2 threads",
    "torch": "2.13.0",
    "data": {"name": "fashion-small", "split": "train", "photos": 32_681, "height": 80, "width": 64},
    "init": None,
    "backbone": {"name": "lite0", "sha256": "ab" * 32},
}


def _cell(value: float, spread: float | None = None) -> dict[str, float]:
    return {"value": value, "low": value - 1, "high": value + 1} | ({} if spread is None else {"spread": spread})


def _columns(generated: float, floor: float, ceiling: float) -> dict[str, Any]:
    cells = {"floor": _cell(floor), "blurred": _cell(ceiling + 5), "ceiling": _cell(ceiling)}
    return {"generated": _cell(generated, 0.01)} | cells


def _judged(generated: float, real: float) -> dict[str, Any]:
    cells = {"real": {"value": real}, "generated": {"value": generated, "spread": 0.01}}
    return {"photos": 100, "ratio": {"value": generated / real}, "shuffled": {"value": 0.05}} | cells


def _copying() -> dict[str, Any]:
    cells = {"generated": _cell(12.5, 0.1), "held_out": {"value": 10.0}, "ratio": _cell(1.25, 0.02)}
    histogram = {"edges": [0.0, 10.0, 20.0], "held_out": [60, 40], "generated": [40, 260]}
    return cells | {"very_near": {"value": 0.013, "spread": 0.001}, "histogram": histogram}


def _category(name: str, accuracy: float) -> dict[str, Any]:
    kernel = {"KD_catalog_x1000": {"value": 20.5, "spread": 0.1, "low": 19.0, "high": 22.0}}
    accuracies = {"article_type_accuracy": _judged(accuracy, 0.9), "colour_accuracy": _judged(0.7, 0.6)}
    floor = {"floor": {"KD_catalog_x1000": _cell(0.5)}}
    return {"article_type": name, "photos": 120, "recall_catalog": _cell(0.25)} | kernel | accuracies | floor


FIGURES: dict[str, Any] = {
    "model": {"generator_sha256": "ef" * 32},
    "made_at": "2026-11-23T08:00:00+00:00",
    "data": {"name": "fashion-small", "sha256": "01" * 32, "held_out_photos": 2847, "train_photos": 32_681},
    "settings": {
        "images_a_seed": 2847,
        "seeds": [1, 2, 3],
        "truncation": 1.0,
        "guidance_scale": 1.0,
        "blur_sigma": 2.0,
        "jpeg_quality": 5,
    },
    "spaces": {
        "catalog": {
            "description": "the sealed network",
            "weights_sha256": "cd" * 32,
            "training_space": False,
            "taught_on": "fashion-small",
            "taught_on_these_data": True,
        },
        "lite2": {"description": "Lite2", "weights_sha256": "23" * 32, "training_space": False},
        "lite0": {"description": "Lite0", "weights_sha256": "45" * 32, "training_space": True},
    },
    "distances": {
        "KD_catalog_x1000": _columns(11.25, 0.125, 30.5),
        "FD_catalog": _columns(5.25, 1.5, 9.75),
        **{f"{share}_catalog": _columns(0.345, 0.678, 0.234) for share in SHARES},
        "KD_lite2_x1000": _columns(57.75, 0.5, 218.8),
        **{share: _columns(0.456, 0.789, 0.123) for share in SHARES},
        "KD_lite0_x1000": _columns(1.5, 0.25, 40.5) | {"training_space": True},
        "KD_catalog_x1000_within": {"generated": _cell(33.3, 0.2), "floor": _cell(0.4), "shuffled": _cell(77.7)},
    },
    "accuracy": {"article_type": _judged(0.811, 0.871), "colour": _judged(0.777, 0.666)},
    "birth_scores": {"sharpness": {"real": {"value": 2.11}, "generated": {"value": 1.91, "spread": 0.01}}},
    "variety": [
        {
            "attributes": {"article_type": "Tshirts", "colour": "Blue", "usage": "Casual"},
            "generated": {"pixels": 32.9, "features": 5.5},
            "real": {"pixels": 65.8, "features": 7.7},
        }
    ],
    "variety_share": {"pixels": {"value": 0.5, "spread": 0.01}, "features": {"value": 0.714, "spread": 0.02}},
    "copying": {"catalog": _copying(), "lite2": _copying()},
    "categories": [_category("Tshirts", 0.95), _category("Tops", 0.45), _category("(all others)", 0.3)],
    "hardware": "a small computer, 2 threads",
    "software": {"python": "3.11.7", "torch": "2.13.0"},
    "seconds": 300,
}


def test_terminal_and_card_show_the_same_numbers() -> None:
    for number in (
        "11.25 ± 0.01 [10.25, 12.25]",
        "0.678",
        "0.871",
        "1.910",
        "65.8",
        "20.5 ± 0.1 [19.0, 22.0]",
        "77.7 [76.7, 78.7]",
        "1.250 ± 0.020",
        "0.013 ± 0.001",
    ):
        assert number in figures_table(FIGURES)
        assert number in card_figures(FIGURES)


def test_the_trainings_own_space_is_marked_wherever_it_is_shown() -> None:
    for text in (figures_table(FIGURES), card_figures(FIGURES)):
        shown = [line for line in text.splitlines() if "lite0" in line]
        assert shown
        assert all("the training's own space" in line for line in shown)
    assert "nothing follows from it" in card_text("starter", FIGURES, RECORD)


def test_the_card_tells_data_rights_training_and_limits() -> None:
    card = card_text("starter", FIGURES, RECORD)
    for told in (
        "32,681 photos",
        "2,847 held-out",
        "153,600 images seen (4.7 times the train split) in 1 h 30 min on a small computer",
        "remembered to say MIT",
        "Unconfirmed",
        "must not be sold or advertised as those brands' products",
        "Apache-2.0",
        "ab" * 32,
        "ef" * 32,
        "samples.png",
        "Taught on the train split of these data",
        "differ 71% as much as real photos",
        "Tops are recognised least often (0.45, held-out photos 0.90)",
    ):
        assert told in card
    assert "{" not in card
    assert "mean with those of" not in card
    assert "mean with those of b and c (" in card_text("starter", FIGURES, RECORD | {"averaged_with": ["b", "c"]})


def test_the_card_reads_the_main_figures_in_words() -> None:
    card = card_text("starter", FIGURES, RECORD)
    assert "Article accuracy 0.811 beside 0.871 on held-out photos: 93% of it." in card
    assert "KD in the sealed space 11.2, beside 0.1 for real photos, 35.5 for blurred and 30.5" in card
    assert "1.25 times as far from their nearest train photo" in card
    assert "1.3% of them nearer" in card


def test_a_judge_of_other_data_is_said_so() -> None:
    other = copy.deepcopy(FIGURES)
    other["spaces"]["catalog"] |= {"taught_on": "our-shop", "taught_on_these_data": False}
    assert "Taught on **other data than these** (`our-shop`)" in card_text("starter", other, RECORD)


def test_figures_without_categories_variety_or_answers_still_make_a_card_and_a_report() -> None:
    bare = copy.deepcopy(FIGURES) | {"categories": [], "variety": [], "variety_share": {}, "accuracy": {}}
    del bare["distances"]["KD_catalog_x1000_within"]
    assert "KD in the sealed space" in card_text("starter", bare, RECORD)
    page = report_page("starter", bare, PICTURE, PICTURE)
    assert 'id="categories"' not in page
    assert 'id="copying"' in page


def test_the_report_holds_all_it_needs() -> None:
    text = report_page("starter", FIGURES, PICTURE, PICTURE).replace(get_plotlyjs(), "")
    assert text.count("data:image/png;base64,") == 2
    assert "://" not in text
    for number in ("11.25 ± 0.01", "Tops (120)", "ef" * 32, "prefers-color-scheme: dark"):
        assert number in text


def test_text_of_the_data_cannot_leave_its_place_in_the_report() -> None:
    hostile = copy.deepcopy(FIGURES)
    hostile["categories"][0]["article_type"] = "</script><script>alert(1)</script>"
    assert "<script>alert" not in report_page("starter", hostile, PICTURE, PICTURE)


def test_own_data_are_told_as_unconfirmed_and_lineage_is_named() -> None:
    record = RECORD | {"init": "starter", "backbone": {"name": "none"}}
    record["data"] = RECORD["data"] | {"name": "our-shop"}
    card = card_text("ours", FIGURES, record)
    assert "`our-shop`: the owner's own data" in card
    assert "from the checkpoint starter" in card
    assert "no pretrained network was used" in card
