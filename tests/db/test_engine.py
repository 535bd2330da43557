"""The database behaves the same from both sides of the URL."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from db.tables import Role, TeamSetting, User
from studio.bootstrap import Studio, open_studio
from studio.errors import DatabaseBusy, DiskFull
from studio.settings import Settings


def test_what_a_block_writes_stays(studio_on_both: Studio) -> None:
    with studio_on_both.writing() as session:
        session.add(User(name="Vera", role=Role.VIEWER))
    with studio_on_both.reading() as session:
        user = session.scalars(sa.select(User)).one()
        assert (user.name, user.role, user.created_at.tzinfo is not None) == ("Vera", Role.VIEWER, True)


def test_a_block_that_raises_leaves_nothing(studio_on_both: Studio) -> None:
    with pytest.raises(ZeroDivisionError), studio_on_both.writing() as session:
        session.add(User(name="Vera", role=Role.VIEWER))
        session.flush()
        raise ZeroDivisionError
    with studio_on_both.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(User)) == 0


def test_a_reader_cannot_write(studio_on_both: Studio) -> None:
    with pytest.raises(sa.exc.DBAPIError, match=r"read-only|readonly"), studio_on_both.reading() as session:
        session.add(User(name="Vera", role=Role.VIEWER))
        session.flush()
    with studio_on_both.writing() as session:  # on the same pooled connection
        session.add(User(name="Vera", role=Role.VIEWER))


def test_a_reader_sees_one_state_while_another_writes(studio_on_both: Studio) -> None:
    count = sa.select(sa.func.count()).select_from(User)
    with studio_on_both.reading() as before:
        assert before.scalar(count) == 0
        with studio_on_both.writing() as session:
            session.add(User(name="Vera", role=Role.VIEWER))
        assert before.scalar(count) == 0
    with studio_on_both.reading() as after:
        assert after.scalar(count) == 1


def test_rows_that_point_nowhere_are_refused(studio_on_both: Studio) -> None:
    with pytest.raises(sa.exc.IntegrityError), studio_on_both.writing() as session:
        session.add(TeamSetting(name="x", value={}, changed_by_id=99))


@pytest.mark.sqlite(reason="only SQLite has a journal mode")
def test_the_file_is_in_write_ahead_mode(studio: Studio) -> None:
    with studio.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"


@pytest.mark.sqlite(reason="PostgreSQL waits for the disk by its own settings")
def test_what_is_confirmed_is_on_the_disk(tmp_path: Path) -> None:
    # In a process of its own: the tests of this one do not wait for the disk.
    code = (
        "import sys; from db.engine import open_engine\n"
        "with open_engine(sys.argv[1]).connect() as it: print(it.exec_driver_sql('PRAGMA synchronous').scalar())"
    )
    url = f"sqlite:///{tmp_path / 'studio.db'}"
    told = subprocess.run([sys.executable, "-c", code, url], capture_output=True, text=True, check=True).stdout
    assert told.split() == ["2"]  # FULL


def test_a_locked_database_is_told_as_busy_and_nothing_is_lost(studio_on_both: Studio, settings: Settings) -> None:
    other = open_studio(settings.model_copy(update={"database_busy_seconds": 0.05}))
    with studio_on_both.writing() as session:
        session.add(User(name="Vera", role=Role.VIEWER))
    rename = sa.update(User).values(name="Vroni")
    with studio_on_both.writing() as session:
        session.execute(sa.update(User).values(role=Role.EDITOR))
        with pytest.raises(DatabaseBusy, match="Nothing was saved"), other.writing() as late:
            late.execute(rename)
    with other.writing() as late:
        late.execute(rename)
    with studio_on_both.reading() as session:
        user = session.scalars(sa.select(User)).one()
        assert (user.name, user.role) == ("Vroni", Role.EDITOR)
    other.close()


@pytest.mark.sqlite(reason="only SQLite's size can be limited from a connection")
def test_a_full_disk_is_told_and_nothing_is_half_written(studio: Studio) -> None:
    with pytest.raises(DiskFull, match="Nothing was saved"), studio.writing() as session:
        session.connection().exec_driver_sql("PRAGMA max_page_count = 1")
        session.add(User(name="Vera", role=Role.VIEWER))
        session.flush()
        session.add(TeamSetting(name="x", value={"big": "x" * 1_000_000}))
    with studio.writing() as session:
        session.connection().exec_driver_sql("PRAGMA max_page_count = 1000000")
        assert session.scalar(sa.select(sa.func.count()).select_from(User)) == 0
