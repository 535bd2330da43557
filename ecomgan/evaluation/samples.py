"""The sample grids: what the checkpoint makes, as it comes and finished."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from ecomgan.detail.enlarge import enlarge_batch
from ecomgan.detail.shipped import shipped_detail
from ecomgan.evaluation.held_out import Attributes
from ecomgan.evaluation.making import generated
from ecomgan.networks.detail import SCALE
from ecomgan.pipeline import EcomGANPipeline

ROWS, COLUMNS = 10, 8
FINISHED_ROWS = 12
_LABEL_WIDTH, _FONT_SIZE = 96, 12
_SEED = 0

Pixels = npt.NDArray[np.uint8]


def sample_grid(pipe: EcomGANPipeline) -> Pixels:
    """One row a category, the most frequent ten, one column a seed: uint8 (height, width, 3) with names at the left.

    Each row asks for another of the ten most frequent colours, all columns of a row for the same; nothing is chosen.
    """
    asked = grid_conditions(pipe)
    return _sheet(asked, [_row(pipe, attributes) for attributes in asked], 1)


def finished_grid(pipe: EcomGANPipeline) -> Pixels:
    """As `sample_grid`, of twelve categories, each image finished at 4x by the shipped detail network."""
    asked = grid_conditions(pipe, FINISHED_ROWS)
    network = shipped_detail()
    return _sheet(asked, [enlarge_batch(network, _row(pipe, attributes)) for attributes in asked], SCALE)


def grid_conditions(pipe: EcomGANPipeline, rows: int = ROWS) -> list[Attributes]:
    """What the rows of the grid ask for: the first values of the checkpoint's fields are its most frequent."""
    articles = pipe.vocabulary.get("article_type", ())[:rows]
    colours = pipe.vocabulary.get("colour", ())[:rows]
    return [
        {"article_type": article} | ({"colour": colours[row % len(colours)]} if colours else {})
        for row, article in enumerate(articles)
    ]


def _row(pipe: EcomGANPipeline, attributes: Attributes) -> Pixels:
    """Images of one condition (COLUMNS, H, W, 3); the same seeds in every row, so that columns can be compared."""
    return np.concatenate(list(generated(pipe, [attributes] * COLUMNS, _SEED)))


def _sheet(asked: Sequence[Attributes], rows: Sequence[Pixels], scale: int) -> Pixels:
    """The rows below each other, what they asked for at their left; scale: how much larger the words are."""
    margin = _LABEL_WIDTH * scale
    height, width = rows[0].shape[1:3]
    picture = Image.new("RGB", (margin + COLUMNS * width, len(rows) * height), "white")
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(_FONT_SIZE * scale)
    for place, (attributes, images) in enumerate(zip(asked, rows, strict=True)):
        picture.paste(Image.fromarray(np.concatenate(list(images), axis=1)), (margin, place * height))
        middle = 6 * scale, (place + 0.5) * height
        draw.multiline_text(middle, "\n".join(attributes.values()), fill=(60, 60, 60), font=font, anchor="lm")
    return np.asarray(picture)
