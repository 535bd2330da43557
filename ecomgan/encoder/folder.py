"""Writing the folder of a taught dual encoder: fp16 safetensors, tokenizer, record, figures, card."""

import json
from importlib import resources
from pathlib import Path
from typing import Any

import torch

from ecomgan.calm import without_bars
from ecomgan.checksums import weights_sha256, write_checksums
from ecomgan.data.prepared import PreparedSet
from ecomgan.encoder.config import EncoderConfig
from ecomgan.encoder.exporting import remove_towers
from ecomgan.encoder.opening import LOOK_FILE, RECORD
from ecomgan.encoder.retrieval import Recall
from ecomgan.encoder.training import Taught
from ecomgan.errors import CheckpointError

FIGURES = "evaluation.json"
_CARD = "README.md"
_SMALLEST_HALF = 6e-8
_WAYS = {"text_to_image": "text finds its photo", "image_to_text": "photo finds its text"}


def write_folder(
    folder: Path, taught: Taught, config: EncoderConfig, train: PreparedSet, data_sha256: str, command: str
) -> None:
    """Write an encoder with its record and card. `command` is what was run to teach it.

    Figures and graphs of an earlier encoder in the folder are removed: they are not this one's. Raises CheckpointError
    where a weight does not fit into fp16.
    """
    network = taught.network
    for name, value in network.state_dict().items():
        largest, smallest = value.abs().max().item(), value.abs().min().item()
        if largest > torch.finfo(torch.float16).max or ("running_var" in name and smallest < _SMALLEST_HALF):
            raise CheckpointError(f"{name} of the encoder does not fit into fp16: {smallest} to {largest}")
    with without_bars():
        network.half().save_pretrained(folder)  # type: ignore[no-untyped-call]
    taught.tokenizer.save_pretrained(folder)
    look = taught.look
    described = {
        "size": {"height": look.height, "width": look.width},
        "image_mean": list(look.mean),
        "image_std": list(look.std),
    }
    (folder / LOOK_FILE).write_text(json.dumps(described, indent=1) + "\n", encoding="utf-8")
    record = {
        "config": config.to_json(),
        "data": {"name": train.name, "sha256": data_sha256, "split": "train", "photos": len(train)},
        "parameters": sum(parameter.numel() for parameter in network.parameters()),
        "best_epoch": taught.best_epoch,
        "epochs": taught.epochs,
        "dev_recall": taught.dev_recall and _as_percent(taught.dev_recall),
        "seconds": round(taught.seconds),
        "torch": torch.__version__,
        "command": command,
    }
    (folder / RECORD).write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    (folder / FIGURES).unlink(missing_ok=True)
    remove_towers(folder)
    write_card(folder)


def write_card(folder: Path) -> None:
    """Write README.md from the record, and from the figures where there are any; then the checksums."""
    record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    figures = json.loads((folder / FIGURES).read_text(encoding="utf-8")) if (folder / FIGURES).exists() else None
    card = card_text(folder.resolve().name, record, figures, weights_sha256(folder))
    (folder / _CARD).write_text(card, encoding="utf-8")
    write_checksums(folder)


def card_text(name: str, record: dict[str, Any], figures: dict[str, Any] | None, sha256: str) -> str:
    """The card as Markdown. Raises CheckpointError where the figures are of other weights than `sha256`."""
    if figures is not None and figures["weights_sha256"] != sha256:
        raise CheckpointError(
            f"the figures of {name} are of the weights {figures['weights_sha256']}, but the folder holds {sha256}; "
            f"run: ecomgan evaluate-encoder {name} --write-card"
        )
    config, data = record["config"], record["data"]
    return (
        resources.files("ecomgan.encoder")
        .joinpath("card.md")
        .read_text(encoding="utf-8")
        .format(
            name=name,
            dim=config["embedding_dim"],
            layers=config["text_layers"],
            text_width=config["text_width"],
            vocabulary=f"{config['vocabulary']:,}",
            longest=config["longest_text"],
            channels=", ".join(map(str, config["channels"])),
            parameters=f"{record['parameters']:,}",
            sha256=sha256,
            data=data["name"],
            photos=f"{data['photos']:,}",
            data_sha256=data["sha256"],
            epochs=record["epochs"],
            best=record["best_epoch"],
            minutes=round(record["seconds"] / 60),
            torch=record["torch"],
            phrases=f"{config['phrases']:.0%}",
            shortened=f"{config['shortened']:.0%}",
            command=record["command"],
            figures="Not measured yet." if figures is None else figures_text(figures),
        )
    )


def figures_text(figures: dict[str, Any]) -> str:
    """The figures as Markdown: a table, and the command that measures them again."""
    depths = [name.removeprefix("text_to_image_") for name in figures["recall"] if name.startswith("text_to_image_")]
    lines = ["| percent | " + " | ".join(depths) + " |", "|---" + "|---:" * len(depths) + "|"]
    for way, title in _WAYS.items():
        cells = (figures["recall"][f"{way}_{depth}"] for depth in depths)
        lines.append(f"| {title} | " + " | ".join(f"{c['mean']:.1f} ± {c['spread']:.1f}" for c in cells) + " |")
    lines.append("| guessing | " + " | ".join(f"{figures['chance'][depth]:.1f}" for depth in depths) + " |")
    if figures.get("graphs"):
        found = " and ".join(f"{figures['graphs'][f'{way}_R@10']['mean']:.1f}" for way in _WAYS)
        lines += ["", f"Through the graphs, without torch, R@10 is {found} %: what the studio's search finds."]
    return "\n".join([*lines, "", "```sh", figures["command"], "```"])


def _as_percent(found: Recall) -> dict[str, float]:
    return {
        f"{way}_R@{depth}": round(100 * share, 2)
        for way, shares in (("text_to_image", found.text_to_image), ("image_to_text", found.image_to_text))
        for depth, share in shares.items()
    }
