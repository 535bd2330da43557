"""Alarms by e-mail and webhook, through real servers: signed, tried again, and never into the own network unasked."""

from __future__ import annotations

import datetime as dt
import email
import email.policy
import hashlib
import hmac
import json
import socket
import threading

import pytest
import sqlalchemy as sa

from db.tables import Alert, AlertDelivery, AlertKind, AlertTarget, TargetKind, utc_now
from studio.alerts import delivering, webhook
from studio.alerts.delivering import PAUSES, deliver
from studio.alerts.raising import begin, end
from studio.alerts.targets import add_target, remove_target, targets, try_out
from studio.alerts.webhook import Refused, check_address, post
from studio.bootstrap import Studio
from studio.errors import Conflict, Forbidden, InputError
from studio.roles import Actor
from studio.settings import Settings
from tests.e2e.running import free_port
from tests.studio.alerts.receiving import mail_server, web_server

VALUES = {"sentence": "queue_age", "hours": 30, "limit": "24"}
TEXT = "An image has waited for review for 30 hours; the limit is 24."


@pytest.fixture
def settings(settings: Settings) -> Settings:
    mail = {"smtp_host": "127.0.0.1", "smtp_port": free_port(), "smtp_security": "none", "smtp_from": "s@example.com"}
    return settings.model_copy(update={**mail, "alerts_private": True})


def raise_alarm(studio: Studio) -> None:
    with studio.writing() as session:
        begin(session, AlertKind.QUEUE_AGE, "queue_age/", dict(VALUES))


def make_due(studio: Studio) -> None:
    with studio.writing() as session:
        later = sa.update(AlertDelivery).where(AlertDelivery.next_at.is_not(None))
        session.execute(later.values(next_at=utc_now() - dt.timedelta(seconds=1)))


def test_a_webhook_gets_a_signed_message(studio_on_both: Studio, manager: Actor) -> None:
    studio = studio_on_both
    with web_server() as received:
        added = add_target(studio, manager, TargetKind.WEBHOOK, received.url)
        raise_alarm(studio)
        assert deliver(studio) == 1
        assert deliver(studio) == 0
    ((path, headers, body),) = received.requests
    told = json.loads(body)
    assert (path, told["event"], told["kind"], told["text"]) == ("/hook", "began", "queue_age", TEXT)
    stamp = headers["X-Ecomgan-Timestamp"]
    wanted = hmac.new(added.secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    assert headers["X-Ecomgan-Signature"] == f"sha256={wanted}"
    assert len(added.secret) == 64
    assert not hasattr(targets(studio, manager)[0], "secret")


def test_a_message_that_does_not_arrive_is_tried_again_with_longer_pauses_and_given_up(
    studio: Studio, manager: Actor
) -> None:
    with web_server() as received:
        received.answers = [500] * (len(PAUSES) + 1)
        add_target(studio, manager, TargetKind.WEBHOOK, received.url)
        raise_alarm(studio)
        for attempt in range(len(PAUSES) + 1):
            assert deliver(studio) == 0
            assert deliver(studio) == 0  # its time has not come
            with studio.reading() as session:
                row = session.scalars(sa.select(AlertDelivery)).one()
            assert row.attempts == attempt + 1
            if attempt < len(PAUSES):
                assert row.next_at is not None
                assert row.next_at - utc_now() == pytest.approx(PAUSES[attempt], abs=dt.timedelta(seconds=20))
                make_due(studio)
        assert row.next_at is None
        assert len({headers["X-Ecomgan-Delivery"] for _, headers, _ in received.requests}) == 1
    (view,) = targets(studio, manager)
    assert (view.error, view.trying) == ("127.0.0.1 answered 500.", False)


def test_redirects_are_not_followed(studio: Studio, manager: Actor) -> None:
    with web_server() as received:
        received.answers = [302]
        add_target(studio, manager, TargetKind.WEBHOOK, received.url)
        raise_alarm(studio)
        assert deliver(studio) == 0
    assert len(received.requests) == 1


def test_an_e_mail_arrives_when_an_alarm_begins_and_when_it_ends(studio: Studio, manager: Actor) -> None:
    add_target(studio, manager, TargetKind.EMAIL, "mona@example.com")
    raise_alarm(studio)
    with mail_server(studio.settings.smtp_port) as mailbox:
        assert deliver(studio) == 1
        with studio.writing() as session:
            end(session, session.scalars(sa.select(Alert)).one())
        assert deliver(studio) == 1
    began, ended = (email.message_from_bytes(one.content, policy=email.policy.default) for one in mailbox.messages)
    assert mailbox.messages[0].rcpt_tos == ["mona@example.com"]
    assert (began["From"], began["Subject"]) == ("s@example.com", "EcomGAN Studio: queue age")
    assert TEXT in began.get_content()
    assert f"{studio.settings.resolved_public_url}/alerts" in began.get_content()
    assert (ended["Subject"], "It is over." in ended.get_content()) == ("EcomGAN Studio: over: queue age", True)


def test_a_mail_server_that_is_down_or_refuses_is_tried_again(studio: Studio, manager: Actor) -> None:
    add_target(studio, manager, TargetKind.EMAIL, "mona@example.com")
    raise_alarm(studio)
    assert deliver(studio) == 0
    make_due(studio)
    with mail_server(studio.settings.smtp_port) as mailbox:
        mailbox.refuse = True
        assert deliver(studio) == 0
        assert "451" in targets(studio, manager)[0].error
        mailbox.refuse = False
        make_due(studio)
        assert deliver(studio) == 1
    assert targets(studio, manager)[0].delivered_at is not None


def test_a_target_can_be_tried_out_and_removed(studio: Studio, manager: Actor, reviewer: Actor) -> None:
    with web_server() as received:
        added = add_target(studio, manager, TargetKind.WEBHOOK, received.url)
        with pytest.raises(Forbidden):
            try_out(studio, reviewer, added.id)
        try_out(studio, manager, added.id)
        assert deliver(studio) == 1
        assert json.loads(received.requests[0][2])["event"] == "test"
        raise_alarm(studio)
        remove_target(studio, manager, added.id)
        assert deliver(studio) == 0
    assert targets(studio, manager) == []
    with studio.reading() as session:
        assert session.get_one(AlertTarget, added.id).secret == ""


def test_nothing_more_is_sent_to_a_target_that_was_removed_during_a_try(
    studio_on_both: Studio, manager: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio = studio_on_both
    added = add_target(studio, manager, TargetKind.WEBHOOK, "https://alarms.example.com/hook")
    tries = []

    def removed_meanwhile(*_: object, **__: object) -> None:
        tries.append(1)
        remove_target(studio, manager, added.id)
        raise Refused("alarms.example.com answered 503.")

    monkeypatch.setattr(delivering, "post", removed_meanwhile)
    raise_alarm(studio)
    assert deliver(studio) == 0
    make_due(studio)
    assert deliver(studio) == 0
    with studio.reading() as session:
        row = session.scalars(sa.select(AlertDelivery)).one()
    assert (len(tries), row.next_at, row.error) == (1, None, "Removed before it was sent.")


def test_a_receiver_that_never_gets_to_the_end_of_its_answer_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "DEADLINE_SECONDS", 0.5)
    left = threading.Event()

    def drip(server: socket.socket) -> None:
        connection, _ = server.accept()
        with connection:
            connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            while not left.wait(0.05):
                try:
                    connection.sendall(b".")
                except OSError:
                    return

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=drip, args=(server,))
        thread.start()
        with pytest.raises(Refused, match=r"did not answer within 0\.5 seconds"):
            post(f"http://127.0.0.1:{server.getsockname()[1]}/", b"{}", secret="s", delivery="1", private=True)
        left.set()
        thread.join()


def test_a_path_in_any_letters_is_sent_as_browsers_send_it(studio: Studio, manager: Actor) -> None:
    with web_server() as received:
        add_target(studio, manager, TargetKind.WEBHOOK, f"{received.url}/钩 子?key=%41ü&x=[1]")
        raise_alarm(studio)
        assert deliver(studio) == 1
    assert received.requests[0][0] == "/hook/%E9%92%A9%20%E5%AD%90?key=%41%C3%BC&x=[1]"


@pytest.mark.parametrize("address", ["", "mona", "mona@", "a@b", "a b@example.com", "a@example.com,b@example.com"])
def test_what_is_no_address_is_refused(studio: Studio, manager: Actor, address: str) -> None:
    with pytest.raises(InputError, match="looks like"):
        add_target(studio, manager, TargetKind.EMAIL, address)


def test_an_address_is_added_once(studio: Studio, manager: Actor) -> None:
    add_target(studio, manager, TargetKind.EMAIL, "mona@example.com")
    with pytest.raises(Conflict, match="already"):
        add_target(studio, manager, TargetKind.EMAIL, "mona@example.com")


@pytest.mark.parametrize(
    "url",
    [
        "http://alarms.example.com/",
        "ftp://alarms.example.com/",
        "https://",
        "https://user:word@example.com/",
        "https://127.0.0.1/",
        "https://localhost/",
        "https://a.localhost./",
        "https://10.0.0.8/",
        "https://192.168.1.1/",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[fd00::1]/",
        "https://0.0.0.0/",
        "https://example.com:99999/",
        f"https://{'a' * 64}.example.com/",
        "https://hooks..example.com/",
    ],
)
def test_webhooks_lead_out_of_the_own_network_unless_a_setting_says_otherwise(url: str) -> None:
    with pytest.raises(InputError):
        check_address(url, private=False)


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "::1", "169.254.169.254", "::ffff:192.168.0.1"])
def test_a_name_that_leads_into_the_own_network_is_refused_when_it_is_sent(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    public = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", 443))
    found = [public, (family, socket.SOCK_STREAM, 6, "", (address, 443))]
    monkeypatch.setattr(webhook.socket, "getaddrinfo", lambda *_, **__: found)
    monkeypatch.setattr(webhook.socket, "create_connection", lambda *_: pytest.fail("it connected"))
    with pytest.raises(Refused, match="own network"):
        post("https://alarms.example.com/", b"{}", secret="s", delivery="1", private=False)
