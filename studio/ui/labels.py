"""The words and tones of states, roles, purposes and scores, the same on every page; `t` translates them when drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from db.tables import AssetState, JobState, Purpose, Role
from ecomgan.text.words import display_name
from studio.making.briefs import UNCATEGORISED
from studio.photos.rights import Rights
from studio.review.checks import CHECKS
from studio.ui.i18n import language, msg, number, t

Tone = Literal["neutral", "info", "good", "warn", "bad", "done"]

BADGE_COLOURS: dict[Tone, Literal["gray", "blue", "green", "orange", "red", "violet"]] = {
    "neutral": "gray",
    "info": "blue",
    "good": "green",
    "warn": "orange",
    "bad": "red",
    "done": "violet",
}

ASSET_STATES: dict[AssetState, tuple[str, Tone]] = {
    AssetState.DRAFT: (msg("Draft"), "neutral"),
    AssetState.CHECKED: (msg("Checked"), "info"),
    AssetState.IN_REVIEW: (msg("In review"), "info"),
    AssetState.CHANGES_REQUESTED: (msg("Changes requested"), "warn"),
    AssetState.APPROVED: (msg("Approved"), "good"),
    AssetState.PUBLISHED: (msg("Published"), "done"),
    AssetState.WITHDRAWN: (msg("Withdrawn"), "bad"),
}

JOB_STATES: dict[JobState, tuple[str, Tone]] = {
    JobState.QUEUED: (msg("Queued"), "neutral"),
    JobState.RUNNING: (msg("Running"), "info"),
    JobState.CANCELLING: (msg("Cancelling"), "warn"),
    JobState.CANCELLED: (msg("Cancelled"), "neutral"),
    JobState.PAUSED: (msg("Paused"), "warn"),
    JobState.DONE: (msg("Done"), "good"),
    JobState.FAILED: (msg("Failed"), "bad"),
}

ROLES: dict[Role, str] = {
    Role.VIEWER: msg("Viewer"),
    Role.EDITOR: msg("Editor"),
    Role.REVIEWER: msg("Reviewer"),
    Role.MANAGER: msg("Manager"),
    Role.ADMIN: msg("Admin"),
}

ROLE_MEANINGS: dict[Role, str] = {
    Role.VIEWER: msg("sees everything, changes nothing"),
    Role.EDITOR: msg("makes images and sends them to review"),
    Role.REVIEWER: msg("also approves and rejects"),
    Role.MANAGER: msg("also withdraws approved images, promotes and rolls back models"),
    Role.ADMIN: msg("also invites people and sets roles"),
}

RIGHTS: dict[Rights, tuple[str, Tone]] = {
    Rights.SETTLED: (msg("Settled"), "good"),
    Rights.ACKNOWLEDGED: (msg("Answered for"), "info"),
    Rights.OPEN: (msg("Unconfirmed"), "warn"),
    Rights.REFUSED: (msg("Refused"), "bad"),
}

PURPOSES: dict[Purpose, str] = {
    Purpose.CONCEPT: msg("Concept"),
    Purpose.PLACEHOLDER: msg("Placeholder"),
    Purpose.AD: msg("Ad"),
    Purpose.LISTING: msg("Listing"),
}


@dataclass(frozen=True)
class Metric:
    """How a score is shown: its short name, what it means, its digits and unit. `review.checks` says what is good."""

    name: str
    meaning: str
    digits: int
    unit: str = ""

    def written(self, value: float) -> str:
        """The value as people read it, with its unit."""
        return number(value, self.digits) + self.unit


def state_badge(state: AssetState | JobState) -> tuple[str, Tone]:
    """The state's word in the visitor's language, and its tone."""
    label, tone = ASSET_STATES[state] if isinstance(state, AssetState) else JOB_STATES[state]
    return t(label), tone


def plain(text: str) -> str:
    """`text` with everything escaped that Markdown would act on: for titles and names that people typed."""
    escaped = "".join("\\" + letter if letter in r"\`*_{}[]<>#+-!|~$:" else letter for letter in text)
    return escaped.replace("\n", " ")


METRICS: dict[str, Metric] = {
    "sharpness": Metric(msg("Sharp"), msg("how crisp the edges are; below 1.3 the eye sees blur"), 1),
    "border_whiteness": Metric(msg("White"), msg("how much of the frame's border is white"), 0, " %"),
    "fill": Metric(msg("Fill"), msg("how much of the frame the product spans; channels ask for 75 to 90 %"), 0, " %"),
    "centring": Metric(msg("Off centre"), msg("distance from the middle of the frame, 0 to 1; 0 is centred"), 2),
    "colour_difference": Metric(
        msg("ΔE"), msg("difference to the colour asked for; below 10 the same colour, above 25 another"), 0
    ),
    "category_confidence": Metric(
        msg("Article"), msg("how sure a classifier is that the image shows the article asked for"), 0, " %"
    ),
}
"""The scores of birth by key, in the order in which they are shown."""


_UNCATEGORISED = msg("Uncategorised")


def term(value: str) -> str:
    """A category, colour or usage as the visitor's language names it; the value itself where no name is known."""
    return t(_UNCATEGORISED) if value == UNCATEGORISED else display_name(value, language())


def score_tone(metric: str, value: float) -> Tone:
    """Good when the score passes its check, warn when it does not."""
    return "good" if CHECKS[metric].passes(value) else "warn"
