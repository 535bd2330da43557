"""Opening the folder of a dual encoder: the shipped one, or any of transformers' CLIP or SigLIP."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from transformers import AutoTokenizer, CLIPModel, PreTrainedTokenizerFast, SiglipModel

from ecomgan.calm import without_bars
from ecomgan.checksums import CHECKSUMS_FILE, verify_checksums, weights_sha256
from ecomgan.encoder.dual_encoder import DualEncoder, Look
from ecomgan.errors import CheckpointError
from ecomgan.networks.dual_encoder import ProductEncoder

RECORD = "training.json"
LOOK_FILE = "preprocessor_config.json"
OWN = "ecomgan_dual_encoder"


@dataclass(frozen=True)
class _Kind:
    """A class that may be opened, and how its text tower was taught to see short texts filled up."""

    network: Any
    tokenizer: Any
    padding: str


_KINDS = {
    OWN: _Kind(ProductEncoder, PreTrainedTokenizerFast, "longest"),
    "clip": _Kind(CLIPModel, AutoTokenizer, "longest"),
    "siglip": _Kind(SiglipModel, AutoTokenizer, "max_length"),
}


def open_encoder(folder: Path, device: torch.device | str = "cpu") -> DualEncoder:
    """Open a folder with config.json, safetensors, tokenizer and preprocessor_config.json, in fp32 on `device`.

    Its `model_type` says which of the known classes it is; no code of the folder is run and nothing is fetched. What
    has checksums (the shipped one must) is verified by them. Photos are fitted whole on white to the size that its
    image tower was taught at, never cropped. Raises CheckpointError where anything is missing, damaged or of
    another kind.
    """
    config = _read(folder / "config.json")
    kind = _KINDS.get(config.get("model_type", ""))
    if kind is None:
        raise CheckpointError(f"{folder} is a {config.get('model_type')!r}; one of {', '.join(_KINDS)} was expected")
    if config["model_type"] == OWN or (folder / CHECKSUMS_FILE).exists():
        verify_checksums(folder)
    look = _look(folder / LOOK_FILE)
    try:
        with without_bars():
            tokenizer = kind.tokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
            network, info = kind.network.from_pretrained(
                folder, dtype=torch.float32, use_safetensors=True, local_files_only=True, output_loading_info=True
            )
    except (OSError, ValueError, RuntimeError, TypeError, KeyError) as error:
        raise CheckpointError(f"{folder} cannot be opened as a dual encoder: {error}") from error
    wrong = sorted(map(str, [*info["missing_keys"], *info["mismatched_keys"]]))
    if wrong:  # transformers would go on with random weights here
        raise CheckpointError(f"{folder} does not hold the weights of a {kind.network.__name__}: {wrong[:3]} differ")
    network.requires_grad_(False).eval().to(memory_format=torch.channels_last)
    return DualEncoder(
        network,
        tokenizer,
        look,
        longest_text=network.config.text_config.max_position_embeddings,
        padding=kind.padding,
        device=device,
        record=_read(folder / RECORD) if (folder / RECORD).exists() else None,
        weights_sha256=weights_sha256(folder),
    )


def _look(file: Path) -> Look:
    """The size after any cropping, and the scale, as transformers' image processors name them."""
    found = _read(file)
    size = found.get("crop_size") or found.get("size")
    sides = {"height": size, "width": size} if isinstance(size, int) else size
    if not isinstance(sides, dict) or not all(isinstance(sides.get(side), int) for side in ("height", "width")):
        raise CheckpointError(f"{file} gives the size {size!r}; height and width in pixels were expected")
    scale = {name: tuple(map(float, found.get(f"image_{name}", (0.5, 0.5, 0.5)))) for name in ("mean", "std")}
    if any(len(values) != 3 for values in scale.values()) or min(scale["std"]) <= 0:
        raise CheckpointError(f"{file} gives the scale {scale}; three means and three deviations above 0 were expected")
    return Look(sides["height"], sides["width"], scale["mean"], scale["std"])


def _read(file: Path) -> dict[str, Any]:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CheckpointError(
            f"{file} cannot be read ({error}); a dual encoder's folder was expected, as `ecomgan train-encoder` writes "
            "it, or one of transformers' CLIP or SigLIP"
        ) from error
    if not isinstance(found, dict):
        raise CheckpointError(f"{file} is damaged: an object was expected, got {type(found).__name__}")
    return found
