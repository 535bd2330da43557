"""Alarms: one for each cause, from its beginning to its end, without floods."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from db.tables import Alert, AlertDelivery, AlertEvent, AlertKind, Asset, InboxItem, TargetKind, utc_now
from studio.alerts.raising import begin
from studio.alerts.rules import SCALES, acknowledge, alert_rules, alerts, set_alert_rule
from studio.alerts.sentences import SENTENCES, in_english
from studio.alerts.targets import add_target
from studio.alerts.watch import watch
from studio.bootstrap import Studio
from studio.errors import Conflict, Forbidden, InputError, NotFound
from studio.quality.rollups import bring_up_to_date
from studio.roles import Actor
from studio.trust.cases import Case
from tests.studio.trust.conftest import learn
from tests.studio.trust.deciding_by_scores import START, drawn, keep, waiting

HOOK = "https://alarms.example.com/hook"


def turn_on(studio: Studio, actor: Actor, kind: AlertKind, threshold: float | None = None) -> None:
    scale = SCALES[kind]
    set_alert_rule(studio, actor, kind, active=True, threshold=threshold or scale.usual, days=scale.days or 1)


def wait_since(studio: Studio, editor: Actor, hours: float) -> int:
    since = utc_now() - dt.timedelta(hours=hours)
    (asset_id,) = waiting(studio, editor, [Case(0, "Tshirts", START, True, {})], state_since=since)
    return asset_id


def verdicts(share: float, days_ago: float, n: int = 60, category: str = "Tshirts") -> list[Case]:
    at = utc_now() - dt.timedelta(days=days_ago)
    return [Case(0, category, at + dt.timedelta(minutes=k), k < share * n, {}) for k in range(n)]


def test_nothing_is_watched_until_a_manager_turns_it_on(
    studio: Studio, editor: Actor, manager: Actor, reviewer: Actor
) -> None:
    wait_since(studio, editor, 100)
    assert [rule.active for rule in alert_rules(studio, manager)] == [False] * len(SCALES)
    watch(studio)
    assert alerts(studio, manager) == []
    with pytest.raises(Forbidden):
        set_alert_rule(studio, reviewer, AlertKind.QUEUE_AGE, active=True, threshold=24, days=1)
    with pytest.raises(Forbidden):
        alerts(studio, reviewer)
    with pytest.raises(InputError, match="between 1 and 1440"):
        set_alert_rule(studio, manager, AlertKind.QUEUE_AGE, active=True, threshold=0, days=1)
    with pytest.raises(InputError, match="1 to 90 days"):
        set_alert_rule(studio, manager, AlertKind.APPROVAL_RATE, active=True, threshold=0.1, days=91)
    with pytest.raises(InputError, match="always told"):
        set_alert_rule(studio, manager, AlertKind.AUTOMATIC_OFF, active=False, threshold=1, days=1)


def test_one_cause_raises_one_alarm_until_it_ends(
    studio_on_both: Studio, editor: Actor, manager: Actor, admin: Actor
) -> None:
    studio = studio_on_both
    add_target(studio, manager, TargetKind.WEBHOOK, HOOK)
    turn_on(studio, manager, AlertKind.QUEUE_AGE)
    asset_id = wait_since(studio, editor, 30)
    for _ in range(3):
        watch(studio)
    (alert,) = alerts(studio, manager)
    assert (alert.kind, alert.ended_at, alert.values["hours"]) == (AlertKind.QUEUE_AGE, None, 30)
    with studio.writing() as session:
        told = session.scalars(sa.select(InboxItem.user_id).where(InboxItem.kind == "alert")).all()
        assert sorted(told) == sorted([manager.id, admin.id])
        assert session.scalars(sa.select(AlertDelivery.event)).all() == [AlertEvent.BEGAN]
        session.get_one(Asset, asset_id).state_since = utc_now()
    watch(studio)
    (alert,) = alerts(studio, manager)
    assert alert.ended_at is not None
    with studio.reading() as session:
        assert session.scalars(sa.select(AlertDelivery.event).order_by(AlertDelivery.id)).all() == [
            AlertEvent.BEGAN,
            AlertEvent.ENDED,
        ]


def test_what_comes_back_soon_is_the_same_alarm_and_told_once(studio: Studio, editor: Actor, manager: Actor) -> None:
    add_target(studio, manager, TargetKind.WEBHOOK, HOOK)
    turn_on(studio, manager, AlertKind.QUEUE_AGE)
    asset_id = wait_since(studio, editor, 30)
    for hours in (30, 0, 30, 0, 30, 0, 30):
        with studio.writing() as session:
            session.get_one(Asset, asset_id).state_since = utc_now() - dt.timedelta(hours=hours)
        watch(studio)
    assert len(alerts(studio, manager)) == 1
    with studio.writing() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(InboxItem)) == 1
        sent = session.scalars(sa.select(AlertDelivery.event).order_by(AlertDelivery.id)).all()
        assert sent == [AlertEvent.BEGAN, AlertEvent.ENDED]
        session.get_one(Asset, asset_id).state_since = utc_now()
    watch(studio)
    with studio.writing() as session:
        session.execute(sa.update(Alert).values(ended_at=utc_now() - dt.timedelta(days=2)))
        session.get_one(Asset, asset_id).state_since = utc_now() - dt.timedelta(hours=30)
    watch(studio)
    assert [alert.ended_at is None for alert in alerts(studio, manager)] == [True, False]


def test_an_alarm_ends_when_its_kind_is_turned_off(studio: Studio, editor: Actor, manager: Actor) -> None:
    turn_on(studio, manager, AlertKind.QUEUE_AGE)
    wait_since(studio, editor, 30)
    watch(studio)
    set_alert_rule(studio, manager, AlertKind.QUEUE_AGE, active=False, threshold=24, days=1)
    watch(studio)
    assert alerts(studio, manager)[0].ended_at is not None


def test_a_falling_approval_rate_is_told_for_its_category(
    studio: Studio, editor: Actor, reviewer: Actor, manager: Actor
) -> None:
    turn_on(studio, manager, AlertKind.APPROVAL_RATE)
    keep(studio, editor, reviewer, verdicts(0.9, 20) + verdicts(0.9, 20, category="Shoes"))
    keep(studio, editor, reviewer, verdicts(0.5, 2) + verdicts(0.88, 2, category="Shoes"))
    watch(studio)
    (alert,) = alerts(studio, manager)
    assert alert.values == {
        "sentence": "approval_rate",
        "category": "Tshirts",
        "now": "50%",
        "before": "90%",
        "days": 7,
    }


@pytest.mark.parametrize(("before", "now", "n"), [(0.9, 0.85, 60), (0.9, 0.5, 20), (0.6, 0.9, 60), (0.9, 0.78, 40)])
def test_a_small_fall_few_verdicts_a_rise_and_chance_are_no_alarm(
    studio: Studio, editor: Actor, reviewer: Actor, manager: Actor, before: float, now: float, n: int
) -> None:
    turn_on(studio, manager, AlertKind.APPROVAL_RATE)
    keep(studio, editor, reviewer, verdicts(before, 20, n) + verdicts(now, 2, n))
    watch(studio)
    assert alerts(studio, manager) == []


def test_scores_that_foretell_worse_are_told(studio: Studio, editor: Actor, reviewer: Actor, manager: Actor) -> None:
    turn_on(studio, manager, AlertKind.CALIBRATION)
    moved = utc_now() - dt.timedelta(days=10) - START
    some = [
        Case(0, case.category, START + moved - dt.timedelta(minutes=600 - k), case.approved, case.scores)
        for k, case in enumerate(drawn(600)[0])
    ]
    keep(studio, editor, reviewer, some)
    learn(studio, manager)
    watch(studio)
    assert alerts(studio, manager) == []
    turned = [
        Case(0, case.category, utc_now() - dt.timedelta(days=3), not case.approved, case.scores)
        for case in drawn(80, seed=4)[0]
    ]
    keep(studio, editor, reviewer, turned)
    watch(studio)
    assert {alert.values["sentence"] for alert in alerts(studio, manager)} == {"calibration"}


def test_other_reasons_than_usual_are_told(studio: Studio, editor: Actor, reviewer: Actor, manager: Actor) -> None:
    turn_on(studio, manager, AlertKind.REASON_MIX)
    for days_ago in (40, 50, 60):
        keep(studio, editor, reviewer, verdicts(0.5, days_ago))
        keep(studio, editor, reviewer, verdicts(0.9, days_ago), reason="shape")
    bring_up_to_date(studio, seconds=60)
    watch(studio)
    assert alerts(studio, manager) == []
    for days_ago in (3, 5, 7):
        keep(studio, editor, reviewer, verdicts(0.5, days_ago), reason="shape")
    bring_up_to_date(studio, seconds=60)
    watch(studio)
    (alert,) = alerts(studio, manager)
    assert (alert.values["category"], alert.values["reason"]) == ("Tshirts", "Shape is not the product's")


def test_a_score_that_drifts_is_told_from_its_threshold_on(studio: Studio, editor: Actor, manager: Actor) -> None:
    for days_ago in range(60):
        level = 3.0 if days_ago < 15 else 2.0
        some = [
            Case(0, "Tshirts", START, True, {"sharpness": {"version": 1, "value": level + 0.1 * (k % 5)}})
            for k in range(6 + days_ago % 3)
        ]
        waiting(studio, editor, some, created_at=utc_now() - dt.timedelta(days=days_ago))
    bring_up_to_date(studio, seconds=60)
    turn_on(studio, manager, AlertKind.SCORE_MEAN, threshold=0.5)
    watch(studio)
    assert alerts(studio, manager) == []
    turn_on(studio, manager, AlertKind.SCORE_MEAN)
    watch(studio)
    (alert,) = alerts(studio, manager)
    assert alert.values["sentence"] == "score_mean"
    assert (alert.values["category"], alert.values["before"][0], alert.values["now"][0]) == ("Tshirts", "2", "3")


def test_one_person_sees_to_an_alarm(studio: Studio, editor: Actor, manager: Actor, admin: Actor) -> None:
    turn_on(studio, manager, AlertKind.QUEUE_AGE)
    wait_since(studio, editor, 30)
    watch(studio)
    (alert,) = alerts(studio, manager)
    acknowledge(studio, manager, alert.id)
    with pytest.raises(Conflict, match="Mona sees to this already"):
        acknowledge(studio, admin, alert.id)
    with pytest.raises(NotFound):
        acknowledge(studio, admin, 99)
    (alert,) = alerts(studio, manager)
    assert (alert.acknowledged_by, alert.ended_at) == ("Mona", None)


def test_an_alarm_about_a_deed_ends_when_somebody_saw_it(studio: Studio, manager: Actor) -> None:
    values = {"sentence": "automatic_audit", "category": "Shoes", "answered": 9, "escapes": 5, "rate": "2%"}
    with studio.writing() as session:
        begin(session, AlertKind.AUTOMATIC_OFF, "automatic_off/1", values)
    watch(studio)
    (alert,) = alerts(studio, manager)
    assert alert.ended_at is None
    acknowledge(studio, manager, alert.id)
    assert alerts(studio, manager)[0].ended_at is not None


def test_each_sentence_is_filled_in_by_its_check() -> None:
    known = {"hours": 1, "limit": "2", "category": "A", "now": "1", "before": "2", "days": 7, "reason": "R"}
    known |= {"metric": "M", "answered": 1, "escapes": 1, "rate": "2%", "n": 3}
    for key in SENTENCES:
        assert "{" not in in_english({"sentence": key, **known})
