"""Every route, who may call it, and from where. A route that is missing in the table fails."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pytest
from starlette.routing import BaseRoute, Mount, Route
from starlette.testclient import TestClient

from db.tables import Role
from studio.api.routes import routes
from studio.bootstrap import Studio
from studio.roles import Actor
from tests.api.conftest import Browser
from tests.studio.conftest import picture

HASH = "0" * 64
APPROVAL = {"asset_id": 1, "revision": 0, "idempotency_key": "12345678", "seen_sha256": HASH}
DECISION = APPROVAL | {"action": "approve"}

# (method, path) -> the smallest role that is let in; None lets everyone in.
TABLE: dict[tuple[str, str], Role | None] = {
    ("GET", "/api/v1/openapi.json"): None,
    ("GET", "/api/v1/health"): None,
    ("GET", "/api/v1/thumbnails/{sha256}"): Role.VIEWER,
    ("GET", "/api/v1/assets/{asset_id}"): Role.VIEWER,
    ("GET", "/api/v1/assets/{asset_id}/decisions"): Role.VIEWER,
    ("GET", "/api/v1/assets/{asset_id}/image"): Role.VIEWER,
    ("POST", "/api/v1/decisions"): Role.EDITOR,
    ("POST", "/api/v1/decisions/several"): Role.EDITOR,
    ("POST", "/api/v1/decisions/undo"): Role.EDITOR,
    ("POST", "/api/v1/decisions/bulk"): Role.REVIEWER,
    ("POST", "/api/v1/decisions/bulk/undo"): Role.EDITOR,
    ("POST", "/api/v1/review/claims"): Role.REVIEWER,
    ("POST", "/api/v1/review/claims/release"): Role.REVIEWER,
    ("POST", "/api/v1/review/assign"): Role.REVIEWER,
    ("POST", "/api/v1/review/priority"): Role.EDITOR,
    ("GET", "/api/v1/review/people"): Role.VIEWER,
    ("GET", "/api/v1/review/queue"): Role.VIEWER,
    ("GET", "/api/v1/review/counts"): Role.VIEWER,
    ("GET", "/api/v1/review/items/{asset_id}"): Role.VIEWER,
    ("GET", "/api/v1/assets/{asset_id}/comments"): Role.VIEWER,
    ("POST", "/api/v1/assets/{asset_id}/comments"): Role.EDITOR,
    ("GET", "/api/v1/assets/{asset_id}/again"): Role.EDITOR,
    ("POST", "/api/v1/assets/{asset_id}/again"): Role.EDITOR,
    ("GET", "/api/v1/recalls"): Role.MANAGER,
    ("GET", "/api/v1/recalls/{recall_id}"): Role.MANAGER,
    ("POST", "/api/v1/recalls"): Role.MANAGER,
    ("POST", "/api/v1/recalls/preview"): Role.MANAGER,
    ("POST", "/api/v1/orders"): Role.EDITOR,
    ("GET", "/api/v1/assets/{asset_id}/reframed"): Role.VIEWER,
    ("GET", "/api/v1/shots/print"): Role.VIEWER,
    ("GET", "/api/v1/shots/csv"): Role.VIEWER,
    ("GET", "/api/v1/search/images"): Role.VIEWER,
    ("POST", "/api/v1/search/images"): Role.VIEWER,
    ("GET", "/api/v1/search/products"): Role.VIEWER,
    ("POST", "/api/v1/search/products"): Role.VIEWER,
    ("GET", "/api/v1/channels"): Role.VIEWER,
    ("POST", "/api/v1/exports"): Role.EDITOR,
    ("GET", "/api/v1/jobs"): Role.VIEWER,
    ("GET", "/api/v1/jobs/{job_id}"): Role.VIEWER,
    ("POST", "/api/v1/jobs/{job_id}/cancel"): Role.EDITOR,
    ("POST", "/api/v1/jobs/{job_id}/retry"): Role.EDITOR,
    ("GET", "/api/v1/trainings/{training_id}/pictures/{sha256}"): Role.ADMIN,
    ("POST", "/api/v1/votes"): Role.EDITOR,
    ("GET", "/signin"): None,
    ("POST", "/signin"): None,
    ("GET", "/signin/link"): None,
    ("POST", "/signin/link"): None,
    ("GET", "/invite"): None,
    ("POST", "/invite"): None,
    ("POST", "/signout"): None,
}
BODIES = {
    "/api/v1/orders": {"text": "red shirt", "number": 1},
    "/api/v1/exports": {"asset_ids": [1], "channel_id": 1},
    "/api/v1/decisions": DECISION,
    "/api/v1/decisions/several": {"items": [{"action": "undo", "asset_id": 1, "idempotency_key": "12345678"}]},
    "/api/v1/decisions/undo": {"asset_id": 1, "idempotency_key": "12345678"},
    "/api/v1/decisions/bulk": {"items": [APPROVAL]},
    "/api/v1/decisions/bulk/undo": {"asset_ids": [1], "idempotency_key": "12345678"},
    "/api/v1/review/claims": {"asset_ids": [1]},
    "/api/v1/review/assign": {"asset_ids": [1], "person_id": None},
    "/api/v1/review/priority": {"asset_ids": [1], "priority": 1},
    "/api/v1/review/claims/release": {},
    "/api/v1/assets/{asset_id}/comments": {"text": "good", "idempotency_key": "12345678"},
    "/api/v1/assets/{asset_id}/again": {"idempotency_key": "12345678"},
    "/api/v1/recalls": {"cause": {"kind": "category", "category": "Ties"}, "why": "it", "expected": 1},
    "/api/v1/recalls/preview": {"kind": "category", "category": "Ties"},
    "/api/v1/votes": {"pair_id": 1, "choice": "left"},
}
PHOTOS = ("/api/v1/search/images", "/api/v1/search/products")  # their body is a photo, their query a text
GUARDED = [(method, path, role) for (method, path), role in TABLE.items() if role is not None]
CHANGING = [path for (method, path) in TABLE if method == "POST"]


def _call(client: TestClient, method: str, path: str, **headers: str):
    filled = path.format(sha256=HASH, asset_id=1, job_id="j", training_id=1, recall_id=1)
    if path in PHOTOS:
        content, query = (picture(0), None) if method == "POST" else (None, {"text": "shirt"})
        return client.request(method, filled, content=content, params=query, headers=headers)
    return client.request(method, filled, json=BODIES.get(path), headers=headers)


def _paths(found: Iterable[BaseRoute], prefix: str = "") -> Iterator[tuple[str, str]]:
    for route in found:
        included = getattr(route, "original_router", None)  # how FastAPI keeps `include_router`
        if included is not None:
            yield from _paths(included.routes, prefix)
        elif isinstance(route, Mount):
            yield from _paths(route.routes, prefix + route.path)
        else:
            assert isinstance(route, Route), f"no test knows how to call {route}"
            yield from ((method, prefix + route.path) for method in route.methods or () if method != "HEAD")


def test_the_table_names_every_route() -> None:
    assert set(_paths(routes())) == set(TABLE)


@pytest.mark.parametrize(("method", "path", "role"), GUARDED)
def test_nobody_is_let_in_without_signing_in(browser: Browser, method: str, path: str, role: Role) -> None:
    answer = _call(browser(None), method, path)
    assert (answer.status_code, answer.json()["error"]) == (401, "NotSignedIn")


@pytest.mark.parametrize(("method", "path", "role"), GUARDED)
def test_a_forged_cookie_is_nobody(browser: Browser, method: str, path: str, role: Role) -> None:
    client = browser(None)
    client.cookies.set("ecomgan_session", "A" * 43)
    assert _call(client, method, path).status_code == 401


@pytest.mark.parametrize(("method", "path", "role"), [row for row in GUARDED if row[2] != Role.VIEWER])
def test_a_role_that_is_too_small_is_refused(
    browser: Browser, viewer: Actor, method: str, path: str, role: Role
) -> None:
    answer = _call(browser(viewer), method, path)
    assert (answer.status_code, answer.json()["error"]) == (403, "Forbidden")
    assert role.value in answer.json()["message"]


@pytest.mark.parametrize(("method", "path", "role"), [row for row in GUARDED if "decisions" not in row[1]])
def test_the_role_that_is_named_is_let_in(
    browser: Browser,
    viewer: Actor,
    editor: Actor,
    reviewer: Actor,
    manager: Actor,
    admin: Actor,
    method: str,
    path: str,
    role: Role,
) -> None:
    actor = {
        Role.VIEWER: viewer,
        Role.EDITOR: editor,
        Role.REVIEWER: reviewer,
        Role.MANAGER: manager,
        Role.ADMIN: admin,
    }[role]
    assert _call(browser(actor), method, path).status_code in (
        200,
        404,
        409,
        503,
    )  # there, missing, no such bytes, no model


def test_approving_needs_a_reviewer(browser: Browser, editor: Actor, reviewer: Actor) -> None:
    answer = _call(browser(editor), "POST", "/api/v1/decisions")
    assert (answer.status_code, "reviewer" in answer.json()["message"]) == (403, True)
    assert _call(browser(reviewer), "POST", "/api/v1/decisions").status_code == 404


@pytest.mark.parametrize("path", CHANGING)
@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {},
    ],
)
def test_what_changes_something_must_come_from_our_own_pages(
    browser: Browser, admin: Actor, path: str, headers: dict[str, str]
) -> None:
    client = browser(admin)
    del client.headers["Sec-Fetch-Site"]
    answer = _call(client, "POST", path, **headers)
    assert (answer.status_code, answer.json()["error"]) == (403, "CrossOrigin")


def test_a_browser_that_sends_only_the_origin_is_let_in(browser: Browser, reviewer: Actor) -> None:
    client = browser(reviewer)
    del client.headers["Sec-Fetch-Site"]
    assert _call(client, "POST", "/api/v1/decisions", Origin="http://testserver").status_code == 404


def test_a_proxy_may_stand_before_us(browser: Browser, studio: Studio, reviewer: Actor) -> None:
    client = browser(reviewer)
    del client.headers["Sec-Fetch-Site"]
    object.__setattr__(studio, "settings", studio.settings.model_copy(update={"public_url": "https://images.example"}))
    assert _call(client, "POST", "/api/v1/decisions", Origin="https://images.example").status_code == 404
