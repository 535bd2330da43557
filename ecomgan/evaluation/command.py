"""The options of `python -m ecomgan evaluate`, and what it does with them."""

import argparse
import json
import os
import sys
from pathlib import Path

from ecomgan.errors import CheckpointError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command to its parser."""
    parser.add_argument("model", type=Path, help="checkpoint folder")
    parser.add_argument(
        "--data", type=Path, required=True, help="folder of photos with a validation split, or a prepared set of them"
    )
    parser.add_argument("--images", type=int, help="held-out photos to use, at least 40 (default: all)")
    parser.add_argument("--cache", type=Path, help="folder for prepared photos and the judge (default: HOME/evaluate)")
    parser.add_argument("--out", type=Path, help="folder for evaluation.json and samples.png (default: CACHE/MODEL)")
    parser.add_argument("--device", default="auto", choices=("auto", "cpu", "cuda"))
    parser.add_argument(
        "--write-card", action="store_true", help="also write figures, samples and README.md into the checkpoint folder"
    )


def run(parsed: argparse.Namespace) -> None:
    """Evaluate, print the figures and write them; raises an EcomGANError where something cannot be used."""
    from PIL import Image

    from ecomgan.evaluation.card import CARD_FIGURES, CARD_SAMPLES, read_record, write_card
    from ecomgan.evaluation.evaluate import evaluate
    from ecomgan.evaluation.held_out import prepared_folder
    from ecomgan.evaluation.report import figures_table
    from ecomgan.evaluation.samples import sample_grid
    from ecomgan.pipeline import EcomGANPipeline

    # Before the long work: a card needs the record of the training.
    record = read_record(parsed.model) if parsed.write_card else None
    cache = parsed.cache or Path(os.environ.get("ECOMGAN_HOME", "var")) / "evaluate"
    pipe = EcomGANPipeline.from_pretrained(parsed.model, discriminator=False, device=_device(parsed.device))
    folder = prepared_folder(parsed.data, cache, *pipe.image_shape)
    figures = evaluate(pipe, folder, cache, images=parsed.images)
    samples = sample_grid(pipe)
    out = parsed.out or cache / parsed.model.resolve().name
    out.mkdir(parents=True, exist_ok=True)
    (out / CARD_FIGURES).write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    Image.fromarray(samples).save(out / CARD_SAMPLES, optimize=True)
    sys.stdout.write(figures_table(figures) + f"\n{out / CARD_FIGURES}\n{out / CARD_SAMPLES}\n")
    if record is not None:
        write_card(parsed.model, figures, record, samples)
        sys.stdout.write(f"{parsed.model / 'README.md'}\n")


def _device(name: str) -> str:
    import torch

    if name == "cuda" and not torch.cuda.is_available():
        raise CheckpointError("device 'cuda' was asked for, but torch finds no CUDA device; use --device cpu")
    return ("cuda" if torch.cuda.is_available() else "cpu") if name == "auto" else name
