"""The options of `python -m ecomgan train-encoder`, `evaluate-encoder` and `export-encoder`, and what they do."""

import argparse
import json
import os
import sys
from pathlib import Path

_DATA_HELP = "prepared set"


def add_train_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `train-encoder` to its parser."""
    parser.add_argument("folder", type=Path, help="folder to write, such as models/encoder")
    parser.add_argument("--data", type=Path, required=True, help=f"{_DATA_HELP}; its train split teaches, dev chooses")
    parser.add_argument(
        "--work", type=Path, help="folder for checkpoints, from which it goes on (default: HOME/encoder)"
    )


def add_evaluate_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `evaluate-encoder` to its parser."""
    parser.add_argument("folder", type=Path, help="folder of an encoder: ours, or any CLIP or SigLIP of transformers")
    parser.add_argument("--data", type=Path, required=True, help=f"{_DATA_HELP} with a validation split")
    parser.add_argument("--write-card", action="store_true", help="also write figures and README.md into our folder")
    parser.add_argument(
        "--write-cut",
        action="store_true",
        help="also write from which cosine on the studio calls a photo close to words",
    )


def add_export_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `export-encoder` to its parser."""
    parser.add_argument("folder", type=Path, help="folder of an encoder: ours, or any CLIP or SigLIP of transformers")


def train(parsed: argparse.Namespace) -> None:
    """Teach the encoder, or go on where it was interrupted; raises an EcomGANError for data that cannot be used."""
    from ecomgan.data.digest import data_sha256
    from ecomgan.data.prepared import open_prepared
    from ecomgan.encoder.config import EncoderConfig
    from ecomgan.encoder.folder import write_folder
    from ecomgan.encoder.training import checkpoint_file, teach
    from ecomgan.errors import DataError

    config = EncoderConfig()
    photos = open_prepared(parsed.data, "train")
    try:
        dev = open_prepared(parsed.data, "dev")
    except DataError:
        dev = None  # a small set may have none: the last pass counts
    digest = data_sha256(parsed.data)
    checkpoint = checkpoint_file(parsed.work or Path(os.environ.get("ECOMGAN_HOME", "var")) / "encoder", config, digest)
    taught = teach(photos, dev, config, checkpoint)
    command = f"python -m ecomgan train-encoder {parsed.folder} --data {parsed.data}"
    write_folder(parsed.folder, taught, config, photos, digest, command)
    checkpoint.unlink()
    sys.stdout.write(f"{parsed.folder / 'README.md'}: pass {taught.best_epoch} of {taught.epochs}\n")


def evaluate(parsed: argparse.Namespace) -> None:
    """Measure R@1 and R@10 on held-out photos and print them; with --write-card they become part of the card, with
    --write-cut it is measured what is close to words.
    """
    from ecomgan.data.digest import data_sha256
    from ecomgan.data.prepared import open_prepared
    from ecomgan.encoder.folder import FIGURES, figures_text, write_card
    from ecomgan.encoder.opening import RECORD, open_encoder
    from ecomgan.encoder.portable import RECORD as GRAPHS
    from ecomgan.encoder.portable import open_portable
    from ecomgan.encoder.retrieval import held_out_figures
    from ecomgan.errors import CheckpointError

    if parsed.write_card and not (parsed.folder / RECORD).is_file():
        raise CheckpointError(f"{parsed.folder} has no {RECORD}; a card can be written for an encoder of ours only")
    encoder, has_graphs = open_encoder(parsed.folder), (parsed.folder / GRAPHS).is_file()
    photos = open_prepared(parsed.data, "validation")
    figures = held_out_figures(encoder, photos) | {
        "graphs": held_out_figures(open_portable(parsed.folder), photos)["recall"] if has_graphs else None,
        "weights_sha256": encoder.weights_sha256,
        "data": {"name": photos.name, "sha256": data_sha256(parsed.data), "split": "validation"},
        "command": f"python -m ecomgan evaluate-encoder {parsed.folder} --data {parsed.data} --write-card",
    }
    sys.stdout.write(figures_text(figures) + "\n")
    if parsed.write_card:
        (parsed.folder / FIGURES).write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
        write_card(parsed.folder)
        sys.stdout.write(f"{parsed.folder / 'README.md'}\n")
    if parsed.write_cut:
        _write_cut(parsed.folder, parsed.data)


def _write_cut(folder: Path, data: Path) -> None:
    """Measure through the graphs, by which the studio searches."""
    from ecomgan.data.digest import data_sha256
    from ecomgan.data.prepared import open_prepared
    from ecomgan.encoder.closeness import KEPT, Closeness, least_cosine, write_closeness
    from ecomgan.encoder.opening import RECORD
    from ecomgan.encoder.portable import open_portable

    encoder, photos = open_portable(folder), open_prepared(data, "validation")
    least, queries = least_cosine(encoder, photos)
    found = Closeness(
        weights_sha256=encoder.weights_sha256,
        least_cosine=least,
        kept=KEPT,
        queries=queries,
        own_words=(folder / RECORD).is_file(),
        data={"name": photos.name, "sha256": data_sha256(data), "split": "validation"},
        command=f"python -m ecomgan evaluate-encoder {folder} --data {data} --write-cut",
    )
    write_closeness(folder, found)
    sys.stdout.write(f"close to words: a cosine of {least} or more, which {KEPT:.0%} of {queries:,} queries reach\n")


def export(parsed: argparse.Namespace) -> None:
    """Write the graphs by which the studio searches, beside the encoder."""
    from ecomgan.encoder.exporting import export_towers

    apart = export_towers(parsed.folder)
    sys.stdout.write(f"{parsed.folder}: graphs of both towers; vectors differ from torch by at most {apart:.1e}\n")
