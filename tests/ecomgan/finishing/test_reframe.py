"""Reframing moves and scales the product on its own background, and never cuts it."""

from __future__ import annotations

import numpy as np
import pytest

from ecomgan.errors import FinishingError
from ecomgan.finishing import CannotReframe, apply
from ecomgan.finishing.reframe import Reframe
from ecomgan.metrics.product import find_product


def shoe(*, height: int = 320, width: int = 256, backdrop: int = 255, top: int = 200, left: int = 60) -> np.ndarray:
    """A brown block of 60 x 110 pixels."""
    image = np.full((height, width, 3), backdrop, dtype=np.uint8)
    image[top : top + 60, left : left + 110] = (110, 70, 40)
    return image


def box_of(image: np.ndarray):
    box = find_product(image, search_side=640).box
    assert box is not None
    return box


@pytest.mark.parametrize(("top", "left"), [(200, 60), (20, 130), (250, 5)])
def test_the_product_comes_to_stand_where_it_is_told(top: int, left: int) -> None:
    framed = apply(shoe(top=top, left=left), [{"step": "reframe", "width": 0.8, "baseline": 0.75, "centre": 0.5}])
    box = box_of(framed)
    assert framed.shape == (320, 256, 3)
    assert box.width == pytest.approx(0.8, abs=0.01)
    assert box.bottom == pytest.approx(0.75, abs=0.01)
    assert (box.left + box.right) / 2 == pytest.approx(0.5, abs=0.01)
    assert box.height / box.width == pytest.approx(60 / 320 / (110 / 256), rel=0.02)  # its shape stays


def test_the_height_may_be_given_instead() -> None:
    assert box_of(Reframe(baseline=0.9, height=0.4)(shoe())).height == pytest.approx(0.4, abs=0.01)


def test_the_background_goes_on_as_it_is() -> None:
    framed = Reframe(baseline=0.6, width=0.3)(shoe(backdrop=236))
    assert framed[0].min() == framed[-1].max() == 236


def test_a_shaded_background_goes_on_without_a_seam() -> None:
    image = shoe(backdrop=255)
    shade = np.linspace(255, 225, 320)[:, None, None]
    image = np.minimum(image, shade).astype(np.uint8)
    image[200:260, 60:170] = (110, 70, 40)
    framed = Reframe(baseline=0.7, width=0.3)(image).astype(int)
    assert np.abs(np.diff(framed[:, :5], axis=0)).max() <= 3
    assert np.abs(np.diff(framed[:40], axis=1)).max() <= 3


def test_the_same_frame_again_changes_next_to_nothing() -> None:
    step = Reframe(baseline=0.7, width=0.6)
    once = step(shoe())
    assert np.abs(step(once).astype(int) - once).mean() < 1.5


@pytest.mark.parametrize(
    ("image", "told"),
    [
        (shoe(left=0), "runs out of the picture at the left"),
        (shoe(top=260), "runs out of the picture at the bottom"),
        (np.full((320, 256, 3), 255, dtype=np.uint8), "no product was found"),
    ],
)
def test_a_product_that_is_not_whole_is_refused(image: np.ndarray, told: str) -> None:
    with pytest.raises(CannotReframe, match=told):
        Reframe(baseline=0.7, width=0.6)(image)


def test_a_product_that_would_run_out_of_the_frame_is_refused() -> None:
    with pytest.raises(CannotReframe, match="would run out of the frame at the top"):
        Reframe(baseline=0.3, width=0.9)(shoe())


@pytest.mark.parametrize(
    "wrong",
    [
        {"baseline": 0.7},
        {"baseline": 0.7, "width": 0.5, "height": 0.5},
        {"baseline": 1.2, "width": 0.5},
        {"baseline": 0.7, "width": 1.5},
        {"width": 0.5},
        {"baseline": 0.7, "width": 0.5, "centre": -0.1},
    ],
)
def test_a_frame_that_cannot_be_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(FinishingError):
        apply(shoe(), [{"step": "reframe", **wrong}])
