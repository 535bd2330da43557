"""The REST routes: images, decisions, jobs, and what they answer when something is wrong."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
import sqlalchemy as sa
from PIL import Image
from starlette.testclient import TestClient

from db.tables import Asset, AssetState, Job, JobState, ModelAlias, WorkerHeartbeat, utc_now
from studio.bootstrap import Studio
from studio.errors import DiskFull
from studio.roles import Actor
from tests.api.conftest import Browser
from tests.studio.conftest import Images


def _decide(client: TestClient, asset_id: int, revision: int, action: str, key: str):
    shown = client.get(f"/api/v1/assets/{asset_id}").json()["sha256"]
    body = {"asset_id": asset_id, "revision": revision, "action": action, "idempotency_key": key, "seen_sha256": shown}
    return client.post("/api/v1/decisions", json=body)


def test_the_description_of_the_api_is_there_for_all(browser: Browser) -> None:
    description = browser(None).get("/api/v1/openapi.json").json()
    assert description["openapi"].startswith("3.")
    for path in ("/health", "/decisions", "/jobs/{job_id}", "/thumbnails/{sha256}"):
        assert path in description["paths"]
    assert description["servers"] == [{"url": "/api/v1"}]
    for path in description["paths"].values():
        for operation in path.values():
            assert operation["summary"]
            assert operation["description"]
            assert {"4XX", "5XX"} <= set(operation["responses"])
            assert "422" not in operation["responses"]
    assert description["components"]["securitySchemes"]["APIKeyCookie"]["name"] == "ecomgan_session"


def test_health_tells_states_and_nothing_else(browser: Browser, studio: Studio, images: Images, admin: Actor) -> None:
    client = browser(None)
    empty = {"status": "waiting", "worker": "none", "model": "missing", "queued": 0, "running": 0}
    assert client.get("/api/v1/health").json() == empty
    images.make(admin)
    model_id = images.model()
    with studio.writing() as session:
        now = utc_now()
        session.add(WorkerHeartbeat(worker="a", device="cpu", ready=False, started_at=now, beat_at=now))
        session.add(ModelAlias(alias="champion", model_version_id=model_id))
        session.add(Job(id="q", kind="images", title="t", owner_id=admin.id, total=1))
    assert client.get("/api/v1/health").json() == empty | {"worker": "starting", "model": "ready", "queued": 1}
    with studio.writing() as session:
        session.execute(sa.update(WorkerHeartbeat).values(ready=True))
        session.execute(sa.update(Job).where(Job.id == "q").values(state=JobState.RUNNING))
    ready = {"status": "ready", "worker": "ready", "model": "ready", "queued": 0, "running": 1}
    assert client.get("/api/v1/health").json() == ready


def test_a_thumbnail_may_be_kept_for_ever(browser: Browser, studio: Studio, images: Images, viewer: Actor) -> None:
    (asset_id,) = images.make(viewer)
    client = browser(viewer)
    sha256 = client.get(f"/api/v1/assets/{asset_id}").json()["sha256"]
    answer = client.get(f"/api/v1/thumbnails/{sha256}?size=160")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/webp")
    assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert max(Image.open(io.BytesIO(answer.content)).size) <= 160
    again = client.get(f"/api/v1/thumbnails/{sha256}?size=160", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("size", ["161", "0", "-1", "99999999", "x"])
def test_a_thumbnail_has_one_of_three_sizes(browser: Browser, viewer: Actor, size: str) -> None:
    answer = browser(viewer).get(f"/api/v1/thumbnails/{'0' * 64}?size={size}")
    assert (answer.status_code, answer.json()["error"]) == (422, "InputError")


@pytest.mark.parametrize("name", ["x", "0" * 63, "..%2f..%2fstudio.db", "Z" * 64])
def test_a_thumbnail_of_no_hash_is_nothing(browser: Browser, studio: Studio, viewer: Actor, name: str) -> None:
    assert browser(viewer).get(f"/api/v1/thumbnails/{name}").status_code == 404
    assert not list(Path(studio.settings.home).rglob("*.webp"))


def test_an_image_is_downloaded_as_it_was_made_under_a_telling_name(
    browser: Browser, studio: Studio, images: Images, viewer: Actor
) -> None:
    (asset_id,) = images.make(viewer, prompt="红色连衣裙", colour="Red")
    client = browser(viewer)
    view = client.get(f"/api/v1/assets/{asset_id}").json()
    answer = client.get(f"/api/v1/assets/{asset_id}/image?download=1")
    assert answer.content == studio.storage.get(view["sha256"])
    assert answer.headers["content-disposition"].startswith("attachment; filename*=UTF-8''")
    assert answer.headers["content-disposition"].endswith(f"_red_{view['seed']}.png")
    shown = client.get(f"/api/v1/assets/{asset_id}/image")
    assert "content-disposition" not in shown.headers


def test_what_is_not_there_is_told(browser: Browser, viewer: Actor) -> None:
    client = browser(viewer)
    for path in ("/assets/9", "/assets/9/image", "/jobs/none", "/nothing"):
        answer = client.get(f"/api/v1{path}")
        assert answer.status_code == 404
        assert answer.json()["message"]
    assert client.delete("/api/v1/jobs").status_code == 405


def test_a_decision_sent_twice_counts_once(
    browser: Browser, studio: Studio, images: Images, editor: Actor, reviewer: Actor
) -> None:
    (asset_id,) = images.make(editor)
    sent = _decide(browser(editor), asset_id, 0, "submit", "key-of-submit").json()
    assert sent["state"] == "in_review"
    client = browser(reviewer)
    first = _decide(client, asset_id, sent["revision"], "approve", "key-of-approve")
    second = _decide(client, asset_id, sent["revision"], "approve", "key-of-approve")
    assert (first.status_code, first.json()["state"]) == (200, "approved")
    assert second.json()["revision"] == first.json()["revision"]
    undone = client.post("/api/v1/decisions/undo", json={"asset_id": asset_id, "idempotency_key": "key-of-undo"})
    assert (undone.status_code, undone.json()["state"]) == (200, "in_review")


def test_what_was_decided_on_an_image_is_told_in_order(
    browser: Browser, images: Images, editor: Actor, reviewer: Actor, viewer: Actor
) -> None:
    (asset_id,) = images.make(editor)
    sent = _decide(browser(editor), asset_id, 0, "submit", "key-of-submit").json()
    _decide(browser(reviewer), asset_id, sent["revision"], "approve", "key-of-approve")
    lines = browser(viewer).get(f"/api/v1/assets/{asset_id}/decisions").json()
    assert [line["to_state"] for line in lines] == ["checked", "in_review", "approved"]
    assert lines[-1]["user"] == reviewer.name


def test_a_decision_on_an_outdated_view_is_refused_with_what_happened(
    browser: Browser, studio: Studio, images: Images, editor: Actor, reviewer: Actor, manager: Actor
) -> None:
    (asset_id,) = images.make(editor, state=AssetState.IN_REVIEW)
    with studio.reading() as session:
        revision = session.get_one(Asset, asset_id).revision
    _decide(browser(manager), asset_id, revision, "approve", "key-of-manager")
    answer = _decide(browser(reviewer), asset_id, revision, "approve", "key-of-reviewer")
    assert (answer.status_code, answer.json()["error"]) == (409, "StaleDecision")
    assert answer.json()["current_state"] == "approved"
    assert "Mona" in answer.json()["last_decision"]


@pytest.mark.parametrize(
    "change",
    [
        {"action": "destroy"},
        {"revision": -1},
        {"revision": "x"},
        {"idempotency_key": "short"},
        {"comment": "x" * 2001},
        {"seen_sha256": "../../studio.db"},
        {"at": "2020-01-01T00:00:00Z"},
        {"user": "admin"},
        {"asset_id": None},
    ],
)
def test_a_malformed_decision_names_its_fault(browser: Browser, reviewer: Actor, change: dict[str, object]) -> None:
    body = {"asset_id": 1, "revision": 0, "action": "approve", "idempotency_key": "12345678"} | change
    answer = browser(reviewer).post("/api/v1/decisions", json=body)
    assert (answer.status_code, answer.json()["error"]) == (422, "InputError")
    assert next(iter(change)) in answer.json()["message"]


def test_text_that_is_no_json_is_told(browser: Browser, reviewer: Actor) -> None:
    answer = browser(reviewer).post("/api/v1/decisions", content=b"{]", headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["error"]) == (422, "InputError")


def test_a_full_disk_and_a_bug_answer_in_json_without_details(
    browser: Browser, viewer: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = browser(viewer)
    for error, status, kind in [(DiskFull("No room."), 507, "DiskFull"), (KeyError("secret"), 500, "ServerError")]:

        def fail(*_: object, error: Exception = error, **__: object) -> None:
            raise error

        monkeypatch.setattr("studio.work.jobs.list_jobs", fail)
        answer = client.get("/api/v1/jobs")
        assert (answer.status_code, answer.json()["error"]) == (status, kind)
        assert "secret" not in answer.text


def test_a_job_is_followed_cancelled_and_retried(
    browser: Browser, studio: Studio, images: Images, editor: Actor
) -> None:
    ids = images.make(editor, 3)
    client = browser(editor)
    (job,) = client.get("/api/v1/jobs").json()
    answer = client.get(f"/api/v1/jobs/{job['id']}").json()
    assert answer["job"] == job
    assert [image["id"] for image in answer["images"]] == ids
    later = client.get(f"/api/v1/jobs/{job['id']}?after={ids[1]}").json()
    assert [image["id"] for image in later["images"]] == ids[2:]
    with studio.writing() as session:
        session.execute(sa.update(Job).values(state=JobState.QUEUED))
    assert client.post(f"/api/v1/jobs/{job['id']}/cancel").json() == {"state": "cancelled"}
    assert client.post(f"/api/v1/jobs/{job['id']}/cancel").status_code == 409
