"""How fast images are scored: at birth, and with all scores of one image, against a real photo too."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw

from ecomgan.metrics import birth_scores
from ecomgan.metrics.later import LaterScores, Subject
from tests.bench.table import Row

_IMAGES = 32
_SIZE = (320, 256)


def speeds() -> list[Row]:
    """Birth scores and all scores of images of 320x256, by CPU time of one core as well as by the clock."""
    images = [_product(number) for number in range(_IMAGES)]
    later = LaterScores.open()
    subjects = [
        Subject(image, "blue casual bag", "Handbags", "Blue", images[place - 1]) for place, image in enumerate(images)
    ]
    later.score(subjects[:2])
    born = _timed(lambda: [birth_scores(image, "Blue") for image in images])
    whole = _timed(lambda: [birth_scores(image, "Blue") for image in images] + later.score(subjects))
    notes = [f"{_IMAGES / seconds[1]:.0f} a CPU second" for seconds in (born, whole)]
    return [
        Row("scores at birth, 320x256", _IMAGES / born[0], "images/s", ">= 30", notes[0]),
        Row("all scores, 320x256", _IMAGES / whole[0], "images/s", ">= 5", notes[1]),
    ]


def _timed(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds by the clock and of CPU."""
    started, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - started, time.process_time() - cpu


def _product(number: int) -> np.ndarray:
    """A woven, printed box on white: as much texture and outline as a photo of a bag has."""
    draw = np.random.default_rng(number)
    picture = Image.new("RGB", _SIZE[::-1], "white")
    pen = ImageDraw.Draw(picture)
    pen.rounded_rectangle((40, 50, 216, 270), 30, fill=tuple(int(level) for level in draw.integers(20, 200, 3)))
    for x, y in draw.integers(60, 180, (12, 2)):
        pen.ellipse((x, y, x + 24, y + 18), fill=tuple(int(level) for level in draw.integers(20, 230, 3)))
    product = (np.asarray(picture).min(axis=2) < 250)[..., None]
    return np.clip(np.asarray(picture) + draw.normal(0, 6, (*_SIZE, 1)) * product, 0, 255).astype(np.uint8)
