"""The match of an image and the text it was asked for by."""

from pathlib import Path

import numpy as np
import pytest

from ecomgan.data.decode import decode_image, fit_on_white
from ecomgan.data.prepared import open_prepared
from ecomgan.data.sources import read_photos
from ecomgan.errors import RequestError
from ecomgan.metrics import SCORERS
from ecomgan.metrics.text_image_match import Matcher, text_image_match

DATA = Path(__file__).resolve().parents[4] / "shared" / "data" / "fashion-small"


def test_it_is_declared_with_its_range_and_is_no_score_of_birth() -> None:
    declared = SCORERS[text_image_match.__name__]
    assert (declared.low, declared.high, declared.better, declared.kind) == (0, 100, "higher", "later")


def test_own_titles_score_above_others_and_no_text_scores_nothing(tiny_encoder: Path, tiny_set: Path) -> None:
    photos, matcher = open_prepared(tiny_set, "train"), Matcher(tiny_encoder)
    pixels, titles = photos.pixels(np.arange(len(photos))), photos.columns["title"]
    own, other = matcher(pixels, titles), matcher(pixels, titles[::-1])
    assert np.mean([a for a in own if a is not None]) > np.mean([b for b in other if b is not None])
    assert all(value is not None and -100 <= value <= 100.001 for value in own)
    assert matcher(pixels[:3], ["", "red bag", "  "])[::2] == [None, None]
    with pytest.raises(RequestError, match="1 texts for 2 images"):
        matcher(pixels[:2], ["red bag"])


@pytest.mark.slow
@pytest.mark.skipif(not DATA.is_dir(), reason="needs the photos that the encoder was judged on")
def test_right_texts_score_above_shuffled_ones_on_real_held_out_photos() -> None:
    held_out = [photo for photo, _ in zip(_held_out(), range(300), strict=False)]
    pixels = np.stack([fit_on_white(decode_image(photo.data), 80, 64) for photo in held_out])
    titles = [photo.title for photo in held_out]
    turned = [*titles[137:], *titles[:137]]
    matcher = Matcher()
    own, other = (np.array(matcher(pixels, texts), dtype=float) for texts in (titles, turned))
    assert (own > other).mean() > 0.95
    assert np.median(own) > np.median(other) + 40


def _held_out():  # type: ignore[no-untyped-def]
    return (photo for photo in read_photos(DATA) if photo.split == "validation")
