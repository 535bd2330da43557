import subprocess
import sys
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageFilter

from ecomgan.errors import EcomGANError, FinishingError, ImageError
from ecomgan.finishing import STEPS, apply, parse_steps
from ecomgan.metrics import birth_scores

Picture = npt.NDArray[np.uint8]


def packshot(ground: int = 244, colour: tuple[int, int, int] = (150, 30, 40)) -> Picture:
    """A box with darker bands on a noisy ground, 80x64."""
    noise = np.random.default_rng(0).integers(-2, 3, (80, 64, 1))
    picture = np.repeat(ground + noise, 3, axis=2)
    picture[24:56, 20:44] = colour
    picture[24:56:6, 20:44] = np.array(colour) // 2
    return np.clip(picture, 0, 255).astype(np.uint8)


def white_shirt() -> Picture:
    """Nearly white within a faint outline, on an off-white ground."""
    picture = np.full((80, 64, 3), 250, dtype=np.uint8)
    picture[16:64, 16:48] = 215
    picture[17:63, 17:47] = 247
    return picture


def test_white_background_makes_the_border_pure_white_and_leaves_the_product() -> None:
    picture = packshot()
    finished = apply(picture, [{"step": "white_background"}])
    assert birth_scores(finished, None)["border_whiteness"] == 100
    assert (finished[:20] == 255).all()
    assert np.array_equal(finished[24:56, 20:44], picture[24:56, 20:44])


@pytest.mark.parametrize("ground", [230, 244, 252])
def test_white_background_takes_any_light_ground(ground: int) -> None:
    finished = apply(packshot(ground), [{"step": "white_background"}])
    assert (finished[:16] == 255).all()


def test_white_background_does_not_eat_a_white_product() -> None:
    picture = white_shirt()
    finished = apply(picture, [{"step": "white_background"}])
    assert np.array_equal(finished[16:64, 16:48], picture[16:64, 16:48])
    assert (finished[:12] == 255).all()


def test_white_background_ends_softly_outside_the_product() -> None:
    finished = apply(packshot(230), [{"step": "white_background"}])[40, :20, 0].astype(int)
    steps = np.diff(finished[::-1])
    assert (steps >= -4).all()  # rising away from the product, but for the ground's own noise
    assert steps.max() < 20


def test_white_background_twice_changes_nothing_more() -> None:
    once = apply(packshot(), [{"step": "white_background"}])
    twice = apply(once, [{"step": "white_background"}])
    assert np.abs(once.astype(int) - twice).max() <= 12  # the soft edge alone


def test_sharpen_raises_sharpness_with_its_amount() -> None:
    soft = np.asarray(Image.fromarray(packshot(255)).filter(ImageFilter.GaussianBlur(0.8)))
    values = [
        birth_scores(apply(soft, [{"step": "sharpen", "amount": amount}]), None)["sharpness"]
        for amount in (0.0, 0.5, 1.0, 2.0)
    ]
    assert values == sorted(values)
    assert values[-1] > 1.2 * values[0]


def test_sharpen_stays_within_its_overshoot() -> None:
    picture = np.full((40, 40, 3), 100, dtype=np.uint8)
    picture[:, 20:] = 160
    finished = apply(picture, [{"step": "sharpen", "amount": 2.0, "overshoot": 5}])
    assert finished.min() >= 95
    assert finished.max() <= 165


def test_sharpen_keeps_greys_grey_and_flat_areas_as_they_are() -> None:
    flat = np.full((32, 32, 3), 77, dtype=np.uint8)
    assert np.array_equal(apply(flat, [{"step": "sharpen"}]), flat)


@pytest.mark.parametrize("factor", [2, 4])
def test_resize_multiplies_both_sides(factor: int) -> None:
    assert apply(packshot(), [{"step": "resize", "factor": factor}]).shape == (80 * factor, 64 * factor, 3)


@pytest.mark.parametrize(
    ("width", "height", "fill"), [(400, 400, 0.85), (300, 600, 0.75), (600, 300, 1.0), (64, 80, 0.5)]
)
def test_pad_gives_the_frame_and_the_fill_that_were_asked_for(width: int, height: int, fill: float) -> None:
    steps = [{"step": "white_background"}, {"step": "pad", "width": width, "height": height, "fill": fill}]
    finished = apply(packshot(), steps)
    scores = birth_scores(finished, None)
    assert finished.shape == (height, width, 3)
    assert scores["fill"] == pytest.approx(100 * fill, abs=2.5)
    assert scores["centring"] == pytest.approx(0, abs=0.02)


def test_pad_keeps_a_product_that_runs_out_of_the_picture_at_the_edge() -> None:
    picture = np.full((80, 64, 3), 255, dtype=np.uint8)
    picture[20:, 20:44] = (150, 30, 40)
    finished = apply(picture, [{"step": "pad", "width": 200, "height": 200, "fill": 0.8}])
    assert (finished[-1, 100] < 200).all()
    assert (finished[:32] == 255).all()  # 40 rows less the reach of Lanczos


def test_pad_of_a_blank_image_says_so() -> None:
    with pytest.raises(FinishingError, match="blank"):
        apply(np.full((80, 64, 3), 255, dtype=np.uint8), [{"step": "pad", "width": 100, "height": 100}])


def test_steps_are_done_in_their_order() -> None:
    finished = apply(
        packshot(),
        [
            {"step": "white_background"},
            {"step": "sharpen"},
            {"step": "resize", "factor": 4},
            {"step": "pad", "width": 1000, "height": 1000, "fill": 0.85},
        ],
    )
    assert finished.shape == (1000, 1000, 3)
    assert (finished[0] == 255).all()


def test_a_pillow_image_comes_back_as_one_with_the_same_pixels() -> None:
    steps = [{"step": "white_background"}, {"step": "resize", "factor": 2}]
    finished = apply(Image.fromarray(packshot()), steps)
    assert isinstance(finished, Image.Image)
    assert np.array_equal(np.asarray(finished), apply(packshot(), steps))


def test_no_steps_leave_the_image_as_it_is() -> None:
    assert np.array_equal(apply(packshot(), []), packshot())


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ([{"step": "polish"}], "unknown step 'polish'; allowed are white_background, sharpen, detail, resize, pad"),
        ([{"step": ["pad"]}], "unknown step"),
        ([{"factor": 2}], "must be an object"),
        (["resize"], "must be an object"),
        ([{"step": "resize"}], "factor is missing"),
        ([{"step": "resize", "factor": 3}], "must be 2 or 4; got 3"),
        ([{"step": "resize", "factor": "2"}], "must be a whole number; got '2'"),
        ([{"step": "resize", "factor": True}], "must be a whole number; got True"),
        ([{"step": "resize", "factor": 2, "method": "cubic"}], "unknown parameter 'method'; it takes factor"),
        ([{"step": "white_background", "level": 9}], "unknown parameter 'level'; it takes none"),
        ([{"step": "sharpen", "amount": 9}], "amount must be from 0 to 2; got 9"),
        ([{"step": "sharpen", "radius": float("nan")}], "radius must be from 0.3 to 5; got nan"),
        ([{"step": "pad", "width": 100}], "height is missing"),
        ([{"step": "pad", "width": 100, "height": 20_000}], "height must be from 16 to 10000; got 20000"),
        ([{"step": "white_background"}, {"step": "resize", "factor": 9}], "must be 2 or 4"),
    ],
)
def test_a_wrong_step_is_refused_before_anything_is_done(steps: list[Any], said: str) -> None:
    with pytest.raises(FinishingError) as refusal:
        parse_steps(steps)
    assert said in str(refusal.value)
    assert isinstance(refusal.value, EcomGANError)


def test_a_picture_that_would_become_too_large_is_refused() -> None:
    large = np.full((2000, 2000, 3), 200, dtype=np.uint8)
    with pytest.raises(FinishingError, match="at most 50000000"):
        apply(large, [{"step": "resize", "factor": 4}])


def test_arrays_of_another_kind_are_refused() -> None:
    with pytest.raises(ImageError, match="uint8"):
        apply(packshot().astype(float), [])


def test_every_step_is_told_of_in_the_package_docstring() -> None:
    import ecomgan.finishing

    for name in STEPS:
        assert f"| {name} |" in str(ecomgan.finishing.__doc__)


def test_importing_finishing_loads_no_torch() -> None:
    code = "import sys, ecomgan.finishing; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
