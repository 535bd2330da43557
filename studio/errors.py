"""Everything that a use case may refuse, as one tree. Each message says what was wrong, the value got, what is right.

A message may be a template whose `{names}` are given as values: the screens then say it in their language, the REST
routes and logs in English.

StudioError (500)
├── InputError (422)       a value that cannot be used
├── NotSignedIn (401)      no session, or one that is over
├── Forbidden (403)        the role is too small
├── NotFound (404)         no such row
├── Conflict (409)         the state of things does not allow it
│   ├── StaleDecision      someone else decided meanwhile
│   └── ClaimedByAnother   another reviewer is looking at it
├── RateLimited (429)      too many tries
│   └── QuotaReached       a person's computing of the day is used up
├── StorageError (500)     the store of bytes fails
│   ├── IntegrityError (409)  bytes missing or changed
│   └── DiskFull (507)     no room; nothing was half-written
├── EngineError (500)      a model that cannot be opened, or failed at work
└── NotReady (503)         no worker, no model yet
    └── DatabaseBusy       another write held the database too long
"""

from __future__ import annotations


class Words(tuple[str, ...]):
    """Words among the values of a message that the screens translate one by one; in English "top and the left"."""

    joint = " and the "

    def __str__(self) -> str:
        return self.joint.join(self)


class StudioError(Exception):
    """Base of all refusals. `message` is for people; `http_status` is what the REST routes answer.

    template: the message before its `values` were filled in.
    """

    http_status = 500

    def __init__(self, template: str, **values: object) -> None:
        self.template, self.values = template, values
        self.message = template.format(**values) if values else template
        super().__init__(self.message)


class InputError(StudioError):
    """A value that cannot be used."""

    http_status = 422


class NotSignedIn(StudioError):
    """No session, or one that is over."""

    http_status = 401


class Forbidden(StudioError):
    """The actor's role is too small for this."""

    http_status = 403


class NotFound(StudioError):
    """No such product, image, job or person."""

    http_status = 404


class Conflict(StudioError):
    """The present state of things does not allow it."""

    http_status = 409


class StaleDecision(Conflict):
    """Someone else decided meanwhile. Holds the state now and a sentence about the last decision."""

    def __init__(self, template: str, *, current_state: str, last_decision: str, **values: object) -> None:
        super().__init__(template, **values)
        self.current_state = current_state
        self.last_decision = last_decision


class ClaimedByAnother(Conflict):
    """Another reviewer holds the image for now."""


class RateLimited(StudioError):
    """Too many tries; `retry_after` is the number of seconds to wait."""

    http_status = 429

    def __init__(self, template: str, *, retry_after: int, **values: object) -> None:
        super().__init__(template, **values)
        self.retry_after = retry_after


class QuotaReached(RateLimited):
    """A person's computing of the day is used up; `retry_after` is the number of seconds until enough is free."""


class StorageError(StudioError):
    """Bytes cannot be read or written."""

    http_status = 500


class IntegrityError(StorageError):
    """Kept bytes are missing, or are no longer those that were kept. Trying again does not help."""

    http_status = 409


class DiskFull(StorageError):
    """No room for a write. Nothing was half-written."""

    http_status = 507


class EngineError(StudioError):
    """A model that cannot be opened, or failed while making an image."""

    http_status = 500


class NotReady(StudioError):
    """Something that this needs is not up: the worker, or a model in production."""

    http_status = 503


class DatabaseBusy(NotReady):
    """Another write held the database for too long. Nothing was saved; trying again is safe."""
