"""The record of decisions holds up: what was changed, removed, added or cut off past the application is found."""

from __future__ import annotations

import itertools
import os
import stat
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa

from db.tables import Asset, AssetState, Decision, DecisionSeal, SealHead
from studio.__main__ import main
from studio.bootstrap import Studio, open_studio
from studio.errors import StorageError
from studio.migrate import migrate
from studio.review import sealing
from studio.review.deciding import Decide, decide, submit, undo
from studio.review.decisions import append, locked
from studio.review.log_check import check_log
from studio.review.sealing import Notary
from studio.review.states import Action
from studio.roles import Actor
from tests.studio.conftest import Images, seen

KEYS = (f"press-{number:04}" for number in itertools.count())


def approve(studio: Studio, actor: Actor, asset_id: int, comment: str = "") -> None:
    with studio.reading() as session:
        revision = session.get_one(Asset, asset_id).revision
    shown = seen(studio, asset_id)
    decide(studio, actor, Decide(asset_id, revision, Action.APPROVE, next(KEYS), comment=comment, seen_sha256=shown))


def past_the_triggers(studio: Studio, *statements: str) -> None:
    """Change rows as somebody would who has the database, but neither the application nor its key."""
    with studio.engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            for verb in ("update", "delete"):
                connection.exec_driver_sql(f"DROP TRIGGER decisions_refuse_{verb}")
        else:
            connection.exec_driver_sql("ALTER TABLE decisions DISABLE TRIGGER ALL")
        for statement in statements:
            connection.exec_driver_sql(statement)


@pytest.fixture
def five(studio: Studio, images: Images, editor: Actor, reviewer: Actor) -> list[int]:
    """Ids of five decisions, on five images."""
    for asset_id in images.make(editor, 5, state=AssetState.IN_REVIEW):
        approve(studio, reviewer, asset_id, "fine — 很好 ✓")
    with studio.reading() as session:
        return list(session.scalars(sa.select(Decision.id).order_by(Decision.id)))


def test_every_decision_is_sealed_with_what_was_known_at_that_moment(
    studio_on_both: Studio, images: Images, editor: Actor, reviewer: Actor
) -> None:
    studio = studio_on_both
    made = images.make(editor, 3)
    submit(studio, editor, made)
    approve(studio, reviewer, made[0])
    undo(studio, reviewer, made[0], next(KEYS))
    found = check_log(studio)
    assert (found.decisions, found.fault) == (8, "")
    assert found.anchor is not None
    assert found.anchor.position == 8
    assert str(found).startswith("8 decisions, unbroken, last anchor 20")
    with studio.reading() as session:
        rows = session.scalars(sa.select(Decision)).all()
        assert {row.scores["sharpness"]["value"] for row in rows if row.scores} == {2.0}
        assert all(row.scores and row.asset_sha256 and row.model_version_id for row in rows)


def test_a_log_without_decisions_is_whole(studio_on_both: Studio) -> None:
    assert str(check_log(studio_on_both)) == "0 decisions, unbroken, nothing to anchor yet."


CHANGES = (
    "reason = 'halo'",
    "comment = 'bad'",
    "at = '2026-01-01 00:00:00+00:00'",
    "revision = 99",
    "asset_sha256 = 'f'",
    "scores = '{}'",
    "scores = NULL",
    "to_state = 'published'",
    "idempotency_key = 'another-key'",
)


def test_the_first_changed_row_is_named_whatever_was_changed(
    studio_on_both: Studio, images: Images, editor: Actor
) -> None:
    submit(studio_on_both, editor, images.make(editor, 5))
    with studio_on_both.reading() as session:
        ids = session.scalars(sa.select(Decision.id).order_by(Decision.id.desc())).all()
    past_the_triggers(studio_on_both)
    for last, change in zip(ids, CHANGES, strict=False):
        with studio_on_both.engine.begin() as connection:
            connection.exec_driver_sql(f"UPDATE decisions SET {change} WHERE id = {last}")
        fault = check_log(studio_on_both).fault
        assert f"Decision {last} of image" in fault
        assert "was changed" in fault


def test_a_removed_row_is_named_whether_its_seal_went_too_or_not(studio_on_both: Studio, five: list[int]) -> None:
    past_the_triggers(studio_on_both, f"DELETE FROM decisions WHERE id = {five[1]}")
    assert check_log(studio_on_both).fault == f"Decision {five[1]} (seal 2) was removed."
    with studio_on_both.writing() as session:
        session.execute(sa.delete(DecisionSeal).where(DecisionSeal.decision_id == five[1]))
    assert check_log(studio_on_both).fault == f"Decisions were removed after decision {five[0]}: seal 2 is missing."


def test_a_row_that_was_written_past_the_application_is_named(studio_on_both: Studio, five: list[int]) -> None:
    columns = "asset_id, from_state, to_state, user_id, at, comment, asset_sha256, model_version_id"
    forged = (
        f"INSERT INTO decisions (revision, idempotency_key, {columns}) SELECT 9, 'forged', {columns} FROM decisions"
    )
    past_the_triggers(studio_on_both, f"{forged} WHERE id = {five[0]}")
    assert "was added without a seal" in check_log(studio_on_both).fault


@pytest.mark.parametrize("with_head", [True, False])
def test_a_cut_off_end_is_found_by_the_anchor(studio_on_both: Studio, five: list[int], with_head: bool) -> None:
    with studio_on_both.reading() as session:
        mac = session.scalars(sa.select(DecisionSeal.mac).where(DecisionSeal.position == 3)).one()
    head = [f"UPDATE seal_heads SET position = 3, mac = '{mac}'"] if with_head else []
    past_the_triggers(
        studio_on_both,
        f"DELETE FROM decisions WHERE id > {five[2]}",
        "DELETE FROM decision_seals WHERE position > 3",
        *head,
    )
    assert check_log(studio_on_both).fault == (
        f"The end was cut off after decision {five[2]} (seal 3): the anchor tells of 5 seals, so 2 are gone."
    )


def test_a_cut_off_end_is_found_even_after_others_were_sealed_in_its_place(
    studio_on_both: Studio, five: list[int], images: Images, editor: Actor, reviewer: Actor
) -> None:
    studio = studio_on_both
    with studio.reading() as session:
        mac = session.scalars(sa.select(DecisionSeal.mac).where(DecisionSeal.position == 3)).one()
    past_the_triggers(
        studio,
        f"DELETE FROM decisions WHERE id > {five[2]}",
        "DELETE FROM decision_seals WHERE position > 3",
        f"UPDATE seal_heads SET position = 3, mac = '{mac}'",
    )
    for asset_id in images.make(editor, 3, state=AssetState.IN_REVIEW):
        approve(studio, reviewer, asset_id)
    assert "two ends for one position" in check_log(studio).fault


def test_everything_removed_is_found_and_never_begun_anew(
    studio_on_both: Studio, five: list[int], images: Images, editor: Actor, reviewer: Actor
) -> None:
    studio = studio_on_both
    past_the_triggers(
        studio,
        "DELETE FROM decision_seals",
        "UPDATE seal_heads SET position = 0, mac = '', key_id = ''",
    )
    migrate(studio.settings)
    assert "the anchor tells of 5 seals" in check_log(studio).fault


def test_an_anchor_that_is_gone_or_changed_is_told(studio: Studio, five: list[int]) -> None:
    anchor = studio.settings.resolved_seal_anchor
    lines = anchor.read_text().splitlines(keepends=True)
    assert len(lines) == 5
    anchor.write_text("".join(lines[:-1]))  # fewer lines than seals: a power cut may take the last ones
    assert check_log(studio).fault == ""
    anchor.write_text(lines[0] + "7 nonsense\n")
    with pytest.raises(StorageError, match="Line 2 of the anchor"):
        check_log(studio)
    anchor.write_text(lines[0].replace(lines[0].split(" ")[1], "f" * 64))
    assert f"Decision {five[0]} (seal 1) is not the one that the anchor tells" in check_log(studio).fault
    anchor.unlink()
    assert "is missing or empty" in check_log(studio).fault


def test_decisions_from_before_the_seals_are_sealed_when_the_studio_migrates(
    studio_on_both: Studio, images: Images, editor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio = studio_on_both
    monkeypatch.setattr("studio.review.decisions.to_be_sealed", lambda *_: None)
    submit(studio, editor, images.make(editor, 4))
    monkeypatch.undo()
    assert "was added without a seal" in check_log(studio).fault
    for _ in range(2):
        migrate(studio.settings)
        found = check_log(studio)
        assert (found.decisions, found.fault) == (8, "")


def test_a_deed_that_fails_leaves_no_seal(studio: Studio, images: Images, editor: Actor) -> None:
    (made,) = images.make(editor)
    with pytest.raises(RuntimeError, match="on the way"), studio.writing() as session:
        append(session, locked(session, made), AssetState.CHECKED, editor, next(KEYS))
        raise RuntimeError("on the way")
    assert str(check_log(studio)) == "0 decisions, unbroken, nothing to anchor yet."


def test_the_key_is_the_owners_alone_and_stands_nowhere_else(studio: Studio, five: list[int], caplog) -> None:
    path = studio.settings.resolved_seal_key
    assert path == studio.settings.home / "seal_key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(studio.settings.resolved_seal_anchor.stat().st_mode) == 0o600
    key = path.read_text()
    assert len(key) == 64
    studio.close()
    others = [file for file in studio.settings.home.rglob("*") if file.is_file() and file != path]
    assert not [file for file in others if key.encode() in file.read_bytes()]
    assert key not in caplog.text


def test_without_the_right_key_nothing_is_decided(
    studio_on_both: Studio, images: Images, editor: Actor, five: list[int], tmp_path: Path
) -> None:
    (made,) = images.make(editor)
    path = studio_on_both.settings.resolved_seal_key
    kept = path.read_text()
    for wrong, told in (
        ("ab" * 32, "is not the one that seals"),
        ("no hex", "cannot be read"),
        (None, "cannot be read"),
    ):
        path.unlink(missing_ok=True)
        if wrong is not None:
            path.write_text(wrong)
        studio = open_studio(studio_on_both.settings)  # as after a new start, or on another machine
        with pytest.raises(StorageError, match=told):
            submit(studio, editor, [made])
        studio.close()
    path.write_text(kept)
    assert check_log(studio_on_both).decisions == 5


def test_the_anchor_may_lie_on_another_disk(studio: Studio, images: Images, editor: Actor, tmp_path: Path) -> None:
    anchor = tmp_path / "another_disk" / "anchor"
    anchor.parent.mkdir()
    other = open_studio(studio.settings.model_copy(update={"seal_anchor": anchor}))
    submit(other, editor, images.make(editor))
    assert len(anchor.read_text().splitlines()) == 1
    assert check_log(other).fault == ""
    assert "is missing or empty" in check_log(studio).fault
    other.close()


def test_an_anchor_that_cannot_be_written_is_told_and_the_decision_stands(
    studio: Studio, images: Images, editor: Actor, caplog: pytest.LogCaptureFixture
) -> None:
    studio.settings.resolved_seal_anchor.mkdir()
    assert len(submit(studio, editor, images.make(editor)).submitted) == 1
    assert "was not anchored" in caplog.text


def test_the_disk_is_asked_at_most_once_a_second(
    studio: Studio, images: Images, editor: Actor, reviewer: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    monkeypatch.setattr(sealing.os, "fsync", lambda file: synced.append(file))
    moments = iter([100.0, 100.4, 100.9, 101.1])
    monkeypatch.setattr(sealing.time, "monotonic", lambda: next(moments))
    anchor = Notary(studio.settings.home / "k", studio.settings.home / "a")
    for position in range(4):
        anchor.tell(sealing.Head(position, "0" * 64))
    assert len(synced) == 2
    assert [line.position for line in anchor.anchors()] == [0, 1, 2, 3]


def test_reviewers_at_once_make_one_chain(
    studio_on_both: Studio, images: Images, editor: Actor, reviewer: Actor, manager: Actor, admin: Actor
) -> None:
    """Three people in two studios, as in two processes; every one of them decides and takes back."""
    settings = studio_on_both.settings.model_copy(update={"database_busy_seconds": 20.0})
    studios = [open_studio(settings), open_studio(settings)]
    made = {actor: images.make(editor, 6, state=AssetState.IN_REVIEW) for actor in (reviewer, manager, admin)}
    faults: list[BaseException] = []

    def work(actor: Actor, studio: Studio) -> None:
        try:
            for asset_id in made[actor]:
                approve(studio, actor, asset_id)
                undo(studio, actor, asset_id, next(KEYS))
        except BaseException as error:
            faults.append(error)

    threads = [threading.Thread(target=work, args=(actor, studios[number % 2])) for number, actor in enumerate(made)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    found = check_log(studio_on_both)
    assert (found.decisions, found.fault) == (36, "")
    with studio_on_both.reading() as session:
        assert session.scalars(sa.select(DecisionSeal.position).order_by(DecisionSeal.position)).all() == [
            *range(1, 37)
        ]
        assert session.scalars(sa.select(SealHead.position)).one() == 36
    for studio in studios:
        studio.close()


@pytest.mark.sqlite(reason="drops SQLite's triggers through the file alone")
def test_the_command_tells_and_its_exit_status_too(
    studio: Studio, five: list[int], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ECOMGAN_HOME", str(studio.settings.home))
    monkeypatch.setenv("ECOMGAN_DATABASE_URL", studio.settings.database_url)
    assert main(["verify-log"]) == 0
    assert capsys.readouterr().out.startswith("5 decisions, unbroken, last anchor ")
    past_the_triggers(studio, f"UPDATE decisions SET comment = 'x' WHERE id = {five[3]}")
    assert main(["verify-log"]) == 1
    assert f"BROKEN. Decision {five[3]} of image" in capsys.readouterr().out
    os.unlink(studio.settings.resolved_seal_key)
    assert main(["verify-log"]) == 1
    assert "cannot be read" in capsys.readouterr().err
