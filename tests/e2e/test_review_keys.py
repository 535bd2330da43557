"""Reviewing at speed: hundreds of images by keyboard, a server that dies on the way; and a screen for everyone."""

from __future__ import annotations

import http.client
import time
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page, expect

from db.tables import Asset, AssetState, Decision, Role
from studio.bootstrap import Studio
from studio.review.comments import comments
from tests.e2e.reviewing import DISPLAYED, begin, durations, number, person, press
from tests.e2e.running import RunningStudio
from tests.studio.conftest import seen

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

REVIEWED, SECONDS = 300, 60.0
KEYS, KEYS_SECONDS = 500, 20.0
CONTROLS = {
    "button",
    "link",
    "checkbox",
    "textbox",
    "slider",
    "tab",
    "option",
    "combobox",
    "switch",
    "radio",
    "searchbox",
}


def test_300_images_in_a_minute_outlive_the_death_of_the_server(
    chromium: Browser, studio_running: RunningStudio, studio: Studio, category: str, capsys: pytest.CaptureFixture[str]
) -> None:
    page = begin(chromium, studio_running, studio, category, REVIEWED)
    started, down = time.monotonic(), 0.0
    for at in range(REVIEWED):
        if at == REVIEWED // 3:
            down = kill_server(studio_running, page)
        press(page, "r6" if at % 5 == 4 else "a")
    expect(page.get_by_text("All decisions saved")).to_be_visible(timeout=120_000)
    seconds = time.monotonic() - started
    with capsys.disabled():
        told = {name: durations(page, name) for name in ("displayed", "saved")}
        p95 = ", ".join(f"{name} p95 {found[int(len(found) * 0.95)]:.0f} ms" for name, found in told.items())
        print(f"\n{REVIEWED} images in {seconds - down:.1f} s beside {down:.1f} s without a server; {p95}")  # noqa: T201
    assert number(studio, category, AssetState.IN_REVIEW) == 0
    with studio.reading() as session:
        of_category = sa.select(Decision).join(Asset).where(Asset.category == category)
        log = session.scalars(of_category).all()
    assert len(log) == len({row.asset_id for row in log}) == REVIEWED
    assert {row.to_state for row in log} == {AssetState.APPROVED, AssetState.CHANGES_REQUESTED}
    assert sum(row.reason == "halo" for row in log) == REVIEWED // 5
    assert seconds - down < SECONDS


def kill_server(running: RunningStudio, page: Page) -> float:
    """Kill the web server as a crash would; returns the seconds until the page is connected again: until then Streamlit
    may lay a notice over it at any moment, and whoever looks presses no keys.
    """
    server = next(
        child for child in psutil.Process(running.process.pid).children(recursive=True) if "serve" in child.cmdline()
    )
    killed = time.monotonic()
    server.kill()
    server.wait(10)
    while not answers(running):
        assert time.monotonic() - killed < 120, "the server did not come back"
        time.sleep(0.05)
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-connection-state", "CONNECTED")
    expect(page.get_by_role("dialog")).to_have_count(0)
    return time.monotonic() - killed


def answers(running: RunningStudio) -> bool:
    address = urlsplit(running.url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=5)
    try:
        connection.request("GET", "/api/v1/health")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def test_of_500_keys_in_20_seconds_none_is_lost(
    chromium: Browser, studio_running: RunningStudio, studio: Studio, category: str
) -> None:
    """A key that comes before its image is on the screen is refused and told; each other one is one decision."""
    page = begin(chromium, studio_running, studio, category, 300)
    started = time.monotonic()
    for at in range(KEYS):
        page.keyboard.press("aar6jk"[at % 6])
        time.sleep(max(started + (at + 1) * KEYS_SECONDS / KEYS - time.monotonic(), 0))
    expect(page.get_by_text("All decisions saved")).to_be_visible(timeout=120_000)
    shown = int(page.locator(".count").first.inner_text().split(" ")[0])
    with studio.reading() as session:
        log = session.scalars(sa.select(Decision).join(Asset).where(Asset.category == category)).all()
    assert len(log) == len({row.asset_id for row in log}) == shown
    assert shown > 0


def test_an_image_that_is_not_displayed_cannot_be_decided(
    chromium: Browser, studio_running: RunningStudio, studio: Studio, category: str
) -> None:
    page = begin(chromium, studio_running, studio, category, 30)
    page.route("**/thumbnails/*size=640", lambda route: route.abort())
    page.keyboard.press("End")  # far beyond what was fetched ahead
    expect(page.get_by_text("The picture did not come.")).to_be_visible()
    page.keyboard.press("a")
    expect(page.get_by_text("The large picture was not shown yet").first).to_be_attached()
    page.keyboard.press("r")
    expect(page.get_by_text("Why? Press a key or click.")).to_have_count(0)
    assert number(studio, category, AssetState.IN_REVIEW) == 30
    page.unroute("**/thumbnails/*size=640")
    press(page, "a")
    expect(page.get_by_text("All decisions saved")).to_be_visible()
    assert number(studio, category, AssetState.IN_REVIEW) == 29


def test_a_reload_comes_back_to_the_image_in_focus(
    chromium: Browser, studio_running: RunningStudio, studio: Studio, category: str
) -> None:
    page = begin(chromium, studio_running, studio, category, 12)
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    expect(page.locator("li.card").nth(4)).to_be_focused()
    page.reload()
    page.locator(DISPLAYED).wait_for(timeout=30_000)
    expect(page.locator("li.card").nth(4)).to_be_focused()


def test_changed_bytes_are_shown_and_block_the_approval(
    chromium: Browser, studio_running: RunningStudio, studio: Studio, category: str
) -> None:
    page = begin(chromium, studio_running, studio, category, 3)
    asset_id = int(page.locator("li.card").first.get_attribute("data-id") or 0)
    sha256 = seen(studio, asset_id)
    path = Path(studio.settings.home) / "assets" / sha256[:2] / sha256[2:4] / sha256
    whole = path.read_bytes()
    path.write_bytes(b"other bytes")
    press(page, "a")
    # The server refused, or the queue was asked for again before and the page knew it by itself.
    expect(page.locator("li.card[data-outcome=refused], li.card:has-text('Damaged')").first).to_be_visible()
    page.locator("li.card").first.click()
    expect(page.get_by_text("The bytes of this image are missing or changed").first).to_be_visible()
    path.write_bytes(whole)
    assert number(studio, category, AssetState.APPROVED) == 0


def test_a_selection_is_approved_together_and_taken_back(
    chromium: Browser, studio_running: RunningStudio, studio: Studio, category: str
) -> None:
    page = begin(chromium, studio_running, studio, category, 12)
    page.keyboard.press("x")
    for _ in range(4):
        page.keyboard.press("Shift+ArrowRight")
    expect(page.get_by_text("5 selected").first).to_be_visible()
    page.keyboard.press("a")
    sheet = page.get_by_role("dialog", name="Approve 5 images")
    expect(sheet.get_by_role("img")).to_have_count(5)
    sheet.get_by_role("button", name="Approve 5").click()
    expect(page.get_by_text("All decisions saved")).to_be_visible()
    assert number(studio, category, AssetState.APPROVED) == 5
    page.keyboard.press("u")
    expect(page.locator("li.card[data-outcome='']")).to_have_count(12)
    assert number(studio, category, AssetState.IN_REVIEW) == 12


def test_a_long_comment_with_markup_stays_text(
    chromium: Browser, studio_running: RunningStudio, studio: Studio, category: str
) -> None:
    page = begin(chromium, studio_running, studio, category, 2)
    asset_id = int(page.locator("li.card").first.get_attribute("data-id") or 0)
    text = "<img src=x onerror=alert(1)> <b>halo</b> **left** " + "word " * 295
    page.get_by_role("tab", name="History").click()
    page.get_by_label("Say something; @ names a person").fill(text)
    page.get_by_role("button", name="Send").click()
    said = page.locator(".history .said")
    expect(said).to_contain_text("<img src=x onerror=alert(1)> <b>halo</b> **left** word")
    expect(said.locator("img, b")).to_have_count(0)
    (kept,) = comments(studio, person(studio, Role.VIEWER), asset_id)
    assert kept.text == text.strip()


def test_every_control_has_a_name(
    chromium: Browser, studio_running: RunningStudio, studio: Studio, category: str
) -> None:
    page = begin(chromium, studio_running, studio, category, 6)
    single, help_ = expect(page.locator(".stage")), expect(page.get_by_role("dialog", name="Keys"))
    reasons, bar = expect(page.get_by_text("Why? Press a key or click.")), page.locator(".bar")
    nameless = controls_without_a_name(page)
    for key, drawn in (
        ("z", single.to_be_visible),
        ("z", single.to_be_hidden),
        ("r", reasons.to_be_visible),
        ("Escape", reasons.to_be_hidden),
        ("x", expect(bar.get_by_text("1 selected")).to_be_visible),
        ("?", help_.to_be_visible),
        ("Escape", help_.to_be_hidden),
        ("Shift+ArrowRight", expect(bar.get_by_text("2 selected")).to_be_visible),
        ("a", expect(page.get_by_role("dialog", name="Approve 2 images")).to_be_visible),
    ):
        page.keyboard.press(key)
        drawn()
        nameless += [f"after {key!r}: {role}" for role in controls_without_a_name(page)]
    assert nameless == []


def controls_without_a_name(page: Page) -> list[str]:
    """The roles of controls in the accessibility tree that say nothing."""
    session = page.context.new_cdp_session(page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    session.detach()
    told = ((node.get("role", {}).get("value", ""), node.get("name", {}).get("value", "")) for node in nodes)
    return [role for role, name in told if role in CONTROLS and not str(name).strip()]


def test_fingers_find_targets_and_swipe(
    chromium: Browser, studio_running: RunningStudio, studio: Studio, category: str
) -> None:
    page = begin(chromium, studio_running, studio, category, 6, width=820, height=1180, touch=True)
    small = page.evaluate(SMALL_TARGETS)
    assert small == []
    page.get_by_role("button", name="Single", exact=True).tap()
    expect(page.locator(".strip [aria-current=true]")).to_be_visible()
    ids = page.evaluate(STRIP)
    swipe(page, -300)
    expect(page.locator(".strip [aria-current=true]")).to_have_attribute("data-id", str(ids[1]))
    page.locator(DISPLAYED).wait_for()
    page.get_by_role("button", name="Approve").tap()
    expect(page.get_by_text("All decisions saved")).to_be_visible()
    assert number(studio, category, AssetState.APPROVED) == 1


_ROOTS = "[...document.querySelectorAll('*')].map((node) => node.shadowRoot).filter(Boolean)"
SMALL_TARGETS = f"""() => {_ROOTS}
    .flatMap((root) => [...root.querySelectorAll("button, a, input")])
    .filter((one) => one.checkVisibility())
    .filter((one) => Math.min(one.getBoundingClientRect().height, one.getBoundingClientRect().width) < 44)
    .map((one) => one.getAttribute("aria-label") || one.textContent)
"""
STRIP = f"""() => {_ROOTS}
    .flatMap((root) => [...root.querySelectorAll(".strip button")])
    .map((one) => Number(one.dataset.id))
"""


def swipe(page: Page, far: int) -> None:
    """Draw a finger over the large picture by `far` pixels."""
    box = page.locator(".frames").bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    session = page.context.new_cdp_session(page)
    session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for part in (0.3, 0.6, 1.0, 1.0):  # it rests before it leaves: after a fling the next tap would only end that
        point = {"x": x + far * part, "y": y}
        session.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
        page.wait_for_timeout(150)
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    session.detach()
