"""Alarms as signed HTTPS requests to addresses that people typed in: only to the open internet, unless a setting says
otherwise.

The receiver verifies `X-Ecomgan-Signature: sha256=HEX` as HMAC-SHA256(secret, X-Ecomgan-Timestamp + "." + body), and
drops what is older than a few minutes. `X-Ecomgan-Delivery` is the same when one message is tried again.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import ipaddress
import socket
import ssl
import threading
import time
from contextlib import suppress
from typing import Final
from urllib.parse import SplitResult, quote, urlsplit

from studio.errors import InputError

TIMEOUT_SECONDS: Final = 10.0
"""Of each wait for the receiver."""
DEADLINE_SECONDS: Final = 20.0
"""Of all waits together: a receiver that answers a byte at a time must not keep a worker from its other duties."""

_PLAIN: Final = "/?%:@!$&'()*+,;=~[]"  # of a path and its query; all else is percent-encoded, as browsers do


class Refused(OSError):
    """The receiver, or our own caution, did not let the message through."""


def check_address(url: str, *, private: bool) -> SplitResult:
    """The parts of a webhook's URL. private: whether receivers inside the own network are allowed, and plain HTTP.

    Raises InputError for what is no such address; where its name leads is looked at when a message is sent.
    """
    try:
        parts = urlsplit(url)
        is_place = bool((parts.hostname or "").encode("idna")) and (parts.port is None or 0 < parts.port < 65536)
    except ValueError:  # of which UnicodeError is one
        parts, is_place = urlsplit(""), False
    schemes = ("https", "http") if private else ("https",)
    if parts.scheme not in schemes or not is_place or parts.username or len(url) > 500:
        raise InputError("A webhook is an https:// address without a name and password in it, got {url}.", url=url[:80])
    assert parts.hostname
    if not private and _is_inside(parts.hostname):
        raise InputError("A webhook leads out of the own network, got {host}.", host=parts.hostname)
    return parts


def post(url: str, body: bytes, *, secret: str, delivery: str, private: bool) -> None:
    """Send a message, without following redirects. Raises OSError with what went wrong."""
    parts = check_address(url, private=private)
    assert parts.hostname
    port = parts.port or (443 if parts.scheme == "https" else 80)
    address = _resolved(parts.hostname, port, private=private)
    stamp = str(int(time.time()))
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "EcomGAN-Studio",
        "X-Ecomgan-Delivery": delivery,
        "X-Ecomgan-Timestamp": stamp,
        "X-Ecomgan-Signature": f"sha256={signature(secret, stamp, body)}",
    }
    connection = _Pinned(parts.hostname, port, address, secure=parts.scheme == "https")
    late = threading.Timer(DEADLINE_SECONDS, connection.cut)
    late.start()
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", quote(path, safe=_PLAIN), body, headers)
        answer = connection.getresponse()
    except http.client.HTTPException as error:
        if not connection.was_cut:
            raise Refused(f"{parts.hostname} did not answer as a web server does: {type(error).__name__}.") from error
    except OSError:
        if not connection.was_cut:
            raise
    finally:
        late.cancel()
        connection.close()
    if connection.was_cut:
        raise Refused(f"{parts.hostname} did not answer within {DEADLINE_SECONDS:g} seconds.")
    if not 200 <= answer.status < 300:
        raise Refused(f"{parts.hostname} answered {answer.status}.")


def signature(secret: str, stamp: str, body: bytes) -> str:
    """HMAC-SHA256 over `stamp.body`, in hex."""
    return hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()


class _Pinned(http.client.HTTPConnection):
    """A connection to the address that was checked: asked again, the name might lead elsewhere."""

    def __init__(self, host: str, port: int, address: str, *, secure: bool) -> None:
        super().__init__(host, port, timeout=TIMEOUT_SECONDS)
        self._address, self._secure = address, secure
        self.was_cut = False

    def connect(self) -> None:
        self.sock = socket.create_connection((self._address, self.port), self.timeout)
        if self._secure:
            self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)

    def cut(self) -> None:
        """End it, from another thread, whatever it waits for."""
        self.was_cut = True
        if self.sock is not None:
            with suppress(OSError):  # it ended by itself at this moment
                self.sock.shutdown(socket.SHUT_RDWR)


def _resolved(host: str, port: int, *, private: bool) -> str:
    """The first address of the name; Refused where one of them lies in the own network and may not."""
    found = [str(row[4][0]) for row in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if not private and any(_is_inside(address) for address in found):
        raise Refused(f"{host} leads into the own network, which ECOMGAN_ALERTS_PRIVATE does not allow.")
    return found[0]


def _is_inside(host: str) -> bool:
    """Whether this is the text of an address that is not of the open internet, or a name of this machine."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host.rstrip(".").lower() == "localhost" or host.rstrip(".").lower().endswith(".localhost")
    mapped = getattr(address, "ipv4_mapped", None)
    return not (mapped or address).is_global or (mapped or address).is_multicast
