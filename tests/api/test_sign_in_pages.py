"""The pages of signing in, as a browser uses them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from db.tables import Role
from studio.access.accounts import COOKIE_NAME, accept_invitation, create_link
from studio.access.people import invite
from studio.api.sign_in import REFUSALS
from studio.bootstrap import Studio
from studio.roles import Actor
from tests.api.conftest import Browser

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "seven blue chairs"


def _member(studio: Studio, admin: Actor) -> None:
    accept_invitation(studio, invite(studio, admin, "Edda", Role.EDITOR).split("#")[1], PASSWORD)


def test_the_link_signs_in_only_when_its_button_is_pressed(browser: Browser, studio: Studio) -> None:
    token = create_link(studio, "admin")
    client = browser(None)
    for _ in range(2):  # a mail scanner or a preview looks at it first
        assert client.get("/signin/link").status_code == 200
    answer = client.post("/signin/link", data={"token": token})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert client.get("/api/v1/jobs").status_code == 200
    again = browser(None).post("/signin/link", data={"token": token})
    assert again.status_code == 401
    assert "used already" in again.text


def test_the_cookie_is_kept_from_scripts_and_other_sites(browser: Browser, studio: Studio) -> None:
    answer = browser(None).post("/signin/link", data={"token": create_link(studio, "admin")})
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE_NAME}=")
    parts = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert {"httponly", "samesite=lax", "path=/", f"max-age={14 * 24 * 3600}"} <= parts
    assert "secure" not in parts


def test_the_cookie_is_sent_over_https_only_where_there_is_https(browser: Browser, studio: Studio) -> None:
    object.__setattr__(studio, "settings", studio.settings.model_copy(update={"public_url": "https://images.example"}))
    answer = browser(None).post("/signin/link", data={"token": create_link(studio, "admin")})
    assert "; Secure" in answer.headers["set-cookie"]


def test_an_invited_person_sets_a_password_and_comes_in(browser: Browser, studio: Studio, admin: Actor) -> None:
    token = invite(studio, admin, "Edda", Role.EDITOR).split("#")[1]
    client = browser(None)
    short = client.post("/invite", data={"token": token, "password": "short"})
    assert (short.status_code, "10 to 200 characters" in short.text) == (422, True)
    assert client.post("/invite", data={"token": token, "password": PASSWORD}).status_code == 303
    assert client.get("/api/v1/jobs").status_code == 200


def test_a_password_signs_in_and_leads_on_inside_the_studio(browser: Browser, studio: Studio, admin: Actor) -> None:
    _member(studio, admin)
    client = browser(None)
    wrong = client.post("/signin", data={"name": "Edda", "password": "wrong password", "next": "/review"})
    assert wrong.status_code == 401
    assert 'value="Edda"' in wrong.text
    assert 'value="/review"' in wrong.text
    right = client.post("/signin", data={"name": "Edda", "password": PASSWORD, "next": "/review"})
    assert (right.status_code, right.headers["location"]) == (303, "/review")


@pytest.mark.parametrize("where", ["https://evil.example", "//evil.example", "/\\evil.example", "", "/\n/x", "x"])
def test_nobody_is_sent_elsewhere_after_signing_in(browser: Browser, studio: Studio, where: str) -> None:
    answer = browser(None).post("/signin/link", data={"token": create_link(studio, "admin"), "next": where})
    assert answer.headers["location"] == "/"


def test_too_many_tries_are_told_to_wait(browser: Browser) -> None:
    client = browser(None)
    for _ in range(5):
        assert client.post("/signin", data={"name": "Edda", "password": "x"}).status_code == 401
    answer = client.post("/signin", data={"name": "Edda", "password": "x"})
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["retry-after"]) <= 60


def test_signing_out_ends_the_session_on_the_server(browser: Browser, admin: Actor) -> None:
    client = browser(admin)
    token = client.cookies[COOKIE_NAME]
    assert client.post("/signout").headers["location"] == "/signin"
    client.cookies.set(COOKIE_NAME, token)
    assert client.get("/api/v1/jobs").status_code == 401


@pytest.mark.parametrize("path", ["/signin", "/signin/link", "/invite"])
def test_the_pages_run_nothing_that_is_not_theirs(browser: Browser, path: str) -> None:
    answer = browser(None).get(path)
    nonces = set(re.findall(r'nonce="([^"]+)"', answer.text))
    assert len(nonces) == 1
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert f"'nonce-{nonces.pop()}'" in policy
    assert answer.headers["cache-control"] == "no-store"


def test_what_people_type_stays_text(browser: Browser) -> None:
    name = '"><script>alert(1)</script>'
    answer = browser(None).post("/signin", data={"name": name, "password": "x", "next": f"/{name}"})
    assert "<script>alert" not in answer.text


@pytest.mark.parametrize(
    ("header", "heading"),
    [("zh-CN,zh;q=0.9,en;q=0.8", "登录"), ("de,en;q=0.5", "Sign in"), ("", "Sign in"), ("fr", "Sign in")],
)
def test_the_pages_speak_the_language_of_the_browser(browser: Browser, header: str, heading: str) -> None:
    assert f"<h1>{heading}</h1>" in browser(None).get("/signin", headers={"Accept-Language": header}).text


def test_what_the_use_cases_refuse_is_told_in_the_language_of_the_browser() -> None:
    access = ROOT / "studio" / "access"
    told = "".join((access / f"{name}.py").read_text() for name in ("accounts", "passwords", "attempts"))
    assert [text for text in REFUSALS if text not in told] == []


def test_an_endless_form_is_refused_before_it_is_read(browser: Browser) -> None:
    answer = browser(None).post("/signin", data={"name": "x" * 100_000, "password": "y"})
    assert (answer.status_code, answer.json()["error"]) == (413, "TooLarge")
