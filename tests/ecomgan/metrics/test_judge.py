from pathlib import Path

import numpy as np
import pytest

from ecomgan.data.prepared import PreparedSet
from ecomgan.metrics.judge import Judge, Look, judge_for, teach

COLOURS = {"Red": (200, 30, 40), "Green": (40, 160, 60), "Blue": (30, 60, 190)}
SHAPES = {"Belts": (12, 50), "Socks": (60, 14)}


def shelf(count: int, seed: int) -> PreparedSet:
    """Flat and tall boxes in three colours, at random places, 80x64."""
    draw = np.random.default_rng(seed)
    images = np.full((count, 80, 64, 3), 255, dtype=np.uint8)
    articles, colours = [], []
    for image in images:
        article, colour = str(draw.choice(list(SHAPES))), str(draw.choice(list(COLOURS)))
        height, width = SHAPES[article]
        top, left = draw.integers(0, 80 - height), draw.integers(0, 64 - width)
        image[top : top + height, left : left + width] = COLOURS[colour]
        articles.append(article)
        colours.append(colour)
    columns = {"article_type": articles, "colour": colours, "usage": ["Casual"] * count}
    return PreparedSet(images, np.arange(count), columns, "shelf")


@pytest.fixture(scope="module")
def look() -> Look:
    return Look()


@pytest.fixture(scope="module")
def judge(look: Look) -> Judge:
    return teach(shelf(240, seed=0), look)


def test_the_judge_tells_articles_and_colours_of_photos_it_has_not_seen(judge: Judge, look: Look) -> None:
    unseen = shelf(60, seed=1)
    answers = judge(look(unseen.pixels(np.arange(60))))
    for field in ("article_type", "colour"):
        right = [said == truth for said, truth in zip(answers[field], unseen.columns[field], strict=True)]
        assert np.mean(right) > 0.9


def test_the_same_photos_give_the_same_judge(judge: Judge, look: Look) -> None:
    again = teach(shelf(240, seed=0), look)
    assert again.classes == judge.classes
    assert np.allclose(again.weights, judge.weights, atol=1e-6)


def test_a_saved_judge_answers_as_before(judge: Judge, look: Look, tmp_path: Path) -> None:
    judge.save(tmp_path / "judge.safetensors")
    looks = look(shelf(8, seed=2).pixels(np.arange(8)))
    assert Judge.load(tmp_path / "judge.safetensors")(looks) == judge(looks)


def test_a_judge_is_taught_once_for_the_same_data(look: Look, tmp_path: Path) -> None:
    data = shelf(40, seed=3)
    first = judge_for(data, look, tmp_path, "data one")
    file = next(tmp_path.iterdir())
    written = file.stat().st_mtime_ns
    assert np.array_equal(judge_for(data, look, tmp_path, "data one").weights, first.weights)
    assert file.stat().st_mtime_ns == written
    judge_for(data, look, tmp_path, "data two")
    assert len(list(tmp_path.iterdir())) == 2


def test_a_damaged_judge_is_taught_anew(look: Look, tmp_path: Path) -> None:
    data = shelf(40, seed=3)
    first = judge_for(data, look, tmp_path, "data")
    file = next(tmp_path.iterdir())
    file.write_bytes(file.read_bytes()[:100])
    assert np.allclose(judge_for(data, look, tmp_path, "data").weights, first.weights, atol=1e-6)
