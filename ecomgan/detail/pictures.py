"""Pictures to look at: one image a column, its versions below each other, each at the size of the largest."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

Pixels = npt.NDArray[np.uint8]

_LABEL_HEIGHT, _FONT_SIZE = 18, 13
_INK, _PAPER = (60, 60, 60), (255, 255, 255)


def sheet(rows: Mapping[str, Pixels], columns: int) -> Pixels:
    """rows: name -> uint8 (N, H, W, 3) of any size; the first `columns` of each. Small images show their pixels."""
    height = max(images.shape[1] for images in rows.values())
    width = max(images.shape[2] for images in rows.values())
    shown = min(columns, *(len(images) for images in rows.values()))
    picture = Image.new("RGB", (shown * width, len(rows) * (height + _LABEL_HEIGHT)), _PAPER)
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(_FONT_SIZE)
    for row, (name, images) in enumerate(rows.items()):
        top = row * (height + _LABEL_HEIGHT)
        draw.text((6, top + _LABEL_HEIGHT / 2), name, fill=_INK, font=font, anchor="lm")
        for column, image in enumerate(images[:shown]):
            enlarged = Image.fromarray(image).resize((width, height), Image.Resampling.NEAREST)
            picture.paste(enlarged, (column * width, top + _LABEL_HEIGHT))
    return np.asarray(picture)
