"""The sample grid: what the checkpoint makes, as it comes."""

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from ecomgan.evaluation.held_out import Attributes
from ecomgan.evaluation.making import generated
from ecomgan.pipeline import EcomGANPipeline

ROWS, COLUMNS = 10, 8
_LABEL_WIDTH, _FONT_SIZE = 96, 12
_SEED = 0


def sample_grid(pipe: EcomGANPipeline) -> npt.NDArray[np.uint8]:
    """One row a category, the most frequent ten, one column a seed: uint8 (height, width, 3) with names at the left.

    Each row asks for another of the ten most frequent colours, all columns of a row for the same; nothing is chosen.
    """
    asked = grid_conditions(pipe)
    height, width = pipe.image_shape
    sheet = np.full((len(asked) * height, _LABEL_WIDTH + COLUMNS * width, 3), 255, dtype=np.uint8)
    for row, attributes in enumerate(asked):
        # The same seeds in every row, so that columns can be compared.
        images = np.concatenate(list(generated(pipe, [attributes] * COLUMNS, _SEED)))
        sheet[row * height : (row + 1) * height, _LABEL_WIDTH:] = np.concatenate(list(images), axis=1)
    picture = Image.fromarray(sheet)
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(_FONT_SIZE)
    for row, attributes in enumerate(asked):
        label = "\n".join(attributes.values())
        draw.multiline_text((6, (row + 0.5) * height), label, fill=(60, 60, 60), font=font, anchor="lm")
    return np.asarray(picture)


def grid_conditions(pipe: EcomGANPipeline) -> list[Attributes]:
    """What the rows of the grid ask for: the first values of the checkpoint's fields are its most frequent."""
    articles = pipe.vocabulary.get("article_type", ())[:ROWS]
    colours = pipe.vocabulary.get("colour", ())[:ROWS]
    return [
        {"article_type": article} | ({"colour": colours[row % len(colours)]} if colours else {})
        for row, article in enumerate(articles)
    ]
