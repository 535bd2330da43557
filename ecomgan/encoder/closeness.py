"""From which cosine on a photo is close to words, measured on held-out photos and kept beside an encoder.

The nearest photo to words that nothing matches is as near as many a right one, so a cosine alone does not tell: words
that the encoder was never taught are told apart before (`PortableEncoder.taught_part`).
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ecomgan.checksums import CHECKSUMS_FILE, write_checksums
from ecomgan.data.prepared import PreparedSet
from ecomgan.errors import CheckpointError, DataError

if TYPE_CHECKING:
    from ecomgan.encoder.portable import PortableEncoder

CLOSENESS = "closeness.json"
KEPT = 0.95
"""So many of the held-out queries keep their own photo."""

_BATCH = 256
_PHRASES = (("title",), ("colour", "article_type"), ("article_type",))


@dataclass(frozen=True)
class Closeness:
    """weights_sha256: of the encoder it is of; least_cosine: of a photo with words that it is close to; kept: share of
    the queries whose own photo is; queries: how many were asked; own_words: whether its tokens were learned on the
    texts that it was taught, so that they tell which words it knows; data, command: what measured it.
    """

    weights_sha256: str
    least_cosine: float
    kept: float
    queries: int
    own_words: bool
    data: dict[str, str]
    command: str


def least_cosine(encoder: "PortableEncoder", photos: PreparedSet) -> tuple[float, int]:
    """The cosine that KEPT of the queries reach with their own photo, and the number of queries: each photo's title,
    its colour and kind ("red handbags"), its kind. Raises DataError without any.
    """
    own = [cosine for batch in _batches(len(photos)) for cosine in _with_own_photos(encoder, photos, batch)]
    if not own:
        raise DataError(f"{photos.name} names no titles and no kinds of its photos; at least one of them was expected")
    return round(float(np.quantile(own, 1 - KEPT)), 4), len(own)


def write_closeness(folder: Path, found: Closeness) -> None:
    """Put it down beside the graphs."""
    (folder / CLOSENESS).write_text(json.dumps(asdict(found), indent=1) + "\n", encoding="utf-8")
    if (folder / CHECKSUMS_FILE).exists():
        write_checksums(folder)


def read_closeness(folder: Path, weights_sha256: str) -> Closeness | None:
    """What was measured for the encoder of these weights; None where nobody did.

    Raises CheckpointError for a file that is damaged, or of other weights.
    """
    file = folder / CLOSENESS
    if not file.is_file():
        return None
    again = f"remove it, then run: python -m ecomgan evaluate-encoder {folder} --data SET --write-cut"
    try:
        found = Closeness(**json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise CheckpointError(f"{file} cannot be read ({error}); {again}") from error
    if found.weights_sha256 != weights_sha256:
        raise CheckpointError(
            f"{file} is of the weights {found.weights_sha256}, the graphs are of {weights_sha256}; {again}"
        )
    return found


def _batches(photos: int) -> Iterator[npt.NDArray[np.intp]]:
    for start in range(0, photos, _BATCH):
        yield np.arange(start, min(start + _BATCH, photos))


def _with_own_photos(encoder: "PortableEncoder", photos: PreparedSet, rows: npt.NDArray[np.intp]) -> list[float]:
    """The cosines of the photos of these rows with what names each."""
    columns: dict[str, Any] = photos.columns
    pictures = encoder.images(photos.pixels(rows))
    found: list[float] = []
    for names in _PHRASES:
        if any(name not in columns for name in names):
            continue
        texts = [" ".join(columns[name][row] for name in names).strip() for row in rows]
        asked = [place for place, text in enumerate(texts) if text]
        if asked:
            vectors = encoder.texts([texts[place] for place in asked])
            found += np.einsum("nd,nd->n", vectors, pictures[asked]).tolist()
    return found
