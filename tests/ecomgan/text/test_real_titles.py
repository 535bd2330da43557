from pathlib import Path
from statistics import median
from time import perf_counter

import pytest

from ecomgan.text import Vocabulary, read_brief

DATA = Path(__file__).parents[4] / "shared" / "data" / "fashion-small"
FIELDS = ["article_type", "colour", "usage"]


@pytest.mark.skipif(not DATA.is_dir(), reason="the product photos of ../shared are not here")
def test_reads_the_titles_of_real_products_as_their_labels_say() -> None:
    pandas = pytest.importorskip("pandas")
    parts = [pandas.read_parquet(path, columns=FIELDS) for path in sorted(DATA.glob("train-*.parquet"))]
    counts = {field: pandas.concat(part[field] for part in parts).value_counts() for field in FIELDS}
    vocabulary = Vocabulary({field: list(count.index[count >= 20]) for field, count in counts.items()})
    held_out = pandas.read_parquet(DATA / "validation.parquet", columns=["title", *FIELDS])
    taught = held_out[FIELDS].apply(lambda column: column.isin(vocabulary[column.name])).all(axis=1)
    sample = held_out[taught].sample(2000, random_state=0)

    readings, seconds = [], []
    for title in sample["title"]:
        started = perf_counter()
        readings.append(read_brief(title, vocabulary).attributes)
        seconds.append(perf_counter() - started)

    def agreement(field: str) -> float:
        """The share of right values among the titles that name one."""
        pairs = [(said[field], label) for said, label in zip(readings, sample[field], strict=True) if field in said]
        return sum(said == label for said, label in pairs) / len(pairs)

    assert agreement("article_type") > 0.90
    assert agreement("colour") > 0.90
    assert agreement("usage") > 0.80
    assert median(seconds) < 0.005
