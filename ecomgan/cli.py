"""The command line: python -m ecomgan prepare | train."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from ecomgan.errors import EcomGANError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 when it worked, 1 with a message when it could not."""
    parsed = _parser().parse_args(arguments)
    try:
        parsed.run(parsed)
    except EcomGANError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ecomgan", description="Product images from texts, taught by a catalogue.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    prepare = commands.add_parser("prepare", help="cache a folder of product photos as a training set")
    prepare.add_argument("source", type=Path, help="folder of Parquet files, or of images with one CSV (file, title)")
    prepare.add_argument("out", type=Path, help="new folder")
    prepare.add_argument("--height", type=int, default=80)
    prepare.add_argument("--width", type=int, default=64)
    prepare.set_defaults(run=_prepare)

    train = commands.add_parser("train", help="train a generator on a prepared set, or continue a run")
    train.add_argument("run_folder", type=Path, help="folder of the run")
    train.add_argument("--data", type=Path, help="prepared set (needed for a new run)")
    train.add_argument("--config", type=Path, help="options as JSON or TOML")
    train.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", dest="options")
    train.add_argument("--resume", action="store_true", help="continue the run in this folder")
    train.set_defaults(run=_train)
    return parser


def _prepare(parsed: argparse.Namespace) -> None:
    from ecomgan.data.prepare import prepare

    report = prepare(parsed.source, parsed.out, parsed.height, parsed.width)
    sys.stdout.write(report.table() + "\n")


def _train(parsed: argparse.Namespace) -> None:
    from ecomgan.errors import ConfigError
    from ecomgan.training.config import TrainConfig, read_assignments, read_config_file
    from ecomgan.training.loop import resume_training, start_training

    changes = read_config_file(parsed.config) if parsed.config else {}
    changes |= read_assignments(parsed.options)
    if parsed.resume:
        resume_training(parsed.run_folder, changes)
        return
    if parsed.data is None:
        raise ConfigError("--data is missing; a new run needs a prepared set (or give --resume)")
    start_training(parsed.run_folder, parsed.data, TrainConfig().with_changes(changes))
