"""The enumerations: what is stored as one of a few words."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What a user may do; each role may do all that the ones before it may (order of definition)."""

    VIEWER = "viewer"
    EDITOR = "editor"
    REVIEWER = "reviewer"
    MANAGER = "manager"
    ADMIN = "admin"


class Purpose(StrEnum):
    """What an image may be used for. LISTING shows the product itself and needs a real photo as its proof."""

    CONCEPT = "concept"
    PLACEHOLDER = "placeholder"
    AD = "ad"
    LISTING = "listing"


class AssetState(StrEnum):
    """Where an image stands on its way through review."""

    DRAFT = "draft"
    CHECKED = "checked"
    IN_REVIEW = "in_review"
    CHANGES_REQUESTED = "changes_requested"
    APPROVED = "approved"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class RuleCause(StrEnum):
    """Why an image needs several approvals: it shows people, its goods are regulated, or the house wants it."""

    PEOPLE = "people"
    REGULATED = "regulated"
    HOUSE = "house"


class JobState(StrEnum):
    """The life of a durable job. A PAUSED one has ended; another attempt goes on where it stopped."""

    QUEUED = "queued"
    RUNNING = "running"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"
    PAUSED = "paused"
    DONE = "done"
    FAILED = "failed"


class LinkKind(StrEnum):
    """What a one-time link is for."""

    SIGN_IN = "sign_in"
    INVITE = "invite"


class LicenceState(StrEnum):
    """Whether the rights of weights, photos and consents are settled. REFUSED blocks export."""

    GRANTED = "granted"
    UNCONFIRMED = "unconfirmed"
    REFUSED = "refused"


class TrainingWish(StrEnum):
    """What people want of a training: go on, stop for now, end here and keep what was learnt, or throw it away."""

    RUN = "run"
    PAUSE = "pause"
    KEEP = "keep"
    DISCARD = "discard"


class ImportOutcome(StrEnum):
    """What an import makes of a row."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


class ReproductionOutcome(StrEnum):
    """What came of making an image again. IMPOSSIBLE: it could not be made at all."""

    SAME = "same"
    SAME_PIXELS = "same_pixels"
    DIFFERENT = "different"
    IMPOSSIBLE = "impossible"


class VoteChoice(StrEnum):
    """Which of two images of one brief is the better one, by the side on which it was shown."""

    LEFT = "left"
    RIGHT = "right"
    NEITHER = "neither"


class PhotoOutcome(StrEnum):
    """What became of a file that was to be a photo. PRESENT: its products had it already."""

    WAITING = "waiting"
    ADDED = "added"
    PRESENT = "present"
    UNMATCHED = "unmatched"
    REFUSED = "refused"


class RecallOutcome(StrEnum):
    """What became of an image that a recall names. EARLIER: it was withdrawn before its turn came."""

    WAITING = "waiting"
    WITHDRAWN = "withdrawn"
    EARLIER = "earlier"


class OpinionKind(StrEnum):
    """Why a decided image is asked about once more: to compare two reviewers, because its right verdict is known, or
    because the studio approved it by itself.
    """

    SECOND = "second"
    GOLD = "gold"
    AUDIT = "audit"


class AlertKind(StrEnum):
    """What an alarm is about."""

    QUEUE_AGE = "queue_age"
    APPROVAL_RATE = "approval_rate"
    CALIBRATION = "calibration"
    REASON_MIX = "reason_mix"
    SCORE_MEAN = "score_mean"
    AUTOMATIC_OFF = "automatic_off"


class AlertEvent(StrEnum):
    """Why a message about an alarm is sent."""

    BEGAN = "began"
    ENDED = "ended"
    TEST = "test"


class TargetKind(StrEnum):
    """How an alarm is sent."""

    EMAIL = "email"
    WEBHOOK = "webhook"


class VerdictOutcome(StrEnum):
    """How an image stands with a channel. ON_EXPORT: it passes once an export has framed it and written the file.
    UNMEASURED: a score that a rule asks for is still missing.
    """

    PASSES = "passes"
    ON_EXPORT = "on_export"
    REFUSED = "refused"
    UNMEASURED = "unmeasured"
