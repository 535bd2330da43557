"""Programs at the REST routes: a key in place of a cookie, within scopes, from anywhere."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from db.tables import AssetState, Product
from studio.access.api_keys import Scope, make_key, revoke_key
from studio.bootstrap import Studio
from studio.models.in_use import register_starter
from studio.roles import Actor
from tests.api.conftest import Browser
from tests.studio.conftest import Images, seen


@pytest.fixture
def with_model(studio: Studio, tiny_model: Path) -> Studio:
    object.__setattr__(studio, "settings", studio.settings.model_copy(update={"model": tiny_model}))
    register_starter(studio)
    return studio


def program(browser: Browser, studio: Studio, actor: Actor, *scopes: Scope, kind: str = "Bearer") -> TestClient:
    """A client that brings nothing but a key: no cookie, no origin."""
    client = browser(None)
    del client.headers["Sec-Fetch-Site"]
    _, token = make_key(studio, actor, "program", scopes, days=1)
    client.headers["Authorization"] = f"{kind} {token}"
    return client


def test_an_order_is_placed_and_its_images_are_read(
    browser: Browser, with_model: Studio, images: Images, editor: Actor
) -> None:
    client = program(browser, with_model, editor, Scope.READ, Scope.ORDER, kind="bearer")
    answer = client.post("/api/v1/orders", json={"text": "red shirt", "number": 2, "seed": 7})
    assert answer.status_code == 201
    job = client.get(answer.headers["location"]).json()
    assert job["job"]["id"] == answer.json()["id"]
    assert (job["job"]["owner"], job["job"]["total"], job["images"]) == ("Edda", 2, [])
    (asset_id,) = images.make(editor)
    assert client.get(f"/api/v1/assets/{asset_id}/image").headers["content-type"] == "image/png"


def test_an_order_that_is_sent_again_is_placed_once(browser: Browser, with_model: Studio, editor: Actor) -> None:
    client = program(browser, with_model, editor, Scope.READ, Scope.ORDER)
    sent = [
        client.post("/api/v1/orders", json={"text": "red shirt"}, headers={"Idempotency-Key": "order-0001"})
        for _ in range(2)
    ]
    assert sent[0].json() == sent[1].json()
    assert len(client.get("/api/v1/jobs").json()) == 1


def test_products_are_ordered_by_sku(browser: Browser, with_model: Studio, editor: Actor) -> None:
    with with_model.writing() as session:
        session.add_all(Product(sku=sku, title=f"Shirt {sku}", category="Tshirts", colour="Red") for sku in ("A", "B"))
    client = program(browser, with_model, editor, Scope.READ, Scope.ORDER)
    placed = client.post("/api/v1/orders", json={"skus": ["B", "A"], "number": 3}).json()
    assert client.get(f"/api/v1/jobs/{placed['id']}").json()["job"]["total"] == 6
    absent = client.post("/api/v1/orders", json={"skus": ["B", "C"]})
    assert (absent.status_code, "C (1 of 2)" in absent.json()["message"]) == (404, True)


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({}, "products or for a text"),
        ({"text": "red shirt", "number": 65}, "number"),
        ({"text": "red shirt", "variety": 2}, "variety"),
        ({"text": "red shirt", "purpose": "listing"}, "real photo"),
        ({"text": "red shirt", "attributes": {"colour": "Mauvish"}}, "Mauvish"),
        ({"text": "red shirt", "owner": "Ada"}, "owner"),
    ],
)
def test_an_order_that_cannot_be_made_names_its_fault(
    browser: Browser, with_model: Studio, editor: Actor, body: dict[str, object], named: str
) -> None:
    answer = program(browser, with_model, editor, Scope.ORDER).post("/api/v1/orders", json=body)
    assert (answer.status_code, named in answer.json()["message"]) == (422, True), answer.text


def test_approved_images_leave_for_a_channel(
    browser: Browser, studio: Studio, images: Images, editor: Actor, reviewer: Actor
) -> None:
    asked = {"action": "submit", "revision": 0, "idempotency_key": "key-of-submit"}
    (asset_id,) = images.make(editor)
    sent = program(browser, studio, editor, Scope.DECIDE).post("/api/v1/decisions", json=asked | {"asset_id": asset_id})
    approve = {"action": "approve", "revision": sent.json()["revision"], "idempotency_key": "key-of-approve"}
    approve["seen_sha256"] = seen(studio, asset_id)
    second = program(browser, studio, reviewer, Scope.DECIDE)
    assert second.post("/api/v1/decisions", json=approve | {"asset_id": asset_id}).json()["state"] == "approved"
    client = program(browser, studio, editor, Scope.READ, Scope.EXPORT)
    channel = client.get("/api/v1/channels").json()[0]
    answer = client.post("/api/v1/exports", json={"asset_ids": [asset_id], "channel_id": channel["id"]})
    assert answer.headers["content-type"] == "application/zip"
    assert len(zipfile.ZipFile(io.BytesIO(answer.content)).namelist()) == 2
    asked = {"asset_ids": [asset_id], "channel_id": channel["id"], "house_style": True}
    listed = zipfile.ZipFile(io.BytesIO(client.post("/api/v1/exports", json=asked).content)).read("images.csv")
    assert b"as made: Tshirts has no house style yet" in listed
    draft = images.make(editor, state=AssetState.DRAFT)
    refused = client.post("/api/v1/exports", json={"asset_ids": draft, "channel_id": channel["id"]})
    assert (refused.status_code, refused.json()["error"]) == (409, "Conflict")


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/orders"), ("POST", "/decisions/undo"), ("POST", "/exports"), ("POST", "/jobs/j/cancel")],
)
def test_a_key_for_reading_changes_nothing(
    browser: Browser, studio: Studio, admin: Actor, method: str, path: str
) -> None:
    bodies = {
        "/orders": {"text": "red shirt"},
        "/decisions/undo": {"asset_id": 1, "idempotency_key": "12345678"},
        "/exports": {"asset_ids": [1], "channel_id": 1},
    }
    answer = program(browser, studio, admin, Scope.READ).request(method, f"/api/v1{path}", json=bodies.get(path))
    assert (answer.status_code, answer.json()["error"]) == (403, "Forbidden")
    assert "this key has: read" in answer.json()["message"]


def test_the_role_of_the_owner_still_applies(browser: Browser, images: Images, studio: Studio, editor: Actor) -> None:
    (asset_id,) = images.make(editor, state=AssetState.IN_REVIEW)
    body = {"asset_id": asset_id, "revision": 0, "action": "approve", "idempotency_key": "12345678"}
    answer = program(browser, studio, editor, Scope.DECIDE).post("/api/v1/decisions", json=body)
    assert (answer.status_code, "reviewer" in answer.json()["message"]) == (403, True)


def test_votes_are_for_people(browser: Browser, studio: Studio, admin: Actor) -> None:
    client = program(browser, studio, admin, *Scope)
    answer = client.post("/api/v1/votes", json={"pair_id": 1, "choice": "left"})
    assert (answer.status_code, "for people on the pages" in answer.json()["message"]) == (403, True)


@pytest.mark.parametrize("token", ["", "eg_wrong", "eg_" + "A" * 43])
def test_a_wrong_key_is_nobody_even_beside_a_good_cookie(browser: Browser, admin: Actor, token: str) -> None:
    client = browser(admin)
    assert client.get("/api/v1/jobs").status_code == 200
    answer = client.get("/api/v1/jobs", headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    changing = client.post("/api/v1/jobs/j/cancel", headers={"Authorization": f"Bearer {token}"})
    assert changing.status_code == 401


def test_a_key_beside_a_cookie_is_judged_alone(
    browser: Browser, studio: Studio, admin: Actor, editor: Actor, with_model: Studio
) -> None:
    key_id, token = make_key(studio, editor, "program", {Scope.ORDER}, days=1)
    client = browser(admin)
    headers = {"Authorization": f"Bearer {token}"}
    assert client.get("/api/v1/jobs", headers=headers).status_code == 403
    placed = client.post("/api/v1/orders", json={"text": "red shirt"}, headers=headers).json()
    assert client.get(f"/api/v1/jobs/{placed['id']}").json()["job"]["owner"] == "Edda"
    revoke_key(studio, editor, key_id)
    assert client.post("/api/v1/orders", json={"text": "red shirt"}, headers=headers).status_code == 401


@pytest.mark.parametrize("kind", ["Basic", "Token", "Digest"])
def test_another_kind_of_authorization_opens_nothing(browser: Browser, studio: Studio, admin: Actor, kind: str) -> None:
    client = program(browser, studio, admin, *Scope, kind=kind)
    assert client.get("/api/v1/jobs").status_code == 401
    assert client.post("/api/v1/jobs/j/cancel").json()["error"] == "CrossOrigin"


def test_a_key_does_not_open_the_sign_in_pages(browser: Browser, studio: Studio, admin: Actor) -> None:
    client = program(browser, studio, admin, *Scope)
    assert client.post("/signin", data={"name": "Ada", "password": "x"}).json()["error"] == "CrossOrigin"


def test_the_description_tells_of_keys(browser: Browser) -> None:
    described = browser(None).get("/api/v1/openapi.json").json()
    assert described["components"]["securitySchemes"]["HTTPBearer"]["scheme"] == "bearer"
    assert {"HTTPBearer": []} in described["paths"]["/orders"]["post"]["security"]
