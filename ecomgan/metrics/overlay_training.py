"""Fitting the regression behind the score `overlay`: python -m ecomgan.metrics.overlay_training PHOTOS --fonts FOLDER.

PHOTOS is a folder as `ecomgan prepare` takes it, with a train and a validation split; FOLDER is searched for TrueType
files. The area under the curve on validation photos, in a typeface that was not fitted on, is printed at the end.
"""

import argparse
import string
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from ecomgan.data.decode import decode_image, fit_on_white
from ecomgan.data.sources import read_photos
from ecomgan.metrics.overlay import SHIPPED, OverlayFeatures

Features = npt.NDArray[np.float64]
_SIDE = (320, 256)
_WORDS = ("SALE", "NEW", "OFFER", "FREE SHIPPING", "BEST PRICE", "SAMPLE", "www.", ".com", "%", "OFF", "2026", "(c)")
_FEWEST, _MOST = 0.2, 1.0  # contrast of what is drawn
_REGULARISATION = 0.01  # scikit-learn's C; .003 to .1 differ by .004 in the area under the curve


def draw_overlay(
    photo: npt.NDArray[np.uint8], draw: np.random.Generator, fonts: Sequence[Path]
) -> npt.NDArray[np.uint8]:
    """`photo` (H, W, 3) with words, a tiled watermark or a badge over it; PIL's own font where `fonts` are none."""
    height, width = photo.shape[:2]
    layer = Image.new("L", (2 * width, 2 * height))
    pen = ImageDraw.Draw(layer)
    kind = draw.choice(["words", "tiled", "badge"], p=[0.55, 0.2, 0.25])
    size = int(draw.uniform(0.035, 0.12) * height)
    font = ImageFont.truetype(str(draw.choice(np.array(fonts))), size) if len(fonts) else ImageFont.load_default(size)
    if kind == "tiled":
        mark, step = _words(draw), int(draw.uniform(2.5, 5) * size)
        for row, top in enumerate(range(0, 2 * height, step)):
            pen.text(((row % 2) * -step, top), (mark + "    ") * 12, fill=255, font=font)
    else:
        place = width / 2 + draw.uniform(0, 0.7) * width, height / 2 + draw.uniform(0, 0.9) * height
        if kind == "badge":
            box = pen.textbbox(place, mark := _words(draw), font=font)
            around = [box[0] - size / 2, box[1] - size / 2, box[2] + size / 2, box[3] + size / 2]
            (pen.ellipse if draw.random() < 0.5 else pen.rectangle)(around, fill=255)
            pen.text(place, mark, fill=int(draw.integers(0, 90)), font=font)
        else:
            pen.text(place, _words(draw), fill=255, font=font)
    if kind == "tiled" or draw.random() < 0.3:
        layer = layer.rotate(float(draw.uniform(-45, 45)), Image.Resampling.BILINEAR)
    cut = layer.crop((width // 2, height // 2, width // 2 + width, height // 2 + height))
    share = draw.uniform(_FEWEST, _MOST) * np.asarray(cut)[..., None] / 255
    ink = draw.choice([0, 40, 128, 200, 255]) * np.ones(3) if draw.random() < 0.6 else draw.uniform(0, 255, 3)
    drawn = np.clip(np.round(photo * (1 - share) + ink * share), 0, 255).astype(np.uint8)
    seen = np.abs(drawn.astype(int) - photo).max(axis=2) > 24
    return drawn if seen.mean() > 0.002 else draw_overlay(photo, draw, fonts)  # white on white is none


def describe(
    photos: Sequence[npt.NDArray[np.uint8]], fonts: Sequence[Path], seed: int
) -> tuple[Features, npt.NDArray[np.int64]]:
    """Features (2n, 352) of n photos and of the same with an overlay, and which have one (2n,)."""
    draw, features = np.random.default_rng(seed), OverlayFeatures()
    plain = [features(photo) for photo in photos]
    laid = [features(draw_overlay(photo, draw, fonts)) for photo in photos]
    return np.array([*plain, *laid]), np.repeat([0, 1], len(photos))


def fit(features: Features, laid: npt.NDArray[np.int64]) -> tuple[Features, float]:
    """Weights (352,) and bias of a logistic regression on features brought to mean 0 and deviation 1."""
    mean, deviation = features.mean(axis=0), np.maximum(features.std(axis=0), 1e-6)
    model = LogisticRegression(C=_REGULARISATION, max_iter=2000).fit((features - mean) / deviation, laid)
    weights = model.coef_[0] / deviation
    return weights, float(model.intercept_[0] - weights @ mean)


def _words(draw: np.random.Generator) -> str:
    if draw.random() < 0.5:
        return " ".join(draw.choice(_WORDS, draw.integers(1, 4)))
    letters = list(string.ascii_letters + string.digits)
    return "".join(draw.choice(letters, draw.integers(3, 14)))


def _photos(source: Path, split: str, number: int) -> list[npt.NDArray[np.uint8]]:
    rows = [photo.data for photo in read_photos(source) if photo.split == split]
    order = np.random.default_rng(0).permutation(len(rows))[:number]
    return [fit_on_white(decode_image(rows[place]), *_SIDE) for place in order]


def main() -> None:
    """Fit, measure and write the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--fonts", type=Path, required=True, help="folder of TrueType files, searched through")
    parser.add_argument("--number", type=int, default=800, help="train photos")
    parser.add_argument("--out", type=Path, default=SHIPPED)
    parsed = parser.parse_args()
    fonts = sorted(parsed.fonts.rglob("*.ttf"))
    if not fonts:
        parser.error(f"{parsed.fonts} holds no TrueType file (*.ttf); overlays are drawn in several typefaces")
    weights, bias = fit(*describe(_photos(parsed.photos, "train", parsed.number), fonts, seed=0))
    np.savez(parsed.out, weights=weights, bias=bias)
    features, laid = describe(_photos(parsed.photos, "validation", 150), [], seed=1)
    sys.stdout.write(f"area under the curve, validation: {roc_auc_score(laid, features @ weights + bias):.3f}\n")


if __name__ == "__main__":
    main()
