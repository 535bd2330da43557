"""What may go wrong with a decision on its way: two at once, twice the same, too late, from someone else, with markup,
against the clock, on bytes that changed.
"""

from __future__ import annotations

import datetime as dt
import threading
from typing import Any

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from db import clock
from db.tables import Asset, AssetState, Decision, UserSession, utc_now
from studio.access.accounts import COOKIE_NAME
from studio.bootstrap import Studio
from studio.images.assets import asset
from studio.review import deciding
from studio.review.deciding import history
from studio.review.log_check import check_log
from studio.roles import Actor
from tests.api.conftest import Browser
from tests.studio.conftest import Images, seen

DECISIONS = "/api/v1/decisions"


def body(studio: Studio, asset_id: int, key: str, action: str = "approve", **more: object) -> dict[str, Any]:
    """A decision on an image as it stands and was displayed."""
    with studio.reading() as session:
        row = session.get_one(Asset, asset_id)
    facts = {"asset_id": asset_id, "revision": row.revision, "action": action, "idempotency_key": key}
    return facts | {"seen_sha256": row.sha256} | more


def waiting(images: Images, maker: Actor, number: int = 1) -> list[int]:
    return images.make(maker, number, state=AssetState.IN_REVIEW)


def decisions(studio: Studio) -> int:
    with studio.reading() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(Decision)) or 0


def at_once(*calls: tuple[TestClient, dict[str, Any]]) -> list[Any]:
    """The answers to these decisions, sent in the same moment from a thread each."""
    start, answers = threading.Barrier(len(calls)), []

    def send(client: TestClient, sent: dict[str, Any]) -> None:
        start.wait()
        answers.append(client.post(DECISIONS, json=sent))

    threads = [threading.Thread(target=send, args=call) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(answers, key=lambda answer: answer.status_code)


def test_of_two_reviewers_in_the_same_second_one_decides_and_the_other_is_told(
    studio_on_both: Studio, browser: Browser, images: Images, editor: Actor, reviewer: Actor, manager: Actor
) -> None:
    studio = studio_on_both
    one, other = browser(reviewer), browser(manager)
    for asset_id in waiting(images, editor, 4):
        won, lost = at_once(
            (one, body(studio, asset_id, f"one-{asset_id:05}")),
            (other, body(studio, asset_id, f"other-{asset_id:05}", "reject", reason="halo")),
        )
        assert (won.status_code, lost.status_code, lost.json()["error"]) == (200, 409, "StaleDecision")
        assert lost.json()["current_state"] == won.json()["state"]
        (line,) = history(studio, editor, asset_id)
        assert lost.json()["last_decision"].startswith(line.user)
    assert check_log(studio).fault == ""


def test_the_same_request_twice_in_one_moment_counts_once(
    studio_on_both: Studio, browser: Browser, images: Images, editor: Actor, reviewer: Actor
) -> None:
    studio = studio_on_both
    for asset_id in waiting(images, editor, 3):
        sent = body(studio, asset_id, f"pressed-{asset_id:05}")
        first, second = at_once((browser(reviewer), sent), (browser(reviewer), sent))
        assert (first.status_code, second.status_code) == (200, 200)
        assert first.json() == second.json()
    assert decisions(studio) == 3


def test_an_image_that_was_withdrawn_meanwhile_is_not_decided(
    studio: Studio, browser: Browser, images: Images, editor: Actor, reviewer: Actor, manager: Actor
) -> None:
    (asset_id,) = waiting(images, editor)
    late = body(studio, asset_id, "pressed-late")
    client = browser(reviewer)
    assert browser(manager).post(DECISIONS, json=body(studio, asset_id, "withdrawn-", "withdraw")).status_code == 200
    answer = client.post(DECISIONS, json=late)
    assert (answer.status_code, answer.json()["current_state"]) == (409, "withdrawn")
    assert "Mona set it to withdrawn" in answer.json()["last_decision"]
    fresh = client.post(DECISIONS, json=body(studio, asset_id, "pressed-anew"))
    assert (fresh.status_code, fresh.json()["error"]) == (409, "Conflict")


@pytest.mark.parametrize("token", ["", "A" * 43, "../../studio.db", "eyJhbGciOiJub25lIn0.e30."])
def test_a_forged_token_decides_nothing(
    studio: Studio, browser: Browser, images: Images, editor: Actor, token: str
) -> None:
    (asset_id,) = waiting(images, editor)
    sent = body(studio, asset_id, "a-forged-key")
    client = browser(None)
    client.cookies.set(COOKIE_NAME, token)
    assert client.post(DECISIONS, json=sent).status_code == 401
    client = browser(None)
    with_key = client.post(DECISIONS, json=sent, headers={"Authorization": f"Bearer eg_{token}"})
    assert with_key.status_code == 401
    assert decisions(studio) == 0


def test_an_expired_session_decides_nothing_and_says_so(
    studio: Studio, browser: Browser, images: Images, editor: Actor, reviewer: Actor
) -> None:
    (asset_id,) = waiting(images, editor)
    client, sent = browser(reviewer), body(studio, asset_id, "an-old-session")
    with studio.writing() as session:
        session.execute(sa.update(UserSession).values(expires_at=utc_now() - dt.timedelta(seconds=1)))
    answer = client.post(DECISIONS, json=sent)
    assert (answer.status_code, answer.json()["error"]) == (401, "NotSignedIn")
    assert browser(reviewer).post(DECISIONS, json=sent).status_code == 200  # the same key, after signing in again
    assert decisions(studio) == 1


def test_a_viewers_token_decides_nothing(
    studio: Studio, browser: Browser, images: Images, editor: Actor, viewer: Actor
) -> None:
    (asset_id,) = waiting(images, editor)
    for path, sent in (
        ("", body(studio, asset_id, "by-a-viewer")),
        ("/undo", {"asset_id": asset_id, "idempotency_key": "by-a-viewer"}),
    ):
        answer = browser(viewer).post(DECISIONS + path, json=sent)
        assert (answer.status_code, answer.json()["error"]) == (403, "Forbidden")
    assert decisions(studio) == 0


@pytest.mark.parametrize("origin", ["https://evil.example", "http://testserver.evil.example", "null"])
def test_another_sites_page_decides_nothing(
    studio: Studio, browser: Browser, images: Images, editor: Actor, reviewer: Actor, origin: str
) -> None:
    (asset_id,) = waiting(images, editor)
    client = browser(reviewer)
    del client.headers["Sec-Fetch-Site"]
    sent = body(studio, asset_id, "from-elsewhere")
    assert client.post(DECISIONS, json=sent, headers={"Origin": origin}).status_code == 403
    crossed = client.post(DECISIONS, json=sent, headers={"Sec-Fetch-Site": "cross-site"})
    assert (crossed.status_code, crossed.json()["error"]) == (403, "CrossOrigin")
    assert decisions(studio) == 0


def test_a_long_comment_with_markup_is_kept_as_text(
    studio_on_both: Studio, browser: Browser, images: Images, editor: Actor, reviewer: Actor
) -> None:
    studio = studio_on_both
    (asset_id,) = waiting(images, editor)
    comment = " ".join(["<b>no</b>", "'); --", "{{x}}", "袖口", "&lt;", "a\u202eb"] * 50)
    assert len(comment.split()) >= 300
    answer = browser(reviewer).post(DECISIONS, json=body(studio, asset_id, "many-words-", comment=comment))
    assert answer.status_code == 200
    (line,) = browser(reviewer).get(f"/api/v1/assets/{asset_id}/decisions").json()
    assert line["comment"] == comment


def test_bytes_that_changed_on_the_disk_are_told_and_block_approval(
    studio: Studio, browser: Browser, images: Images, editor: Actor, reviewer: Actor
) -> None:
    (asset_id,) = waiting(images, editor)
    client, shown = browser(reviewer), seen(studio, asset_id)
    file = studio.settings.home / "assets" / shown[:2] / shown[2:4] / shown
    right = file.read_bytes()
    file.write_bytes(right + b"x")
    answer = client.post(DECISIONS, json=body(studio, asset_id, "on-changed-bytes"))
    assert (answer.status_code, answer.json()["error"]) == (409, "IntegrityError")
    read = client.get(f"/api/v1/assets/{asset_id}/image")
    assert (read.status_code, read.json()["error"]) == (409, "IntegrityError")
    assert client.get(f"/api/v1/assets/{asset_id}").json()["damaged"]
    assert client.get(f"/api/v1/thumbnails/{shown}?size=320").status_code == 409
    file.write_bytes(right)
    assert client.get(f"/api/v1/assets/{asset_id}/image").content == right
    assert not client.get(f"/api/v1/assets/{asset_id}").json()["damaged"]
    assert decisions(studio) == 0


@pytest.mark.parametrize("path", ["assets/{id}/image", "thumbnails/{sha256}"])
def test_reading_finds_damaged_bytes_too(
    studio: Studio, browser: Browser, images: Images, editor: Actor, viewer: Actor, path: str
) -> None:
    (asset_id,) = waiting(images, editor)
    shown = seen(studio, asset_id)
    (studio.settings.home / "assets" / shown[:2] / shown[2:4] / shown).unlink()
    answer = browser(viewer).get(f"/api/v1/{path.format(id=asset_id, sha256=shown)}")
    assert (answer.status_code, answer.json()["error"]) == (409, "IntegrityError")
    assert asset(studio, viewer, asset_id).damaged


@pytest.mark.sqlite(reason="PostgreSQL's own clock cannot be turned")
def test_a_clock_that_is_turned_back_does_not_turn_the_log(
    studio: Studio, browser: Browser, images: Images, editor: Actor, reviewer: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    (asset_id,) = waiting(images, editor)
    client = browser(reviewer)
    client.post(DECISIONS, json=body(studio, asset_id, "before-the-turn"))
    an_hour_ago = utc_now() - dt.timedelta(hours=1)
    monkeypatch.setattr(clock, "utc_now", lambda: an_hour_ago)
    client.post(DECISIONS, json=body(studio, asset_id, "after-the-turn-", "reopen"))
    first, second = history(studio, editor, asset_id)
    assert second.at >= first.at
    assert second.at - first.at < deciding.UNDO_WINDOW


@pytest.mark.parametrize("database", [pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True)
def test_the_time_of_a_decision_is_the_databases_whatever_the_servers_clock_says(
    studio: Studio, browser: Browser, images: Images, editor: Actor, reviewer: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A SQLite file has the clock of the machine that opens it, so that this is about a server beside its database."""
    (asset_id,) = waiting(images, editor)
    client, sent = browser(reviewer), body(studio, asset_id, "on-a-wrong-clock")
    monkeypatch.setattr(clock, "utc_now", lambda: utc_now() + dt.timedelta(days=3))
    client.post(DECISIONS, json=sent)
    (line,) = history(studio, editor, asset_id)
    assert abs(line.at - utc_now()) < dt.timedelta(minutes=1)
    undone = client.post(f"{DECISIONS}/undo", json={"asset_id": asset_id, "idempotency_key": "undone-in-time"})
    assert undone.status_code == 200


def test_a_selection_is_approved_and_taken_back_in_two_calls(
    studio: Studio, browser: Browser, images: Images, editor: Actor, reviewer: Actor
) -> None:
    made = waiting(images, editor, 5)
    items = [body(studio, asset_id, f"many-{asset_id:05}") for asset_id in made]
    for item in items:
        del item["action"]
    client = browser(reviewer)
    answer = client.post(f"{DECISIONS}/bulk", json={"items": items, "comment": "all fine"}).json()
    assert (answer["count"], {result["state"] for result in answer["results"]}) == (5, {"approved"})
    assert history(studio, editor, made[0])[0].comment == "all fine"
    back = client.post(f"{DECISIONS}/bulk/undo", json={"asset_ids": made, "idempotency_key": "undo-them-all"}).json()
    assert (back["count"], back["refused"]) == (5, [])
    other = images.make(editor, category="Bags", state=AssetState.IN_REVIEW)
    mixed = [body(studio, asset_id, f"mixed-{asset_id:05}") for asset_id in [*made, *other]]
    for item in mixed:
        del item["action"]
    refused = client.post(f"{DECISIONS}/bulk", json={"items": mixed})
    assert (refused.status_code, refused.json()["error"]) == (409, "Conflict")
    assert "of one category" in refused.json()["message"]


def test_the_largest_selection_fits_into_a_call(studio: Studio, browser: Browser, reviewer: Actor) -> None:
    item = {"asset_id": 99_999_999, "revision": 12, "idempotency_key": "k" * 36, "seen_sha256": "0" * 64}
    answer = browser(reviewer).post(f"{DECISIONS}/bulk", json={"items": [item] * 200, "comment": "袖" * 2000})
    assert answer.status_code == 422  # refused for what it says, not for its size
    assert "one came twice" in answer.json()["message"]
