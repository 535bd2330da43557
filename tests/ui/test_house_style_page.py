"""The screens of forecasts, the shot list and house styles say what they know, and lead on where they know nothing."""

from __future__ import annotations

import datetime as dt

import pytest

from db.tables import AssetState, QualityVerdict, utc_now
from studio.bootstrap import Studio
from studio.making.reframing import prospect
from studio.models.in_use import champion
from studio.photos.shot_list import Wish, add_shots, shot_counts, shot_list
from studio.publishing.house_figures import Measure
from studio.publishing.house_style import house_style
from studio.roles import Actor
from studio.ui.shot_words import frame_words
from studio.work.jobs import list_jobs
from tests.studio.conftest import Images
from tests.studio.making.test_reframing import shoe, shown, styled
from tests.studio.publishing.test_export_style import left_the_house
from tests.ui.conftest import Visit, press, told


def decided(studio: Studio, category: str, approved: int, n: int) -> None:
    day = (utc_now() - dt.timedelta(days=1)).date()
    with studio.writing() as session:
        for reason, number in (("", approved), ("halo", n - approved)):
            counts = {"given": number, "first": number, "standing": number, "taken_back": 0}
            place = {"day": day, "category": category, "model_version_id": champion(studio).id}
            session.add(QualityVerdict(**place, reason=reason, **counts))


@pytest.fixture
def watch(with_model: Studio) -> int:
    return Images(with_model).product("W-1", "Steel watch", category="Accessories > Watches > Watches", colour=None)


def test_an_order_without_a_history_says_so(with_model: Studio, editor: Actor, watch: int, visit: Visit) -> None:
    assert "Too few images were decided on" in told(visit("generate", editor, products=str(watch)))


def test_what_had_better_be_photographed_goes_to_the_shot_list_and_comes_back(
    with_model: Studio, editor: Actor, watch: int, visit: Visit
) -> None:
    decided(with_model, "Watches", 0, 60)
    page = visit("generate", editor, products=str(watch))
    page = press(page, "Photograph 1 product instead")
    assert not page.exception
    assert "products" not in page.query_params
    assert "1 product is on the shot list" in told(page)
    (line,) = shot_list(with_model, editor)
    assert (line.sku, line.ordered) == ("W-1", 8)
    press(page, "Undo")
    assert shot_counts(with_model, editor).waiting == 0


def test_a_good_category_is_offered_no_photographer(
    with_model: Studio, editor: Actor, watch: int, visit: Visit
) -> None:
    decided(with_model, "Watches", 40, 60)
    page = visit("generate", editor, products=str(watch))
    assert not [button for button in page.button if button.label.startswith("Photograph")]


def test_an_empty_shot_list_leads_on(studio: Studio, images: Images, editor: Actor, visit: Visit) -> None:
    images.product()
    assert "Nothing waits for the photographer" in told(visit("catalogue", editor, view="shots"))


def test_viewers_see_the_shot_list_without_its_buttons(
    studio: Studio, images: Images, editor: Actor, viewer: Actor, visit: Visit
) -> None:
    add_shots(studio, editor, [Wish(images.product(), 0.4, 4)])
    page = visit("catalogue", viewer, view="shots")
    assert len(page.dataframe) == 1
    assert "Select lines" not in told(page)
    assert "Select lines" in told(visit("catalogue", editor, view="shots"))


def test_the_wish_of_a_channel_is_one_line() -> None:
    assert frame_words(None, str) == "Whole product in the frame, pure white background."


def test_without_approved_images_house_style_leads_to_review(studio: Studio, viewer: Actor, visit: Visit) -> None:
    assert "No category has a house style yet" in told(visit("house_style", viewer))


def test_a_category_shows_its_style_and_its_shelf(
    studio: Studio, images: Images, editor: Actor, viewer: Actor, manager: Actor, visit: Visit
) -> None:
    styled(studio)
    shown(studio, editor, shoe())
    page = visit("house_style", viewer, category="Casual Shoes")
    assert not page.exception
    managing = {"Learn again", "Save"}
    assert not managing & {button.label for button in page.button}
    assert managing <= {button.label for button in visit("house_style", manager).button}


@pytest.mark.parametrize(
    ("data", "word", "offered"),
    [
        (shoe(), "This image stands out: smaller than the others", True),
        (shoe(bottom=320), "The product runs out of this image at the bottom", False),
    ],
)
def test_an_image_stands_among_its_neighbours(
    studio: Studio, images: Images, editor: Actor, visit: Visit, data: bytes, word: str, offered: bool
) -> None:
    styled(studio)
    shown(studio, editor, shoe(top=170, bottom=227, left=20, right=236))
    one = shown(studio, editor, data)
    page = visit("library", editor, image=str(one))
    assert not page.exception
    assert word in told(page).replace("\\", "")
    labels = [button.label for button in page.button]
    assert ("Reframe to the house style of Casual Shoes" in labels) is offered


def test_what_a_manager_changes_is_locked_and_can_be_let_go(studio: Studio, manager: Actor, visit: Visit) -> None:
    styled(studio)
    page = visit("house_style", manager, category="Casual Shoes")
    (baseline,) = [field for field in page.number_input if field.label == "Baseline"]
    baseline.set_value(80.0)
    page = press(page, "Save")
    assert not page.exception
    style = house_style(studio, manager, "Casual Shoes")
    assert style is not None
    assert style.locked == {Measure.BASELINE: 0.8}
    (box,) = [one for one in page.checkbox if one.label == "Lock: Baseline"]
    assert box.value
    box.uncheck()
    press(page, "Save")
    style = house_style(studio, manager, "Casual Shoes")
    assert style is not None
    assert style.locked == {}


def test_editors_have_what_stands_out_reframed_at_once(
    studio: Studio, images: Images, editor: Actor, manager: Actor, visit: Visit
) -> None:
    styled(studio)
    for data in (shoe(), shoe(bottom=320), shoe(top=170, bottom=227, left=20, right=236)):
        prospect(studio, editor, shown(studio, editor, data))  # looks for the product
    page = press(visit("house_style", editor, category="Casual Shoes"), "Reframe 1 that stands out")
    assert not page.exception
    (job,) = [one for one in list_jobs(studio, editor) if one.title.startswith("Reframe")]
    assert job.total == 1


def test_an_image_of_a_category_without_a_style_says_what_is_missing(
    studio: Studio, images: Images, editor: Actor, visit: Visit
) -> None:
    (one,) = images.make(editor, category="Belts", state=AssetState.APPROVED)
    assert "has no house style yet" in told(visit("library", editor, image=str(one)))


def test_an_export_tells_what_house_style_comes_to_and_shows_one_image(
    studio: Studio, editor: Actor, reviewer: Actor, visit: Visit
) -> None:
    small = left_the_house(studio, editor, reviewer, shoe())
    cut = left_the_house(studio, editor, reviewer, shoe(left=0))
    styled(studio)
    for one in (small, cut):
        prospect(studio, editor, one)
    page = visit("review", editor, state="approved")
    page.session_state["house-style"] = True
    page = press(page, "Export 2 images")
    assert not page.exception
    assert "1 copy is set into the house style" in told(page)
    assert "1 leaves as it is: :gray[The product runs out of this image at the left" in told(page)
    (pair,) = [one.proto.body for one in page.get("html") if "before-after" in one.proto.body]
    assert f"/api/v1/assets/{small}/reframed" in pair
    page = visit("review", editor, locale="zh-CN", state="approved")
    page.session_state["house-style"] = True
    page = press(page, "导出 2 张图片")
    assert "商品在图片的以下边缘超出画面：左" in told(page)
