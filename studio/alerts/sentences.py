"""What alarms say: one sentence for each, filled in with the values that are kept; the screens translate it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

SENTENCES: Final[dict[str, str]] = {
    "queue_age": "An image has waited for review for {hours} hours; the limit is {limit}.",
    "approval_rate": (
        "{category}: {now} of the images of the last {days} days were approved, {before} of those of the four times as "
        "long time before."
    ),
    "calibration": (
        "{category}: the scores foretell the verdicts of the last {days} days worse than they did. Their Brier score "
        "is {now}, it was {before}."
    ),
    "reason_mix": "{category}: the reasons of rejections changed. {reason} stands for {now} of them, it was {before}.",
    "score_mean": "{category}: the score {metric} moved from {before} to {now} on average.",
    "automatic_audit": (
        "Automatic approval of {category} was switched off: of {answered} approved images that people looked at, they "
        "rejected {escapes}. That is more than the {rate} that were allowed, beyond chance."
    ),
    "automatic_drift": (
        "Automatic approval of {category} was switched off: the scores foretell people's verdicts worse than when it "
        "was set up. The Brier score of {n} images is {now}, it was {before}."
    ),
}
"""The sentences by key; an alarm keeps its key under "sentence" among its values."""

ALL_CATEGORIES: Final = "All images together"
"""What stands for the category where an alarm is about all of them."""


def in_english(values: Mapping[str, Any]) -> str:
    """The sentence of an alarm, for e-mails, webhooks and the log."""
    return SENTENCES[values["sentence"]].format(**values)
