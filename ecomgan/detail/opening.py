"""Opening the folder of a taught detail network: config.json, fp16 safetensors, the record of its training."""

from pathlib import Path

import torch

from ecomgan.checkpoint_folder import load_network
from ecomgan.checksums import verify_checksums
from ecomgan.errors import CheckpointError
from ecomgan.networks.detail import DetailNetwork

WEIGHTS = "diffusion_pytorch_model.safetensors"
RECORD = "training.json"


def open_detail(folder: Path, device: torch.device | str = "cpu") -> DetailNetwork:
    """The network in fp32, ready to enlarge; raises CheckpointError where it is missing or damaged."""
    if not folder.is_dir():
        raise CheckpointError(
            f"{folder} is no folder; a detail network was expected, as `ecomgan train-detail RUN --out {folder}` "
            "writes it"
        )
    verify_checksums(folder)
    network = load_network(DetailNetwork, folder, called="detail network")
    found: DetailNetwork = network.requires_grad_(False).eval().to(device=device, memory_format=torch.channels_last)
    return found
