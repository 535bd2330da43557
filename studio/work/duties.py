"""What comes round in a worker, and how often."""

from __future__ import annotations

import datetime as dt
from typing import Final

from studio.alerts.delivering import deliver
from studio.alerts.watch import watch
from studio.bootstrap import Studio
from studio.publishing.house_style import learn_if_due
from studio.searching.vectors import prepare_if_due
from studio.trust.approving import approve_some
from studio.trust.audit import check_rules
from studio.trust.calibrations import calibrate_if_due
from studio.trust.chances import foretell_some
from studio.work.rounds import Duty

_CHUNKS: Final = 10


def _foretell(studio: Studio) -> None:
    for _ in range(_CHUNKS):
        if not foretell_some(studio):
            return


def _decide(studio: Studio) -> None:
    """The audit first: what people said must count before the next image is approved."""
    check_rules(studio)
    approve_some(studio)


DUTIES: Final = (
    Duty("calibrate", dt.timedelta(hours=1), calibrate_if_due),
    Duty("foretell", dt.timedelta(seconds=30), _foretell),
    Duty("approve", dt.timedelta(seconds=30), _decide),
    Duty("vectors", dt.timedelta(seconds=15), prepare_if_due),
    Duty("house styles", dt.timedelta(minutes=10), learn_if_due),
    Duty("watch", dt.timedelta(minutes=2), watch),
    Duty("deliver", dt.timedelta(seconds=5), deliver),
)
"""The work that comes round."""
