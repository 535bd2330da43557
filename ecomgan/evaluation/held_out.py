"""The photos that a checkpoint is judged on, and what each of them asks the generator for."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ecomgan.data.prepare import prepare
from ecomgan.data.prepared import PreparedSet, open_prepared
from ecomgan.errors import DataError
from ecomgan.metrics.kernel_distance import GROUPS
from ecomgan.text import Vocabulary

LEAST_IMAGES = 2 * GROUPS

Attributes = dict[str, str]


@dataclass(frozen=True)
class HeldOut:
    """Held-out photos in a fixed, mixed order.

    rows: their places in `photos`; attributes: what each is generated for, the fields that the checkpoint knows;
    left_out: photos of which it knows nothing.
    """

    photos: PreparedSet
    rows: npt.NDArray[np.intp]
    attributes: list[Attributes]
    left_out: int

    def __len__(self) -> int:
        return len(self.rows)

    def column(self, name: str) -> list[str]:
        """The photos' own values of a field, known to the checkpoint or not."""
        values = self.photos.columns.get(name, [""] * len(self.photos))
        return [values[row] for row in self.rows]


def prepared_folder(source: Path, cache: Path, height: int, width: int) -> Path:
    """`source` itself if it is a prepared set, else the one made of it in `cache` (once, as long as it stays as it is).

    Raises DataError where the set has another size than height x width.
    """
    folder = source
    if not (source / "images.npy").is_file():
        folder = cache / f"{source.resolve().name}-{height}x{width}-{_fingerprint(source)}"
        if not folder.exists():
            prepare(source, folder, height, width)
    found = open_prepared(folder, "validation")
    if (found.height, found.width) != (height, width):
        raise DataError(
            f"{folder} holds photos of {found.height}x{found.width}; the checkpoint makes {height}x{width}: "
            f"prepare the photos at that size"
        )
    return folder


def choose_held_out(photos: PreparedSet, vocabulary: Vocabulary, images: int | None) -> HeldOut:
    """The first `images` (None: all) held-out photos of a fixed order; DataError for fewer than 40 or too many."""
    order = np.random.default_rng(0).permutation(len(photos))
    known = [_known(photos, int(row), vocabulary) for row in order]
    usable = [place for place, attributes in enumerate(known) if attributes]
    wanted = len(usable) if images is None else images
    if not LEAST_IMAGES <= wanted <= len(usable):
        raise DataError(
            f"{wanted} held-out photos were asked for; {LEAST_IMAGES} to {len(usable)} of {photos.name} can be used"
        )
    kept = usable[:wanted]
    return HeldOut(photos, order[kept], [known[place] for place in kept], len(photos) - len(usable))


def floor_rows(train: PreparedSet, held_out: HeldOut) -> npt.NDArray[np.intp]:
    """A train photo for each held-out one, of its article type as long as there are any: each at most once.

    Fixed for the same data; DataError if there are fewer train photos than held-out ones.
    """
    if len(held_out) > len(train):
        raise DataError(f"{train.name} has {len(train)} train photos; at least {len(held_out)}, as held out, expected")
    order = np.random.default_rng(0).permutation(len(train))
    articles = train.columns.get("article_type", [""] * len(train))
    of_article: dict[str, list[int]] = {}
    for row in order:
        of_article.setdefault(articles[row], []).append(int(row))
    wanted = held_out.column("article_type")
    found = [of_article[article].pop() if of_article.get(article) else None for article in wanted]
    left = iter(row for rows in of_article.values() for row in rows)
    return np.array([next(left) if row is None else row for row in found], dtype=np.intp)


def _known(photos: PreparedSet, row: int, vocabulary: Vocabulary) -> Attributes:
    values = {field: photos.columns[field][row] for field in vocabulary if field in photos.columns}
    return {field: value for field, value in values.items() if value in vocabulary[field]}


def _fingerprint(source: Path) -> str:
    """Changes when a file of the folder changes: names, sizes and times of all."""
    files = sorted(path for path in source.rglob("*") if path.is_file()) if source.is_dir() else []
    listing = [(str(path.relative_to(source)), path.stat().st_size, path.stat().st_mtime_ns) for path in files]
    return hashlib.sha256(repr(listing).encode()).hexdigest()[:12]
