"""The identity of a prepared set."""

import hashlib
from pathlib import Path

from ecomgan.checksums import sha256_of


def data_sha256(folder: Path) -> str:
    """SHA-256 over pixels and table of a prepared set."""
    digests = [sha256_of(folder / name) for name in ("images.npy", "table.parquet")]
    return hashlib.sha256(" ".join(digests).encode()).hexdigest()
