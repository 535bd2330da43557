"""A database as after months of work, filled in bulk: 100,000 images with briefs, scores, decisions and looks."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import sqlalchemy as sa

from db.tables import (
    Activity,
    Asset,
    AssetLook,
    AssetState,
    AssetVector,
    Base,
    Brief,
    Decision,
    Job,
    JobState,
    LicenceState,
    ModelVersion,
    Product,
    Purpose,
    Role,
    Score,
    User,
)
from ecomgan.encoder.packing import pack
from ecomgan.metrics import SCORERS, keys_of
from ecomgan.metrics.likeness import SIZE, VERSION
from tests.histories.copying import insert_rows, settle

IMAGES, PRODUCTS, BRIEFS, JOBS, PEOPLE, MODELS, ACTIVITIES = 100_000, 20_000, 25_000, 2_500, 20, 3, 20_000
FIRST_DAY = dt.datetime(2026, 5, 1, tzinfo=dt.UTC)
DAYS = 200

STATES = {
    AssetState.DRAFT: 0.25,
    AssetState.IN_REVIEW: 0.05,
    AssetState.CHANGES_REQUESTED: 0.1,
    AssetState.APPROVED: 0.4,
    AssetState.PUBLISHED: 0.15,
    AssetState.WITHDRAWN: 0.05,
}
KINDS = (
    "Tshirts",
    "Shirts",
    "Casual Shoes",
    "Watches",
    "Sports Shoes",
    "Dresses",
    "Handbags",
    "Jeans",
    "Belts",
    "Ties",
)
COLOURS = ("Black", "White", "Blue", "Red", "Green", "Grey", "Brown", "Pink", "Yellow", "Navy Blue")
WORDS = ("classic", "slim", "cotton", "leather", "summer", "striped", "vintage", "urban", "basic", "premium", "zebra")


def fill(engine: sa.Engine) -> None:
    """Fill an empty migrated database; every run writes the same rows."""
    with engine.begin() as connection:
        for table, rows in _tables(np.random.default_rng(0)):
            insert_rows(connection, table, rows)
    settle(engine)


def _tables(draw: np.random.Generator) -> Iterator[tuple[type[Base], Iterable[dict[str, Any]]]]:
    # One category in three is the first; one person made four images in ten: lists are never even.
    kind = draw.choice(len(KINDS), PRODUCTS, p=_falling(len(KINDS)))
    colour = draw.choice(len(COLOURS), PRODUCTS, p=_falling(len(COLOURS)))
    product_of = draw.integers(0, PRODUCTS, BRIEFS)
    maker = draw.choice(PEOPLE, BRIEFS, p=_falling(PEOPLE)) + 1
    model = np.sort(draw.choice(MODELS, BRIEFS, p=(0.5, 0.3, 0.2))) + 1
    brief_of = np.repeat(np.arange(BRIEFS), IMAGES // BRIEFS)
    state = draw.choice(len(STATES), IMAGES, p=list(STATES.values()))
    yield User, ({"name": f"Person {n}", "role": Role.REVIEWER if n % 2 else Role.EDITOR} for n in range(PEOPLE))
    yield ModelVersion, (_model(n) for n in range(MODELS))
    yield Product, (_product(n, KINDS[kind[n]], COLOURS[colour[n]]) for n in range(PRODUCTS))
    yield Job, (_job(n, int(maker[n * (BRIEFS // JOBS)])) for n in range(JOBS))
    yield (
        Brief,
        (
            _brief(n, int(product_of[n]), int(model[n]), int(maker[n]), KINDS[kind[product_of[n]]])
            for n in range(BRIEFS)
        ),
    )
    yield (
        Asset,
        (
            _asset(n, int(b), KINDS[kind[product_of[b]]], COLOURS[colour[product_of[b]]], tuple(STATES)[state[n]])
            | {
                "model_version_id": int(model[b]),
                "created_by_id": int(maker[b]),
                "product_id": _product_id(b, product_of),
            }
            for n, b in enumerate(brief_of)
        ),
    )
    yield Score, _scores(draw)
    yield AssetLook, _looks(draw)
    yield Decision, _decisions(state, model[brief_of], maker[brief_of])
    yield Activity, (_activity(n) for n in range(ACTIVITIES))


def _falling(n: int) -> np.ndarray:
    weights = 1 / np.arange(1, n + 1)
    return weights / weights.sum()


def _at(n: int, of: int) -> dt.datetime:
    return FIRST_DAY + dt.timedelta(seconds=86_400 * DAYS * n // of)


def _sha256(what: str, n: int) -> str:
    return hashlib.sha256(f"{what} {n}".encode()).hexdigest()


def _model(n: int) -> dict[str, Any]:
    facts = {"name": f"model-{n}", "digest": _sha256("model", n), "folder": f"models/{n}", "height": 80, "width": 64}
    return facts | {"licence": LicenceState.GRANTED}


def _product(n: int, kind: str, colour: str) -> dict[str, Any]:
    title = f"{WORDS[n % 10].title()} {WORDS[n // 10 % 10]} {colour} {kind}"
    return {"sku": f"SKU-{n:06}", "title": title, "category": f"Apparel > {kind}", "colour": colour}


def _job(n: int, owner: int) -> dict[str, Any]:
    state = JobState.RUNNING if n == JOBS - 1 else JobState.DONE
    facts = {"id": f"job-{n:06}", "kind": "images", "title": "10 products × 4", "state": state, "owner_id": owner}
    return facts | {"total": 40, "done": 40, "created_at": _at(n, JOBS)}


def _brief(n: int, product: int, model: int, maker: int, kind: str) -> dict[str, Any]:
    rare = " zebra" if n % 5_000 == 0 else ""
    return {
        "job_id": f"job-{n // (BRIEFS // JOBS):06}",
        "product_id": product + 1 if n % 10 < 7 else None,
        "prompt": f"{WORDS[n % 10]} {WORDS[n // 100 % 10]} {kind}{rare}",
        "attributes": {"article_type": kind},
        "model_version_id": model,
        "number": IMAGES // BRIEFS,
        "seed": n * 100,
        "purpose": Purpose.CONCEPT,
        "created_by_id": maker,
    }


def _product_id(brief: int, product_of: np.ndarray) -> int | None:
    return int(product_of[brief]) + 1 if brief % 10 < 7 else None


def _asset(n: int, brief: int, kind: str, colour: str, state: AssetState) -> dict[str, Any]:
    return {
        "brief_id": brief + 1,
        "number": n % (IMAGES // BRIEFS),
        "seed": brief * 100 + n,
        "sha256": _sha256("image", n),
        "height": 80,
        "width": 64,
        "state": state,
        "revision": 0 if state is AssetState.DRAFT else 2,
        "purpose": list(Purpose)[n % 3],
        "category": kind,
        "colour": colour,
        "created_at": _at(n, IMAGES),
        "state_since": _at(n, IMAGES) + dt.timedelta(hours=n % 50),
        "priority": 2 if n % 1_000 == 0 else int(n % 50 == 0),
        "assignee_id": n % 7 * 2 + 2 if n % 3 else None,  # seven reviewers
        "made_with": {"torch": "2.13.0", "device": "CPU"},
    }


def _scores(draw: np.random.Generator) -> Iterator[dict[str, Any]]:
    ranges = {key: (SCORERS[key].low, SCORERS[key].high) for key in keys_of("birth")}
    for n in range(IMAGES):
        for key, (low, high) in ranges.items():
            yield {
                "asset_id": n + 1,
                "metric": key,
                "version": SCORERS[key].version,
                "value": float(draw.beta(4, 3) * (high - low) + low),
            }


def _looks(draw: np.random.Generator) -> Iterator[dict[str, Any]]:
    vectors = draw.normal(0, 14, (IMAGES, SIZE)).astype(np.int8)
    return ({"asset_id": n + 1, "version": VERSION, "vector": vectors[n].tobytes()} for n in range(IMAGES))


def fill_vectors(engine: sa.Engine, encoder: str, dim: int) -> None:
    """Give each image a vector of the search by meaning."""
    vectors = pack(np.random.default_rng(1).normal(0, 1, (IMAGES, dim)).astype(np.float32))
    rows = ({"asset_id": n + 1, "encoder": encoder, "vector": vectors[n].tobytes()} for n in range(IMAGES))
    with engine.begin() as connection:
        insert_rows(connection, AssetVector, rows)


def _decisions(state: np.ndarray, model: np.ndarray, maker: np.ndarray) -> Iterator[dict[str, Any]]:
    for n in range(IMAGES):
        reached = tuple(STATES)[state[n]]
        if reached is AssetState.DRAFT:
            continue
        rejected = reached is AssetState.CHANGES_REQUESTED
        steps = [(AssetState.CHECKED, AssetState.IN_REVIEW)]
        steps += [] if reached is AssetState.IN_REVIEW else [(AssetState.IN_REVIEW, reached)]
        for k, (from_state, to_state) in enumerate(steps):
            yield {
                "asset_id": n + 1,
                "revision": k + 1,
                "from_state": from_state,
                "to_state": to_state,
                "user_id": int(maker[n]) if k == 0 else int(maker[n]) % PEOPLE + 1,
                "at": _at(n, IMAGES) + dt.timedelta(hours=1 + k),
                "reason": "halo" if rejected and k else None,
                "asset_sha256": _sha256("image", n),
                "model_version_id": int(model[n]),
                "idempotency_key": _sha256(f"decision {k}", n),
            }


def _activity(n: int) -> dict[str, Any]:
    subject = ("import", "training", "model_version", "photo")[n % 4]
    facts = {"at": _at(n, ACTIVITIES), "user_id": n % PEOPLE + 1, "verb": "changed", "subject": subject}
    return facts | {"subject_id": str(n // 4), "text": f"changed {subject} {n // 4}"}
