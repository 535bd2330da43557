"""The shot list on paper and as CSV, and the preview of an image in its house style, over HTTP."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from ecomgan.metrics.product import find_product
from studio.bootstrap import Studio
from studio.photos.shot_list import Wish, add_shots, describe_shots
from studio.roles import Actor
from tests.api.conftest import Browser
from tests.studio.conftest import Images
from tests.studio.making.test_reframing import shoe, shown, styled


def test_the_paper_names_each_product_and_what_the_channel_wants(
    studio: Studio, editor: Actor, viewer: Actor, images: Images, browser: Browser
) -> None:
    shots = add_shots(studio, editor, [Wish(images.product("B-1", "Belt <b>& Co</b>"))])
    describe_shots(studio, editor, shots, angle="buckle", note="laid flat")
    page = browser(viewer).get("/api/v1/shots/print?channel=amazon")
    assert page.headers["content-type"].startswith("text/html")
    for text in ("1 product to photograph", "for Amazon", "at least 85 %", "B-1", "Belt &lt;b&gt;&amp; Co", "buckle"):
        assert text in page.text
    assert "待拍摄" in browser(viewer).get("/api/v1/shots/print?lang=zh").text


def test_an_empty_list_prints_a_sentence(viewer: Actor, browser: Browser) -> None:
    assert "Nothing waits for the photographer." in browser(viewer).get("/api/v1/shots/print?channel=nobody").text


def test_the_list_is_a_csv(studio: Studio, editor: Actor, images: Images, browser: Browser) -> None:
    add_shots(studio, editor, [Wish(images.product("B-1", "Belt"))])
    answer = browser(editor).get("/api/v1/shots/csv")
    assert answer.headers["content-type"].startswith("text/csv")
    assert "B-1,Belt" in answer.text


def test_the_preview_shows_the_product_in_house_style(
    studio: Studio, editor: Actor, viewer: Actor, browser: Browser
) -> None:
    styled(studio)
    good, cut = shown(studio, editor, shoe()), shown(studio, editor, shoe(bottom=320))
    answer = browser(viewer).get(f"/api/v1/assets/{good}/reframed")
    box = find_product(np.asarray(Image.open(io.BytesIO(answer.content)).convert("RGB"))).box
    assert box is not None
    assert abs(box.width - 0.84) < 0.02
    refused = browser(viewer).get(f"/api/v1/assets/{cut}/reframed")
    assert refused.status_code == 409
    assert "runs out of this image at the bottom" in refused.json()["message"]
