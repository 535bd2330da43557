"""The alarm of automatic approval: it is switched off as soon as people's verdicts speak against it."""

from __future__ import annotations

import logging
import math
from typing import Any, Final

import numpy as np
import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import AlertKind, AutomaticRule, Calibration
from studio.activity import record
from studio.alerts.raising import begin
from studio.alerts.sentences import in_english
from studio.bootstrap import Studio
from studio.trust.automatic import audit_of, close
from studio.trust.calibrations import held_out, model_of
from studio.trust.cases import cases, foretell, outcomes

WORSE: Final = 0.05
"""By so much the Brier score may rise, beyond chance, before a rule is switched off."""
FEWEST_NEW: Final = 50
"""Verdicts below the threshold, since the rule's calibration, from which on this is judged."""

NEWEST: Final = 2_000
"""So many of the newest verdicts are looked at. A rule stands for months, and this is done twice a minute."""

_Z: Final = 1.645  # one-sided 95 %
_log = logging.getLogger(__name__)


def check_rules(studio: Studio) -> list[int]:
    """Switch off the rules that people's verdicts speak against; returns their ids."""
    with studio.reading() as session:
        rules = list(session.scalars(sa.select(AutomaticRule).where(AutomaticRule.open_category.is_not(None))))
        against = {rule.id: why for rule in rules if (why := why_against(session, rule))}
    for rule_id, why in against.items():
        _switch_off(studio, rule_id, why)
    return sorted(against)


def why_against(session: Session, rule: AutomaticRule) -> dict[str, Any] | None:
    """What speaks against a rule, as the values of its alarm; None as long as nothing does."""
    audit = audit_of(session, rule.id)
    if audit.lower > rule.escape_rate:
        return {
            "sentence": "automatic_audit",
            "category": rule.category,
            "answered": audit.answered,
            "escapes": audit.escapes,
            "rate": f"{rule.escape_rate:.1%}",
        }
    return _drifted(session, rule)


def _drifted(session: Session, rule: AutomaticRule) -> dict[str, Any] | None:
    """Below the threshold people decide everything: there the probabilities of then and now can be compared."""
    calibration = session.get_one(Calibration, rule.calibration_id)
    then = [one for one in held_out(session, calibration.id, rule.category) if one.probability < rule.threshold]
    new = cases(session, since=calibration.last_at, category=rule.category, limit=NEWEST)
    foretold = foretell(model_of(calibration), new) if new else np.zeros(0)
    below = foretold < rule.threshold
    n = int(below.sum())
    if n < FEWEST_NEW or len(then) < FEWEST_NEW:
        return None
    before = sum((one.probability - one.approved) ** 2 for one in then) / len(then)
    errors = (foretold[below] - outcomes(new)[below]) ** 2
    now = float(errors.mean())
    if now - _Z * float(errors.std(ddof=1)) / math.sqrt(n) <= before + WORSE:
        return None
    return {
        "sentence": "automatic_drift",
        "category": rule.category,
        "n": n,
        "now": f"{now:.3f}",
        "before": f"{before:.3f}",
    }


def _switch_off(studio: Studio, rule_id: int, why: dict[str, Any]) -> None:
    with studio.writing() as session:
        rule = session.get_one(AutomaticRule, rule_id, with_for_update=True)
        if rule.open_category is None:
            return
        close(session, rule, None, why)
        record(session, None, "switched_off", "automatic_rule", rule.id, in_english(why), **why)
        begin(session, AlertKind.AUTOMATIC_OFF, f"automatic_off/{rule.id}", why)
    _log.warning("%s", in_english(why))
