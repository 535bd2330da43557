"""What may be ordered, what it becomes, and how long it is said to take."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from db.tables import Brief, Job, JobState, Photo, Product, Purpose, utc_now
from studio.bootstrap import Studio
from studio.errors import Forbidden, InputError, NotFound, NotReady, NotSignedIn
from studio.making.orders import OrderRequest, estimate, order_results, place_order, read_request
from studio.models.in_use import record_speed, register_starter
from studio.roles import Actor
from studio.settings import Settings
from studio.work.jobs import JobView, job
from tests.studio.workflow_rows import workflow_state, workflow_table


@pytest.fixture
def settings(settings: Settings, tiny_model: Path) -> Settings:
    return settings.model_copy(update={"model": tiny_model})


@pytest.fixture
def studio(studio: Studio) -> Studio:
    """A studio with a model in production and no worker."""
    register_starter(studio)
    return studio


def add_products(studio: Studio, *categories: str, photo: bool = False) -> tuple[int, ...]:
    with studio.writing() as session:
        start = session.scalar(sa.select(sa.func.count()).select_from(Product)) or 0
        rows = [
            Product(sku=f"SKU-{start + i}", title=f"Product {start + i}", category=category, colour="Red")
            for i, category in enumerate(categories)
        ]
        session.add_all(rows)
        session.flush()
        if photo:
            session.add_all(Photo(product_id=row.id, sha256="0" * 64, height=80, width=64) for row in rows)
        return tuple(row.id for row in rows)


def briefs(studio: Studio, job_id: str) -> list[Brief]:
    with studio.reading() as session:
        return list(session.scalars(sa.select(Brief).where(Brief.job_id == job_id).order_by(Brief.id)))


def nothing_was_written(studio: Studio) -> bool:
    with studio.reading() as session:
        tables = ("jobs", "briefs", "job_events", workflow_table(session))
        return all(session.scalar(sa.text(f"SELECT count(*) FROM {table}")) == 0 for table in tables)


def test_a_text_is_read_before_it_is_ordered(studio: Studio, editor: Actor) -> None:
    reading = read_request(studio, editor, "mens black formal shirt size 42")
    assert reading.attributes == {"article_type": "Shirts", "colour": "Black", "usage": "Formal"}
    assert "mens" in reading.unknown


def test_a_text_becomes_one_brief_and_a_job_that_waits(studio_on_both: Studio, editor: Actor) -> None:
    job_id = place_order(studio_on_both, editor, OrderRequest(prompt=" red dress ", number=3, seed=7))
    (brief,) = briefs(studio_on_both, job_id)
    assert (brief.prompt, brief.attributes) == ("red dress", {"article_type": "Dresses", "colour": "Red"})
    assert (brief.number, brief.seed, brief.created_by_id) == (3, 7, editor.id)
    view = job(studio_on_both, editor, job_id)
    assert (view.state, view.total, view.done, view.title) == (JobState.QUEUED, 3, 0, "red dress")
    with studio_on_both.reading() as session:
        assert workflow_state(session, job_id) == ("ENQUEUED", "orders")


def test_a_seed_is_drawn_where_none_is_given(studio: Studio, editor: Actor) -> None:
    orders = [place_order(studio, editor, OrderRequest(prompt="red dress")) for _ in range(2)]
    seeds = {brief.seed for order in orders for brief in briefs(studio, order)}
    assert len(seeds) == 2


def test_each_product_becomes_a_brief(studio: Studio, editor: Actor) -> None:
    ids = add_products(studio, "Apparel > Tshirts", "Footwear > Sports Shoes")
    job_id = place_order(studio, editor, OrderRequest(product_ids=(*ids, ids[0]), attributes={"colour": "Blue"}))
    made = briefs(studio, job_id)
    assert [brief.product_id for brief in made] == list(ids)  # a product that is named twice is made once
    assert [brief.attributes["article_type"] for brief in made] == ["Tshirts", "Sports Shoes"]
    assert {brief.attributes["colour"] for brief in made} == {"Blue"}
    assert job(studio, editor, job_id).title == "2 products × 4"


def test_products_that_the_model_does_not_know_are_told_before(studio: Studio, editor: Actor) -> None:
    ids = add_products(studio, "Apparel > Tshirts", "Kitchen > Kettles")
    request = OrderRequest(product_ids=ids, number=2)
    known = estimate(studio, editor, request)
    assert (known.images, [product.sku for product in known.unknown]) == (2, ["SKU-1"])
    with pytest.raises(InputError, match=r"SKU-1 \(Kitchen > Kettles\)"):
        place_order(studio, editor, request)
    assert nothing_was_written(studio)
    assert len(briefs(studio, place_order(studio, editor, request, skip_unknown=True))) == 1


def test_an_order_of_unknown_products_alone_is_refused(studio: Studio, editor: Actor) -> None:
    ids = add_products(studio, "Kitchen > Kettles")
    with pytest.raises(InputError, match="SKU-0"):
        place_order(studio, editor, OrderRequest(product_ids=ids), skip_unknown=True)


@pytest.mark.parametrize(
    ("request_", "told"),
    [
        (OrderRequest(), "choose products, or write"),
        (OrderRequest(prompt="   "), "choose products, or write"),
        (OrderRequest(prompt="red dress", product_ids=(1,)), "choose products, or write"),
        (OrderRequest(prompt="x" * 10_000), "10,000 characters"),
        (OrderRequest(prompt="🎉🎉"), "Did you mean"),
        (OrderRequest(prompt="red dress", number=0), "1 to 64"),
        (OrderRequest(prompt="red dress", number=65), "got 65"),
        (OrderRequest(prompt="red dress", seed=-1), "got -1"),
        (OrderRequest(prompt="red dress", seed=2**31), "from 0 to"),
        (OrderRequest(prompt="red dress", truncation=0.1), r"from 0\.3 to 1"),
        (OrderRequest(prompt="red dress", truncation=float("nan")), "got nan"),
        (OrderRequest(prompt="red dress", guidance_scale=9.0), "from 1 to 3"),
        (OrderRequest(prompt="red dress", attributes={"colour": "Rde"}), "nearest it knows: Red"),
        (OrderRequest(prompt="red dress", attributes={"cut": "A-line"}), "no attribute 'cut'"),
        (OrderRequest(prompt="red dress", purpose=Purpose.LISTING), "needs a real photo"),
        (OrderRequest(prompt="red dress", finishing=({"step": "gold_plate"},)), "unknown step 'gold_plate'"),
        (OrderRequest(prompt="red dress", finishing=({"step": "resize", "factor": 3},)), "factor must be 2 or 4"),
        (OrderRequest(product_ids=tuple(range(1, 1300)), number=4), "at most 5,000 images.*5,196"),
    ],
)
def test_what_cannot_be_made_is_refused_and_nothing_is_written(
    studio: Studio, editor: Actor, request_: OrderRequest, told: str
) -> None:
    for attempt in (place_order, estimate):
        with pytest.raises(InputError, match=told):
            attempt(studio, editor, request_)
    assert nothing_was_written(studio)


def test_products_that_are_gone_are_named(studio: Studio, editor: Actor) -> None:
    with pytest.raises(NotFound, match="4711"):
        place_order(studio, editor, OrderRequest(product_ids=(4711,)))


def test_a_listing_image_needs_a_photo_of_its_product(studio: Studio, editor: Actor) -> None:
    without = add_products(studio, "Tshirts")
    with pytest.raises(InputError, match=r"real photo.*SKU-0"):
        place_order(studio, editor, OrderRequest(product_ids=without, purpose=Purpose.LISTING))
    with_photo = add_products(studio, "Tshirts", photo=True)
    place_order(studio, editor, OrderRequest(product_ids=with_photo, purpose=Purpose.LISTING))


def test_thousands_of_products_are_ordered_at_once(studio: Studio, editor: Actor) -> None:
    ids = add_products(studio, *["Tshirts"] * 1250)
    job_id = place_order(studio, editor, OrderRequest(product_ids=ids, number=4))
    assert job(studio, editor, job_id).total == 5000


def test_only_editors_order(studio: Studio, viewer: Actor) -> None:
    for attempt in (place_order, estimate):
        with pytest.raises(Forbidden, match="editor"):
            attempt(studio, viewer, OrderRequest(prompt="red dress"))
        with pytest.raises(NotSignedIn):
            attempt(studio, None, OrderRequest(prompt="red dress"))  # type: ignore[arg-type]
    with pytest.raises(Forbidden):
        read_request(studio, viewer, "red dress")


def finish(studio: Studio, job_id: str, seconds: float) -> None:
    with studio.writing() as session:
        row = session.get_one(Job, job_id)
        row.state, row.done, row.compute_seconds, row.finished_at = JobState.DONE, row.total, seconds, utc_now()


def seconds_left(studio: Studio, actor: Actor, request: OrderRequest) -> tuple[float | None, float | None, str]:
    told = estimate(studio, actor, request)
    return told.seconds, told.waiting_seconds, told.basis


def test_times_come_from_the_last_orders_or_else_from_the_worker(studio: Studio, editor: Actor) -> None:
    ten = OrderRequest(prompt="red dress", number=10)
    assert seconds_left(studio, editor, ten) == (None, None, "none")
    record_speed(studio, 1, 0.5)
    assert seconds_left(studio, editor, ten) == (5.0, 0.0, "warm_up")
    for seconds in (10.0, 20.0, 90.0):
        finish(studio, place_order(studio, editor, ten), seconds)
    assert seconds_left(studio, editor, ten) == (20.0, 0.0, "orders")
    waiting: JobView = job(studio, editor, place_order(studio, editor, ten))
    assert waiting.seconds_left == 20.0
    assert seconds_left(studio, editor, ten) == (20.0, 20.0, "orders")


def test_results_of_an_order_that_is_not_there(studio: Studio, viewer: Actor) -> None:
    with pytest.raises(NotFound, match="no job"):
        order_results(studio, viewer, "nope")


def test_without_a_model_nothing_can_be_ordered(studio: Studio, editor: Actor) -> None:
    with studio.writing() as session:
        session.execute(sa.text("DELETE FROM model_aliases"))
    with pytest.raises(NotReady, match="No model is in production"):
        place_order(studio, editor, OrderRequest(prompt="red dress"))
