"""On what an engine was last seen to run: device, number format, memory, speed."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass
from typing import Literal

from sqlalchemy.orm import Session

from db.tables import TeamSetting, utc_now
from studio.bootstrap import Studio
from studio.models.in_use import record_speed

Offload = Literal["none", "model", "sequential"]
"""Where the weights lie between uses: on the device; part by part in main memory; layer by layer."""


@dataclass(frozen=True)
class Running:
    """How an engine runs. `memory` is in bytes: what it took at most; 0 where nobody measured it.

    batch: images at a time. sliced: attention is worked out in slices, slower and in less memory.
    """

    device: str
    dtype: str
    offload: Offload = "none"
    batch: int = 1
    sliced: bool = False
    memory: int = 0

    def __str__(self) -> str:
        """One line for logs."""
        parts = [self.device, self.dtype, f"{self.batch} at a time" if self.batch > 1 else "one at a time"]
        if self.offload != "none":
            parts.append(f"weights in main memory ({self.offload} offload)")
        if self.sliced:
            parts.append("sliced attention")
        if self.memory:
            parts.append(f"{self.memory / 1e9:.1f} GB of memory")
        return ", ".join(parts)


@dataclass(frozen=True)
class Measured:
    """What a worker measured of an engine, and when."""

    running: Running
    seconds_per_image: float
    at: dt.datetime


def record_running(studio: Studio, model_id: int, running: Running, seconds_per_image: float) -> None:
    """Keep how an engine runs here and how fast, for estimates and for people."""
    record_speed(studio, model_id, seconds_per_image)
    with studio.writing() as session:
        value = {**asdict(running), "seconds_per_image": seconds_per_image}
        session.merge(TeamSetting(name=_name(model_id), value=value, changed_at=utc_now()))


def measured(session: Session, model_id: int) -> Measured | None:
    """What a worker last measured of this engine; None while none has."""
    row = session.get(TeamSetting, _name(model_id))
    if row is None:
        return None
    value = dict(row.value)
    seconds = float(value.pop("seconds_per_image"))
    return Measured(Running(**value), seconds, row.changed_at)


def _name(model_id: int) -> str:
    return f"running_of_model_{model_id}"
