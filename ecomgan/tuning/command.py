"""The command `tune`: its arguments, and what it says."""

import argparse
import sys
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What `tune` takes."""
    parser.add_argument("run_folder", type=Path, help="folder of the search; a trial's run lies in trials/NUMBER")
    parser.add_argument("--data", type=Path, required=True, help="prepared set, with photos to be watched on (dev)")
    parser.add_argument("--space", type=Path, required=True, help="what is searched, as TOML or JSON: see the README")
    parser.add_argument("--trials", type=int, default=20, help="trials of all workers together (default 20)")
    parser.add_argument("--init", type=Path, metavar="FOLDER", help="checkpoint folder that each trial starts from")
    parser.add_argument("--config", type=Path, help="options of all trials, as JSON or TOML")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", dest="options", help="one option")
    parser.add_argument("--storage", help="URL of the database (default: study.db in the folder)")
    parser.add_argument(
        "--heartbeat", type=int, default=60, metavar="SECONDS",
        help="between signs of life; a worker silent for three of them is taken for dead (default 60)",
    )  # fmt: skip


def run(parsed: argparse.Namespace) -> None:
    """Work on the search until it has enough trials; prints the best options as a file for `train --config`."""
    from ecomgan.training.config import read_assignments, read_config_file
    from ecomgan.tuning.search import Search, best_options, search
    from ecomgan.tuning.space import read_space

    wanted = Search(
        folder=parsed.run_folder,
        data=parsed.data.resolve(),
        space=read_space(parsed.space),
        options=(read_config_file(parsed.config) if parsed.config else {}) | read_assignments(parsed.options),
        trials=parsed.trials,
        init=parsed.init and parsed.init.resolve(),
        storage=parsed.storage,
        heartbeat=parsed.heartbeat,
    )
    sys.stdout.write(best_options(wanted, search(wanted)))
