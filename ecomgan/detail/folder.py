"""Writing the folder of a taught detail network: fp16 safetensors, the record of its training, checksums."""

import json
from pathlib import Path

import torch

from ecomgan.checksums import write_checksums
from ecomgan.detail.card import write_card
from ecomgan.detail.opening import RECORD
from ecomgan.detail.photos import DetailPhotos
from ecomgan.detail.training import Taught
from ecomgan.errors import CheckpointError
from ecomgan.networks.backbone import Backbone


def write_folder(folder: Path, taught: Taught, photos: DetailPhotos) -> None:
    """Write the averaged network with its record and card."""
    network = taught.network
    largest = max(value.abs().max().item() for value in network.state_dict().values())
    if largest > torch.finfo(torch.float16).max:
        raise CheckpointError(f"a weight of the detail network does not fit into fp16: {largest}")
    network.half()  # type: ignore[no-untyped-call]
    network.save_pretrained(folder, safe_serialization=True)
    record = {
        "config": taught.config.to_json(),
        "data": {"name": photos.name, "sha256": photos.sha256, "split": photos.split, "photos": len(photos)},
        "parameters": sum(parameter.numel() for parameter in network.parameters()),
        "features": {"name": "lite0", "sha256": Backbone("lite0").weights_sha256},
        "steps": taught.step,
        "seconds": round(taught.seconds),
        "torch": torch.__version__,
        "command": taught.command,
    }
    (folder / RECORD).write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    write_card(folder)
    write_checksums(folder)
