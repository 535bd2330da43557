"""Writing the folder of a taught classifier: fp16 safetensors, the record of its training, its card."""

import json
from importlib import resources
from pathlib import Path
from typing import Any

import torch

from ecomgan.checksums import write_checksums
from ecomgan.classifiers.config import ClassifierConfig
from ecomgan.classifiers.opening import RECORD
from ecomgan.classifiers.training import Taught
from ecomgan.data.prepared import PreparedSet
from ecomgan.errors import CheckpointError

_SMALLEST_HALF = 6e-8


def write_folder(
    folder: Path, taught: Taught, config: ClassifierConfig, train: PreparedSet, data_sha256: str, command: str
) -> None:
    """Write a classifier with its record and card. `command` is what was run to teach it."""
    network = taught.network
    for name, value in network.state_dict().items():
        largest, smallest = value.abs().max().item(), value.abs().min().item()
        if largest > torch.finfo(torch.float16).max or ("running_var" in name and smallest < _SMALLEST_HALF):
            raise CheckpointError(f"{name} of the {config.role} does not fit into fp16: {smallest} to {largest}")
    network.half()  # type: ignore[no-untyped-call]
    network.save_pretrained(folder, safe_serialization=True)
    record = {
        "config": config.to_json(),
        "data": {"name": train.name, "sha256": data_sha256, "split": "train", "photos": len(train)},
        "parameters": sum(parameter.numel() for parameter in network.parameters()),
        "dev_accuracy": {field: round(share, 4) for field, share in taught.accuracy.items()},
        "temperature": network.config["temperature"],
        "epochs": taught.epochs,
        "seconds": round(taught.seconds),
        "torch": torch.__version__,
        "command": command,
    }
    (folder / RECORD).write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    card = card_text(folder.resolve().name, record, network.config["classes"])
    (folder / "README.md").write_text(card, encoding="utf-8")
    write_checksums(folder)


def card_text(name: str, record: dict[str, Any], classes: dict[str, list[str]]) -> str:
    """The card as Markdown, from the record of the training and the values that the network tells apart."""
    template = resources.files("ecomgan.classifiers").joinpath(f"{record['config']['role']}.md")
    config, data = record["config"], record["data"]
    return template.read_text(encoding="utf-8").format(
        name=name,
        values=" and ".join(f"{len(values)} values of {field}" for field, values in classes.items()),
        architecture=config["architecture"],
        channels=", ".join(map(str, config["channels"])),
        parameters=f"{record['parameters']:,}",
        embedding=sum(config["channels"][1:]),
        data=data["name"],
        photos=f"{data['photos']:,}",
        data_sha256=data["sha256"],
        epochs=record["epochs"],
        minutes=round(record["seconds"] / 60),
        torch=record["torch"],
        accuracy=", ".join(f"{field} {share:.3f}" for field, share in record["dev_accuracy"].items())
        or "not measured, the set has no dev split",
        temperature=record["temperature"],
        command=record["command"],
    )
