"""`python -m studio add-engine`: what the page's job does, at the machine itself and without a queue. Loads torch."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from studio.bootstrap import open_studio
from studio.engines.additions import EngineWish
from studio.engines.folder import read_engine_folder
from studio.engines.job import described, register_engine, try_engine
from studio.engines.live import choose_device
from studio.engines.running import record_running
from studio.errors import InputError
from studio.migrate import migrate
from studio.settings import Settings


def add_engine_here(settings: Settings, wish: EngineWish) -> None:
    """Look through the folder, make a test image, register the engine; tells each step on standard output.

    Raises InputError, EngineError, StorageError.
    """
    if not wish.name.strip():
        raise InputError("An engine needs a name.")
    folder = Path(wish.source).expanduser().resolve()
    found = read_engine_folder(folder)
    print(described(found))  # noqa: T201 - this is a command line
    running, seconds = try_engine(found, wish, choose_device())
    print(f"It works: {running}. An image will take about {seconds:.1f} s.")  # noqa: T201
    migrate(settings)
    studio = open_studio(settings)
    model = register_engine(studio, None, found, replace(wish, source=str(folder)))
    record_running(studio, model.id, running, seconds)
    studio.close()
    print(f"Registered as {model.name}. Editors can choose it on the page Generate now.")  # noqa: T201
