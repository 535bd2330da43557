"""The second pass: larger, of the same colours, without seams; and how much detail it is told to have."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ecomgan.detail.enlarge import enlarge_batch, enlarge_image
from ecomgan.detail.measure_second_pass import second_pass_figures
from ecomgan.detail.opening import open_detail
from ecomgan.detail.photos import open_photos
from ecomgan.detail.second_pass import enlarge_again, enlarge_twice
from ecomgan.detail.shipped import shipped_detail
from ecomgan.errors import CheckpointError, RequestError
from ecomgan.finishing import effective_height

X4 = {"step": "detail", "factor": 4}
X16 = {"step": "detail", "factor": 16}
FRAME = {"step": "pad", "width": 1000, "height": 1500}


def picture() -> np.ndarray:
    """Two discs on white, 40x32."""
    rows, columns = np.mgrid[:40, :32]
    made = np.full((40, 32, 3), 255, dtype=np.uint8)
    made[np.hypot(rows - 18, columns - 14) < 11] = (180, 40, 60)
    made[np.hypot(rows - 24, columns - 20) < 6] = (30, 60, 120)
    return made


def brought_to(image: np.ndarray, height: int, width: int) -> np.ndarray:
    return np.asarray(Image.fromarray(image).resize((width, height), Image.Resampling.BOX)).astype(float)


def test_the_second_pass_keeps_what_the_first_one_said_at_half_its_size() -> None:
    first = enlarge_image(shipped_detail(), picture())
    again = enlarge_again(shipped_detail(), first)
    assert again.shape == (640, 512, 3)
    apart = np.abs(brought_to(again, 80, 64) - brought_to(first, 80, 64))
    left_alone = first
    for _ in range(2):
        left_alone = enlarge_image(shipped_detail(), np.asarray(Image.fromarray(left_alone).reduce(2)))
    assert apart.mean() < 0.7 * np.abs(brought_to(left_alone, 80, 64) - brought_to(first, 80, 64)).mean()
    soft = np.asarray(Image.fromarray(first).resize((512, 640), Image.Resampling.LANCZOS)).astype(float)
    assert np.abs(np.diff(again.astype(float), axis=0)).max() > np.abs(np.diff(soft, axis=0)).max()  # crisper


def test_both_passes_are_the_same_in_tiles_and_whole() -> None:
    whole = enlarge_twice(shipped_detail(), picture(), 8)
    assert whole.shape == (320, 256, 3)
    tiled = enlarge_twice(shipped_detail(), picture(), 8, tile=32)
    assert np.abs(whole.astype(int) - tiled).max() <= 1


@pytest.mark.parametrize(
    ("shape", "factor", "message"),
    [
        ((8, 8, 3), 4, "factor is 4; 8 or 16 was expected of two passes"),
        ((500, 500, 3), 16, "500x500 times 16 is 64000000 pixels; at most 50000000"),
        ((8, 8), 16, r"an image, uint8 \(H, W, 3\), was expected; got uint8 \(8, 8\)"),
    ],
)
def test_what_cannot_be_enlarged_twice_is_refused(
    detail_folder: Path, shape: tuple[int, ...], factor: int, message: str
) -> None:
    with pytest.raises(RequestError, match=message):
        enlarge_twice(open_detail(detail_folder), np.zeros(shape, dtype=np.uint8), factor)  # type: ignore[arg-type]
    with pytest.raises(RequestError, match="an image of 9x8 was given; even sides were expected"):
        enlarge_again(open_detail(detail_folder), np.zeros((9, 8, 3), dtype=np.uint8))


def test_batches_of_another_kind_and_empty_ones_are_refused(detail_folder: Path) -> None:
    network = open_detail(detail_folder)
    for shape, dtype in (((0, 8, 8, 3), np.uint8), ((8, 8, 3), np.uint8), ((1, 8, 8, 3), np.float32)):
        with pytest.raises(RequestError, match=r"images, uint8 \(N, H, W, 3\), were expected"):
            enlarge_batch(network, np.zeros(shape, dtype=dtype))


def test_its_figures_stand_beside_those_of_lanczos(cloth: Path, detail_folder: Path) -> None:
    found = second_pass_figures(open_detail(detail_folder), open_photos(cloth, "validation"))
    assert (found["photos"], found["height"], found["width"]) == (6, 1280, 1024)
    assert found["lanczos"].keys() == found["second_pass"].keys()
    assert 0 < found["lanczos"]["fine_energy"] < 1
    assert 0 < found["lanczos"]["agreeing_height"] <= 400


@pytest.fixture
def measured(tmp_path: Path) -> Path:
    heights = {"bicubic": {"agreeing_height": 60}, "finished": {"agreeing_height": 72}}
    (tmp_path / "evaluation.json").write_text(json.dumps({"degraded": heights | {"input_height": 80}}))
    return tmp_path


@pytest.mark.parametrize(
    ("height", "steps", "expected"),
    [
        (80, [], 60),
        (320, [{"step": "resize", "factor": 4}], 60),
        (320, [{"step": "detail"}], 72),
        (1280, [X16], 72),
        (1500, [X4, FRAME], 72),
        (50, [X4, {"step": "pad", "width": 50, "height": 50}], 50),
        (80, [{"step": "detail", "factor": 1}], 40),
        (320, [{"step": "resize", "factor": 4}, {"step": "detail", "factor": 1}], 72),
    ],
)
def test_detail_is_told_by_what_was_made_and_never_by_pixels(
    measured: Path, height: int, steps: list[dict[str, object]], expected: int
) -> None:
    assert effective_height(80, height, steps, measured) == expected


def test_detail_that_nobody_measured_is_not_told_and_broken_figures_are_named(tmp_path: Path) -> None:
    assert effective_height(80, 320, [X4], tmp_path / "nowhere") is None
    (tmp_path / "evaluation.json").write_text('{"degraded": {}}')
    with pytest.raises(CheckpointError, match=r"evaluation\.json cannot be read .*evaluate-detail --write-card"):
        effective_height(80, 320, [X4], tmp_path)


def test_what_ships_tells_more_detail_than_plain_enlargement_and_less_than_its_pixels() -> None:
    plain, restored = effective_height(80, 320, [{"step": "resize", "factor": 4}]), effective_height(80, 320, [X4])
    assert plain is not None
    assert restored is not None
    assert plain < restored < 100
    assert effective_height(80, 1280, [X16]) == restored
