"""Search in a real browser: by words as written, by what they mean, by a photo, by one of ours; in both places."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from db.tables import Product, Role
from studio.bootstrap import Studio
from studio.searching.vectors import make_some
from tests.e2e.people import go_to, sign_in
from tests.e2e.reviewing import person
from tests.e2e.running import RunningStudio
from tests.studio.conftest import Images
from tests.studio.searching.test_search import BLACK, BLUE, RED, paint, photo_of, png

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

COLOURS = {"Rosso": RED, "Blu": BLUE, "Nero": BLACK}
"""What things are called and how they look: no word that is searched for stands in any title."""


@dataclass(frozen=True)
class Searcher:
    """A viewer in front of a studio that shows one thing of each colour, as an image and as a photo of a product."""

    page: Page
    url: str
    category: str

    def open(self, path: str, address: str = "") -> None:
        go_to(self.page, self.url, f"{path}?category={self.category}{address}")

    def type(self, words: str) -> None:
        box = self.page.get_by_test_id("stMain").get_by_role("searchbox").first
        box.fill(words)
        box.press("Enter")

    def bring_photo(self, colour: tuple[int, int, int]) -> None:
        self.page.get_by_role("button", name="Find by photo").click()
        self.page.locator("input[type=file]").set_input_files(
            {"name": "photo.png", "mimeType": "image/png", "buffer": png(colour)}
        )
        expect(self.page.get_by_text("Your photo", exact=True)).to_be_visible()
        self.page.keyboard.press("Escape")

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name).click()

    def expect_cards(self, *titles: str) -> None:
        """Cards of these titles, in this order."""
        cards: Locator = self.page.locator(".card")
        expect(cards).to_have_count(len(titles))
        for card, title in zip((cards.nth(at) for at in range(len(titles))), titles, strict=True):
            expect(card).to_contain_text(title)

    def expect_text(self, text: str) -> None:
        expect(self.page.get_by_text(text).first).to_be_visible()


@pytest.fixture
def searcher(studio: Studio, studio_running: RunningStudio, chromium: Browser, category: str) -> Searcher:
    images, maker = Images(studio), person(studio, Role.EDITOR)
    for name, colour in COLOURS.items():
        (image,) = images.make(maker, prompt=f"Oggetto {name}", category=category, colour=None)
        paint(studio, image, colour)
        product, _ = photo_of(studio, images, f"{name}-{uuid4().hex[:6]}", png(colour))
        with studio.writing() as session:
            row = session.get_one(Product, product)
            row.title, row.category, row.colour = f"Prodotto {name}", category, None
    while make_some(studio).tried:
        pass
    page = sign_in(chromium, studio_running.sign_in_link(f"v-{uuid4().hex[:8]}", role="viewer"))
    return Searcher(page, studio_running.url, category)


def test_words_that_stand_nowhere_find_images_by_their_meaning(searcher: Searcher) -> None:
    searcher.open("library")
    searcher.type("blue")
    searcher.expect_text("No images fit")
    searcher.press("Search by meaning instead")
    searcher.expect_cards("Blu")
    searcher.expect_text("1 image · closest in meaning first")
    searcher.press("Also show what is less close")
    searcher.expect_cards("Blu", "Rosso", "Nero")
    searcher.type("red")
    searcher.expect_cards("Rosso")


def test_where_nothing_is_close_the_nearest_stand_below_the_reason(searcher: Searcher) -> None:
    searcher.open("library", "&way=meaning&text=qwertz")
    searcher.expect_text("Nothing is close to “qwertz”")
    searcher.expect_text("The search was never taught “qwertz”")
    expect(searcher.page.locator(".card")).to_have_count(3)
    searcher.open("catalogue", "&way=meaning&text=lipstick")
    searcher.expect_text("Nothing is close to “lipstick”")
    searcher.expect_text("The 3 nearest products")


def test_a_photo_finds_images_and_words_say_what_is_to_be_other(searcher: Searcher) -> None:
    searcher.open("library", "&way=meaning")
    searcher.bring_photo(RED)
    searcher.expect_text("like your photo, most alike first")
    expect(searcher.page.locator(".card").first).to_contain_text("Rosso")
    expect(searcher.page.locator(".card").first).to_contain_text("100% alike")
    searcher.type("blue")
    searcher.expect_text("like your photo and “blue”, closest first")
    expect(searcher.page.locator(".card").first).to_contain_text("Blu")
    searcher.press("Put the photo away")
    searcher.expect_cards("Blu")


def test_an_image_leads_to_those_like_it_and_back(searcher: Searcher) -> None:
    searcher.open("library")
    expect(searcher.page.locator(".card")).to_have_count(3)
    searcher.page.locator(".card", has_text="Rosso").click()
    searcher.press("Find similar")
    searcher.expect_text("most alike first")
    expect(searcher.page.locator(".card", has_text="Rosso")).to_have_count(0)
    searcher.press("Show all images")
    searcher.expect_text("newest first")


def test_a_photo_finds_its_product_and_a_products_photo_those_like_it(searcher: Searcher) -> None:
    searcher.open("catalogue")
    searcher.bring_photo(BLUE)
    searcher.expect_text("3 products · most alike photo first")
    expect(searcher.page.locator(".card").first).to_contain_text("Prodotto Blu")
    searcher.press("Put the photo away")
    searcher.open("catalogue", "&way=meaning")
    searcher.type("red")
    searcher.expect_cards("Prodotto Rosso")
    searcher.page.locator(".card").click()
    searcher.page.get_by_role("dialog").get_by_role("button", name="Find similar").click()
    searcher.expect_text("most alike photo first")
    expect(searcher.page.locator(".card").first).to_contain_text("Prodotto Rosso")
    expect(searcher.page.locator(".card")).to_have_count(3)
    searcher.press("Show all products")
    expect(searcher.page.get_by_test_id("stDataFrame")).to_be_visible()
