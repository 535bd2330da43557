"""The pages on which people sign in and out. Plain HTML: they must work before anything else does."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from jinja2 import Environment, FileSystemLoader
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from studio import bootstrap
from studio.access import accounts, passwords
from studio.api.access import OwnPagesOnly
from studio.errors import RateLimited, StudioError
from studio.roles import Actor
from studio.ui.i18n import COOKIE as LANGUAGE_COOKIE
from studio.ui.i18n import LANGUAGES, msg, translate

TEMPLATES = Path(__file__).parent / "templates"

_pages = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True)


@dataclass(frozen=True)
class Door:
    """One way in: what its page says, and the use case behind its button."""

    kind: Literal["password", "link", "invitation"]
    path: str
    title: str
    lead: str
    button: str
    enter: Callable[[Request, FormData], tuple[Actor, str]]


def _by_password(request: Request, form: FormData) -> tuple[Actor, str]:
    return accounts.sign_in(
        bootstrap.get_studio(),
        _text(form, "name"),
        _text(form, "password"),
        _address(request),
        replaces=_cookie(request),
    )


def _by_link(request: Request, form: FormData) -> tuple[Actor, str]:
    studio = bootstrap.get_studio()
    studio.attempts.count(_address(request))
    return accounts.sign_in_with_link(studio, _text(form, "token"), replaces=_cookie(request))


def _by_invitation(request: Request, form: FormData) -> tuple[Actor, str]:
    studio = bootstrap.get_studio()
    studio.attempts.count(_address(request))
    return accounts.accept_invitation(studio, _text(form, "token"), _text(form, "password"), replaces=_cookie(request))


DOORS = (
    Door("password", "/signin", msg("Sign in"), "", msg("Sign in"), _by_password),
    Door(
        "link",
        "/signin/link",
        msg("Welcome"),
        msg("This link signs you in once, in this browser."),
        msg("Sign in"),
        _by_link,
    ),
    Door(
        "invitation",
        "/invite",
        msg("You are invited"),
        msg("Choose a password. You sign in with it from now on."),
        msg("Set password and sign in"),
        _by_invitation,
    ),
)

_TEXTS = {
    "name": msg("Name"),
    "password": msg("Password"),
    "hint": msg("At least {n} characters. A sentence or several words are best."),
    "no_password": msg("No password yet? Open the link that an admin sent you, or at the machine itself run"),
    "incomplete": msg("This link is incomplete. Copy it whole, with the part after #."),
    "no_script": msg("This page needs JavaScript."),
    "company": msg("Sign in with your company account"),
}

REFUSALS = (
    msg("This name and password do not fit together."),
    msg("This link is not known, or a newer one took its place. Ask for a fresh one."),
    msg("This link was used already. Ask for a fresh one."),
    msg("This link is too old. Ask for a fresh one."),
    msg("This account was deactivated. Ask an admin."),
    msg("This password is too easy to guess. Take a sentence, or several words."),
    msg("Too many tries. Wait a minute, then try again."),
)
"""What the use cases answer here, marked for translation; a test holds them equal."""


def sign_in_routes() -> list[Route]:
    """The doors, and the way out."""
    middleware = [Middleware(OwnPagesOnly)]
    doors = [Route(door.path, partial(_door, door), methods=["GET", "POST"], middleware=middleware) for door in DOORS]
    return [*doors, Route("/signout", _sign_out, methods=["POST"], middleware=middleware)]


async def _door(door: Door, request: Request) -> Response:
    if request.method != "POST":
        return _page(request, door, next_=request.query_params.get("next", ""))
    async with request.form(max_files=0, max_fields=10) as form:
        try:
            _, token = await run_in_threadpool(door.enter, request, form)
        except StudioError as error:
            return _page(request, door, error=error, name=_text(form, "name"), next_=_text(form, "next"))
        answer = RedirectResponse(_own_path(_text(form, "next")), status_code=303)
    settings = bootstrap.get_studio().settings
    answer.set_cookie(
        accounts.COOKIE_NAME,
        token,
        max_age=settings.session_days * 24 * 3600,
        httponly=True,
        samesite="lax",
        secure=_is_secure(request),
    )
    _drop_proof(request, answer)
    return answer


async def _sign_out(request: Request) -> Response:
    await run_in_threadpool(accounts.sign_out, bootstrap.get_studio(), _cookie(request))
    answer = RedirectResponse("/signin", status_code=303)
    answer.delete_cookie(accounts.COOKIE_NAME, httponly=True, samesite="lax", secure=_is_secure(request))
    _drop_proof(request, answer)
    return answer


def _drop_proof(request: Request, answer: Response) -> None:
    """End Streamlit's own cookies of a single sign-on: from here on, or from now on, only our session counts."""
    for name in request.cookies:
        if name.startswith("_streamlit_user"):
            answer.delete_cookie(name, httponly=True, samesite="lax")


def _page(
    request: Request, door: Door, *, error: StudioError | None = None, name: str = "", next_: str = ""
) -> Response:
    language = _language(request)
    nonce = secrets.token_urlsafe(16)
    html = _pages.get_template("sign_in.html").render(
        t=partial(translate, language),
        language="zh-Hans" if language == "zh" else language,
        texts=_TEXTS,
        nonce=nonce,
        door=door.kind,
        action=door.path,
        title=door.title,
        lead=door.lead,
        button=door.button,
        error=translate(language, error.template, **error.values) if error else "",
        name=name,
        next="" if _own_path(next_) == "/" else _own_path(next_),
        single_sign_on=bootstrap.get_studio().settings.has_single_sign_on,
        shortest=passwords.SHORTEST,
    )
    headers = {
        "Cache-Control": "no-store",
        "Content-Security-Policy": f"default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
    }
    if isinstance(error, RateLimited):
        headers["Retry-After"] = str(error.retry_after)
    return HTMLResponse(html, error.http_status if error else 200, headers)


def _language(request: Request) -> str:
    """The language chosen on the pages, else the first one that the browser accepts and we have."""
    chosen = request.cookies.get(LANGUAGE_COOKIE)
    if chosen in LANGUAGES:
        return str(chosen)
    accepted = [
        part.split(";")[0].strip()[:2].lower() for part in request.headers.get("accept-language", "").split(",")
    ]
    return next((language for language in accepted if language in LANGUAGES), "en")


def _own_path(path: str) -> str:
    """`path` where it leads inside the studio, else the home page: nobody is sent elsewhere after signing in."""
    inside = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if inside else "/"


def _is_secure(request: Request) -> bool:
    return request.url.scheme == "https" or bootstrap.get_studio().settings.public_url.startswith("https://")


def _address(request: Request) -> str:
    return request.client.host if request.client else "unknown"


def _cookie(request: Request) -> str | None:
    return request.cookies.get(accounts.COOKIE_NAME)


def _text(form: FormData, field: str) -> str:
    value = form.get(field, "")
    return value if isinstance(value, str) else ""
