"""The routes that feed the review gallery, and the scripts of the pages."""

from __future__ import annotations

from db.tables import AssetState
from studio.roles import Actor
from studio.ui.component_files import FOLDER, modules_address
from tests.api.conftest import Browser
from tests.studio.conftest import Images


def test_pages_of_the_queue_follow_each_other(browser: Browser, editor: Actor, reviewer: Actor, images: Images) -> None:
    ids = images.make(editor, 5, state=AssetState.IN_REVIEW)
    images.make(editor, 2, state=AssetState.IN_REVIEW, category="Dresses")
    client = browser(reviewer)
    first = client.get("/api/v1/review/queue", params={"category": "Tshirts", "limit": 3}).json()
    assert [item["id"] for item in first["items"]] == ids[:3]
    assert {"approve", "reject"} <= set(first["items"][0]["may"])
    after = {"category": "Tshirts", "limit": 3, "after": first["after"]}
    second = client.get("/api/v1/review/queue", params=after).json()
    assert ([item["id"] for item in second["items"]], second["after"]) == (ids[3:], None)


def test_the_number_that_fits_is_told(browser: Browser, editor: Actor, viewer: Actor, images: Images) -> None:
    images.make(editor, 3, state=AssetState.IN_REVIEW)
    images.make(editor, 2)
    client = browser(viewer)
    assert client.get("/api/v1/review/counts").json()["fitting"] == 3
    everything = client.get("/api/v1/review/counts?state=all").json()
    assert (everything["fitting"], everything["states"]["draft"]) == (5, 2)


def test_a_filter_that_means_nothing_is_refused(browser: Browser, viewer: Actor) -> None:
    client = browser(viewer)
    for query in ("state=nowhere", "model=x", "score=beauty:1..2", "after=x", "limit=0", "limit=501"):
        assert client.get(f"/api/v1/review/queue?{query}").status_code == 422, query


def test_the_panel_of_an_image(browser: Browser, editor: Actor, reviewer: Actor, images: Images) -> None:
    (asset_id,) = images.make(editor, state=AssetState.IN_REVIEW)
    client = browser(reviewer)
    told = client.get(f"/api/v1/review/items/{asset_id}").json()
    assert (told["item"]["id"], told["brief"]["made_by"], told["channels"][0]["name"]) == (asset_id, "Edda", "Amazon")
    assert client.get("/api/v1/review/items/999").status_code == 404


def test_scripts_are_kept_for_ever_under_the_address_of_their_content(browser: Browser) -> None:
    client = browser(None)
    scripts = sorted(path.relative_to(FOLDER) for path in FOLDER.rglob("*.js"))
    assert len(scripts) > 10
    for script in scripts:
        answer = client.get(f"{modules_address()}/{script}")
        assert answer.status_code == 200, script
        assert answer.headers["content-type"].startswith("text/javascript")
        assert "immutable" in answer.headers["cache-control"]
    assert client.get(f"{modules_address()}/../review.py").status_code == 404
    assert client.get("/modules/0123456789abcdef/review/review.js").status_code == 404
