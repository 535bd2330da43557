"""Checkpoint folders for tests that need more than one."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

from safetensors.numpy import load_file, save_file

WEIGHTS = "generator/diffusion_pytorch_model.safetensors"


def teach_more(folder: Path, by: float = 1.0) -> Path:
    """Change the weights of a checkpoint folder, as another training would."""
    weights = load_file(folder / WEIGHTS)
    save_file({name: value + by for name, value in weights.items()}, folder / WEIGHTS, metadata={"format": "pt"})
    sums = json.loads((folder / "checksums.json").read_text())
    sums[WEIGHTS] = hashlib.sha256((folder / WEIGHTS).read_bytes()).hexdigest()
    (folder / "checksums.json").write_text(json.dumps(sums))
    return folder


def taught_copy(folder: Path, to: Path, by: float = 1.0) -> Path:
    """Another checkpoint of the same family at `to`."""
    return teach_more(Path(shutil.copytree(folder, to)), by)
