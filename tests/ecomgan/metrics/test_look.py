"""Images that show the same thing have looks that point the same way, wherever the thing stands in the frame."""

import numpy as np
import pytest

from ecomgan.errors import ImageError
from ecomgan.metrics.likeness import SIZE, likeness
from ecomgan.metrics.look import look

RED, BLUE, DARK = (200, 30, 40), (40, 60, 190), (40, 40, 45)


def drawn(colour, *, height=80, width=64, top=10, left=12, wide=False):
    """A coloured shirt-like shape (or a wide bar) on white, uint8 (height, width, 3)."""
    image = np.full((height, width, 3), 255, dtype=np.uint8)
    if wide:
        image[top + 20 : top + 32, left : left + 40] = colour
    else:
        image[top : top + 60, left + 8 : left + 32] = colour
        image[top : top + 16, left : left + 40] = colour
    return image


def alike(first, second) -> float:
    return float(likeness(look(first), look(second)[None])[0])


def test_a_look_is_a_vector_of_bytes() -> None:
    vector = look(drawn(RED))
    assert (vector.dtype, vector.shape) == (np.int8, (SIZE,))
    assert np.array_equal(vector, look(drawn(RED)))


def test_an_image_is_most_like_itself() -> None:
    assert alike(drawn(RED), drawn(RED)) == pytest.approx(1, abs=0.01)
    assert alike(drawn(RED), drawn(BLUE)) < 0.95
    assert alike(drawn(RED), drawn(BLUE, wide=True)) < alike(drawn(RED), drawn(BLUE))


def test_place_and_size_of_the_frame_do_not_count() -> None:
    elsewhere = drawn(RED, height=150, width=120, top=80, left=70)
    assert alike(drawn(RED), elsewhere) > 0.95


def test_same_shape_in_the_same_colour_comes_before_either_alone() -> None:
    wanted = look(drawn(RED))
    others = np.stack([look(drawn(DARK)), look(drawn((205, 40, 45), top=8)), look(drawn(RED, wide=True))])
    assert int(np.argmax(likeness(wanted, others))) == 1


def test_an_empty_frame_has_a_look_too() -> None:
    assert look(np.full((80, 64, 3), 255, dtype=np.uint8)).shape == (SIZE,)


def test_many_are_compared_a_few_rows_at_a_time() -> None:
    draw = np.random.default_rng(0)
    others = draw.integers(-127, 128, (50, SIZE)).astype(np.int8)
    whole = likeness(others[7], others)
    assert np.allclose(whole, likeness(others[7], others, rows_at_a_time=7))
    assert int(np.argmax(whole)) == 7


def test_what_is_no_image_is_refused() -> None:
    with pytest.raises(ImageError, match="uint8"):
        look(np.zeros((80, 64), dtype=np.uint8))
