"""A diffusers engine goes the same way as every other: added, ordered, made, scored, reviewed."""

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from db.tables import Activity, AssetState, Brief, Job, JobState, LicenceState, ModelVersion, Product
from ecomgan.metrics import keys_of
from ecomgan.text import Vocabulary
from studio.__main__ import main
from studio.bootstrap import Studio
from studio.engines.additions import EngineWish, add_engine, added_model
from studio.engines.choice import measured_of, offered_engines, told_text
from studio.engines.job import EngineAdder
from studio.engines.live import Engines
from studio.engines.settings import DEFAULT_SUFFIX
from studio.engines.texts import compose
from studio.errors import Forbidden, InputError
from studio.making.briefs import UNCATEGORISED
from studio.making.generation import ImageMaker
from studio.making.orders import OrderRequest, estimate, more_like_this, order_results, place_order, read_request, vary
from studio.models.in_use import champion, find_model, register_starter
from studio.review.deciding import Decide, decide, submit
from studio.review.states import Action
from studio.roles import Actor
from studio.settings import Settings
from studio.work.jobs import cancel_job, job, job_log
from tests.studio import tiny_pipelines
from tests.studio.at_once import AtOnce

CPU = torch.device("cpu")
WORDS = Vocabulary({"article_type": ["Dresses", "Sports Shoes"], "colour": ["Red", "Blue"], "usage": ["Sports"]})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_pipelines.stable_diffusion(tmp_path_factory.mktemp("engines") / "tiny")


@pytest.fixture
def settings(settings: Settings, tiny_model: Path) -> Settings:
    return settings.model_copy(update={"model": tiny_model})


@pytest.fixture
def studio(studio: Studio) -> Studio:
    register_starter(studio)
    return studio


def add(studio: Studio, admin: Actor, wish: EngineWish) -> str:
    job_id = add_engine(studio, admin, wish)
    EngineAdder(studio, "here", CPU).body(AtOnce(), job_id)  # type: ignore[arg-type]
    return job_id


@pytest.fixture
def engine(studio: Studio, admin: Actor, folder: Path) -> int:
    model_id = added_model(studio, admin, add(studio, admin, EngineWish(str(folder), "Tiny SD", steps=2)))
    assert model_id is not None
    return model_id


def work(studio: Studio, job_id: str) -> None:
    ImageMaker(studio, "here", Engines(studio, CPU)).body(AtOnce(), job_id)  # type: ignore[arg-type]


def test_an_engine_is_tried_out_and_registered(studio: Studio, admin: Actor, editor: Actor, folder: Path) -> None:
    job_id = add(studio, admin, EngineWish(str(folder), "Tiny SD", steps=2, guidance_scale=1.5))
    view = job(studio, admin, job_id)
    assert (view.state, view.done, view.error) == (JobState.DONE, 3, None)
    log = "\n".join(line.text for line in job_log(studio, admin, job_id))
    assert "StableDiffusionPipeline of 0.1 million parameters in float32" in log
    assert "It works: CPU, float32, one at a time" in log
    model_id = added_model(studio, admin, job_id)
    assert model_id is not None
    model = find_model(studio, admin, model_id)
    assert (model.name, model.engine, model.source, model.height, model.width) == (
        "Tiny SD",
        "diffusers",
        "added",
        64,
        64,
    )
    assert (model.settings["steps"], model.settings["guidance_scale"]) == (2, 1.5)
    measured = measured_of(studio, model_id)
    assert measured is not None
    assert measured.seconds_per_image > 0
    assert [offer.model.name for offer in offered_engines(studio, editor)] == [champion(studio).name, "Tiny SD"]
    with studio.reading() as session:
        assert session.query(Activity).filter_by(subject_id=str(model_id), verb="registered", user_id=admin.id).count()


def test_adding_the_same_weights_again_changes_their_settings(
    studio: Studio, admin: Actor, engine: int, folder: Path
) -> None:
    again = add(studio, admin, EngineWish(str(folder), "Tiny SD, slower", steps=3))
    assert added_model(studio, admin, again) == engine
    model = find_model(studio, admin, engine)
    assert (model.name, model.settings["steps"]) == ("Tiny SD, slower", 3)


def test_a_folder_that_may_not_be_opened_is_refused_at_the_door(studio: Studio, admin: Actor, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no diffusers folder"):
        add_engine(studio, admin, EngineWish(str(tmp_path), "Empty"))
    with pytest.raises(InputError, match="There is no folder"):
        add_engine(studio, admin, EngineWish(str(tmp_path / "gone"), "Gone"))
    with pytest.raises(InputError, match="whole path"):
        add_engine(studio, admin, EngineWish("some/where/else", "Relative"))
    with studio.reading() as session:
        assert session.query(Job).count() == 0


def test_only_admins_add_engines(studio: Studio, manager: Actor, folder: Path) -> None:
    with pytest.raises(Forbidden):
        add_engine(studio, manager, EngineWish(str(folder), "Tiny SD"))


def test_settings_that_no_engine_takes_are_refused(studio: Studio, admin: Actor, folder: Path) -> None:
    with pytest.raises(InputError, match="Steps are a whole number from 1 to 150, got 0"):
        add_engine(studio, admin, EngineWish(str(folder), "Tiny SD", steps=0))


def test_a_cancelled_addition_adds_nothing(studio: Studio, admin: Actor, folder: Path) -> None:
    job_id = add_engine(studio, admin, EngineWish(str(folder), "Tiny SD"))
    cancel_job(studio, admin, job_id)
    EngineAdder(studio, "here", CPU).body(AtOnce(), job_id)  # type: ignore[arg-type]
    assert job(studio, admin, job_id).state is JobState.CANCELLED
    assert added_model(studio, admin, job_id) is None


def test_a_model_of_the_hub_without_a_network_fails_in_plain_words(
    studio: Studio, admin: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    job_id = add(studio, admin, EngineWish("stabilityai/sd-turbo", "SD-Turbo"))
    view = job(studio, admin, job_id)
    assert view.state is JobState.FAILED
    assert "Give a folder instead" in (view.error or "") or "give a folder" in (view.error or "")


def test_a_text_goes_the_whole_way_to_an_approved_image(
    studio: Studio, editor: Actor, reviewer: Actor, engine: int
) -> None:
    request = OrderRequest(prompt="red dress with lace", number=2, seed=7, model_id=engine, guidance_scale=2.0)
    assert estimate(studio, editor, request).basis == "warm_up"
    job_id = place_order(studio, editor, request)
    work(studio, job_id)
    view = job(studio, editor, job_id)
    assert (view.state, view.done, view.error) == (JobState.DONE, 2, None)
    first, second = order_results(studio, editor, job_id)
    assert (first.model_name, first.category, first.colour, first.seed) == ("Tiny SD", "Dresses", "Red", 7)
    assert first.settings == {
        "steps": 2, "height": 64, "width": 64, "text": f"red dress with lace, {DEFAULT_SUFFIX}",
    }  # fmt: skip
    assert first.guidance_scale == 2.0
    assert set(first.scores) == set(keys_of("birth"))
    picture = Image.open(io.BytesIO(studio.storage.get(first.sha256)))
    assert (picture.height, picture.width) == (first.height, first.width) == (64, 64)
    submit(studio, editor, [first.id])
    waiting = order_results(studio, editor, job_id)[0]
    approval = Decide(first.id, waiting.revision, Action.APPROVE, "a" * 32, seen_sha256=first.sha256)
    decide(studio, reviewer, approval)
    assert order_results(studio, editor, job_id)[0].state is AssetState.APPROVED
    # The same seed makes the same bytes, and more of it comes from the same engine.
    again = place_order(studio, editor, replace(request, number=1, seed=8))
    work(studio, again)
    assert order_results(studio, editor, again)[0].sha256 == second.sha256
    more = vary(studio, editor, second.id, {"colour": "Blue"})
    work(studio, more)
    (other,) = order_results(studio, editor, more)
    assert (other.model_name, other.seed, other.colour) == ("Tiny SD", second.seed, "Blue")
    assert other.settings["text"].startswith("Blue dress with lace")
    assert other.sha256 != second.sha256
    more = more_like_this(studio, editor, first.id, 1)
    work(studio, more)
    assert order_results(studio, editor, more)[0].model_version_id == engine


def test_a_text_that_names_nothing_known_is_uncategorised(studio: Studio, editor: Actor, engine: int) -> None:
    job_id = place_order(studio, editor, OrderRequest(prompt="a teapot", number=1, model_id=engine))
    work(studio, job_id)
    (view,) = order_results(studio, editor, job_id)
    assert (view.category, view.attributes) == (UNCATEGORISED, {})
    assert view.settings["text"] == f"a teapot, {DEFAULT_SUFFIX}"


def test_a_product_of_an_unknown_kind_keeps_its_category(studio: Studio, editor: Actor, engine: int) -> None:
    with studio.writing() as session:
        product = Product(sku="K-1", title="Steel kettle", category="Kitchen > Kettles", colour="Red")
        session.add(product)
        session.flush()
        ids = (product.id,)
    request = OrderRequest(product_ids=ids, number=1, model_id=engine)
    assert estimate(studio, editor, request).unknown == ()
    job_id = place_order(studio, editor, request)
    work(studio, job_id)
    (view,) = order_results(studio, editor, job_id)
    assert (view.category, view.product_sku) == ("Kettles", "K-1")


def test_a_worker_that_has_other_work_first_asks_each_engine_for_its_own(
    studio: Studio, editor: Actor, engine: int
) -> None:
    orders = [
        place_order(studio, editor, OrderRequest(prompt="red dress", number=1, model_id=model_id))
        for model_id in (None, engine, None)
    ]
    maker = ImageMaker(studio, "here", Engines(studio, CPU))
    for job_id in orders:
        maker.body(AtOnce(), job_id)  # type: ignore[arg-type]
    names = [order_results(studio, editor, job_id)[0].model_name for job_id in orders]
    assert names == [champion(studio).name, "Tiny SD", champion(studio).name]


def test_time_is_foretold_by_steps_and_size(studio: Studio, editor: Actor, engine: int) -> None:
    def seconds(**run: int) -> float:
        return estimate(studio, editor, OrderRequest(prompt="red dress", model_id=engine, **run)).seconds or 0

    assert seconds(steps=4) == pytest.approx(2 * seconds())
    assert seconds(height=128, width=128) == pytest.approx(4 * seconds())


@pytest.mark.parametrize(
    ("run", "told"),
    [
        ({"steps": 200}, "1 to 150, got 200"),
        ({"height": 100}, "multiple of 8"),
        ({"guidance_scale": 30.0}, "from 0 to 20"),
        ({"guidance_scale": float("nan")}, "got nan"),
    ],
)
def test_what_an_engine_does_not_take_is_refused(
    studio: Studio, editor: Actor, engine: int, run: dict[str, Any], told: str
) -> None:
    with pytest.raises(InputError, match=told):
        place_order(studio, editor, OrderRequest(prompt="red dress", model_id=engine, **run))
    with studio.reading() as session:
        assert session.query(Brief).count() == 0


def test_our_own_models_have_neither_steps_nor_sizes(studio: Studio, editor: Actor) -> None:
    with pytest.raises(InputError, match="leave steps and size out"):
        place_order(studio, editor, OrderRequest(prompt="red dress", steps=4))


def test_a_refused_licence_takes_an_engine_from_the_choice(studio: Studio, editor: Actor, engine: int) -> None:
    with studio.writing() as session:
        session.get_one(ModelVersion, engine).licence = LicenceState.REFUSED
    assert [offer.model.id for offer in offered_engines(studio, editor)] == [champion(studio).id]


def test_texts_are_read_by_the_words_of_the_model_in_production(studio: Studio, editor: Actor, engine: int) -> None:
    assert read_request(studio, editor, "red dress", engine).attributes == {"article_type": "Dresses", "colour": "Red"}
    request = OrderRequest(prompt="red dress", attributes={"colour": "Blue"}, model_id=engine)
    assert told_text(studio, editor, request) == f"Blue dress, {DEFAULT_SUFFIX}"


@pytest.mark.parametrize(
    ("text", "attributes", "told"),
    [
        ("red dress with lace", {"article_type": "Dresses", "colour": "Red"}, "red dress with lace, on white"),
        ("red dress with lace", {"article_type": "Dresses", "colour": "Blue"}, "Blue dress with lace, on white"),
        ("red dress", {"article_type": "Dresses"}, "dress, on white"),
        ("Aero 5", {"article_type": "Sports Shoes", "colour": "Red"}, "Red Aero 5, Sports Shoes, on white"),
        ("红色连衣裙", {"article_type": "Dresses", "colour": "Red"}, "Red Dresses, on white"),
        ("a teapot", {}, "a teapot, on white"),
    ],
)  # fmt: skip
def test_an_engine_is_told_the_text_with_what_was_corrected(text: str, attributes: dict[str, str], told: str) -> None:
    assert compose(text, attributes, WORDS, "on white") == told


def test_an_engine_can_be_added_from_the_command_line(
    settings: Settings,
    tmp_path: Path,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("ECOMGAN_HOME", str(tmp_path / "home"))
    assert main(["add-engine", str(folder), "--name", "Tiny SD", "--steps", "2"]) == 0
    assert "Registered as Tiny SD." in capsys.readouterr().out
    assert main(["add-engine", str(tmp_path), "--name", "Nothing"]) == 1
    assert "no diffusers folder" in capsys.readouterr().err
