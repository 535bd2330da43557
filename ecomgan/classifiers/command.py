"""The options of `python -m ecomgan train-classifier`, and what it does with them."""

import argparse
import os
import sys
from pathlib import Path

from ecomgan.classifiers.config import ROLES


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command to its parser."""
    parser.add_argument("folder", type=Path, help="folder to write, such as models/judge")
    parser.add_argument("--role", required=True, choices=tuple(ROLES), help="which of the two")
    parser.add_argument("--data", type=Path, required=True, help="prepared set; its train split teaches")
    parser.add_argument(
        "--work", type=Path, help="folder for checkpoints, from which it goes on (default: HOME/classifiers)"
    )


def run(parsed: argparse.Namespace) -> None:
    """Teach the classifier, or go on where it was interrupted; raises an EcomGANError for data that cannot be used."""
    from ecomgan.classifiers.folder import write_folder
    from ecomgan.classifiers.training import checkpoint_file, teach
    from ecomgan.data.digest import data_sha256
    from ecomgan.data.prepared import open_prepared
    from ecomgan.errors import DataError

    config = ROLES[parsed.role]
    train = open_prepared(parsed.data, "train")
    try:
        dev = open_prepared(parsed.data, "dev")
    except DataError:
        dev = None  # a small set may have none: the temperature stays 1
    digest = data_sha256(parsed.data)
    work = parsed.work or Path(os.environ.get("ECOMGAN_HOME", "var")) / "classifiers"
    checkpoint = checkpoint_file(work, config, digest)
    taught = teach(train, dev, config, checkpoint)
    command = f"python -m ecomgan train-classifier {parsed.folder} --role {parsed.role} --data {parsed.data}"
    write_folder(parsed.folder, taught, config, train, digest, command)
    checkpoint.unlink()
    right = ", ".join(f"{field} {share:.3f}" for field, share in taught.accuracy.items())
    sys.stdout.write(f"{parsed.folder / 'README.md'}\naccuracy on the dev split: {right or 'there is none'}\n")
