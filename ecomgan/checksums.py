"""SHA-256 of every weight and configuration file of a checkpoint folder, written at saving, verified at loading."""

import hashlib
import json
from pathlib import Path

from ecomgan.errors import CheckpointError

CHECKSUMS_FILE = "checksums.json"
_COVERED = ("*.safetensors", "*.onnx", "*.json", "*/*.safetensors", "*/*.json")


def write_checksums(folder: Path) -> None:
    """Write `checksums.json` over all weight and configuration files of `folder` and its direct subfolders."""
    sums = {name: sha256_of(folder / name) for name in _covered_files(folder)}
    (folder / CHECKSUMS_FILE).write_text(json.dumps(sums, indent=1) + "\n", encoding="utf-8")


def verify_checksums(folder: Path) -> None:
    """Raise CheckpointError, naming the file, where one is missing, was changed, or is not listed."""
    try:
        listed = json.loads((folder / CHECKSUMS_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        message = f"{folder} has no readable {CHECKSUMS_FILE} ({error}); save the checkpoint again"
        raise CheckpointError(message) from error
    if not isinstance(listed, dict) or not all(isinstance(digest, str) for digest in listed.values()):
        raise CheckpointError(f"{folder / CHECKSUMS_FILE} is damaged; a table of file names and SHA-256 was expected")
    present = set(_covered_files(folder))
    for name in sorted(present | set(listed)):
        if name not in present:
            raise CheckpointError(f"{folder} lacks {name}, which {CHECKSUMS_FILE} lists; restore the folder")
        if name not in listed:
            raise CheckpointError(f"{folder} holds {name}, which {CHECKSUMS_FILE} does not list; remove it")
        found = sha256_of(folder / name)
        if found != listed[name]:
            raise CheckpointError(
                f"{folder / name} is damaged: its SHA-256 is {found}, but {CHECKSUMS_FILE} says {listed[name]}"
            )


def sha256_of(file: Path) -> str:
    """Hexadecimal SHA-256 of a file's bytes."""
    with file.open("rb") as data:
        return hashlib.file_digest(data, "sha256").hexdigest()


def weights_sha256(folder: Path) -> str:
    """SHA-256 of the weight file; of several, over their digests in the order of their names."""
    digests = [sha256_of(file) for file in sorted(folder.glob("*.safetensors"))]
    return digests[0] if len(digests) == 1 else hashlib.sha256(" ".join(digests).encode()).hexdigest()


def _covered_files(folder: Path) -> list[str]:
    found = {path.relative_to(folder).as_posix() for pattern in _COVERED for path in folder.glob(pattern)}
    return sorted(found - {CHECKSUMS_FILE})
