"""Decisions that are sent together: each is answered as if it had come alone."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from starlette.testclient import TestClient

from db.tables import Asset, AssetState, Decision
from studio.bootstrap import Studio
from studio.review.log_check import check_log
from studio.roles import Actor
from tests.api.conftest import Browser
from tests.studio.conftest import Images

SEVERAL = "/api/v1/decisions/several"


def sent(studio: Studio, asset_id: int, key: str, action: str = "approve", **more: object) -> dict[str, Any]:
    with studio.reading() as session:
        row = session.get_one(Asset, asset_id)
    facts = {"asset_id": asset_id, "revision": row.revision, "action": action, "idempotency_key": key}
    return facts | {"seen_sha256": row.sha256} | more


def answers(client: TestClient, *items: dict[str, Any]) -> list[tuple[int, str]]:
    """Status, and state or error, of each."""
    answer = client.post(SEVERAL, json={"items": items})
    assert answer.status_code == 200, answer.text
    return [(one["status"], one["answer"].get("state") or one["answer"]["error"]) for one in answer.json()["answers"]]


def decisions(studio: Studio) -> int:
    with studio.reading() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(Decision)) or 0


def test_each_stands_or_falls_alone(
    browser: Browser, studio_on_both: Studio, images: Images, editor: Actor, reviewer: Actor
) -> None:
    studio = studio_on_both
    first, second, third, fourth = images.make(editor, 4, state=AssetState.IN_REVIEW)
    before = decisions(studio)
    assert answers(
        browser(reviewer),
        sent(studio, fourth, "key-of-fourth", "reject", reason="halo"),
        sent(studio, first, "key-of-first"),
        sent(studio, second, "key-of-second", revision=77),
        sent(studio, third, "key-of-third", seen_sha256="0" * 64),
    ) == [(200, "changes_requested"), (200, "approved"), (409, "StaleDecision"), (409, "Conflict")]
    assert decisions(studio) == before + 2
    assert check_log(studio).fault == ""


def test_a_decision_and_its_undo_keep_their_order(
    browser: Browser, studio: Studio, images: Images, editor: Actor, reviewer: Actor
) -> None:
    (asset_id,) = images.make(editor, 1, state=AssetState.IN_REVIEW)
    undo = {"action": "undo", "asset_id": asset_id, "idempotency_key": "key-of-undo"}
    found = answers(browser(reviewer), sent(studio, asset_id, "key-of-first"), undo)
    assert found == [(200, "approved"), (200, "in_review")]


def test_sent_twice_nothing_counts_twice(
    browser: Browser, studio: Studio, images: Images, editor: Actor, reviewer: Actor
) -> None:
    items = [sent(studio, id_, f"key-of-{id_}") for id_ in images.make(editor, 3, state=AssetState.IN_REVIEW)]
    before = decisions(studio)
    assert answers(browser(reviewer), *items) == answers(browser(reviewer), *items) == [(200, "approved")] * 3
    assert decisions(studio) == before + 3


def test_the_role_of_each_is_looked_at(browser: Browser, studio: Studio, images: Images, editor: Actor) -> None:
    (asset_id,) = images.make(editor, 1, state=AssetState.IN_REVIEW)
    assert answers(browser(editor), sent(studio, asset_id, "key-of-first")) == [(403, "Forbidden")]


def test_none_and_too_many_are_refused(browser: Browser, reviewer: Actor) -> None:
    undo = {"action": "undo", "asset_id": 1, "idempotency_key": "key-of-undo"}
    for number in (0, 21):
        assert browser(reviewer).post(SEVERAL, json={"items": [undo] * number}).status_code == 422
