"""A web server and a mail server on this machine that keep what they receive."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass
class Received:
    """What came, in order; `answers`: the statuses to answer with, then 204."""

    url: str = ""
    requests: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)


@contextmanager
def web_server(tls: ssl.SSLContext | None = None) -> Iterator[Received]:
    """An HTTP server at `url`; with `tls` an HTTPS server."""
    received = Received()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.requests.append((self.path, dict(self.headers), body))
            status = received.answers.pop(0) if received.answers else 204
            self.send_response(status)
            if status == 302:
                self.send_header("Location", f"{received.url}/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *values: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
        server.handle_error = lambda *_: None  # type: ignore[method-assign]  # clients that turn away are meant
    received.url = f"http{'' if tls is None else 's'}://127.0.0.1:{server.server_port}/hook"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield received
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Mailbox:
    """Keeps each message that comes in."""

    def __init__(self) -> None:
        self.messages: list[Envelope] = []
        self.refuse = False

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.refuse:
            return "451 Try again later"
        self.messages.append(envelope)
        return "250 OK"


@contextmanager
def mail_server(
    port: int, *, tls: ssl.SSLContext | None = None, starttls: ssl.SSLContext | None = None
) -> Iterator[Mailbox]:
    """An SMTP server on 127.0.0.1: in clear, in TLS from the first byte, or changing to it before any mail."""
    mailbox = Mailbox()
    changing = {} if starttls is None else {"tls_context": starttls, "require_starttls": True}
    controller = Controller(mailbox, hostname="127.0.0.1", port=port, ssl_context=tls, **changing)
    controller.start()
    try:
        yield mailbox
    finally:
        controller.stop()
