"""How fast a large catalogue file is checked and taken over, and what memory that takes."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from db.engine import open_engine
from db.migrate import upgrade
from db.tables import CatalogueImport, Role, User
from studio.bootstrap import Studio, open_studio
from studio.imports.catalogue_import import apply_import
from studio.imports.job import Importer
from studio.imports.layouts import Target
from studio.roles import Actor
from studio.settings import Settings
from studio.work.queue import migrate
from tests.bench.table import Row

ROWS = 200_000
_COLUMNS = {
    **{name: Target(name) for name in ("sku", "title", "description", "category", "colour", "size", "parent_sku")},
    "material": Target.ATTRIBUTE,
    "price": Target.ATTRIBUTE,
    "photos": Target.PHOTOS,
}


@dataclass(frozen=True)
class Measured:
    """What an import took: seconds for the check, of which the process computed some, and for taking it over; growth of
    the process in MB.
    """

    rows: int
    check_seconds: float
    check_cpu_seconds: float
    apply_seconds: float
    grown_mb: float


def speeds() -> list[Row]:
    """Rows a second of the check, and the length of the transaction that takes them over."""
    with tempfile.TemporaryDirectory() as folder:
        found = measure(Path(folder), ROWS)
    alone = found.rows / found.check_cpu_seconds
    note = f"CSV of {found.rows:,} rows on SQLite; by CPU time {alone:,.0f}; memory grew by {found.grown_mb:.0f} MB"
    return [
        Row("import, rows checked", found.rows / found.check_seconds, "rows/s", ">= 5,000", note),
        Row("import, taking over", found.apply_seconds, "s", "", f"one transaction for {found.rows:,} new products"),
    ]


def measure(home: Path, rows: int) -> Measured:
    """Import a file of `rows` rows that is made for it. Memory is taken from the second chunk on."""
    settings = Settings(home=home)
    engine = open_engine(settings.resolved_database_url)
    upgrade(engine)
    engine.dispose()
    migrate(settings.resolved_database_url)
    file = home / "catalogue.csv"
    write_catalogue(file, rows)
    studio = open_studio(settings)
    actor, import_id = _added(studio, file)
    importer, process = Importer(studio, ""), psutil.Process(os.getpid())
    started, cpu = time.perf_counter(), time.process_time()
    before = largest = number = 0
    while importer.stage_chunk(import_id, number):
        number += 1
        now = process.memory_info().rss
        before = before or (now if number == 2 else 0)
        largest = max(largest, now)
    importer.set_families(import_id)
    importer.finish(import_id)
    importer.stager.close(import_id)
    checked, cpu = time.perf_counter(), time.process_time() - cpu
    shown = apply_import(studio, actor, import_id)
    applied = time.perf_counter()
    largest = max(largest, process.memory_info().rss)
    studio.close()
    assert shown.new == rows, shown
    return Measured(rows, checked - started, cpu, applied - checked, (largest - before) / 2**20)


def write_catalogue(file: Path, rows: int) -> None:
    """A CSV file of that many variants, with texts of usual lengths."""
    with file.open("w", encoding="utf-8") as out:
        out.write(",".join(_COLUMNS) + "\n")
        for n in range(rows):
            out.write(
                f'SKU-{n},"Shirt {n // 12}, Größe {n % 12}","Soft cotton, cut straight. Style {n // 12} of this year.\n'
                f'Machine wash at 30 degrees.",Apparel > Topwear > Shirts,Navy Blue,{n % 12},STYLE-{n // 12},'
                f"Cotton {n % 9},{n % 97}.90,/s/style-{n // 12}_main.jpg\n"
            )


def _added(studio: Studio, file: Path) -> tuple[Actor, int]:
    sha256 = studio.storage.put_file(file)
    with studio.writing() as session:
        user = User(name="Edda", role=Role.EDITOR)
        session.add(user)
        session.flush()
        row = CatalogueImport(
            user_id=user.id,
            file_name=file.name,
            sha256=sha256,
            layout="own",
            mapping={column: target.value for column, target in _COLUMNS.items()},
        )
        session.add(row)
        session.flush()
        return Actor(id=user.id, name=user.name, role=user.role), row.id


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        result = measure(Path(temporary), int(sys.argv[1]) if len(sys.argv) > 1 else ROWS)
    sys.stdout.write(json.dumps(asdict(result)) + "\n")
