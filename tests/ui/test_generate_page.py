"""Generate: what was understood, what it takes, and the order."""

from db.tables import JobState
from studio.bootstrap import Studio
from studio.roles import Actor
from studio.work.jobs import cancel_job, list_jobs
from tests.studio.conftest import Images
from tests.ui.conftest import Visit, gallery_of, press, told


def chips(page) -> dict[str, str]:  # type: ignore[no-untyped-def]
    return {box.label: box.value for box in page.selectbox if box.label in ("Category", "Colour", "Usage")}


def write(page, text: str):  # type: ignore[no-untyped-def]
    return page.text_input(key="prompt").set_value(text).run()


def test_a_text_is_shown_as_it_was_understood(visit: Visit, editor: Actor, with_model: Studio) -> None:
    page = write(visit("generate", editor), "mens red running shoes size 9")
    assert chips(page) == {"Category": "Sports Shoes", "Colour": "Red", "Usage": "Sports"}
    assert "Not understood: mens, size 9" in told(page)
    assert "Generate 8 images" in [button.label for button in page.button]


def test_a_correction_holds_until_the_text_says_something_else(visit: Visit, editor: Actor, with_model: Studio) -> None:
    page = write(visit("generate", editor), "red dress")
    (colour,) = [box for box in page.selectbox if box.label == "Colour"]
    page = colour.set_value("Blue").run()
    page = press(page, "Generate 8 images")
    assert chips(page)["Colour"] == "Blue"
    page = write(page, "green dress")
    assert chips(page)["Colour"] == "Green"


def test_a_text_that_names_nothing_known_is_asked_back(visit: Visit, editor: Actor, with_model: Studio) -> None:
    page = write(visit("generate", editor), "something lovely")
    assert "Which kind of product?" in told(page)
    assert page.button(key="generate").disabled


def test_a_text_never_offers_the_purpose_listing(visit: Visit, editor: Actor, with_model: Studio) -> None:
    page = visit("generate", editor)
    (purpose,) = [box for box in page.selectbox if box.label == "Purpose"]
    assert purpose.options == ["Concept", "Placeholder", "Ad"]


def test_an_order_shows_its_progress_with_a_number_and_can_be_cancelled(
    visit: Visit, editor: Actor, with_model: Studio
) -> None:
    page = press(write(visit("generate", editor), "red dress"), "Generate 8 images")
    (job,) = list_jobs(with_model, editor)
    assert (job.title, job.total, job.state) == ("red dress", 8, JobState.QUEUED)
    (bar,) = page.progress
    assert "0 of 8" in bar.text
    page = press(page, "Cancel")
    assert list_jobs(with_model, editor)[0].state is JobState.CANCELLED
    assert "Make the rest" in [button.label for button in page.button]


def test_picked_products_are_named_and_counted(visit: Visit, editor: Actor, with_model: Studio, images: Images) -> None:
    first, second = images.product("A-1", "Red shirt"), images.product("A-2", "Blue *shirt*", colour="Blue")
    page = visit("generate", editor, products=f"{first},{second}")
    assert "2 products picked" in told(page)
    assert "Generate 16 images" in [button.label for button in page.button]


def test_products_that_the_model_cannot_make_are_told_before_the_start(
    visit: Visit, editor: Actor, with_model: Studio, images: Images
) -> None:
    known = images.product("A-1", "Red shirt")
    spoon = images.product("B-1", "Spoon", category="Kitchen > Spoons", colour=None)
    page = visit("generate", editor, products=f"{known},{spoon}")
    assert "1 product is left out" in told(page)
    page = press(page, "Generate 8 images")
    assert list_jobs(with_model, editor)[0].total == 8


def test_a_product_that_is_gone_is_a_calm_message(visit: Visit, editor: Actor, with_model: Studio) -> None:
    page = visit("generate", editor, products="4711")
    assert not page.exception
    assert "4711" in page.error[0].value


def test_without_a_model_the_page_says_what_is_missing(visit: Visit, editor: Actor) -> None:
    page = write(visit("generate", editor), "red dress")
    assert not page.exception
    assert "No model is in production" in told(page).replace("\\", "")


def test_finished_images_can_be_picked_best_first(visit: Visit, editor: Actor, images: Images, studio: Studio) -> None:
    poor = images.make(editor, 1, scores={"sharpness": 0.4, "colour_difference": 40.0})
    page = visit("generate", editor, job=list_jobs(studio, editor)[0].id)
    shown = gallery_of(page)
    assert [item["id"] for item in shown["items"]] == poor
    assert shown["mode"] == "pick"
    assert [badge["tone"] for badge in shown["items"][0]["badges"]] == ["warn", "warn"]


def test_an_unknown_order_is_a_calm_message(visit: Visit, editor: Actor) -> None:
    page = visit("generate", editor, job="no-such-job")
    assert not page.exception
    assert "no-such-job" in page.error[0].value.replace("\\", "")


def test_a_cancelled_order_is_told_as_cancelled(visit: Visit, editor: Actor, with_model: Studio) -> None:
    press(write(visit("generate", editor), "red dress"), "Generate 8 images")
    (job,) = list_jobs(with_model, editor)
    cancel_job(with_model, editor, job.id)
    page = visit("generate", editor, job=job.id)
    assert not page.progress
