"""Search by meaning over HTTP: texts, pictures of ours, photos that are sent, and what is refused."""

from __future__ import annotations

import pytest

from studio.api.access import LARGEST_BODY
from studio.bootstrap import Studio
from studio.roles import Actor
from studio.searching.vectors import make_some
from tests.api.conftest import Browser
from tests.studio.conftest import Images
from tests.studio.searching.test_search import BLUE, RED, paint, photo_of, png


def test_images_are_found_by_text_by_photo_and_by_each_other(
    studio: Studio, editor: Actor, viewer: Actor, images: Images, browser: Browser
) -> None:
    red, blue = images.make(editor, 2)
    paint(studio, red, RED)
    paint(studio, blue, BLUE)
    client = browser(viewer)
    nothing = {"images": [], "more": False, "close": 0, "unknown": [], "ready": 0, "total": 2}
    assert client.get("/api/v1/search/images?text=red").json() == nothing
    make_some(studio)
    found = client.get("/api/v1/search/images?text=blue shirt&limit=1").json()
    assert [one["view"]["id"] for one in found["images"]] == [blue]
    assert (found["more"], found["ready"], found["total"]) == (True, 2, 2)
    sent = client.post("/api/v1/search/images?state=draft", content=png(RED)).json()
    assert [one["view"]["id"] for one in sent["images"]] == [red, blue]
    assert sent["images"][0]["likeness"] > 0.99
    like = client.get(f"/api/v1/search/images?like={red}").json()
    assert [one["view"]["id"] for one in like["images"]] == [blue]
    assert like["close"] is None
    sent = client.post("/api/v1/search/images?text=blue", content=png(RED)).json()
    assert [one["view"]["id"] for one in sent["images"]] == [blue, red]
    found = client.get("/api/v1/search/images?text=blue qwertz").json()
    assert ([one["view"]["id"] for one in found["images"]], found["close"], found["unknown"]) == (
        [blue, red],
        1,
        ["qwertz"],
    )
    assert client.get("/api/v1/search/images?text=qwertz").json()["close"] == 0


def test_products_are_found_by_text_and_by_photo(
    studio: Studio, viewer: Actor, images: Images, browser: Browser
) -> None:
    photo_of(studio, images, "R-1", png(RED))
    _, blue = photo_of(studio, images, "B-1", png(BLUE))
    make_some(studio)
    client = browser(viewer)
    for answer in (
        client.get("/api/v1/search/products?text=blue shirt"),
        client.get(f"/api/v1/search/products?photo={blue}"),
        client.post("/api/v1/search/products", content=png(BLUE)),
        client.post("/api/v1/search/products?text=blue", content=png(RED)),
        client.get(f"/api/v1/search/products?photo={blue}&text=blue"),
    ):
        first = answer.json()["products"][0]
        assert (first["product"]["sku"], first["photo_sha256"]) == ("B-1", blue)


@pytest.mark.parametrize("query", ["", "text=", "limit=0&text=a", "like=x", f"text={'a' * 301}"])
def test_a_question_that_is_none_is_refused(viewer: Actor, browser: Browser, query: str) -> None:
    answer = browser(viewer).get(f"/api/v1/search/images?{query}")
    assert (answer.status_code, answer.json()["error"]) == (422, "InputError")


def test_bodies_that_are_no_photo_or_too_large_are_refused(viewer: Actor, browser: Browser) -> None:
    client = browser(viewer)
    for path in ("/api/v1/search/images", "/api/v1/search/products"):
        no_photo = client.post(path, content=b"x" * (LARGEST_BODY + 1))
        assert (no_photo.status_code, no_photo.json()["error"]) == (422, "InputError")
        huge = client.post(path, content=b"x", headers={"Content-Length": "20000001"})
        assert (huge.status_code, huge.json()["error"]) == (413, "TooLarge")
    assert client.get("/api/v1/search/images?like=99").status_code == 404


def test_it_is_described(viewer: Actor, browser: Browser) -> None:
    paths = browser(viewer).get("/api/v1/openapi.json").json()["paths"]
    assert "image/*" in paths["/search/images"]["post"]["requestBody"]["content"]
    assert "Which product is this?" in paths["/search/products"]["post"]["description"]
