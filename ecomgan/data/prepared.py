"""Reading a prepared set, and the vocabulary of conditions that it teaches."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from ecomgan.errors import DataError

CONDITION_FIELDS = ("article_type", "colour", "usage")
REPORT_FILE = "report.json"
NULL = 0
"""Index of the null token of every field: unknown, rare, or dropped on purpose."""

Vocabulary = dict[str, list[str]]


@dataclass(frozen=True)
class PreparedSet:
    """One split of a prepared set.

    images: uint8 (N, H, W, 3), a memory map; its rows are `rows` of the whole set's.
    columns: text columns, each of length N.
    """

    images: np.ndarray
    rows: np.ndarray
    columns: dict[str, list[str]]
    name: str

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def height(self) -> int:
        return int(self.images.shape[1])

    @property
    def width(self) -> int:
        return int(self.images.shape[2])

    def pixels(self, indices: np.ndarray) -> np.ndarray:
        """uint8 (len(indices), H, W, 3)."""
        chosen: np.ndarray = self.images[self.rows[indices]]
        return chosen


def open_prepared(folder: Path, split: str) -> PreparedSet:
    """Open the photos of `split` ("train", "dev" or "validation"); raises DataError if the set is not whole."""
    if not (folder / "images.npy").is_file() or not (folder / "table.parquet").is_file():
        raise DataError(f"{folder} is no prepared set (images.npy and table.parquet); make one with: ecomgan prepare")
    images = np.load(folder / "images.npy", mmap_mode="r")
    table = pq.read_table(folder / "table.parquet")
    if table.num_rows != len(images):
        raise DataError(f"{folder}: {len(images)} images but {table.num_rows} table rows; prepare the set again")
    columns = {name: table.column(name).to_pylist() for name in table.column_names}
    rows = np.flatnonzero(np.array(columns["split"]) == split)
    if len(rows) == 0:
        splits = ", ".join(sorted(set(columns["split"])))
        raise DataError(f"{folder} holds no photo of split {split!r}; it has {splits}")
    chosen = {name: [values[i] for i in rows] for name, values in columns.items()}
    return PreparedSet(images, rows, chosen, folder.name)


def photo_splits(folder: Path) -> dict[str, str]:
    """The side of the split of every photo that a prepared set kept, by its `id` as text."""
    table = pq.read_table(folder / "table.parquet", columns=["id", "split"])
    return dict(zip(table.column("id").to_pylist(), table.column("split").to_pylist(), strict=True))


def build_vocabulary(photos: PreparedSet, smallest_count: int) -> Vocabulary:
    """The values of each condition field with at least `smallest_count` photos, most frequent first."""
    vocabulary: Vocabulary = {}
    for name in CONDITION_FIELDS:
        counts = Counter(value for value in photos.columns.get(name, []) if value)
        vocabulary[name] = [value for value, count in counts.most_common() if count >= smallest_count]
    return vocabulary


def category_paths(photos: PreparedSet, vocabulary: Vocabulary, levels: Sequence[str]) -> dict[str, list[str]]:
    """Article type -> its categories in the columns `levels`, as most of its photos have them.

    Raises DataError for a column that the set does not have; empty without levels.
    """
    missing = [level for level in levels if level not in photos.columns]
    if missing:
        raise DataError(f"{photos.name} has no column {missing[0]!r}; it has {', '.join(photos.columns)}")
    if not levels:
        return {}
    field = CONDITION_FIELDS[0]
    found: dict[str, Counter[tuple[str, ...]]] = {}
    for article, *path in zip(photos.columns[field], *(photos.columns[level] for level in levels), strict=True):
        found.setdefault(article, Counter())[tuple(path)] += 1
    most = {value: found[value].most_common(1)[0][0] for value in vocabulary[field] if value in found}
    return {value: list(path) for value, path in most.items() if all(path)}


def encode_conditions(columns: dict[str, list[str]], count: int, vocabulary: Vocabulary) -> np.ndarray:
    """int64 (count, number of fields): index in the vocabulary + 1; 0 for values it does not hold."""
    codes = np.full((count, len(vocabulary)), NULL, dtype=np.int64)
    for position, (name, values) in enumerate(vocabulary.items()):
        index = {value: i + 1 for i, value in enumerate(values)}
        codes[:, position] = [index.get(value, NULL) for value in columns.get(name, [""] * count)]
    return codes
