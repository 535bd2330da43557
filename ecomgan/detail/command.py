"""The options of `python -m ecomgan train-detail` and `evaluate-detail`, and what they do with them."""

import argparse
import sys
from pathlib import Path


def add_train_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `train-detail` to its parser."""
    parser.add_argument("run_folder", type=Path, help="folder of the run; one that has started is continued")
    parser.add_argument("--data", type=Path, required=True, help="photos of at least 320x256: Parquet, or a CSV")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", dest="options", help="one option")
    parser.add_argument("--init", type=Path, metavar="RUN", help="begin with the networks of another run")
    parser.add_argument("--out", type=Path, help="folder of the taught network (default: RUN/model)")


def run_train(parsed: argparse.Namespace) -> None:
    """Teach the network, or go on where it was interrupted; raises an EcomGANError for data that cannot be used."""
    from ecomgan.detail.folder import write_folder
    from ecomgan.detail.photos import open_photos
    from ecomgan.detail.training import teach
    from ecomgan.training.config import read_assignments
    from ecomgan.training.stopping import stop_on_signals

    changes = read_assignments(parsed.options)
    photos = open_photos(parsed.data, "train")
    with stop_on_signals() as stop:
        taught = teach(parsed.run_folder, photos, parsed.data, changes, stop, init=parsed.init)
    if not taught.done:
        sys.stdout.write(f"stopped at step {taught.step}; the same command goes on\n")
        return
    out = parsed.out or parsed.run_folder / "model"
    write_folder(out, taught, photos)
    sys.stdout.write(f"{out}\n")


def add_evaluate_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `evaluate-detail` to its parser."""
    parser.add_argument("model", type=Path, help="folder of a detail network, such as models/detail")
    parser.add_argument("--data", type=Path, required=True, help="photos as for train-detail; the held-out ones judge")
    parser.add_argument("--generator", type=Path, help="checkpoint folder whose images are finished and measured too")
    parser.add_argument("--split", default="validation", choices=("dev", "validation"), help="dev: for choosing")
    parser.add_argument("--photos", type=int, default=0, help="at most that many photos (default: all)")
    parser.add_argument("--write-card", action="store_true", help="put figures, pictures and card into the folder")
    parser.add_argument("--pictures", type=Path, help="folder for pictures to look at")


def run_evaluate(parsed: argparse.Namespace) -> None:
    """Measure the network on held-out photos; raises an EcomGANError for a folder or data that cannot be used."""
    import json

    from ecomgan.detail.card import keep_figures
    from ecomgan.detail.evaluate import evaluate

    found = evaluate(parsed.model, parsed.data, parsed.split, parsed.photos, parsed.generator)
    command = f"python -m ecomgan evaluate-detail {parsed.model} --data {parsed.data}"
    command += f" --generator {parsed.generator}" if parsed.generator else ""
    if parsed.pictures:
        found.write_pictures(parsed.pictures)
    if parsed.write_card:
        keep_figures(parsed.model, found, command)
    sys.stdout.write(json.dumps(found.figures, indent=1) + "\n")
