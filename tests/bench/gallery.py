"""How fast the review gallery is in a real browser, with 100,000 images: keys until the next one is visible and until
a decision is saved, and scrolling through the queue of everything.

Keys are pressed at a steady rate, the fastest that reviewers reach, and then as fast as pictures come: then a key may
wait for the ones before it, and what is measured is how the gallery works them off.
"""

from __future__ import annotations

import io
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np
import psutil
import sqlalchemy as sa
from PIL import Image
from playwright.sync_api import Browser, Page

from db.tables import Asset, LinkKind, Role, User
from studio.access.accounts import create_link, link_path
from studio.bootstrap import Studio
from tests.bench.filled import filled_studio
from tests.bench.seeding import IMAGES, fill
from tests.bench.served import cpu_seconds, health, process, seconds_until
from tests.bench.table import Row
from tests.e2e.people import go_to, sign_in
from tests.e2e.reviewing import DISPLAYED, durations, press
from tests.e2e.running import browser, free_port

_KEYS, _WARMING = 150, 10
_A_SECOND = 8
_PICTURES = 400
_SCROLLING_SECONDS = 10

# Scrolls by 80 pixels a frame; tells the frames, the longest between two, and how many images are known at the end.
_SCROLL = """async (seconds) => {
    const roots = [...document.querySelectorAll("*")].map((node) => node.shadowRoot).filter(Boolean);
    const scroller = roots.map((root) => root.querySelector(".scroller")).find(Boolean);
    const frames = [];
    const end = performance.now() + 1000 * seconds;
    let last = performance.now();
    while (last < end) {
        scroller.scrollTop += 80;
        const now = await new Promise(requestAnimationFrame);
        frames.push(performance.now() - last);
        last = performance.now();
    }
    return { frames, cards: scroller.querySelectorAll(".card").length, far: scroller.scrollTop };
}"""


def speeds() -> list[Row]:
    """On SQLite; the browser and the server share the machine."""
    with tempfile.TemporaryDirectory() as folder, browser() as chromium:
        home = Path(folder)
        studio = filled_studio("", home, fill, f"{IMAGES:,} images", sealed=True)
        _picture(studio)
        with studio.writing() as session:
            session.add(User(name="Rita", role=Role.REVIEWER))
        link = link_path(create_link(studio, "Rita"), LinkKind.SIGN_IN)
        studio.close()
        return measured(chromium, home, link)


def measured(chromium: Browser, home: Path, link: str) -> list[Row]:
    """The figures of a studio at `home` whose review queue is full; `link` signs a reviewer in."""
    port = free_port()
    with process("serve", home, port) as server:
        seconds_until(lambda: health(port) is not None)
        url = f"http://127.0.0.1:{port}"
        page = sign_in(chromium, url + link)
        computing = psutil.Process(server.pid)
        return [*_keys(page, url, computing, _A_SECOND), *_keys(page, url, computing, None), _scroll(page, url)]


def _picture(studio: Studio) -> None:
    """Bytes for all images, a few hundred pictures in turn: 256 x 320 pixels, as the detail network makes them."""
    draw = np.random.default_rng(0)
    with studio.writing() as session:
        for number in range(_PICTURES):
            pixels = np.full((320, 256, 3), 255, dtype=np.uint8)
            pixels[40:280, 40:216] = draw.integers(0, 255, (30, 22, 3), dtype=np.uint8).repeat(8, 0).repeat(8, 1)
            file = io.BytesIO()
            Image.fromarray(pixels).save(file, "PNG")
            sha256 = studio.storage.put(file.getvalue())
            session.execute(sa.update(Asset).where(Asset.id % _PICTURES == number).values(sha256=sha256))


def _keys(page: Page, url: str, server: psutil.Process, a_second: int | None) -> list[Row]:
    """Approvals by keyboard, so many a second, or as fast as pictures come."""
    go_to(page, url, "review")
    page.locator(DISPLAYED).wait_for()
    press(page, "a" * _WARMING)
    page.get_by_text("All decisions saved").wait_for()
    page.evaluate("() => performance.clearMeasures()")
    cpu, began = cpu_seconds(server), time.perf_counter()
    for number in range(_KEYS):
        if a_second is not None:
            page.wait_for_timeout(max(0.0, 1000 * (began + number / a_second - time.perf_counter())))
        press(page, "a")
    rate = _KEYS / (time.perf_counter() - began)
    page.get_by_text("All decisions saved").wait_for()
    cpu = 1000 * (cpu_seconds(server) - cpu) / _KEYS
    rows = []
    for name, what, aim in (
        ("displayed", "gallery: next image visible, p95", "<= 100"),
        ("saved", "gallery: key to saved, p95", "<= 60"),
    ):
        found = durations(page, name)
        how = (
            f"{len(found)} approvals by keyboard in Chromium, {rate:.1f} keys a second, "
            f"median {median(found):.0f}, slowest {found[-1]:.0f}; the server computed {cpu:.1f} ms for each"
        )
        rows.append(Row(what, float(np.percentile(found, 95)), "ms", aim, how))
    return rows


def _scroll(page: Page, url: str) -> Row:
    go_to(page, url, "review?state=all")
    page.locator(DISPLAYED).or_(page.locator("li.card").first).first.wait_for()
    found = page.evaluate(_SCROLL, _SCROLLING_SECONDS)
    frames = sorted(found["frames"])
    how = (
        f"{IMAGES:,} images, {len(frames)} frames in {_SCROLLING_SECONDS} s, median {median(frames):.0f} ms, slowest "
        f"{frames[-1]:.0f}; {found['far']:,.0f} pixels far, {found['cards']} cards in the page"
    )
    return Row("gallery: scrolling, a frame, p95", float(np.percentile(frames, 95)), "ms", "<= 50", how)
