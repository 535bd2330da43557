"""The round of the alarms: raises those whose cause came up, ends those whose cause is gone."""

from __future__ import annotations

import logging

import sqlalchemy as sa

from db.tables import Alert, AlertKind, AlertRule
from studio.alerts.checks import CHECKS, Cause
from studio.alerts.raising import begin, end
from studio.alerts.rules import SCALES
from studio.bootstrap import Studio

_log = logging.getLogger(__name__)


def watch(studio: Studio) -> None:
    """Look at everything that managers turned on. An alarm that they turned off ends too."""
    for kind in SCALES:
        with studio.reading() as session:
            rule = session.get(AlertRule, kind)
            causes = CHECKS[kind](session, rule) if rule is not None and rule.active else []
            going = session.scalar(
                sa.select(Alert.id).where(Alert.kind == kind, Alert.open_cause.is_not(None)).limit(1)
            )
        if causes or going:
            _bring_up_to_date(studio, kind, causes)


def _bring_up_to_date(studio: Studio, kind: AlertKind, causes: list[Cause]) -> None:
    standing = {f"{kind.value}/{cause.name}": cause for cause in causes}
    with studio.writing() as session:
        going = session.scalars(sa.select(Alert).where(Alert.kind == kind, Alert.open_cause.is_not(None))).all()
        for alert in going:
            if alert.cause not in standing:
                end(session, alert)
        for name, cause in standing.items():
            begin(session, kind, name, cause.values)
