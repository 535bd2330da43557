"""Generate with a further engine: its settings are shown, its texts need no known kind; the dialog that adds one."""

from db.tables import ModelVersion
from studio.bootstrap import Studio
from studio.engines.settings import EngineSettings
from studio.roles import Actor
from studio.work.jobs import list_jobs
from tests.ui.conftest import Visit, press, told


def add_engine(studio: Studio) -> int:
    settings = EngineSettings("StableDiffusionPipeline", 4, 1.5, 512, 512, parameters=865_000_000)
    with studio.writing() as session:
        row = ModelVersion(
            name="SD-Turbo",
            digest="5" * 64,
            folder="/srv/sd-turbo",
            engine="diffusers",
            height=512,
            width=512,
            settings=settings.as_json(),
            source="added",
        )
        session.add(row)
        session.flush()
        return row.id


def test_with_one_engine_there_is_nothing_to_choose(visit: Visit, editor: Actor, with_model: Studio) -> None:
    page = visit("generate", editor)
    assert "Engine" not in [box.label for box in page.selectbox]


def test_an_engine_is_chosen_with_its_steps_guidance_and_size(visit: Visit, editor: Actor, with_model: Studio) -> None:
    model_id = add_engine(with_model)
    page = visit("generate", editor)
    page = page.selectbox(key="engine").set_value(model_id).run()
    page = page.text_input(key="prompt").set_value("red teapot").run()
    assert not page.exception
    assert "The engine is told: red teapot, product photo on a plain white background" in told(page)
    assert "865 million parameters · no worker has run it yet" in told(page)
    assert not page.slider
    page = page.number_input(key=f"steps-{model_id}").set_value(2).run()
    page = page.selectbox(key=f"size-{model_id}").set_value((512, 384)).run()
    page = press(page, "Generate 8 images")
    assert not page.exception
    (job,) = list_jobs(with_model, editor)
    assert (job.title, job.total) == ("red teapot", 8)


def test_only_admins_are_offered_to_add_an_engine(
    visit: Visit, admin: Actor, manager: Actor, with_model: Studio
) -> None:
    page = visit("models", admin)
    assert "Add an engine" in [button.label for button in page.button]
    page = page.button(key="add-engine").click().run()
    assert page.text_input(key="engine-source").label.startswith("Folder on the machine")
    assert "Add an engine" not in [button.label for button in visit("models", manager).button]
