"""Seals: each decision is chained to the one before it by an HMAC, and the chain's end is told outside the database.

Whoever can write to the database but has not the key cannot change, remove or add a decision unseen; whoever cuts the
last rows off, seals and all, is betrayed by the anchor, a file that is only ever added to. `log_check` finds it.

The chain is `mac[n] = HMAC-SHA256(key, n, mac[n - 1], decision[n])` (RFC 2104), with an empty `mac[0]`.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
import logging
import os
import secrets
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import Decision, DecisionSeal, SealHead, utc_now
from studio.errors import StorageError

SYNC_SECONDS: Final = 1.0
"""The anchor is written at every seal and brought to the disk at most once in this time."""

_FIELDS: Final = (
    "id",
    "asset_id",
    "revision",
    "from_state",
    "to_state",
    "user_id",
    "at",
    "reason",
    "comment",
    "asset_sha256",
    "model_version_id",
    "idempotency_key",
    "scores",
)
_UNSEALED: Final = "unsealed decisions"
_KEY_BYTES: Final = 32
_A_BATCH: Final = 1_000

_HEAD = sa.select(SealHead.position, SealHead.mac, SealHead.key_id).with_for_update()
_ADD_SEALS = sa.insert(DecisionSeal)
_MOVE_HEAD = sa.update(SealHead).values({name: sa.bindparam(name) for name in ("position", "mac", "key_id")})

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Head:
    """The end of the chain: how many decisions are sealed, and the last seal."""

    position: int
    mac: str


@dataclass(frozen=True)
class Anchor:
    """The chain's end as the file tells it: one line, written at `at` (UTC)."""

    position: int
    mac: str
    at: dt.datetime


class Notary:
    """Seals the decisions of this process. `key`: the file of the secret, made at the first seal; `anchor`: the file
    that tells the chain's end, best on another disk than the database.
    """

    def __init__(self, key: Path, anchor: Path) -> None:
        self.key_path, self.anchor_path = key, anchor
        self._key: bytes | None = None
        self._synced = 0.0
        self._writing = threading.Lock()

    def seal(self, session: Session) -> Head | None:
        """Seal the decisions of this transaction; its last deed, as others wait for it. None when there are none.

        Raises StorageError when the key is missing or another one than the chain's.
        """
        rows: list[Decision] = session.info.pop(_UNSEALED, [])
        if not rows:
            return None
        session.flush()
        return self._extend(session, rows)

    def begin(self, session: Session) -> Head | None:
        """Seal all decisions of a database that has no chain yet. None where there is nothing to begin.

        Not where the anchor tells of a chain: then this one was removed, and a new one would hide it.
        """
        head = _locked_head(session)
        if head.key_id or self.anchors():
            return None
        rows = session.scalars(sa.select(Decision).order_by(Decision.id).execution_options(yield_per=_A_BATCH))
        sealed = None
        for some in rows.partitions(_A_BATCH):
            sealed = self._extend(session, list(some))
        return sealed

    def tell(self, head: Head) -> None:
        """Add the chain's end to the anchor, after the transaction that sealed it. A fault is logged: the decision
        stands already, and `verify-log` says how far the anchor reaches.
        """
        line = f"{head.position} {head.mac} {utc_now().isoformat(timespec='seconds')}\n".encode()
        try:
            with self._writing:
                file = os.open(self.anchor_path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
                try:
                    os.write(file, line)  # one call: lines of several processes do not mix
                    now = time.monotonic()
                    if now - self._synced >= SYNC_SECONDS:
                        os.fsync(file)
                        self._synced = now
                finally:
                    os.close(file)
        except OSError as error:
            _log.error("the seal of decision log position %d was not anchored: %s", head.position, error)

    def anchors(self) -> list[Anchor]:
        """The lines of the anchor, as they were written. Raises StorageError for one that was never written so."""
        if not self.anchor_path.exists():
            return []
        found = []
        for number, line in enumerate(self.anchor_path.read_text("ascii", errors="replace").splitlines(), 1):
            try:
                position, mac, at = line.split(" ")
                found.append(Anchor(int(position), mac, dt.datetime.fromisoformat(at)))
            except ValueError as error:
                raise StorageError(f"Line {number} of the anchor {self.anchor_path} was changed: {line!r}.") from error
        return found

    def key(self) -> bytes:
        """The secret. Raises StorageError when it is missing or cannot be read."""
        if self._key is None:
            try:
                self._key = bytes.fromhex(self.key_path.read_text("ascii"))
            except (OSError, ValueError) as error:
                raise StorageError(
                    f"The key that seals decisions cannot be read from {self.key_path}. Nothing was saved. Copy it "
                    "there from the machine or the backup that has it."
                ) from error
        return self._key

    def key_id(self) -> str:
        """Tells which key this is, without telling it."""
        return hmac.new(self.key(), b"the name of this key", hashlib.sha256).hexdigest()[:16]

    def _extend(self, session: Session, rows: list[Decision]) -> Head:
        found = _locked_head(session)
        if not found.key_id and not self.key_path.exists():
            _make_key(self.key_path)
        if found.key_id not in ("", self.key_id()):
            raise StorageError(
                f"The key in {self.key_path} is not the one that seals the decisions of this database. Nothing was "
                "saved. Copy the right one there, from the machine or the backup that has it."
            )
        position, mac, seals = found.position, found.mac, []
        for row in rows:
            position += 1
            mac = seal_of(self.key(), position, mac, row)
            seals.append({"position": position, "decision_id": row.id, "mac": mac})
        session.connection().execute(_ADD_SEALS, seals)
        session.connection().execute(_MOVE_HEAD, {"position": position, "mac": mac, "key_id": self.key_id()})
        return Head(position, mac)


def to_be_sealed(session: Session, row: Decision) -> None:
    """Have a new decision sealed at the end of its transaction."""
    session.info.setdefault(_UNSEALED, []).append(row)


def number_to_seal(session: Session) -> int:
    """How many decisions of this transaction are to be sealed at its end."""
    return len(session.info.get(_UNSEALED, ()))


def seal_only_first(session: Session, number: int) -> None:
    """Forget the decisions after the first `number`: they were rolled back to a savepoint."""
    del session.info.get(_UNSEALED, [])[number:]


def seal_of(key: bytes, position: int, previous: str, row: Any) -> str:
    """The seal of a decision, or of a row with its columns, in hex. An empty column counts for nothing, so that a
    column that comes later changes no old seal.
    """
    facts = {name: getattr(row, name) for name in _FIELDS}
    facts["at"] = facts["at"].astimezone(dt.UTC).isoformat(timespec="microseconds")
    told = {name: value for name, value in facts.items() if value is not None}
    text = json.dumps(told, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hmac.new(key, f"{position}\n{previous}\n{text}".encode(), hashlib.sha256).hexdigest()


def _locked_head(session: Session) -> sa.Row[int, str, str]:
    """The chain's end, which nobody else moves until the transaction ends."""
    return session.connection().execute(_HEAD).one()


def _make_key(path: Path) -> None:
    """Draw the secret, once. Called with the chain's end locked, so by one process at a time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(file, secrets.token_hex(_KEY_BYTES).encode())
        os.fsync(file)  # a decision that is sealed with a key that a power cut takes could never be verified
    finally:
        os.close(file)
    os.rename(draft, path)
