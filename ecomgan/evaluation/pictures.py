"""The pairs nearest to train photos as a picture: generated ones above, held-out photos beside theirs below."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from ecomgan.data.prepared import PreparedSet
from ecomgan.evaluation.copying import Copying, Pair
from ecomgan.evaluation.held_out import HeldOut
from ecomgan.evaluation.making import generated_at, titles_told
from ecomgan.pipeline import EcomGANPipeline

_GAP, _TITLE_HEIGHT, _CAPTION_HEIGHT, _FONT_SIZE = 12, 26, 18, 12
_INK, _PAPER = (60, 60, 60), (255, 255, 255)


def nearest_photos(
    pipe: EcomGANPipeline, held_out: HeldOut, train: PreparedSet, copying: Copying, seed: int
) -> npt.NDArray[np.uint8]:
    """uint8 (height, width, 3). Each column is a pair: the image above, its nearest train photo below it."""
    places = [pair.place for pair in copying.made]
    made = np.concatenate(list(generated_at(pipe, held_out.attributes, seed, places, titles_told(pipe, held_out))))
    real = held_out.photos.pixels(held_out.rows[[pair.place for pair in copying.held_out]])
    sheets = [
        _sheet(f"Generated (seed {seed}) above the train photo nearest to it", made, copying.made, train),
        _sheet("For comparison: held-out photo above the train photo nearest to it", real, copying.held_out, train),
    ]
    width = max(sheet.shape[1] for sheet in sheets)
    padded = [np.pad(s, ((0, 0), (0, width - s.shape[1]), (0, 0)), constant_values=255) for s in sheets]
    return np.concatenate(padded)


def _sheet(
    title: str, images: npt.NDArray[np.uint8], pairs: Sequence[Pair], train: PreparedSet
) -> npt.NDArray[np.uint8]:
    beside = train.pixels(np.array([pair.train_row for pair in pairs]))
    height, width = images.shape[1:3]
    size = (len(pairs) * (width + _GAP) + _GAP, _TITLE_HEIGHT + 2 * height + _CAPTION_HEIGHT + 2 * _GAP)
    sheet = Image.new("RGB", size, _PAPER)
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(_FONT_SIZE)
    draw.text((_GAP, _TITLE_HEIGHT / 2), title, fill=_INK, font=font, anchor="lm")
    for column, (image, photo, pair) in enumerate(zip(images, beside, pairs, strict=True)):
        left = _GAP + column * (width + _GAP)
        sheet.paste(Image.fromarray(image), (left, _TITLE_HEIGHT))
        sheet.paste(Image.fromarray(photo), (left, _TITLE_HEIGHT + height))
        caption = (left + width / 2, _TITLE_HEIGHT + 2 * height + _CAPTION_HEIGHT / 2)
        draw.text(caption, f"{pair.distance:.1f}", fill=_INK, font=font, anchor="mm")
    return np.asarray(sheet)
