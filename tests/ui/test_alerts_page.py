"""The page Alerts: what goes on, what is watched, whom it is told; and the bell that leads there."""

from __future__ import annotations

from db.tables import AlertKind, TargetKind
from studio.alerts.raising import begin
from studio.alerts.rules import alert_rules, alerts, set_alert_rule
from studio.alerts.targets import targets
from studio.bootstrap import Studio
from studio.inbox import messages
from studio.roles import Actor
from studio.ui.inbox_view import headline
from tests.ui.conftest import Visit, press, told

VALUES = {"sentence": "approval_rate", "category": "Tshirts", "now": "50%", "before": "90%", "days": 7}


def test_it_says_what_to_do_while_nothing_is_watched(visit: Visit, manager: Actor) -> None:
    page = visit("alerts", manager)
    assert not page.exception
    assert "Nothing is watched yet" in told(page)
    assert not any(toggle.value for toggle in page.toggle)


def test_a_manager_turns_a_kind_on(studio: Studio, visit: Visit, manager: Actor) -> None:
    page = visit("alerts", manager)
    page.toggle(key="alert-on-approval_rate-False").set_value(True).run()
    assert not page.exception
    assert [rule.kind for rule in alert_rules(studio, manager) if rule.active] == [AlertKind.APPROVAL_RATE]
    assert "Nothing is wrong" in told(page)


def test_what_another_manager_turned_on_meanwhile_stays_on(studio: Studio, visit: Visit, manager: Actor) -> None:
    page = visit("alerts", manager)
    set_alert_rule(studio, manager, AlertKind.QUEUE_AGE, active=True, threshold=24, days=1)
    page.run()  # as any click does
    assert page.toggle(key="alert-on-queue_age-True").value is True
    assert [rule.kind for rule in alert_rules(studio, manager) if rule.active] == [AlertKind.QUEUE_AGE]
    page.toggle(key="alert-on-queue_age-True").set_value(False).run()
    assert not any(rule.active for rule in alert_rules(studio, manager))


def test_an_alarm_is_shown_in_words_and_somebody_sees_to_it(studio: Studio, visit: Visit, manager: Actor) -> None:
    with studio.writing() as session:
        begin(session, AlertKind.APPROVAL_RATE, "approval_rate/Tshirts", dict(VALUES))
    page = visit("alerts", manager)
    assert "50% of the images of the last 7 days" in told(page)
    press(page, "I see to it")
    assert alerts(studio, manager)[0].acknowledged_by == "Mona"
    page = visit("alerts", manager)
    assert "Mona sees to it" in told(page)
    (line,) = messages(studio, manager)
    assert (line.kind, headline(line)) == ("alert", "Something needs attention")


def test_a_manager_is_led_to_a_page_that_they_may_open(
    studio: Studio, visit: Visit, manager: Actor, admin: Actor
) -> None:
    values = {"sentence": "automatic_audit", "category": "Shoes", "answered": 9, "escapes": 5, "rate": "2%"}
    with studio.writing() as session:
        begin(session, AlertKind.AUTOMATIC_OFF, "automatic_off/1", values)

    def lead(actor: Actor) -> tuple[str, str]:
        (link,) = [one.proto for one in visit("alerts", actor).get("page_link") if one.proto.label == "Look at it"]
        return link.page, link.query_string

    assert lead(manager) == ("quality", "category=Shoes&view=trust")
    assert lead(admin) == ("settings", "")


def test_it_speaks_chinese(studio: Studio, visit: Visit, manager: Actor) -> None:
    with studio.writing() as session:
        begin(session, AlertKind.APPROVAL_RATE, "approval_rate/Tshirts", dict(VALUES))
    page = visit("alerts", manager, locale="zh-CN")
    assert "最近 7 天" in told(page)


def test_the_secret_of_a_webhook_is_shown_once(studio: Studio, visit: Visit, manager: Actor) -> None:
    page = visit("alerts", manager)
    (field,) = [one for one in page.text_input if one.label == "Address"]
    field.set_value("https://alarms.example.com/hook")
    (add,) = [one for one in page.button if one.label == "Add" and "webhook" in (one.form_id or "")]
    page = add.click().run()
    assert not page.exception
    (target,) = targets(studio, manager)
    assert (target.kind, target.address) == (TargetKind.WEBHOOK, "https://alarms.example.com/hook")
    assert len(page.code[0].value) == 64
    page = press(page, "I have copied it")
    assert not page.code
    assert not visit("alerts", manager).code


def test_an_address_inside_the_own_network_is_refused_in_words(studio: Studio, visit: Visit, manager: Actor) -> None:
    page = visit("alerts", manager)
    (field,) = [one for one in page.text_input if one.label == "Address"]
    field.set_value("https://127.0.0.1/hook")
    (add,) = [one for one in page.button if one.label == "Add" and "webhook" in (one.form_id or "")]
    page = add.click().run()
    assert "leads out of the own network" in told(page)
    assert targets(studio, manager) == []
