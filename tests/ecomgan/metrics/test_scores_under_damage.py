"""Scores of small drawn products, damaged in rising steps: each moves under its own damage and hardly under others."""

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageDraw

from ecomgan.metrics import SCORERS, birth_scores, keys_of
from ecomgan.metrics.damage import DAMAGES, STEPS, Scene, another, crop, grain, shrink, skin_patch, torn
from ecomgan.metrics.foreground import find_foreground
from ecomgan.metrics.identity import cut_out, photo_colour_difference, print_match, silhouette_overlap
from ecomgan.metrics.no_reference import no_reference
from ecomgan.metrics.skin import skin
from ecomgan.metrics.validate import OWN, as_markdown, scenes_of, validate

Picture = npt.NDArray[np.uint8]


def bag(number: int, colour: tuple[int, int, int] = (40, 70, 160)) -> Picture:
    """A 160x128 bag of one colour with a fabric, a print and seams on white; shape and print by its number."""
    draw = np.random.default_rng(number)
    large = Image.new("RGB", (256, 320), "white")
    pen = ImageDraw.Draw(large)
    box = (50 + 6 * number, 70 + 4 * number, 206 - 5 * number, 262 - 6 * number)
    pen.rounded_rectangle(box, 8 + 10 * number, fill=colour)
    for _ in range(6):
        x, y = draw.uniform(box[0] + 10, box[2] - 40), draw.uniform(box[1] + 10, box[3] - 40)
        pen.ellipse((x, y, x + 26, y + 18), fill=tuple(int(c) for c in draw.integers(20, 230, 3)))
    fabric = draw.normal(0, 6, (320, 256, 1)) * (np.asarray(large).min(axis=2) < 250)[..., None]
    woven = np.clip(np.asarray(large) + fabric, 0, 255).astype(np.uint8)
    return np.asarray(Image.fromarray(woven).resize((128, 160), Image.Resampling.LANCZOS))


@pytest.fixture(scope="module")
def moved():  # type: ignore[no-untyped-def]
    scenes = scenes_of([bag(number) for number in range(3)])
    return validate(scenes, lambda images: [birth_scores(image, "Blue") for image in images])


@pytest.mark.parametrize(
    ("key", "damage"),
    [
        (key, name)
        for key in keys_of("birth")
        for name in OWN[key]
        if key not in ("category_confidence", "colour_difference")
    ],
)
def test_a_birth_score_moves_with_every_step_of_its_own_damage(moved, key: str, damage: str) -> None:  # type: ignore[no-untyped-def]
    worse = {"higher": -1, "lower": 1, "near": -1}[SCORERS[key].better]
    assert worse * moved[key][damage].spearman > 0.8
    assert worse * moved[key][damage].effect > 5


@pytest.mark.parametrize("key", ["border_whiteness", "centring", "shadow"])
def test_it_stays_nearly_still_under_the_damages_of_others(moved, key: str) -> None:  # type: ignore[no-untyped-def]
    # docs/scores.md holds the table of all scores, measured on photos. What is left out here changes where the product
    # is, or draws a product of its own.
    place = {"shift", "crop", "shrink", "skin_patch", "another", "torn", "text"}
    own = max(abs(moved[key][name].effect) for name in OWN[key])
    for name in set(DAMAGES) - set(OWN[key]) - place:
        assert abs(moved[key][name].effect) < 0.4 * own, name


def test_the_table_marks_a_score_s_own_damage(moved) -> None:  # type: ignore[no-untyped-def]
    table = as_markdown(moved)
    assert table.splitlines()[0].count("|") == len(DAMAGES) + 2
    assert "**" in next(line for line in table.splitlines() if line.startswith("| sharpness"))


def test_damages_keep_the_size_and_change_more_with_each_step() -> None:
    scene = scenes_of([bag(0), bag(1)])[0]
    for name, damage in DAMAGES.items():
        steps = [damage(scene, step) for step in range(1, STEPS + 1)]
        assert all(one.shape == scene.photo.shape and one.dtype == np.uint8 for one in steps), name
        off = [float(np.abs(one.astype(float) - scene.photo).mean()) for one in steps]
        assert 0 < off[0] < off[-1], name


def test_a_product_cut_off_at_the_right_touches_the_right_side_alone() -> None:
    scene = scenes_of([bag(0), bag(1)])[0]
    assert birth_scores(scene.photo, None)["cropped"] == 0
    assert birth_scores(crop(scene, 3), None)["cropped"] > 30


def test_a_vignette_is_no_product_and_a_soft_shadow_no_part_of_it() -> None:
    photo = bag(0)
    rows, columns = np.mgrid[:160, :128]
    fall = 40 * (np.hypot(rows - 80, columns - 64) / 100) ** 2
    plain = find_foreground(photo).product.mask
    vignette = np.clip(photo - fall[..., None], 0, 255).astype(np.uint8)
    found = find_foreground(vignette).product.mask
    assert (found & plain).sum() / (found | plain).sum() > 0.95


def test_skin_rises_with_a_patch_of_it_and_blue_fabric_has_none() -> None:
    scene = scenes_of([bag(0), bag(1)])[0]
    values = [skin(picture, find_foreground(picture).product) for picture in (scene.photo, *(
        skin_patch(scene, step) for step in (2, 3, 5)
    ))]  # fmt: skip
    assert values[0] < 0.5
    assert values == sorted(values)
    assert values[-1] > 3


def test_no_reference_rises_with_noise_and_is_none_on_an_empty_frame() -> None:
    scene = Scene(np.tile(bag(0), (2, 2, 1)), np.ones((320, 256), bool), np.tile(bag(1), (2, 2, 1)), 0)
    values = [no_reference(one, find_foreground(scene.photo).product) for one in (grain(scene, 2), grain(scene, STEPS))]
    assert values[0] is not None
    assert values[1] is not None
    assert values[0] < values[1]
    empty = np.full((160, 128, 3), 255, np.uint8)
    assert no_reference(empty, find_foreground(empty).product) is None


def test_the_same_product_smaller_is_itself_and_another_is_not() -> None:
    scene = scenes_of([bag(0), bag(3)])[0]
    photo, same, other = cut_out(scene.photo), cut_out(shrink(scene, 2)), cut_out(another(scene, STEPS))
    assert photo is not None
    assert same is not None
    assert other is not None
    for score, better in ((silhouette_overlap, 1), (print_match, 1), (photo_colour_difference, -1)):
        own, foreign = score(same, photo), score(other, photo)
        assert own is not None
        assert foreign is not None
        assert better * own > better * foreign, score.__name__


def test_another_colour_keeps_the_print_and_a_torn_print_is_told() -> None:
    scene = scenes_of([bag(0), bag(1)])[0]
    photo, red, broken = cut_out(scene.photo), cut_out(bag(0, (180, 50, 50))), cut_out(torn(scene, STEPS))
    assert photo is not None
    assert red is not None
    assert broken is not None
    assert photo_colour_difference(red, photo) > 15  # type: ignore[operator]
    assert print_match(red, photo) > print_match(broken, photo) + 20  # type: ignore[operator]


def test_without_a_product_or_a_print_identity_cannot_be_measured() -> None:
    assert cut_out(np.full((64, 64, 3), 255, np.uint8)) is None
    plain = np.full((64, 64, 3), 255, np.uint8)
    plain[12:52, 12:52] = (90, 90, 90)
    cut = cut_out(plain)
    assert cut is not None
    assert print_match(cut, cut) is None
    assert silhouette_overlap(cut, cut) == 100
