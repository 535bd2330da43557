import subprocess
import sys

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageFilter
from skimage.color import lab2rgb

from ecomgan.errors import ImageError
from ecomgan.metrics import birth_scores, keys_of, palette

Picture = npt.NDArray[np.uint8]


def packshot(
    height: int = 80,
    width: int = 64,
    background: int = 255,
    scale: float = 0.8,
    shift: int = 0,
    lab: tuple[float, float, float] = (44.3, 43.0, 19.9),
) -> Picture:
    """A striped box of one colour on a plain ground, `scale` of the frame high and wide, moved right by `shift`."""
    picture = np.full((height, width, 3), background, dtype=np.uint8)
    colour = np.round(lab2rgb(np.array(lab)[None, None])[0, 0] * 255)
    tall, wide = round(height * scale / 2), round(width * scale / 2)
    rows = slice(height // 2 - tall, height // 2 + tall)
    columns = slice(width // 2 - wide + shift, width // 2 + wide + shift)
    picture[rows, columns] = colour
    picture[height // 2 - tall : height // 2 + tall : 8, columns] = np.clip(colour * 0.7, 0, 255)
    return picture


def blurred(picture: Picture, radius: float) -> Picture:
    return np.asarray(Image.fromarray(picture).filter(ImageFilter.GaussianBlur(radius)))


def test_keys_are_those_of_the_declared_scorers() -> None:
    assert list(birth_scores(packshot(), "Red")) == list(keys_of("birth"))


def test_sharpness_falls_with_every_step_of_blur() -> None:
    values = [birth_scores(blurred(packshot(), radius), None)["sharpness"] for radius in (0, 0.5, 0.8, 1.2, 2, 3)]
    assert values == sorted(values, reverse=True)
    assert len(set(values)) == len(values)


def test_sharpness_does_not_depend_on_size_or_contrast() -> None:
    small = birth_scores(blurred(packshot(), 0.6), None)["sharpness"]
    large = birth_scores(blurred(packshot(320, 256), 0.6), None)["sharpness"]
    half_white = np.uint8(255) - (np.uint8(255) - blurred(packshot(), 0.6)) // 2
    pale = birth_scores(half_white, None)["sharpness"]
    assert small == pytest.approx(large, rel=0.15)
    assert small == pytest.approx(pale, rel=0.15)


def test_enlarging_lowers_sharpness() -> None:
    picture = packshot()
    enlarged = np.asarray(Image.fromarray(picture).resize((256, 320), Image.Resampling.LANCZOS))
    assert birth_scores(enlarged, None)["sharpness"] < 0.5 * birth_scores(picture, None)["sharpness"]


def test_border_whiteness_falls_as_the_ground_greys() -> None:
    values = [birth_scores(packshot(background=level), None)["border_whiteness"] for level in (255, 245, 235, 220, 200)]
    assert values[0] == 100
    assert values[-1] == 0
    assert values == sorted(values, reverse=True)


def test_a_grey_ground_does_not_hide_the_product() -> None:
    assert birth_scores(packshot(background=225), None)["fill"] == birth_scores(packshot(), None)["fill"]


def test_fill_falls_as_the_product_shrinks_and_tells_its_share_of_the_side() -> None:
    values = [birth_scores(packshot(scale=scale), None)["fill"] for scale in (0.9, 0.75, 0.5, 0.25)]
    assert values == sorted(values, reverse=True)
    assert values[2] == pytest.approx(50, abs=2)


def test_centring_rises_as_the_product_moves_out_of_the_middle() -> None:
    values = [birth_scores(packshot(scale=0.5, shift=shift), None)["centring"] for shift in (0, 3, 6, 10, 14)]
    assert values[0] == pytest.approx(0, abs=0.02)
    assert values == sorted(values)
    assert len(set(values)) == len(values)


def test_colour_difference_rises_as_the_hue_turns_away() -> None:
    lightness, a, b = palette.lab_of("Red")
    chroma, hue = np.hypot(a, b), np.arctan2(b, a)
    turned = [
        (lightness, float(chroma * np.cos(hue + turn)), float(chroma * np.sin(hue + turn)))
        for turn in np.radians([0, 25, 50, 90, 140])
    ]
    values = [birth_scores(packshot(lab=lab), "Red")["colour_difference"] for lab in turned]
    assert values[0] < 3
    assert values == sorted(values)
    assert len(set(values)) == len(values)


def test_colour_difference_is_of_the_main_colour_when_others_surround_it() -> None:
    picture = packshot(lab=palette.lab_of("Blue"))
    picture[8:16, 20:44] = (200, 160, 140)  # a face
    picture[64:72, 20:44] = (40, 40, 45)  # trousers
    assert birth_scores(picture, "Blue")["colour_difference"] < 5


@pytest.mark.parametrize("colour", [None, "Multi", "no such colour"])
def test_without_one_asked_colour_there_is_no_colour_difference(colour: str | None) -> None:
    assert birth_scores(packshot(), colour)["colour_difference"] is None


def test_case_of_the_colour_does_not_matter() -> None:
    assert birth_scores(packshot(), "navy blue") == birth_scores(packshot(), "Navy Blue")


def test_an_empty_frame_scores_what_it_can() -> None:
    empty = np.full((80, 64, 3), 255, dtype=np.uint8)
    assert birth_scores(empty, "Red") == {
        "sharpness": None,
        "noise": None,
        "blocking": None,
        "border_whiteness": 100.0,
        "fill": 0.0,
        "centring": None,
        "cropped": 0.0,
        "shadow": None,
        "colour_difference": None,
        "category_confidence": None,
    }


def test_a_white_product_with_a_faint_outline_is_found_whole() -> None:
    picture = np.full((80, 64, 3), 255, dtype=np.uint8)
    picture[16:64, 16:48] = 205
    picture[18:62, 18:46] = 255
    scores = birth_scores(picture, "White")
    assert scores["fill"] == pytest.approx(60, abs=2)
    assert scores["colour_difference"] < 10


@pytest.mark.parametrize(
    "picture",
    [np.zeros((80, 64), np.uint8), np.zeros((80, 64, 4), np.uint8), np.zeros((80, 64, 3), float), packshot()[:8, :8]],
)
def test_arrays_of_another_kind_are_refused_with_what_was_given(picture: Picture) -> None:
    with pytest.raises(ImageError, match=r"got"):
        birth_scores(picture, None)


def test_importing_the_scores_loads_no_torch() -> None:
    code = "import sys, ecomgan.metrics.birth; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_reading_the_declarations_loads_neither_torch_nor_scipy() -> None:
    code = "import sys; from ecomgan.metrics import SCORERS; sys.exit('torch' in sys.modules or 'scipy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_measured_palette_finds_the_main_colour_of_its_photos() -> None:
    colours = ["Red", "Teal", "Multi"]
    photos = [packshot(lab=palette.lab_of(name)) for name in ("Red", "Teal", "Gold")]
    measured = palette.measure(photos, colours)
    assert set(measured) == {"Red", "Teal"}
    for name, (lab, count) in measured.items():
        assert count == 1
        assert lab == pytest.approx(palette.lab_of(name), abs=3)
