"""The scores that a job takes: all keys that it promises, one by one as in a batch."""

import numpy as np
import pytest

from ecomgan.errors import ImageError
from ecomgan.metrics import SCORERS, keys_of
from ecomgan.metrics.later import LaterScores, Subject

OF_THE_STUDIO = {"taught_distance", "published_distance"}


def shoe(height: int = 80, width: int = 64) -> np.ndarray:
    picture = np.full((height, width, 3), 255, np.uint8)
    rows, columns = np.mgrid[:height, :width]
    inside = ((rows / height - 0.55) / 0.2) ** 2 + ((columns / width - 0.5) / 0.4) ** 2 < 1
    picture[inside] = (40, 60, 150)
    picture[inside & (columns // 6 % 2 == 0)] = (200, 60, 60)
    return picture


@pytest.fixture(scope="module")
def later() -> LaterScores:
    return LaterScores.open()


def test_every_score_of_one_image_is_of_birth_later_or_identity() -> None:
    assert {scorer.kind for scorer in SCORERS.values()} == {"birth", "later", "identity"}
    assert all(scorer.source and scorer.meaning for scorer in SCORERS.values())


def test_all_promised_keys_come_and_mixed_sizes_keep_their_order(later: LaterScores) -> None:
    subjects = [
        Subject(shoe(), "blue sports shoes", "Sports Shoes", "Blue", shoe()),
        Subject(shoe(160, 128)),
        Subject(shoe(), "", "no such article", "no such colour"),
    ]
    whole, bare, unknown = later.score(subjects)
    assert set(whole) == {*keys_of("later"), *keys_of("identity")} - OF_THE_STUDIO
    assert set(bare) == set(whole)
    assert None not in [whole[key] for key in whole if key != "no_reference"]
    assert [bare[key] for key in keys_of("identity")] == [None] * 4
    assert [unknown[key] for key in ("category_margin", "text_image_match", "realism")] == [None] * 3
    alone = later.score(subjects[:1])[0]
    for key, value in whole.items():
        assert alone[key] == (value if value is None else pytest.approx(value, abs=0.02)), key
    assert whole["silhouette_overlap"] == 100
    assert whole["feature_match"] == pytest.approx(100, abs=0.01)


def test_an_image_of_another_kind_is_refused() -> None:
    with pytest.raises(ImageError, match="got"):
        Subject(np.zeros((80, 64), np.uint8))
    with pytest.raises(ImageError, match="got"):
        Subject(shoe(), photo=np.zeros((4, 4, 3), np.uint8))
