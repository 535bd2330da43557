"""Opening the folder of a taught classifier: config.json, fp16 safetensors, the record of its training."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from ecomgan.checkpoint_folder import load_network
from ecomgan.checksums import sha256_of, verify_checksums
from ecomgan.classifiers.config import Role
from ecomgan.errors import CheckpointError
from ecomgan.networks.classifier import ProductClassifier

WEIGHTS = "diffusion_pytorch_model.safetensors"
RECORD = "training.json"


@dataclass(frozen=True)
class Opened:
    """A classifier in fp32, ready to answer. size: (height, width) that it sees; record: how it was taught."""

    network: ProductClassifier
    record: dict[str, Any]
    weights_sha256: str

    @property
    def classes(self) -> dict[str, list[str]]:
        return {field: list(values) for field, values in self.network.config["classes"].items()}

    @property
    def size(self) -> tuple[int, int]:
        return self.network.config["height"], self.network.config["width"]


def open_classifier(folder: Path, role: Role) -> Opened:
    """Open a classifier of that role; raises CheckpointError where it is missing, damaged or of the other role."""
    if not folder.is_dir():
        raise CheckpointError(
            f"{folder} is no folder; the {role} was expected, as `ecomgan train-classifier {folder} --role {role}` "
            "writes it"
        )
    verify_checksums(folder)
    try:
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        if record["config"]["role"] != role:
            raise CheckpointError(f"{folder} holds a {record['config']['role']}; a {role} was expected")
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise CheckpointError(f"{folder} cannot be opened as a {role}: {error}") from error
    network = load_network(ProductClassifier, folder, called=role)
    network.requires_grad_(False).eval().to(memory_format=torch.channels_last)
    return Opened(network, record, sha256_of(folder / WEIGHTS))
