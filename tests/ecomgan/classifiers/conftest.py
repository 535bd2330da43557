"""Flat and tall boxes in three colours, and a small judge taught on them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ecomgan.classifiers.config import ROLES, ClassifierConfig, Role
from ecomgan.data.prepared import PreparedSet

COLOURS = {"Red": (200, 30, 40), "Green": (40, 160, 60), "Blue": (30, 60, 190)}
SHAPES = {"Belts": (12, 50), "Socks": (60, 14)}


def shelf(count: int, seed: int) -> PreparedSet:
    """Boxes at random places, 80x64."""
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


def small(role: Role, **changes: object) -> ClassifierConfig:
    """The options of a role, for a network of a few thousand parameters and a short training."""
    quick = {"channels": (8, 12, 16), "epochs": 6, "batch": 16, "learning_rate": 0.02, "cutout": 0.0}
    return replace(ROLES[role], **(quick | changes))


@pytest.fixture(scope="session")
def judge_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return taught_folder(tmp_path_factory.mktemp("classifiers"), "judge", shelf(320, seed=0))


@pytest.fixture(scope="session")
def ranker_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return taught_folder(tmp_path_factory.mktemp("classifiers"), "ranker", shelf(320, seed=0))


def taught_folder(parent: Path, role: Role, train: PreparedSet, **changes: object) -> Path:
    """A folder of a small classifier; the photos that teach it also set its temperature."""
    from ecomgan.classifiers.folder import write_folder
    from ecomgan.classifiers.training import teach

    config = small(role, **changes)
    taught = teach(train, train, config, parent / "checkpoint.pt")
    write_folder(parent / role, taught, config, train, "ab" * 32, f"python -m ecomgan train-classifier {role}")
    return parent / role
