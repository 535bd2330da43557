"""Which model is in production, and where its folder is."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from db.tables import Evaluation, ModelVersion
from studio.bootstrap import Studio
from studio.errors import EngineError, NotReady
from studio.models.aliases import CHALLENGER, holder
from studio.models.in_use import (
    champion,
    list_models,
    local_folder,
    record_speed,
    recorded_speed,
    register_starter,
    vocabulary,
)
from studio.roles import Actor
from studio.settings import Settings
from tests.studio.model_folders import teach_more


@pytest.fixture
def folder(tiny_model: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_model, tmp_path / "starter"))


@pytest.fixture
def settings(settings: Settings, folder: Path) -> Settings:
    return settings.model_copy(update={"model": folder})


def with_model(studio: Studio, folder: Path) -> Studio:
    return replace(studio, settings=studio.settings.model_copy(update={"model": folder}))


def test_without_a_model_the_message_says_where_it_should_be(studio: Studio, folder: Path) -> None:
    with pytest.raises(NotReady, match=str(folder)):
        champion(studio)


def test_the_starter_goes_into_production(studio: Studio, folder: Path, viewer: Actor) -> None:
    model = register_starter(studio)
    assert champion(studio) == model
    assert list_models(studio, viewer) == [model]
    assert (model.height, model.width, model.folder) == (80, 64, str(folder))
    assert model.name.startswith("starter-")
    assert "Tshirts" in vocabulary(model)["article_type"]


def test_registering_twice_is_the_same_as_once(studio: Studio, viewer: Actor) -> None:
    assert register_starter(studio) == register_starter(studio)
    assert len(list_models(studio, viewer)) == 1


def test_a_model_knows_how_much_it_was_taught(studio: Studio, folder: Path) -> None:
    (folder / "training.json").write_text(json.dumps({"images_seen": 160_000}))
    assert register_starter(studio).images_seen == 160_000


def test_a_card_does_not_make_it_another_model(studio: Studio, folder: Path) -> None:
    before = register_starter(studio).digest
    sums = json.loads((folder / "checksums.json").read_text())
    (folder / "checksums.json").write_text(json.dumps({**sums, "evaluation.json": "1" * 64}))
    assert register_starter(studio).digest == before


@pytest.mark.parametrize("place", ["the same folder", "another folder"])
def test_a_newer_starter_is_the_challenger_of_what_is_in_production(
    studio: Studio, folder: Path, tmp_path: Path, viewer: Actor, place: str
) -> None:
    old = register_starter(studio)
    if place == "another folder":
        folder = Path(shutil.copytree(folder, tmp_path / "other"))
    teach_more(folder)
    new = register_starter(with_model(studio, folder))
    assert register_starter(with_model(studio, folder)) == new
    assert champion(studio) == old
    assert list_models(studio, viewer) == [new, old]
    with studio.reading() as session:
        assert holder(session, CHALLENGER) == new.id


def test_a_starter_takes_over_from_one_of_which_no_copy_was_kept(studio: Studio, folder: Path) -> None:
    old = register_starter(studio)
    with studio.writing() as session:  # as the first release registered it
        session.execute(sa.update(ModelVersion).values(manifest={}, vocabulary={}))
    teach_more(folder)
    new = register_starter(studio)
    assert champion(studio).id == new.id != old.id
    with pytest.raises(EngineError, match="holds another version now"):
        local_folder(studio, replace(old, words={}, copied=False))


def test_a_version_of_the_first_release_gets_its_copy(studio: Studio, folder: Path) -> None:
    model = register_starter(studio)
    with studio.writing() as session:
        session.execute(sa.update(ModelVersion).values(manifest={}, vocabulary={}))
    assert local_folder(studio, model) == folder
    assert vocabulary(champion(studio)) == vocabulary(model)
    assert register_starter(studio) == model
    assert local_folder(studio, model) != folder


def test_an_installation_may_move(studio: Studio, folder: Path, tmp_path: Path) -> None:
    old = register_starter(studio)
    moved = Path(shutil.move(folder, tmp_path / "moved"))
    after = register_starter(with_model(studio, moved))
    assert (after.id, after.folder) == (old.id, str(moved))


@pytest.mark.parametrize("damage", ["missing", "empty", "no generator"])
def test_a_folder_that_is_no_checkpoint_is_refused_by_name(studio: Studio, folder: Path, damage: str) -> None:
    if damage == "missing":
        shutil.rmtree(folder)
    elif damage == "empty":
        (folder / "checksums.json").write_text("")
    else:
        (folder / "generator" / "config.json").write_text("{}")
    with pytest.raises(EngineError, match=str(folder)):
        register_starter(studio)
    with pytest.raises(NotReady):
        champion(studio)


def test_the_speed_that_a_worker_measured_is_kept(studio: Studio) -> None:
    model = register_starter(studio)
    with studio.reading() as session:
        assert recorded_speed(session, model.id) is None
    record_speed(studio, model.id, 0.02)
    record_speed(studio, model.id, 0.01)
    with studio.reading() as session:
        assert recorded_speed(session, model.id) == 0.01


def test_figures_beside_the_weights_are_taken_over(studio: Studio, folder: Path) -> None:
    figures = {
        "format": 1,
        "data": {"name": "fashion-small"},
        "accuracy": {"colour": 0.8},
        "categories": [{"article_type": "Tshirts", "photos": 300}, {"article_type": "Watches", "photos": 120}],
    }
    (folder / "evaluation.json").write_text(json.dumps(figures))
    model = register_starter(studio)
    (folder / "evaluation.json").write_text(json.dumps({**figures, "accuracy": {"colour": 0.9}}))
    register_starter(studio)  # judged anew
    with studio.reading() as session:
        rows = session.scalars(sa.select(Evaluation).order_by(Evaluation.category)).all()
        assert [(row.model_version_id, row.data, row.category) for row in rows] == [
            (model.id, "fashion-small", ""),
            (model.id, "fashion-small", "Tshirts"),
            (model.id, "fashion-small", "Watches"),
        ]
        assert rows[0].figures["accuracy"] == {"colour": 0.9}
        assert rows[2].figures["photos"] == 120


def test_figures_of_a_later_format_are_left_alone(studio: Studio, folder: Path) -> None:
    (folder / "evaluation.json").write_text(json.dumps({"format": 99}))
    register_starter(studio)
    with studio.reading() as session:
        assert session.scalars(sa.select(Evaluation)).all() == []
