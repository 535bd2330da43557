"""The migrations make what the tables say, with the rows and triggers that a fresh studio needs."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from db.migrate import check, upgrade
from db.tables import Asset, AssetState, Brief, Channel, Decision, Job, ModelVersion, Purpose
from studio.bootstrap import Studio
from studio.roles import Actor


def test_the_migrations_make_what_the_tables_say(studio_on_both: Studio) -> None:
    check(studio_on_both.engine)


def test_migrating_twice_changes_nothing(studio_on_both: Studio) -> None:
    with studio_on_both.writing() as session:
        session.add(Channel(name="Own", height=None, width=None))
    upgrade(studio_on_both.engine)
    with studio_on_both.reading() as session:
        assert len(session.scalars(sa.select(Channel)).all()) == 3


def test_a_database_of_a_newer_version_is_refused(studio_on_both: Studio) -> None:
    with studio_on_both.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(RuntimeError, match="9999, which this version of the studio does not know"):
        upgrade(studio_on_both.engine)


def test_a_fresh_studio_has_two_channels(studio_on_both: Studio) -> None:
    with studio_on_both.reading() as session:
        channels = session.scalars(sa.select(Channel).order_by(Channel.id)).all()
        assert [(c.name, c.height, c.width, c.image_format) for c in channels] == [
            ("Original size", None, None, "JPEG"),
            ("Own shop 1000 x 1000", 1000, 1000, "JPEG"),
        ]


def _decide_once(studio: Studio, actor: Actor) -> None:
    with studio.writing() as session:
        model = ModelVersion(name="tiny", digest="d" * 64, folder="x", height=8, width=8)
        job = Job(id="j", kind="order", title="t", owner_id=actor.id, total=1)
        session.add_all([model, job])
        session.flush()
        brief = Brief(job_id="j", prompt="p", model_version_id=model.id, number=1, seed=0, created_by_id=actor.id)
        session.add(brief)
        session.flush()
        asset = Asset(
            brief_id=brief.id,
            number=0,
            seed=0,
            sha256="a" * 64,
            height=8,
            width=8,
            purpose=Purpose.CONCEPT,
            category="Shoes",
            model_version_id=model.id,
            created_by_id=actor.id,
        )
        session.add(asset)
        session.flush()
        session.add(
            Decision(
                asset_id=asset.id,
                revision=1,
                from_state=AssetState.DRAFT,
                to_state=AssetState.CHECKED,
                user_id=actor.id,
                at=dt.datetime(2026, 1, 2, tzinfo=dt.UTC),
                asset_sha256="a" * 64,
                model_version_id=model.id,
                idempotency_key="k",
            )
        )


@pytest.mark.parametrize("statement", ["UPDATE decisions SET comment = 'x'", "DELETE FROM decisions"])
def test_the_database_refuses_to_change_or_remove_a_decision(
    studio_on_both: Studio, editor: Actor, statement: str
) -> None:
    _decide_once(studio_on_both, editor)
    with (
        pytest.raises(sa.exc.IntegrityError, match="decisions are only ever added"),
        studio_on_both.writing() as session,
    ):
        session.execute(sa.text(statement))
    with studio_on_both.reading() as session:
        assert session.scalars(sa.select(Decision)).one().comment == ""


@pytest.mark.sqlite(reason="only SQLite has INSERT OR REPLACE")
def test_replacing_a_decision_is_refused_too(studio: Studio, editor: Actor) -> None:
    _decide_once(studio, editor)
    with (
        pytest.raises(sa.exc.IntegrityError, match="decisions are only ever added"),
        studio.writing() as session,
    ):
        session.execute(sa.text("INSERT OR REPLACE INTO decisions SELECT * FROM decisions"))


def test_a_state_that_is_none_of_the_words_is_refused(studio_on_both: Studio, editor: Actor) -> None:
    _decide_once(studio_on_both, editor)
    with pytest.raises(sa.exc.IntegrityError), studio_on_both.writing() as session:
        session.execute(sa.text("UPDATE assets SET state = 'perfect'"))
