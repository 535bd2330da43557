"""The images of a made-up year: orders, briefs, images and their scores, as columns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ecomgan.metrics import SCORERS
from tests.histories.plan import APPROVED, CATEGORIES, EDITORS, MODELS, SCORES, Plan

A_BRIEF, AN_ORDER = 4, 40  # images
SECOND, DAY = 1_000_000, 86_400 * 1_000_000  # in microseconds
_COLOURS = ("Black", "White", "Blue", "Red", "Green", "Grey", "Brown", "Pink")


@dataclass(frozen=True)
class Images:
    """One element an image, in the order of their making. at: microseconds since 1970; quality: of deviation 1."""

    category: np.ndarray
    model: np.ndarray
    maker: np.ndarray
    at: np.ndarray
    day: np.ndarray
    quality: np.ndarray
    drift: np.ndarray
    chance: np.ndarray

    def __len__(self) -> int:
        return len(self.at)


def draw_images(plan: Plan, draw: np.random.Generator) -> Images:
    """Orders come on working days from 8 to 18 h, more in autumn than in spring; an order is made by one model."""
    orders = -(-plan.images // AN_ORDER)
    first = np.datetime64(plan.since, "us").astype(np.int64)
    days = np.arange(plan.days)
    weekday = (days + plan.since.weekday()) % 7
    busy = np.where(weekday < 5, 1.0, 0.12) * (0.8 + 0.4 * days / plan.days) * draw.uniform(0.8, 1.2, plan.days)
    day = np.sort(draw.choice(plan.days, orders, p=busy / busy.sum()))
    hour = draw.beta(2, 2, orders) * 10 + 8
    began = np.sort(first + day * DAY + (hour * 3600 * SECOND).astype(np.int64))
    day = (began - first) // DAY
    order_of = np.repeat(np.arange(orders), AN_ORDER)[: plan.images]
    names = list(CATEGORIES)
    brief_kind = draw.choice(len(names), orders * AN_ORDER // A_BRIEF, p=list(CATEGORIES.values()))
    category = brief_kind[np.arange(plan.images) // A_BRIEF]
    model = plan.model_on(day)[order_of]
    quality = draw.normal(size=plan.images)
    start = plan.days - plan.drift_days
    drift = np.clip((day[order_of] - start) / plan.drift_days, 0, 1) * (category == names.index(plan.drifting))
    chance = np.array(APPROVED)[category] - plan.bad_model_costs * (model == MODELS.index(plan.bad_model))
    chance -= 0.5 * np.clip(drift - 0.5, 0, 1)
    return Images(
        category=category,
        model=model,
        maker=draw.integers(0, len(EDITORS), orders)[order_of],
        at=began[order_of] + np.arange(plan.images) % AN_ORDER * SECOND,
        day=day[order_of],
        quality=quality,
        drift=drift,
        chance=np.clip(chance, 0.03, 0.97),
    )


def orders(images: Images, draw: np.random.Generator) -> pa.Table:
    """A job for each order, with about twelve seconds of computing an image; one in fifty needed a second attempt."""
    number = -(-len(images) // AN_ORDER)
    at = images.at[::AN_ORDER]
    made = np.minimum(AN_ORDER, len(images) - np.arange(number) * AN_ORDER)
    seconds = made * draw.gamma(8, 12 / 8, number)
    columns = {
        "id": [f"order-{n:07}" for n in range(number)],
        "kind": ["images"] * number,
        "title": ["10 products x 4"] * number,
        "state": ["done"] * number,
        "owner_id": images.maker[::AN_ORDER] + 1,
        "total": made,
        "done": made,
        "compute_seconds": seconds,
        "created_at": moments(at),
        "started_at": moments(at),
        "finished_at": moments(at + (seconds * SECOND).astype(np.int64)),
    }
    first = pa.table(columns | {"retry_of_id": pa.nulls(number, pa.string())})
    again = np.flatnonzero(draw.random(number) < 0.02)
    changed = {
        "id": pa.array([f"retry-{n:07}" for n in again], pa.string()),
        "compute_seconds": pa.array(0.3 * seconds[again]),
        "retry_of_id": pa.array([f"order-{n:07}" for n in again], pa.string()),
    }
    columns = {name: changed.get(name, first[name].take(again)) for name in first.column_names}
    return pa.concat_tables([first, pa.table(columns)])


def briefs(images: Images) -> pa.Table:
    """A brief for four images of one category."""
    first = np.arange(0, len(images), A_BRIEF)
    kind = np.array(list(CATEGORIES))[images.category[first]]
    return pa.table(
        {
            "id": np.arange(1, len(first) + 1),
            "job_id": [f"order-{n:07}" for n in first // AN_ORDER],
            "prompt": [f"{colour} {word.lower()}" for colour, word in zip(_colours(first), kind, strict=True)],
            "attributes": [f'{{"article_type": "{word}"}}' for word in kind],
            "model_version_id": images.model[first] + 1,
            "number": np.minimum(A_BRIEF, len(images) - first),
            "seed": first,
            "truncation": np.full(len(first), 0.8),
            "guidance_scale": np.ones(len(first)),
            "finishing": ["[]"] * len(first),
            "settings": ["{}"] * len(first),
            "purpose": ["concept"] * len(first),
            "created_by_id": images.maker[first] + 1,
            "created_at": moments(images.at[first]),
        }
    )


def assets(
    images: Images, states: np.ndarray, revisions: np.ndarray, since: np.ndarray, sha256: np.ndarray
) -> pa.Table:
    """The images themselves, in the states that their decisions brought them to."""
    number = np.arange(len(images))
    return pa.table(
        {
            "id": number + 1,
            "brief_id": number // A_BRIEF + 1,
            "number": number % A_BRIEF,
            "seed": number,
            "sha256": sha256,
            "height": np.full(len(images), 320),
            "width": np.full(len(images), 256),
            "state": states,
            "revision": revisions,
            "purpose": ["concept"] * len(images),
            "category": np.array(list(CATEGORIES))[images.category],
            "colour": _colours(number),
            "model_version_id": images.model + 1,
            "made_with": ["{}"] * len(images),
            "created_by_id": images.maker + 1,
            "created_at": moments(images.at),
            "priority": np.zeros(len(images), dtype=np.int64),
            "state_since": moments(since),
        }
    )


def scores(images: Images, plan: Plan, draw: np.random.Generator) -> pa.Table:
    """The scores of birth: better images score better, drifting ones have greyer borders, a bad model is less sharp."""
    parts = []
    for metric, (mean, deviation) in SCORES.items():
        scorer = SCORERS[metric]
        good = 0.5 * images.quality + np.sqrt(0.75) * draw.normal(size=len(images))
        if metric == "border_whiteness":
            good -= 2.0 * images.drift
        if metric == "sharpness":
            good -= 0.8 * (images.model == MODELS.index(plan.bad_model))
        value = mean + deviation * (good if scorer.better == "higher" else -np.abs(good) if metric == "fill" else -good)
        value = np.clip(np.abs(value) if scorer.low == 0 else value, scorer.low, scorer.high)
        parts.append(
            pa.table(
                {
                    "asset_id": np.arange(1, len(images) + 1),
                    "metric": [metric] * len(images),
                    "version": np.full(len(images), scorer.version),
                    "value": np.round(value, 4),
                }
            )
        )
    return pa.concat_tables(parts)


def told(scores: pa.Table, number: int) -> pa.Array:
    """The scores of each image in one text of JSON, as decisions keep them. scores: as `scores` gives them."""
    parts = []
    for at in range(0, len(scores), number):
        some = scores.slice(at, number)
        begin = f'"{some["metric"][0]}": {{"version": {some["version"][0]}, "value": '
        values = some["value"].combine_chunks().cast(pa.string())
        parts.append(pc.binary_join_element_wise(begin, values, "}", ""))
    return pc.binary_join_element_wise("{", pc.binary_join_element_wise(*parts, ", "), "}", "")


def moments(microseconds: np.ndarray) -> pa.Array:
    """Moments in UTC from microseconds since 1970, as both databases read them."""
    return pa.array(np.asarray(microseconds, dtype="datetime64[us]")).cast(pa.string())


def _colours(number: np.ndarray) -> np.ndarray:
    return np.array(_COLOURS)[number // A_BRIEF % len(_COLOURS)]
