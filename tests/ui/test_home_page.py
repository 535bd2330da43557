"""Home: from an empty studio to the first order, and what waits for whom."""

from db.tables import AssetState
from studio.bootstrap import Studio
from studio.catalogue.products import find_products
from studio.roles import Actor
from studio.work.jobs import list_jobs
from tests.studio.conftest import Images
from tests.ui.conftest import Visit, gallery_of, press, told


def test_a_new_studio_offers_the_sample_catalogue_and_the_import(visit: Visit, admin: Actor) -> None:
    page = visit("home", admin)
    labels = [button.label for button in page.button]
    assert "Load the sample catalogue" in labels
    assert "Import yours" in labels


def test_a_viewer_is_not_offered_what_they_may_not_do(visit: Visit, viewer: Actor) -> None:
    page = visit("home", viewer)
    assert "Load the sample catalogue" not in [button.label for button in page.button]
    assert "The catalogue is empty" in told(page)


def test_two_clicks_lead_from_the_empty_page_to_the_first_order(visit: Visit, admin: Actor, with_model: Studio) -> None:
    page = press(visit("home", admin), "Load the sample catalogue")
    assert find_products(with_model, admin).total == 61
    page = press(page, "Generate images of")
    assert [title.value for title in page.title] == ["Generate"]
    (job,) = list_jobs(with_model, admin)
    assert page.query_params["job"] == job.id
    assert job.total == 8


def test_the_tiles_count_what_waits_and_lead_to_it(visit: Visit, editor: Actor, images: Images) -> None:
    images.make(editor, 3, state=AssetState.IN_REVIEW)
    images.make(editor, 2, state=AssetState.CHANGES_REQUESTED)
    images.product()
    page = visit("home", editor)
    assert "## 3" in told(page)
    assert "## 2" in told(page)
    links = {link.label: link.proto.query_string for link in page.page_link if link.label}
    assert "state=in_review" in links["wait for review"]
    assert "mine=1" in links["of my images need changes"]
    assert len(gallery_of(page)["items"]) == 5


def test_without_a_worker_the_page_says_that_orders_wait(visit: Visit, editor: Actor) -> None:
    assert "No worker: orders wait" in told(visit("home", editor))
