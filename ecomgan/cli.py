"""The command line: python -m ecomgan prepare | train | tune | export | average | generate | evaluate | card |
train-classifier | train-encoder | evaluate-encoder | export-encoder | train-detail | evaluate-detail.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from ecomgan.errors import ConfigError, EcomGANError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 when it worked, 1 with a message when it could not."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    parsed = _parser(arguments[:1]).parse_args(arguments)
    try:
        parsed.run(parsed)
    except EcomGANError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    return 0


def _parser(command: list[str]) -> argparse.ArgumentParser:
    """`command`: the one that is run, if any is named; the others need not load their options."""
    parser = argparse.ArgumentParser(prog="ecomgan", description="Product images from texts, taught by a catalogue.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    prepare = commands.add_parser("prepare", help="cache a folder of product photos as a training set")
    prepare.add_argument("source", type=Path, help="folder of Parquet files, or of images with one CSV (file, title)")
    prepare.add_argument("out", type=Path, help="new folder")
    prepare.add_argument("--height", type=int, default=80, help="pixels (default 80)")
    prepare.add_argument("--width", type=int, default=64, help="pixels (default 64)")
    prepare.add_argument(
        "--split", default="titles", choices=("titles", "catalogue", "held_out"),
        help="hold out a share of the titles (large sets), or counted photos of whole styles (a shop's catalogue)",
    )  # fmt: skip
    prepare.set_defaults(run=_prepare)

    train = commands.add_parser("train", help="train a generator on a prepared set, or continue a run")
    train.add_argument("run_folder", type=Path, help="folder of the run")
    train.add_argument("--data", type=Path, help="prepared set (needed for a new run)")
    train.add_argument("--config", type=Path, help="options as JSON or TOML")
    train.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", dest="options", help="one option")
    start = train.add_mutually_exclusive_group()
    start.add_argument("--resume", action="store_true", help="continue the run in this folder")
    start.add_argument("--init", type=Path, metavar="FOLDER", help="start from the networks of a checkpoint folder")
    train.add_argument("--preset", help="with --init: quick, small, medium or large, by the number of photos")
    train.add_argument(
        "--nearest",
        action="append",
        default=[],
        metavar="FIELD.NEW=KNOWN",
        help="with --init: what a new value is like",
    )
    train.add_argument("--replay", type=Path, metavar="SET", help="with --init: prepared photos it was taught before")
    train.add_argument("--wandb", metavar="PROJECT", help="tell Weights & Biases too, where that is installed")
    train.add_argument("--dry-run", action="store_true", help="print the options that would be used, and stop")
    train.set_defaults(run=_train)

    tune = commands.add_parser("tune", help="search for good options of a training")
    if command == ["tune"]:
        _add_tune_arguments(tune)

    export = commands.add_parser("export", help="write the last checkpoint of a run as a checkpoint folder")
    export.add_argument("run_folder", type=Path)
    export.add_argument("out", type=Path, help="folder that EcomGANPipeline.from_pretrained opens")
    export.add_argument("--which", default="last", choices=("last", "best"), help="best: by held-out figures")
    export.set_defaults(run=_export)

    average = commands.add_parser("average", help="write a checkpoint with the mean weights of several")
    average.add_argument("models", nargs="+", type=Path, metavar="MODEL", help="checkpoint folders of one beginning")
    average.add_argument("--out", type=Path, required=True, help="new folder")
    average.set_defaults(run=_average)

    generate = commands.add_parser("generate", help="make images from texts")
    _add_generate_arguments(generate)
    generate.set_defaults(run=_generate)

    evaluate = commands.add_parser("evaluate", help="judge a checkpoint on held-out photos")
    if command == ["evaluate"]:
        _add_evaluate_arguments(evaluate)

    card = commands.add_parser("card", help="write the card of a checkpoint folder anew from the figures in it")
    card.add_argument("model", type=Path, help="checkpoint folder")
    card.set_defaults(run=_card)

    teach = commands.add_parser("train-classifier", help="teach the network that judges checkpoints, or the ranker")
    if command == ["train-classifier"]:
        _add_teach_arguments(teach)

    for name, purpose in (
        ("train-encoder", "teach the encoder of texts and photos"),
        ("evaluate-encoder", "measure how well texts and held-out photos find each other"),
        ("export-encoder", "write an encoder's graphs for the search of the studio, which runs without torch"),
    ):
        encoder = commands.add_parser(name, help=purpose)
        if command == [name]:
            _add_encoder_arguments(encoder, name)

    for name, purpose in (
        ("train-detail", "teach the network that enlarges images x4"),
        ("evaluate-detail", "measure it on held-out photos"),
    ):
        detail = commands.add_parser(name, help=purpose)
        if command == [name]:
            _add_detail_arguments(detail, name)
    return parser


def _add_detail_arguments(parser: argparse.ArgumentParser, name: str) -> None:
    from ecomgan import detail

    if name == "train-detail":
        detail.add_train_arguments(parser)
        parser.set_defaults(run=detail.run_train)
    else:
        detail.add_evaluate_arguments(parser)
        parser.set_defaults(run=detail.run_evaluate)


def _add_generate_arguments(generate: argparse.ArgumentParser) -> None:
    generate.add_argument("model", type=Path, help="checkpoint folder")
    generate.add_argument("texts", nargs="+", metavar="TEXT")
    generate.add_argument("--out", type=Path, default=Path("."), help="folder for the PNG files (default: here)")
    generate.add_argument("--attribute", action="append", default=[], metavar="FIELD=VALUE", help="beats the texts")
    generate.add_argument("-n", "--number", type=int, default=4, help="images a text (default 4)")
    generate.add_argument("--seed", type=int, default=0)
    generate.add_argument("--truncation", type=float, default=1.0, help="0 (the average) to 1 (full variety)")
    generate.add_argument("--guidance", type=float, default=1.0, help="above 1: the condition exaggerated")
    generate.add_argument("--grid", action="store_true", help="one picture, a row a text, instead of single files")
    generate.add_argument("--device", default="auto", choices=("auto", "cpu", "cuda"))


def _add_evaluate_arguments(evaluate: argparse.ArgumentParser) -> None:
    from ecomgan import evaluation

    evaluation.add_arguments(evaluate)
    evaluate.set_defaults(run=evaluation.run)


def _add_tune_arguments(tune: argparse.ArgumentParser) -> None:
    from ecomgan import tuning

    tuning.add_arguments(tune)
    tune.set_defaults(run=tuning.run)


def _add_teach_arguments(teach: argparse.ArgumentParser) -> None:
    from ecomgan import classifiers

    classifiers.add_arguments(teach)
    teach.set_defaults(run=classifiers.run)


def _add_encoder_arguments(encoder: argparse.ArgumentParser, name: str) -> None:
    from ecomgan.encoder import command

    if name == "train-encoder":
        command.add_train_arguments(encoder)
        encoder.set_defaults(run=command.train)
    elif name == "export-encoder":
        command.add_export_arguments(encoder)
        encoder.set_defaults(run=command.export)
    else:
        command.add_evaluate_arguments(encoder)
        encoder.set_defaults(run=command.evaluate)


def _card(parsed: argparse.Namespace) -> None:
    from ecomgan.evaluation.card import write_card

    sys.stdout.write(f"{write_card(parsed.model)}\n")


def _prepare(parsed: argparse.Namespace) -> None:
    from ecomgan.data.prepare import prepare

    report = prepare(parsed.source, parsed.out, parsed.height, parsed.width, split=parsed.split)
    sys.stdout.write(report.table() + "\n")


def _train(parsed: argparse.Namespace) -> None:
    from ecomgan.training.config import TrainConfig, read_assignments, read_config_file, read_nearest
    from ecomgan.training.presets import preset_named

    preset = preset_named(parsed.preset) if parsed.preset else None
    changes = preset.changes() if preset else {}
    changes |= read_config_file(parsed.config) if parsed.config else {}
    changes |= read_assignments(parsed.options)
    changes |= {"wandb": parsed.wandb} if parsed.wandb else {}
    if parsed.dry_run:
        from ecomgan.training.run import Run

        opened = Run.open(parsed.run_folder, changes).config if parsed.resume else TrainConfig().with_changes(changes)
        sys.stdout.write(json.dumps(opened.to_json(), indent=1) + "\n")
        return
    taught_only = {"--preset": parsed.preset, "--nearest": parsed.nearest, "--replay": parsed.replay}
    unused = [name for name, value in taught_only.items() if value and parsed.init is None]
    if unused:
        raise ConfigError(f"{unused[0]} needs --init with the checkpoint that is taught")
    from ecomgan.training.loop import resume_training, start_training

    if parsed.resume:
        _check_same_data(parsed.run_folder, parsed.data)
        resume_training(parsed.run_folder, changes)
        return
    if parsed.data is None:
        raise ConfigError("--data is missing; a new run needs a prepared set (or give --resume)")
    start_training(
        parsed.run_folder,
        parsed.data,
        TrainConfig().with_changes(changes),
        parsed.init,
        nearest=read_nearest(parsed.nearest),
        replay=parsed.replay,
        preset=parsed.preset,
    )


def _check_same_data(run_folder: Path, data: Path | None) -> None:
    """Raise ConfigError for other photos than those that the run began with, which are the ones it goes on with."""
    from ecomgan.training.run import Run

    if data is not None and (begun := Run.open(run_folder).data) != data.resolve():
        raise ConfigError(f"{run_folder} began with the photos of {begun}, not {data.resolve()}; leave --data out")


def _export(parsed: argparse.Namespace) -> None:
    from ecomgan.training.export import export_run

    record = export_run(parsed.run_folder, parsed.out, parsed.which)
    sys.stdout.write(f"{parsed.out}: {record['images_seen']} images seen\n")


def _average(parsed: argparse.Namespace) -> None:
    from ecomgan.training.averaging import average_checkpoints

    average_checkpoints(parsed.models, parsed.out)
    sys.stdout.write(f"{parsed.out}\n")


def _generate(parsed: argparse.Namespace) -> None:
    from ecomgan.generation import generate_files
    from ecomgan.training.config import read_assignments

    attributes = {name: str(value) for name, value in read_assignments(parsed.attribute).items()}
    for file in generate_files(
        parsed.model,
        parsed.texts,
        parsed.out,
        attributes=attributes,
        number=parsed.number,
        seed=parsed.seed,
        truncation=parsed.truncation,
        guidance=parsed.guidance,
        grid=parsed.grid,
        device=parsed.device,
    ):
        sys.stdout.write(f"{file}\n")
