"""The options of `python -m ecomgan evaluate`, and what it does with them."""

import argparse
import json
import os
import sys
from pathlib import Path

from ecomgan.errors import CheckpointError

_NEAREST = "nearest_photos.png"
_GRID_QUALITY = 82


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command to its parser."""
    parser.add_argument("model", type=Path, help="checkpoint folder")
    parser.add_argument(
        "--data", type=Path, required=True, help="folder of photos with a validation split, or a prepared set of them"
    )
    parser.add_argument("--images", type=int, help="held-out photos to use, at least 40 (default: all)")
    parser.add_argument("--judge", type=Path, help="folder of the sealed network (default: models/judge)")
    parser.add_argument("--ranker", type=Path, help="folder of the other classifier (default: models/ranker)")
    parser.add_argument(
        "--encoder", type=Path, help="folder of the encoder of texts and photos (default: models/encoder)"
    )
    parser.add_argument(
        "--cache", type=Path, help="folder for prepared photos and their features (default: HOME/evaluate)"
    )
    parser.add_argument("--out", type=Path, help="folder for figures, report and pictures (default: CACHE/MODEL)")
    parser.add_argument("--device", default="auto", choices=("auto", "cpu", "cuda"))
    parser.add_argument(
        "--write-card",
        action="store_true",
        help="also write figures, samples (native, and finished at 4x) and README.md into the checkpoint folder",
    )


def run(parsed: argparse.Namespace) -> None:
    """Evaluate, print the figures and write them; raises an EcomGANError where something cannot be used."""
    from PIL import Image

    from ecomgan.encoder import SHIPPED, open_encoder
    from ecomgan.evaluation import card
    from ecomgan.evaluation.evaluate import evaluate
    from ecomgan.evaluation.held_out import prepared_folder
    from ecomgan.evaluation.page import report_page
    from ecomgan.evaluation.report import figures_table
    from ecomgan.evaluation.samples import finished_grid, sample_grid
    from ecomgan.metrics import category_confidence, judge
    from ecomgan.pipeline import EcomGANPipeline

    if parsed.write_card:
        card.read_record(parsed.model)  # before the long work: a card needs the record of the training
    cache = parsed.cache or Path(os.environ.get("ECOMGAN_HOME", "var")) / "evaluate"
    device = _device(parsed.device)
    judging = judge.Judge(parsed.judge or judge.SHIPPED, device)
    ranker = category_confidence.Ranker(parsed.ranker or category_confidence.SHIPPED)
    encoder = open_encoder(parsed.encoder or SHIPPED)
    pipe = EcomGANPipeline.from_pretrained(parsed.model, discriminator=False, device=device)
    folder = prepared_folder(parsed.data, cache, *pipe.image_shape)
    found = evaluate(pipe, folder, cache, judging, ranker, images=parsed.images, encoder=encoder)
    figures = {"model": card.model_record(parsed.model)} | found.figures
    samples = sample_grid(pipe)
    out = parsed.out or cache / parsed.model.resolve().name
    title = parsed.model.resolve().name
    for place in (out, *([parsed.model] if parsed.write_card else [])):
        place.mkdir(parents=True, exist_ok=True)
        (place / card.CARD_FIGURES).write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n", "utf-8")
        Image.fromarray(samples).save(place / card.CARD_SAMPLES, optimize=True)
    if parsed.write_card:
        grid = parsed.model / card.CARD_FINISHED
        Image.fromarray(finished_grid(pipe)).save(grid, quality=_GRID_QUALITY, optimize=True)
    # The nearest pairs show photos of the data: they stay with the one who has these, apart from the checkpoint.
    (out / card.CARD_REPORT).write_text(report_page(title, figures, samples, found.nearest), "utf-8")
    Image.fromarray(found.nearest).save(out / _NEAREST, optimize=True)
    sys.stdout.write(figures_table(figures))
    for name in (card.CARD_FIGURES, card.CARD_REPORT, card.CARD_SAMPLES, _NEAREST):
        sys.stdout.write(f"{out / name}\n")
    if parsed.write_card:
        sys.stdout.write(f"{card.write_card(parsed.model)}\n")


def _device(name: str) -> str:
    import torch

    if name == "cuda" and not torch.cuda.is_available():
        raise CheckpointError("device 'cuda' was asked for, but torch finds no CUDA device; use --device cpu")
    return ("cuda" if torch.cuda.is_available() else "cpu") if name == "auto" else name
