"""Recalls over REST: look, start, read; what is refused there is refused here."""

from __future__ import annotations

from db.tables import AssetState
from studio.bootstrap import Studio
from studio.roles import Actor
from tests.api.conftest import Browser
from tests.studio.conftest import Images

RECALLS = "/api/v1/recalls"


def test_a_recall_is_looked_at_started_and_read(
    browser: Browser, studio: Studio, images: Images, editor: Actor, manager: Actor
) -> None:
    images.make(editor, 3, model="bad", state=AssetState.APPROVED)
    cause = {"kind": "model", "model_version_id": images.model("bad")}
    client = browser(manager)
    preview = client.post(f"{RECALLS}/preview", json=cause).json()
    assert (preview["subject"], preview["images"], preview["states"]) == ("bad", 3, {"approved": 3})
    started = client.post(RECALLS, json={"cause": cause, "why": "It proved bad.", "expected": 3})
    assert started.status_code == 201, started.text
    assert started.json()["cause"] == cause
    assert (started.json()["outcomes"], started.json()["job_state"]) == ({"waiting": 3}, "queued")
    assert client.get(RECALLS).json() == [started.json()]
    assert client.get(f"{RECALLS}/{started.json()['id']}").json() == started.json()


def test_others_than_were_looked_at_are_not_withdrawn(
    browser: Browser, studio: Studio, images: Images, editor: Actor, manager: Actor
) -> None:
    images.make(editor, 3, model="bad", state=AssetState.APPROVED)
    cause = {"kind": "model", "model_version_id": images.model("bad")}
    refused = browser(manager).post(RECALLS, json={"cause": cause, "why": "It proved bad.", "expected": 2})
    assert (refused.status_code, refused.json()["error"]) == (409, "Conflict")
    assert browser(manager).get(RECALLS).json() == []


def test_a_cause_that_is_none_is_refused(browser: Browser, studio: Studio, manager: Actor) -> None:
    for cause in ({"kind": "model"}, {"kind": "category", "category": "Ties", "days": "soon"}, {"kind": "weather"}):
        assert browser(manager).post(f"{RECALLS}/preview", json=cause).status_code == 422
    assert browser(manager).get(f"{RECALLS}/7").status_code == 404
