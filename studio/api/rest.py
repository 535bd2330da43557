"""The REST application under `/api/v1`, described by its own `openapi.json`."""

from __future__ import annotations

import logging

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware

from studio.api import (
    claims,
    comments,
    decisions,
    exports,
    health,
    house_style,
    images,
    jobs,
    orders,
    recalls,
    review,
    search,
    sharing,
    shots,
    trainings,
    trying_again,
    votes,
)
from studio.api.access import OwnPagesOnly
from studio.api.refusals import ErrorAnswer, told_of
from studio.errors import NotReady, NotSignedIn, RateLimited, StudioError

PREFIX = "/api/v1"

_log = logging.getLogger(__name__)


def rest() -> FastAPI:
    """The application with all its resources. Every error is an ErrorAnswer."""
    app = FastAPI(
        title="EcomGAN Studio",
        version="1",
        description="Programs bring an API key of the page My account as `Authorization: Bearer eg_...`; it has scopes "
        "(read, order, decide, export), and the role of its owner applies as well. The studio's own pages bring the "
        "session cookie instead, and what changes something must then come from the studio's own origin.",
        docs_url=None,  # its page would fetch scripts from elsewhere
        redoc_url=None,
        responses={"4XX": {"model": ErrorAnswer}, "5XX": {"model": ErrorAnswer}},
        middleware=[Middleware(OwnPagesOnly, keys=True, large=search.LARGE)],
    )
    for resource in (
        health,
        orders,
        jobs,
        images,
        decisions,
        review,
        claims,
        comments,
        sharing,
        search,
        recalls,
        trying_again,
        exports,
        shots,
        house_style,
        trainings,
        votes,
    ):
        app.include_router(resource.router)
    app.add_exception_handler(StudioError, _refused)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(HTTPException, _unknown)
    app.add_exception_handler(Exception, _failed)
    return app


def _refused(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, StudioError)
    content = told_of(error).model_dump(exclude_unset=True)
    headers = {}
    if isinstance(error, NotSignedIn):
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, RateLimited):
        headers["Retry-After"] = str(error.retry_after)
    if isinstance(error, NotReady):
        headers["Retry-After"] = "1"
    if error.http_status >= 500:
        _log.error("%s %s: %s", request.method, request.url.path, error.message)
    return JSONResponse(content, error.http_status, headers)


def _malformed(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    faults = [f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}" for fault in error.errors()]
    return JSONResponse({"error": "InputError", "message": "; ".join(faults)}, 422)


def _unknown(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    message = f"{request.method} {request.url.path}: {error.detail}. See {PREFIX}/openapi.json."
    return JSONResponse({"error": "NoSuchRoute", "message": message}, error.status_code)


def _failed(request: Request, error: Exception) -> JSONResponse:
    message = "Something went wrong on the server and nothing was saved. Its log has the details."
    return JSONResponse({"error": "ServerError", "message": message}, 500)
