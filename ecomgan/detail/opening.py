"""Opening the folder of a taught detail network: config.json, fp16 safetensors, the record of its training."""

from pathlib import Path

import torch

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
    try:
        network, info = DetailNetwork.from_pretrained(
            folder,
            torch_dtype=torch.float32,
            use_safetensors=True,
            low_cpu_mem_usage=False,
            local_files_only=True,
            output_loading_info=True,
        )
    except (OSError, ValueError, RuntimeError, TypeError, KeyError) as error:
        raise CheckpointError(f"{folder} cannot be opened as a detail network: {error}") from error
    wrong = [*info["missing_keys"], *info["unexpected_keys"], *info["mismatched_keys"]]
    if wrong:  # diffusers would go on with random weights here
        raise CheckpointError(f"{folder} does not hold the weights of a detail network: {wrong[:3]} differ")
    found: DetailNetwork = network.requires_grad_(False).eval().to(device=device, memory_format=torch.channels_last)
    return found
