import copy
from typing import Any

from ecomgan.evaluation.card import card_text
from ecomgan.evaluation.report import card_figures, figures_table

RECORD: dict[str, Any] = {
    "images_seen": 153_600,
    "wall_seconds": 5400,
    "hardware": "a small computer, 2 threads",
    "torch": "2.13.0",
    "data": {"name": "fashion-small", "split": "train", "photos": 32_681, "height": 80, "width": 64},
    "init": None,
    "backbone": {"name": "lite0", "sha256": "ab" * 32},
}


def _columns(generated: float, floor: float, ceiling: float, **interval: float) -> dict[str, dict[str, float]]:
    return {
        "generated": {"value": generated, "spread": 0.01} | interval,
        "floor": {"value": floor} | interval,
        "ceiling": {"value": ceiling} | interval,
    }


def _judged(generated: float, real: float) -> dict[str, Any]:
    return {"photos": 100, "real": {"value": real}, "generated": {"value": generated, "spread": 0.01}}


FIGURES: dict[str, Any] = {
    "made_at": "2026-11-23T08:00:00+00:00",
    "data": {"held_out_photos": 2847},
    "settings": {
        "images_a_seed": 2847,
        "seeds": [1, 2, 3],
        "feature_space": "Lite2",
        "feature_weights_sha256": "cd" * 32,
        "judge": "a judge",
    },
    "distances": {
        "KD_lite2_x1000": _columns(11.25, 0.125, 30.5, low=10.0, high=12.0),
        "FD_lite2": _columns(5.25, 1.5, 9.75),
        "recall": _columns(0.345, 0.678, 0.234),
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
    "categories": [
        {
            "article_type": name,
            "photos": 120,
            "KD_lite2_x1000": {"value": 20.5, "spread": 0.1, "low": 19.0, "high": 22.0},
            "article_type_accuracy": _judged(accuracy, 0.9),
            "colour_accuracy": _judged(0.7, 0.6),
        }
        for name, accuracy in (("Tshirts", 0.95), ("Tops", 0.45), ("(all others)", 0.3))
    ],
    "hardware": "a small computer, 2 threads",
    "seconds": 300,
}


def test_terminal_and_card_show_the_same_numbers() -> None:
    for number in ("11.25 ± 0.01 [10.00, 12.00]", "0.678", "0.871", "1.910", "65.8", "20.5 ± 0.1 [19.0, 22.0]"):
        assert number in figures_table(FIGURES)
        assert number in card_figures(FIGURES)


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
        "samples.png",
        "differ 50% as much as real",
        "Tops are recognised least often (0.45, real photos 0.90)",
    ):
        assert told in card
    assert "{" not in card.replace("{'", "")


def test_the_card_says_whether_the_first_aims_are_met() -> None:
    card = card_text("starter", FIGURES, RECORD)
    assert "within 10 % of them" in card
    assert "not within" not in card
    weak = copy.deepcopy(FIGURES)
    weak["accuracy"]["article_type"] = _judged(0.7, 0.871)
    weak["distances"]["recall"]["generated"]["value"] = 0.19
    card = card_text("starter", weak, RECORD)
    assert "not within 10 % of them" in card
    assert "not above 0.2" in card


def test_own_data_are_told_as_unconfirmed_and_lineage_is_named() -> None:
    record = RECORD | {"init": "starter", "backbone": {"name": "none"}}
    record["data"] = RECORD["data"] | {"name": "our-shop"}
    card = card_text("ours", FIGURES, record)
    assert "`our-shop`: the owner's own data" in card
    assert "from the checkpoint starter" in card
    assert "no pretrained network was used" in card
