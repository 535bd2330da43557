"""Search by meaning and by photo on the pages Library and Catalogue."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from ecomgan.encoder import SHIPPED
from studio.bootstrap import Studio
from studio.roles import Actor
from studio.searching import vectors
from studio.searching.meanings import Meanings
from studio.searching.vectors import make_some, prepare_if_due
from tests.studio.conftest import Images
from tests.studio.searching.test_search import BLUE, RED, paint, photo_of, png
from tests.ui.conftest import Visit, gallery_of, press, told


def shown(page: AppTest) -> list[int]:
    assert not page.exception
    return [item["id"] for item in gallery_of(page)["items"]]


@pytest.fixture
def painted(studio: Studio, images: Images, editor: Actor) -> tuple[int, int]:
    red, blue = images.make(editor, 2, prompt="a shirt")
    paint(studio, red, RED)
    paint(studio, blue, BLUE)
    return red, blue


def test_words_are_searched_by_what_they_mean(
    visit: Visit, viewer: Actor, studio: Studio, painted: tuple[int, int]
) -> None:
    red, blue = painted
    make_some(studio)
    page = visit("library", viewer, text="something crimson red", way="meaning")
    assert shown(page) == [red]
    assert "1 image · closest in meaning first" in told(page)
    assert "never taught “something”: it goes by the rest" in told(page)
    assert shown(visit("library", viewer, text="blue", way="meaning", state="draft")) == [blue]
    assert "No images fit" in told(visit("library", viewer, text="blue", way="meaning", state="approved"))


def test_what_is_less_close_is_shown_on_request(
    visit: Visit, viewer: Actor, studio: Studio, painted: tuple[int, int]
) -> None:
    red, blue = painted
    make_some(studio)
    page = press(visit("library", viewer, text="red", way="meaning"), "Also show what is less close")
    assert shown(page) == [red, blue]
    assert not [button for button in page.button if "less close" in button.label]


@pytest.mark.parametrize(
    ("words", "why"),
    [("qwertz asdfgh", "never taught “qwertz”, “asdfgh”. What comes"), ("lipstick", "Try a kind of product")],
)
def test_where_nothing_is_close_that_is_said_and_the_nearest_stand_below(
    visit: Visit, viewer: Actor, studio: Studio, painted: tuple[int, int], images: Images, words: str, why: str
) -> None:
    images.make(viewer, 14)
    make_some(studio)
    page = visit("library", viewer, text=words, way="meaning")
    assert f"Nothing is close to “{words}”" in told(page)
    assert why in told(page)
    assert "The 12 nearest images" in told(page)
    assert len(shown(page)) == 12
    page = press(page, "Also show what is less close")
    assert len(shown(page)) == 16
    assert f"Nothing is close to “{words}”" in told(page)
    assert "it goes by the rest" not in told(page)


def test_words_beside_a_photo_say_what_is_to_be_other(
    visit: Visit, viewer: Actor, studio: Studio, painted: tuple[int, int]
) -> None:
    red, blue = painted
    make_some(studio)
    page = visit("library", viewer, text="blue", way="meaning")
    page = page.file_uploader[0].upload("red.png", png(RED), "image/png").run()
    assert shown(page) == [blue, red]
    assert "like your photo and “blue”, closest first" in told(page)
    page = press(page, "Put the photo away")
    assert shown(page) == [blue]
    page = visit("library", viewer, text="qwertz", way="meaning")
    page = page.file_uploader[0].upload("red.png", png(RED), "image/png").run()
    assert shown(page) == [red, blue]
    assert "never taught “qwertz”" in told(page)
    page = visit("library", viewer, text="blue", way="meaning", like=str(red))
    assert shown(page) == [blue]
    assert f"like image {red} and “blue”" in told(page)


def test_words_that_stand_nowhere_lead_to_their_meaning(
    visit: Visit, viewer: Actor, studio: Studio, painted: tuple[int, int]
) -> None:
    make_some(studio)
    page = visit("library", viewer, text="crimson garment")
    assert "No images fit" in told(page)
    page = press(page, "Search by meaning instead")
    assert len(shown(page)) == 2
    assert page.query_params["way"] == "meaning"
    assert page.query_params["text"] == "crimson garment"


def test_a_photo_finds_images_and_is_put_away_again(
    visit: Visit, viewer: Actor, studio: Studio, painted: tuple[int, int]
) -> None:
    red, blue = painted
    make_some(studio)
    page = visit("library", viewer)
    page = page.file_uploader[0].upload("red.png", png(RED), "image/png").run()
    assert shown(page) == [red, blue]
    assert gallery_of(page)["items"][0]["caption"].endswith("alike")
    page = press(page, "Put the photo away")
    assert "newest first" in told(page)


def test_a_file_that_is_no_photo_is_refused_calmly(visit: Visit, viewer: Actor, painted: tuple[int, int]) -> None:
    page = visit("library", viewer)
    page = page.file_uploader[0].upload("red.png", b"no picture", "image/png").run()
    assert not page.exception
    assert "This photo cannot be used" in told(page)


def test_what_is_not_prepared_yet_is_counted(
    visit: Visit, viewer: Actor, studio: Studio, painted: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = visit("library", viewer, text="red", way="meaning")
    assert "So far 0 of 2 pictures can be found this way." in told(page)
    assert "The worker prepares the others" in told(page)
    monkeypatch.setattr(vectors, "AT_ONCE", 1)
    prepare_if_due(studio)
    page = visit("library", viewer, text="red", way="meaning")
    assert not page.exception
    assert "The worker prepares" not in told(page)  # its job is shown instead


def test_more_results_are_shown_on_request(visit: Visit, viewer: Actor, images: Images, studio: Studio) -> None:
    images.make(viewer, 62)
    make_some(studio)
    object.__setattr__(studio, "meanings", Meanings(SHIPPED))
    studio.meanings.encoder.closeness = None  # as with an encoder for which nobody measured what is close
    page = visit("library", viewer, text="shirt", way="meaning")
    assert len(shown(page)) == 56
    assert len(shown(press(page, "Show more"))) == 62


def test_an_encoder_that_is_not_there_is_told_calmly(
    visit: Visit, viewer: Actor, studio: Studio, painted: tuple[int, int], tmp_path: Path
) -> None:
    object.__setattr__(studio, "meanings", Meanings(tmp_path / "nowhere"))
    page = visit("library", viewer, text="red", way="meaning")
    assert not page.exception
    assert "The encoder that search by meaning needs cannot be opened" in told(page)
    assert "2 images" in told(visit("library", viewer))


def test_a_photo_finds_its_product(visit: Visit, viewer: Actor, images: Images, studio: Studio) -> None:
    red, _ = photo_of(studio, images, "R-1", png(RED))
    blue, blue_photo = photo_of(studio, images, "B-1", png(BLUE))
    make_some(studio)
    page = visit("catalogue", viewer)
    page = page.file_uploader[0].upload("red.png", png((190, 30, 40)), "image/png").run()
    assert shown(page) == [red, blue]
    assert gallery_of(page)["items"][0]["caption"].startswith("R-1 · ")
    assert "2 products · most alike photo first" in told(page)
    assert shown(visit("catalogue", viewer, text="blue", way="meaning")) == [blue]
    assert shown(visit("catalogue", viewer, like=blue_photo)) == [blue, red]
    page = visit("catalogue", viewer, like=blue_photo, text="red", way="meaning")
    assert shown(page) == [red, blue]
    assert "like the photo and “red”, closest first" in told(page)
    page = visit("catalogue", viewer, text="qwertz", way="meaning")
    assert "Nothing is close to “qwertz”" in told(page)
    assert len(shown(page)) == 2
    page = visit("catalogue", viewer, like=blue_photo, photos="without")
    assert not page.exception
    assert "No products fit" in told(page)


def test_a_catalogue_without_photos_leads_to_them(visit: Visit, viewer: Actor, images: Images) -> None:
    images.product()
    page = visit("catalogue", viewer, text="blue shirt", way="meaning")
    assert "No photos yet" in told(page)
    assert not press(page, "Go to the photos").exception


def test_words_that_no_product_has_lead_to_their_meaning(
    visit: Visit, viewer: Actor, images: Images, studio: Studio
) -> None:
    red, _ = photo_of(studio, images, "R-1", png(RED))
    make_some(studio)
    page = press(visit("catalogue", viewer, text="crimson garment"), "Search by meaning instead")
    assert shown(page) == [red]


def test_an_image_leads_to_those_like_it(visit: Visit, viewer: Actor, studio: Studio, painted: tuple[int, int]) -> None:
    red, blue = painted
    make_some(studio)
    page = press(visit("library", viewer, image=str(red)), "Find similar")
    assert shown(page) == [blue]
    assert "like image" in told(page)
