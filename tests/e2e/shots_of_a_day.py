"""The pictures of `make shots` that need a shop's export: catalogue, fine-tuning and models on a working day."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.e2e.camera import Camera
from tests.e2e.working_day import (
    LUMA,
    bring_in_photos,
    import_catalogue,
    map_categories,
    open_the_challenger,
    promote,
    start_training,
    start_vote,
    vote_on_every_pair,
    wait_for_samples,
    wait_while_it_moves,
)


def begin_day(anna: Camera) -> None:
    """Bring in the export, its photos and words, and start a training, with the pictures on the way."""
    anna.take("import-columns", "catalogue?view=import", _choose_export)
    url = anna.studio.url
    with anna.page("light") as page:
        import_catalogue(page, url)
        done = page.url.removeprefix(f"{url}/")
        anna.take("photos-add", "catalogue?view=photos", _open_upload)
        bring_in_photos(page)
        anna.take("photos-came-in", "catalogue?view=photos&show=last", _wait_for_table)
        anna.take("words-suggested", "catalogue?view=words", _wait_for_table)
        map_categories(page)
        anna.take("import-done", done, _wait_for_table)
        anna.take("imports", "catalogue?view=import", lambda page: page.get_by_text("Earlier imports").wait_for())
        anna.take("photos", "catalogue?view=photos", _wait_for_table)
        anna.take("photos-missing", "catalogue?view=photos&show=absent", _wait_for_table)
        anna.take("words", "catalogue?view=words", _wait_for_table)
        anna.take("fine-tune", "fine_tune", lambda page: page.get_by_role("button", name="Teach it").wait_for())
        start_training(page, url)
        wait_for_samples(page)
    anna.take("fine-tune-live", "fine_tune?training=1", wait_for_samples)


def end_day(anna: Camera, chinese: Camera) -> None:
    """Wait for the training; look at what it made, vote on it, put it into production."""

    def judged(page: Page) -> None:
        wait_while_it_moves(page, page.get_by_role("link", name="Open Models"))

    with anna.page("light") as page:
        page.goto(f"{anna.studio.url}/fine_tune?training=1")
        judged(page)
        anna.take("fine-tune-done", "fine_tune?training=1", judged)
        anna.take("fine-tune-nearest", "fine_tune?training=1", _show_nearest_photos)
        chinese.take("fine-tune-zh", "fine_tune?training=1", lambda page: page.locator("img[alt]").first.wait_for())
        _, taught = open_the_challenger(page)
        anna.take("models", "models", _wait_for_candidate)
        start_vote(page)
        anna.take("vote", "models?vote=1", lambda page: page.locator(".ballot img").first.wait_for())
        vote_on_every_pair(page)
        anna.take("vote-over", "models?vote=1", lambda page: page.get_by_text("Thank you").wait_for())
        anna.take("models-voted", "models", _wait_for_candidate)
        promote(page, taught)
        anna.take("models-promoted", "models", lambda page: page.get_by_role("button", name="Roll back to").wait_for())
        chinese.take("models-zh", "models", lambda page: page.locator(".st-key-production").wait_for())


def _choose_export(page: Page) -> None:
    page.locator("input[type=file]").set_input_files(LUMA / "products.csv")
    page.get_by_text("Recognised: Magento").wait_for()


def _open_upload(page: Page) -> None:
    page.get_by_role("button", name="Add photos").click()
    page.get_by_role("dialog").get_by_role("button", name="Bring in").wait_for()


def _wait_for_table(page: Page) -> None:
    page.get_by_test_id("stDataFrame").first.wait_for()


def _show_nearest_photos(page: Page) -> None:
    page.get_by_test_id("stMain").get_by_text("Nearest photos").click()
    page.get_by_text("Twins would be copies").wait_for()


def _wait_for_candidate(page: Page) -> None:
    page.locator(".st-key-candidate h3").wait_for()
