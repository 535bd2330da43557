"""A registered model is a copy that never changes and never goes away."""

import json
import shutil
from pathlib import Path

import pytest
import sqlalchemy as sa
import torch

from db.tables import Activity, LicenceState, ModelVersion
from studio.bootstrap import Studio
from studio.engines.live import Engines, Recipe, Wanted
from studio.errors import EngineError, Forbidden, InputError, NotFound, StorageError
from studio.models.aliases import CHALLENGER, history, holder
from studio.models.in_use import champion, find_model, list_models, local_folder, register_folder, vocabulary
from studio.models.views import ModelView
from studio.roles import Actor
from tests.studio.model_folders import WEIGHTS, taught_copy, teach_more


@pytest.fixture
def folder(tiny_model: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_model, tmp_path / "starter"))


def register(studio: Studio, folder: Path, name: str = "autumn", **more: object) -> ModelView:
    return register_folder(studio, None, folder, name=name, source="fine_tuned", **more)  # type: ignore[arg-type]


def images_of(studio: Studio, model: ModelView) -> bytes:
    """What a worker that starts now makes."""
    engine = Engines(studio, torch.device("cpu")).get(model)
    wanted = [Wanted({"article_type": "Dresses", "colour": "Red"}, seed) for seed in range(3)]
    return engine.make(wanted, Recipe(truncation=0.8)).tobytes()


def test_an_older_model_makes_the_same_bytes_after_its_folder_was_replaced(studio: Studio, folder: Path) -> None:
    old = register(studio, folder)
    before = images_of(studio, old)
    teach_more(folder)
    new = register(studio, folder)
    assert images_of(studio, new) != before
    assert images_of(studio, old) == before
    shutil.rmtree(folder)
    shutil.rmtree(studio.settings.home / "models")  # another machine
    assert images_of(studio, find_first(studio, old.id)) == before


def find_first(studio: Studio, model_id: int) -> ModelView:
    with studio.reading() as session:
        assert session.get_one(ModelVersion, model_id).manifest
    return next(view for view in list_models(studio, Actor(1, "Vera", "viewer")) if view.id == model_id)  # type: ignore[arg-type]


def test_the_local_copy_holds_just_what_was_registered(studio: Studio, folder: Path) -> None:
    (folder / "README.md").write_text("# autumn")
    (folder / "old.bin").write_bytes(b"a pickle, perhaps")
    (folder / ".cache").mkdir()
    (folder / ".cache" / "x.json").write_text("{}")
    local = local_folder(studio, register(studio, folder))
    names = {path.relative_to(local).as_posix() for path in local.rglob("*") if path.is_file()}
    assert names == {"README.md", "checksums.json", "generator/config.json", WEIGHTS, "model_index.json"}
    for name in names:
        assert (local / name).read_bytes() == (folder / name).read_bytes()


def test_a_damaged_local_copy_is_mended(studio: Studio, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = register(studio, folder)
    local = local_folder(studio, model)
    (local / "model_index.json").unlink()
    assert local_folder(studio, model) == local
    assert (local / "model_index.json").exists()
    (local / WEIGHTS).write_bytes(b"damaged")
    monkeypatch.setattr("studio.models.registry._checked", set())  # a process that starts now
    local_folder(studio, model)
    assert (local / WEIGHTS).read_bytes() == (folder / WEIGHTS).read_bytes()


def test_a_storage_that_lost_a_file_says_which(studio: Studio, folder: Path) -> None:
    model = register(studio, folder)
    with studio.reading() as session:
        sha256 = session.get_one(ModelVersion, model.id).manifest[WEIGHTS]
    (studio.settings.home / "assets" / sha256[:2] / sha256[2:4] / sha256).unlink()
    with pytest.raises(StorageError, match=f"{WEIGHTS} of the model autumn cannot be fetched"):
        local_folder(studio, model)


def test_the_first_is_champion_the_next_challenger_and_the_same_folder_the_same_version(
    studio_on_both: Studio, folder: Path, tmp_path: Path, viewer: Actor
) -> None:
    studio = studio_on_both
    first = register(studio, folder, "first")
    second = register(studio, taught_copy(folder, tmp_path / "second"), "second", parent_id=first.id)
    assert register(studio, folder, "first again") == first
    assert champion(studio) == first
    assert [line.model for line in history(studio, viewer)] == ["first"]
    assert [line.model for line in history(studio, viewer, CHALLENGER)] == ["second"]
    assert find_model(studio, viewer, second.id).parent_id == first.id
    assert vocabulary(second) == vocabulary(first)
    with studio.reading() as session:
        texts = session.scalars(sa.select(Activity.text).order_by(Activity.id)).all()
    assert texts == [
        "Registered the model first.",
        "Put first into production: the first model.",
        "Registered the model second.",
    ]


def test_card_words_and_sizes_are_kept(studio: Studio, folder: Path) -> None:
    (folder / "README.md").write_text("# autumn\n\nMade of leaves.")
    (folder / "training.json").write_text(json.dumps({"images_seen": 12_000}))
    sums = json.loads((folder / "checksums.json").read_text())
    model = register(studio, folder, licence=LicenceState.GRANTED)
    assert sums
    assert (model.height, model.width, model.images_seen, model.licence) == (80, 64, 12_000, LicenceState.GRANTED)
    assert "Dresses" in model.words["article_type"]
    with studio.reading() as session:
        assert session.get_one(ModelVersion, model.id).card.endswith("Made of leaves.")


def test_an_engine_of_another_kind_brings_its_size_and_is_chosen_by_hand(
    studio: Studio, folder: Path, tmp_path: Path, admin: Actor
) -> None:
    first = register(studio, folder)
    other = tmp_path / "engine"
    (other / "unet").mkdir(parents=True)
    (other / "unet" / "diffusion_pytorch_model.safetensors").write_bytes(b"weights")
    (other / "model_index.json").write_text("{}")
    call = {"name": "turbo", "source": "added", "engine": "diffusers"}
    with pytest.raises(InputError, match="size of its images"):
        register_folder(studio, admin, other, **call)  # type: ignore[arg-type]
    sizes = {"height": 512, "width": 384, "steps": 1}
    model = register_folder(studio, admin, other, settings=sizes, **call)  # type: ignore[arg-type]
    assert (model.height, model.width, model.settings["steps"], model.words) == (512, 384, 1, {})
    assert champion(studio) == first
    with studio.reading() as session:
        assert holder(session, CHALLENGER) is None
    with pytest.raises(EngineError, match="free texts"):
        vocabulary(model)


@pytest.mark.parametrize("damage", ["weights", "link", "no weights", "missing"])
def test_what_is_no_whole_checkpoint_is_refused_and_nothing_is_registered(
    studio: Studio, folder: Path, tmp_path: Path, viewer: Actor, damage: str
) -> None:
    if damage == "weights":
        (folder / WEIGHTS).write_bytes(b"cut short")
    elif damage == "link":
        (tmp_path / "secret.json").write_text("{}")
        (folder / "more.json").symlink_to(tmp_path / "secret.json")
    elif damage == "no weights":
        (folder / WEIGHTS).unlink()
    else:
        shutil.rmtree(folder)
    with pytest.raises(EngineError, match=str(folder)):
        register(studio, folder)
    assert list_models(studio, viewer) == []


def test_only_an_admin_registers_by_hand_and_the_parent_must_be_there(
    studio: Studio, folder: Path, manager: Actor
) -> None:
    with pytest.raises(Forbidden):
        register_folder(studio, manager, folder, name="mine", source="added")
    with pytest.raises(NotFound, match="99"):
        register(studio, folder, parent_id=99)
