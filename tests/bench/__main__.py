"""`make bench`: a table of the speeds that matter, measured here and now. It judges nothing."""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Callable

from tests.bench import database, gallery, imports, library, quality, queue_pages, review, scores, served
from tests.bench.table import Row, as_markdown

_SECTIONS: dict[str, Callable[[], list[Row]]] = {
    "generator": lambda: [library.generator_speed()],
    "training": lambda: [library.training_speed(), library.fine_tuning_overhead()],
    "scores": scores.speeds,
    "imports": imports.speeds,
    "served": served.speeds,
    "database": database.speeds,
    "queue": queue_pages.speeds,
    "review": review.speeds,
    "gallery": gallery.speeds,
    "quality": quality.speeds,
}


def main() -> None:
    """Run the sections asked for (all by default) and print one table."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--only", choices=sorted(_SECTIONS), action="append", help="a section; may be repeated")
    sections = parser.parse_args().only or list(_SECTIONS)
    rows: list[Row] = []
    for name in sections:
        sys.stderr.write(f"measuring: {name}\n")
        rows += _SECTIONS[name]()
    load = os.getloadavg()[0]
    sys.stdout.write(f"{platform.machine()}, {os.cpu_count()} cores, load average at the end {load:.1f}\n\n")
    sys.stdout.write(as_markdown(rows) + "\n")


if __name__ == "__main__":
    main()
