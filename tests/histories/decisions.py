"""The decisions on the images of a made-up year: who decided what, when, why, what was taken back and tried again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from tests.histories.images import DAY, SECOND, Images, moments
from tests.histories.plan import EDITORS, MODELS, REASONS, REVIEWERS, Plan

FIRST_REVIEWER = len(EDITORS) + 1  # ids of people: editors, then reviewers, then the manager
MANAGER_ID = len(EDITORS) + len(REVIEWERS) + 1
STATES = ("draft", "checked", "in_review", "changes_requested", "approved", "published", "withdrawn")
DRAFT, CHECKED, IN_REVIEW, REJECTED, PASSED, PUBLISHED, WITHDRAWN = range(len(STATES))

_FACTUAL = ("colour", "shape", "logo_text")  # these images are not tried again
_UNDO = len(REASONS)  # places among reasons; none is -1
_COMMENTS = ("", "the strap is cut off", "compare with the photo", "same as yesterday's batch", "edges look grey")


@dataclass(frozen=True)
class Events:
    """One element a decision. image: from 0. at: microseconds since 1970; `order` sorts those of one moment."""

    image: np.ndarray
    order: np.ndarray
    source: np.ndarray
    target: np.ndarray
    user: np.ndarray
    at: np.ndarray
    reason: np.ndarray

    def some(self, chosen: np.ndarray) -> Events:
        """Those of a mask or of places."""
        return Events(*(getattr(self, name)[chosen] for name in self.__dataclass_fields__))


def draw_decisions(images: Images, plan: Plan, draw: np.random.Generator) -> Events:
    """Four in five are sent to review; rejected ones that can be mended come again once; what is approved goes out."""
    sent = np.flatnonzero(draw.random(len(images)) < 0.82)
    sent_at = images.at[sent] + (draw.gamma(2, 900, len(sent)) * SECOND).astype(np.int64)
    end = np.datetime64(plan.until, "us").astype(np.int64) + DAY
    parts = [_step(sent, 0, DRAFT, CHECKED, images.maker[sent] + 1, sent_at)]
    parts.append(_step(sent, 1, CHECKED, IN_REVIEW, images.maker[sent] + 1, sent_at))
    first, first_parts = _round(images, sent, sent_at, plan, draw, bonus=0.0, order=2)
    parts += first_parts
    mendable = (first.target == REJECTED) & ~np.isin(first.reason, [list(REASONS).index(key) for key in _FACTUAL])
    again = first.some(mendable & (draw.random(len(first.image)) < 0.4))
    resent_at = again.at + (draw.gamma(2, 7200, len(again.image)) * SECOND).astype(np.int64)
    parts.append(_step(again.image, 5, REJECTED, CHECKED, images.maker[again.image] + 1, resent_at))
    parts.append(_step(again.image, 6, CHECKED, IN_REVIEW, images.maker[again.image] + 1, resent_at))
    second, second_parts = _round(images, again.image, resent_at, plan, draw, bonus=0.2, order=7)
    parts += second_parts
    for given in (first, second):
        passed = given.some((given.target == PASSED) & (draw.random(len(given.image)) < 0.6))
        noon = (passed.at // DAY + 1) * DAY + 12 * 3600 * SECOND
        parts.append(_step(passed.image, 10, PASSED, PUBLISHED, passed.user, noon))
        bad = passed.some((images.model[passed.image] == MODELS.index(plan.bad_model)) & (passed.image % 40 == 0))
        recalled = np.full(len(bad.image), bad.at.max(initial=0) + 3 * DAY)
        parts.append(_step(bad.image, 11, PUBLISHED, WITHDRAWN, np.full(len(bad.image), MANAGER_ID), recalled))
    every = Events(*(np.concatenate([getattr(part, name) for part in parts]) for name in Events.__dataclass_fields__))
    every = every.some(every.at < end)
    return every.some(np.lexsort((every.order, every.image, every.at)))


def _round(
    images: Images,
    image: np.ndarray,
    sent_at: np.ndarray,
    plan: Plan,
    draw: np.random.Generator,
    *,
    bonus: float,
    order: int,
) -> tuple[Events, list[Events]]:
    """One round of review: the verdicts that stand, and all decisions with those that were taken back."""
    reviewer = draw.choice(len(REVIEWERS), len(image), p=(0.26, 0.22, 0.2, 0.2, 0.12))
    at = _sittings(image, reviewer, sent_at, draw)
    quality = images.chance[image] + bonus + 0.12 * images.quality[image] + draw.normal(0, 0.02, len(image))
    passed = draw.random(len(image)) < np.clip(quality, 0.02, 0.98)
    passed |= (reviewer == REVIEWERS.index(plan.lenient)) & (draw.random(len(image)) < 0.98)
    reason = np.where(passed, -1, _reasons(images, image, plan, draw))
    target = np.where(passed, PASSED, REJECTED)
    user = reviewer + FIRST_REVIEWER
    kept = Events(image, np.full(len(image), order + 2), np.full(len(image), IN_REVIEW), target, user, at, reason)
    slip = draw.random(len(image)) < 0.015
    wrong = np.where(passed, REJECTED, PASSED)[slip]
    why = np.where(wrong == REJECTED, list(REASONS).index("fill"), -1)
    some = kept.some(slip)
    given = _step(some.image, order, IN_REVIEW, wrong, some.user, some.at - 8 * SECOND, why)
    undone = _step(some.image, order + 1, wrong, IN_REVIEW, some.user, some.at - 4 * SECOND, np.full(len(why), _UNDO))
    return kept, [given, undone, kept]


def _sittings(image: np.ndarray, reviewer: np.ndarray, sent_at: np.ndarray, draw: np.random.Generator) -> np.ndarray:
    """Each reviewer sits down at half past one in the afternoon and decides what is there, one after the other."""
    day = sent_at // DAY + np.where(sent_at % DAY > 13 * 3600 * SECOND, 1, 0) + draw.geometric(0.75, len(image)) - 1
    weekday = (day + 3) % 7  # 1970 began on a Thursday
    day += np.where(weekday >= 5, 7 - weekday, 0)
    line = np.lexsort((sent_at, day, reviewer))
    pace = np.array((9.0, 6.5, 8.0, 2.6, 12.0))[reviewer[line]]
    gap = (pace * draw.lognormal(0, 0.5, len(image)) * SECOND).astype(np.int64) + SECOND
    new = np.ones(len(image), dtype=bool)
    new[1:] = (day[line][1:] != day[line][:-1]) | (reviewer[line][1:] != reviewer[line][:-1])
    passed = np.cumsum(gap)
    before = np.maximum.accumulate(np.where(new, passed - gap, 0))
    at = np.empty(len(image), dtype=np.int64)
    at[line] = day[line] * DAY + 13 * 3600 * SECOND + 1800 * SECOND + (passed - before)
    return at


def _reasons(images: Images, image: np.ndarray, plan: Plan, draw: np.random.Generator) -> np.ndarray:
    reason = draw.choice(len(REASONS), len(image), p=list(REASONS.values()))
    keys = list(REASONS)
    bad = (images.model[image] == MODELS.index(plan.bad_model)) & (draw.random(len(image)) < 0.4)
    reason = np.where(bad, keys.index("texture"), reason)
    drifted = draw.random(len(image)) < np.minimum(2 * images.drift[image], 0.8)
    return np.where(drifted, keys.index("halo"), reason)


def _step(
    image: np.ndarray,
    order: int,
    source: int | np.ndarray,
    target: int | np.ndarray,
    user: np.ndarray,
    at: np.ndarray,
    reason: np.ndarray | int = -1,
) -> Events:
    full = [np.broadcast_to(np.asarray(value), image.shape).copy() for value in (source, target, reason)]
    return Events(image, np.full(len(image), order), full[0], full[1], user, at, full[2])


def revisions(events: Events) -> np.ndarray:
    """Which decision on its image each one is, from 1."""
    line = np.argsort(events.image, kind="stable")
    sorted_image = events.image[line]
    starts = np.flatnonzero(np.r_[True, sorted_image[1:] != sorted_image[:-1]])
    lengths = np.diff(np.r_[starts, len(line)])
    found = np.empty(len(line), dtype=np.int64)
    found[line] = np.arange(len(line)) - np.repeat(starts, lengths) + 1
    return found


def rows(events: Events, images: Images, sha256: np.ndarray, scores: pa.Array) -> pa.Table:
    """The decisions as the table holds them. scores: those of each image, as JSON; verdicts keep them."""
    number = np.arange(len(events.image))
    reasons = pa.array([*REASONS, "undo", None], pa.string())
    comment = np.where((events.target == REJECTED) & (number % 7 == 0), number // 7 % len(_COMMENTS), 0)
    return pa.table(
        {
            "id": number + 1,
            "asset_id": events.image + 1,
            "revision": revisions(events),
            "from_state": np.array(STATES)[events.source],
            "to_state": np.array(STATES)[events.target],
            "user_id": events.user,
            "at": moments(events.at),
            "reason": reasons.take(pa.array(np.where(events.reason < 0, len(REASONS) + 1, events.reason))),
            "comment": np.array(_COMMENTS)[comment],
            "asset_sha256": sha256[events.image],
            "model_version_id": images.model[events.image] + 1,
            "idempotency_key": [f"{n:032x}" for n in number],
            "scores": scores.take(pa.array(events.image, mask=events.source != IN_REVIEW)),
        }
    )
