"""Reviewing in the browser: a reviewer with images to decide, and the keys as one presses them who looks."""

from __future__ import annotations

import time
from uuid import uuid4

import sqlalchemy as sa
from playwright.sync_api import Browser, Page, expect

from db.tables import Asset, AssetState, ReviewClaim, Role, User
from studio.bootstrap import Studio
from studio.review.queue_filter import QueueFilter
from studio.review.review_queue import counts
from studio.roles import Actor
from tests.e2e.people import PATIENCE_MS, go_to, sign_in
from tests.e2e.running import RunningStudio
from tests.studio.conftest import Images

DISPLAYED = "aside.panel[aria-busy=false]"
"""The panel once the large picture of the image in focus is on the screen."""


def person(studio: Studio, role: Role) -> Actor:
    """A new person of this role."""
    with studio.writing() as session:
        user = User(name=f"p-{uuid4().hex[:8]}", role=role)
        session.add(user)
        session.flush()
        return Actor(user.id, user.name, role)


def begin(
    chromium: Browser, running: RunningStudio, studio: Studio, category: str, images: int, **window: int | bool
) -> Page:
    """The review page with so many images of another person, as a reviewer sees it."""
    Images(studio).make(person(studio, Role.EDITOR), images, state=AssetState.IN_REVIEW, category=category)
    page = sign_in(chromium, running.sign_in_link(f"r-{uuid4().hex[:8]}", role="reviewer"), **window)
    go_to(page, running.url, f"review?category={category}")
    page.locator(DISPLAYED).wait_for()
    expect(page.locator("li.card").first).to_be_focused()
    return page


def press(page: Page, keys: str) -> None:
    """Press keys one after the other, each once the image in focus is displayed, as one does who looks."""
    for key in keys:
        page.locator(DISPLAYED).wait_for()
        page.keyboard.press(key)


def wait_for_claims(studio: Studio, category: str, images: int) -> None:
    """Wait until so many images of the category are held for the reviewer in front of whom they lie."""
    of_category = sa.select(sa.func.count()).select_from(ReviewClaim).join(Asset).where(Asset.category == category)
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while True:
        with studio.reading() as session:
            held = session.scalar(of_category)
        if held == images:
            return
        assert time.monotonic() < deadline, f"{held} images of {category} are held; {images} should be"
        time.sleep(0.05)


def number(studio: Studio, category: str, state: AssetState) -> int:
    """How many images of the category are in a state."""
    return counts(studio, Actor(0, "test", Role.VIEWER), QueueFilter(category=category))[state]


def durations(page: Page, name: str) -> list[float]:
    """Milliseconds that the browser measured under a name ("displayed", "saved"), the shortest first."""
    found: list[float] = page.evaluate(
        "name => performance.getEntriesByName(`ecomgan:${name}`).map((entry) => entry.duration)", name
    )
    return sorted(found)
