"""Writes a made-up year into an empty migrated database."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import sqlalchemy as sa

from db.tables import Comment, Evaluation, Export, ExportItem, LicenceState, ModelVersion, Role, User
from tests.histories import decisions, images
from tests.histories.copying import copy_columns, insert_rows, settle
from tests.histories.plan import CATEGORIES, EDITORS, MANAGER, MODELS, REVIEWERS, Plan

_KD = {"starter-1": 14.0, "starter-2": 41.0, "starter-3": 11.0}  # x1000, of all categories
_FEWEST = 40  # photos of a category, below which its interval says little


def fill_year(engine: sa.Engine, plan: Plan, pictures: Sequence[str] = ()) -> None:
    """Fill the database; the same plan writes the same rows. pictures: SHA-256 of images of the storage, given to the
    images in turn; without, each image has a hash of its own and no bytes.

    On PostgreSQL neither foreign keys nor triggers run meanwhile, and all days are marked at the end.
    """
    draw = np.random.default_rng(plan.seed)
    drawn = images.draw_images(plan, draw)
    events = decisions.draw_decisions(drawn, plan, draw)
    sha256 = _hashes(len(drawn), pictures, drawn.category)
    with engine.begin() as connection:
        fast = connection.dialect.name == "postgresql"
        if fast:
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
            connection.exec_driver_sql("SET LOCAL TIME ZONE 'UTC'")
        _people_and_models(connection, plan)
        copy_columns(connection, "jobs", images.orders(drawn, draw))
        copy_columns(connection, "briefs", images.briefs(drawn))
        states, since = _reached(drawn, events)
        number = np.bincount(events.image, minlength=len(drawn))
        copy_columns(connection, "assets", images.assets(drawn, states, number, since, sha256))
        scores = images.scores(drawn, plan, draw)
        copy_columns(connection, "scores", scores)
        copy_columns(connection, "decisions", decisions.rows(events, drawn, sha256, images.told(scores, len(drawn))))
        _comments(connection, events)
        _exports(connection, events)
        if fast:
            days = "SELECT (at AT TIME ZONE 'UTC')::date FROM decisions UNION SELECT created_at::date FROM assets"
            connection.exec_driver_sql(f"INSERT INTO rollup_marks (day, marked_at) SELECT d, now() FROM ({days}) x(d)")
    tables = ("users", "model_versions", "briefs", "assets", "scores", "decisions", "comments", "exports")
    settle(engine, tables)


def _people_and_models(connection: sa.Connection, plan: Plan) -> None:
    people = [(name, Role.EDITOR) for name in EDITORS] + [(name, Role.REVIEWER) for name in REVIEWERS]
    people.append((MANAGER, Role.MANAGER))
    insert_rows(
        connection, User, ({"id": n, "name": name, "role": role} for n, (name, role) in enumerate(people, start=1))
    )
    for n, name in enumerate(MODELS, start=1):
        facts = {"name": name, "digest": _sha256(f"model {name}"), "folder": f"models/{name}", "height": 320}
        registered = dt.datetime.combine(plan.since, dt.time(), dt.UTC) + dt.timedelta(days=n)
        rest = {"id": n, "width": 256, "licence": LicenceState.GRANTED, "registered_at": registered}
        insert_rows(connection, ModelVersion, [facts | rest])
        insert_rows(connection, Evaluation, _evaluations(n, name))


def _evaluations(model_id: int, name: str) -> list[dict[str, object]]:
    """As `ecomgan evaluate` writes them: a kernel distance in all and for each category, with its interval and n."""
    found = []
    for at, (category, share) in enumerate([("", 1.0), *CATEGORIES.items()]):
        photos = round(2_400 * share)
        value = _KD[name] * (1 + 0.35 * np.sin(3 * at))
        half = 90 / np.sqrt(photos)
        cell = {"value": round(value, 3), "low": round(value - half, 3), "high": round(value + half, 3)}
        figures: dict[str, object] = (
            {"article_type": category, "photos": photos, "KD_catalog_x1000": cell}
            if category
            else {
                "data": {"name": "held-out", "held_out_photos": photos},
                "distances": {"KD_catalog_x1000": {"generated": cell}},
            }
        )
        found.append({"model_version_id": model_id, "data": "held-out", "category": category, "figures": figures})
    return found


def _reached(drawn: images.Images, events: decisions.Events) -> tuple[np.ndarray, np.ndarray]:
    """The state of each image after its last decision, and since when."""
    states = np.full(len(drawn), decisions.DRAFT)
    since = drawn.at.copy()
    states[events.image] = events.target  # of several, the last one stays
    since[events.image] = events.at
    return np.array(decisions.STATES)[states], since


def _comments(connection: sa.Connection, events: decisions.Events) -> None:
    rejected = np.flatnonzero(events.target == decisions.REJECTED)[::25]
    texts = ("please crop closer", "@Anna the colour is off", "same halo as last week")
    rows = (
        {
            "asset_id": int(events.image[n]) + 1,
            "user_id": int(events.user[n]),
            "text": texts[k % len(texts)],
            "at": _moment(events.at[n]),
            "idempotency_key": _sha256(f"comment {k}"),
        }
        for k, n in enumerate(rejected)
    )
    insert_rows(connection, Comment, rows)


def _exports(connection: sa.Connection, events: decisions.Events) -> None:
    """What is published on a day leaves as one ZIP."""
    published = np.flatnonzero(events.target == decisions.PUBLISHED)
    days, of_day = np.unique(events.at[published] // images.DAY, return_inverse=True)
    insert_rows(
        connection,
        Export,
        (
            {
                "id": n + 1,
                "user_id": decisions.MANAGER_ID,
                "channel_id": 1,
                "sha256": _sha256(f"export {n}"),
                "created_at": _moment(day * images.DAY + 12 * 3600 * images.SECOND),
            }
            for n, day in enumerate(days)
        ),
    )
    image = events.image[published]
    columns = {
        "export_id": of_day + 1,
        "asset_id": image + 1,
        "file_name": [f"image-{n}.jpg" for n in image],
        "derivative_sha256": [f"{n:064x}" for n in image],
    }
    copy_columns(connection, ExportItem.__tablename__, pa.table(columns))


def _hashes(number: int, pictures: Sequence[str], category: np.ndarray) -> np.ndarray:
    if not pictures:
        return np.array([f"{n + 1:064x}" for n in range(number)])
    return np.array(pictures)[(category * 8 + np.arange(number) % 8) % len(pictures)]


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _moment(microseconds: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(int(microseconds) / images.SECOND, dt.UTC)
