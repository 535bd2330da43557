"""Single sign-on in a real browser, with a real provider: in, out, in again; who is not known stays outside."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.oidc_provider import CLIENT, SECRET, Provider, running_provider
from tests.e2e.people import PATIENCE_MS, sign_in
from tests.e2e.running import RunningStudio, running_studio

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

NOOR = {"sub": "42", "name": "Noor", "email": "noor@shop.example", "email_verified": True}


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with running_provider(**NOOR) as found:
        yield found


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory, provider: Provider) -> Iterator[RunningStudio]:
    with running_studio(
        tmp_path_factory.mktemp("home"),
        ECOMGAN_OIDC_METADATA_URL=f"{provider.issuer}/.well-known/openid-configuration",
        ECOMGAN_OIDC_CLIENT_ID=CLIENT,
        ECOMGAN_OIDC_CLIENT_SECRET=SECRET,
        ECOMGAN_OIDC_DOMAIN="shop.example",
    ) as running:
        yield running


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(locale="en-GB")
    context.set_default_timeout(PATIENCE_MS)
    yield context.new_page()
    context.close()


def cookies(page: Page) -> set[str]:
    return {cookie["name"] for cookie in page.context.cookies()}


def test_a_person_of_the_domain_comes_in_out_and_in_again(studio: RunningStudio, page: Page) -> None:
    page.goto(f"{studio.url}/signin")
    page.get_by_role("link", name="Sign in with your company account").click()
    expect(page.get_by_role("heading", name="Hello, Noor")).to_be_visible()
    assert "ecomgan_session" in cookies(page)
    assert not [name for name in cookies(page) if name.startswith("_streamlit_user")]
    assert page.context.request.get(f"{studio.url}/api/v1/jobs").ok
    page.get_by_role("button", name="Noor").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.goto(studio.url)
    page.get_by_role("button", name="Sign in with your company account").click()
    expect(page.get_by_role("heading", name="Hello, Noor")).to_be_visible()


def test_someone_of_elsewhere_stays_outside(studio: RunningStudio, page: Page, provider: Provider) -> None:
    provider.person.update(sub="66", email="eve@evil.example")
    page.goto(f"{studio.url}/?sso=1")
    expect(page.get_by_text("not known here yet")).to_be_visible()
    assert "ecomgan_session" not in cookies(page)
    page.get_by_role("button", name="Use another company account").click()
    expect(page.get_by_role("heading", name="Please sign in")).to_be_visible()
    provider.person.update(NOOR)


def test_a_person_links_a_company_account(studio: RunningStudio, chromium: Browser, provider: Provider) -> None:
    provider.person.update(sub="77", name="Pat", email="pat@elsewhere.example")
    page = sign_in(chromium, studio.sign_in_link("pat", role="editor"))
    page.goto(f"{studio.url}/account")
    page.get_by_role("button", name="Link my company account").click()
    expect(page.get_by_role("heading", name="Hello, pat")).to_be_visible()
    page.goto(f"{studio.url}/account")
    page.get_by_role("button", name="Link this company account").click()
    expect(page.get_by_text("You can sign in with your company account.")).to_be_visible()
    page.context.clear_cookies()
    page.goto(f"{studio.url}/?sso=1")
    expect(page.get_by_role("heading", name="Hello, pat")).to_be_visible()
    provider.person.update(NOOR)


def test_the_secret_lies_in_one_private_file_and_in_no_log(studio: RunningStudio) -> None:
    kept = Path(studio.home) / "single_sign_on.toml"
    assert SECRET in kept.read_text()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert not [log for log in (Path(studio.home) / "logs").glob("*") if SECRET in log.read_text()]
