"""How fast decisions are saved by the running server, with 100,000 images: one reviewer at the keys, fifty at once.

A decision is sent as the gallery sends it and answered when it is on the disk, sealed. Images are approved, so that
their bytes are hashed too.
"""

from __future__ import annotations

import http.client
import json
import secrets
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np
import psutil
import sqlalchemy as sa

from db.tables import Asset, AssetState, Decision, Role, User
from studio.access.accounts import COOKIE_NAME, create_link, sign_in_with_link
from studio.bootstrap import Studio
from studio.review.log_check import check_log
from tests.bench.database import postgresql
from tests.bench.filled import filled_studio
from tests.bench.seeding import IMAGES, fill
from tests.bench.served import cpu_seconds, health, process, seconds_until
from tests.bench.table import Row
from tests.e2e.running import free_port

_KEYS, _WARMING = 300, 20
_REVIEWERS = 50
_SECONDS = 20
_BYTES = 60_000  # of an image, as a PNG of 256 x 320 pixels has


@dataclass(frozen=True)
class _Image:
    id: int
    revision: int
    sha256: str


def speeds() -> list[Row]:
    """Both databases, each filled anew."""
    with tempfile.TemporaryDirectory() as folder:
        rows = _measure(Path(folder), "")
    with tempfile.TemporaryDirectory() as folder, postgresql(Path(folder)) as url:
        return rows + _measure(Path(folder), url)


def _measure(home: Path, url: str) -> list[Row]:
    studio = filled_studio(url, home, fill, f"{IMAGES:,} images", sealed=True)
    name = studio.engine.dialect.name
    images = _images(studio, _KEYS + _REVIEWERS * _SECONDS)
    tokens = _sign_in(studio, _REVIEWERS)
    before = _count(studio)
    port = free_port()
    with process("serve", home, port, ECOMGAN_DATABASE_URL=url) as server:
        seconds_until(lambda: health(port) is not None)
        _press(port, tokens[0], images[:_WARMING])
        alone = _press(port, tokens[0], images[_WARMING:_KEYS])
        cpu = cpu_seconds(psutil.Process(server.pid))
        together = _all_at_once(port, tokens, images[_KEYS:])
        cpu = 1000 * (cpu_seconds(psutil.Process(server.pid)) - cpu) / len(together)
    lost = len(images) - (_count(studio) - before)
    checked = seconds_until(lambda: (found := check_log(studio)).decisions > 0 and not found.fault)
    decisions = _count(studio)
    studio.close()
    pressed = f"{name}, {len(alone)} approvals over HTTP, median {median(alone):.1f}"
    shared = (
        f"{name}, {len(together)} in {_SECONDS} s, median {median(together):.1f}, slowest {max(together):.0f}; the "
        f"server computed {cpu:.1f} ms for each; {lost} lost or doubled, log unbroken"
    )
    return [
        Row("key to saved, p95", _p95(alone), "ms", "<= 60", pressed),
        Row(f"{_REVIEWERS} reviewers, a decision a second each, p95", _p95(together), "ms", "<= 150", shared),
        Row("verify-log", decisions / checked, "decisions/s", "", f"{name}, {decisions:,} decisions"),
    ]


def _images(studio: Studio, number: int) -> list[_Image]:
    """Images that wait for review and whose bytes are there."""
    with studio.writing() as session:
        chosen = sa.select(Asset).where(Asset.state == AssetState.IN_REVIEW).order_by(Asset.id).limit(number)
        rows = session.scalars(chosen).all()
        for row in rows:
            row.sha256 = studio.storage.put(secrets.token_bytes(_BYTES))
        return [_Image(row.id, row.revision, row.sha256) for row in rows]


def _sign_in(studio: Studio, number: int) -> list[str]:
    with studio.writing() as session:
        session.add_all(User(name=f"Reviewer {n}", role=Role.REVIEWER) for n in range(number))
    links = [create_link(studio, f"Reviewer {n}") for n in range(number)]
    return [sign_in_with_link(studio, link)[1] for link in links]


def _count(studio: Studio) -> int:
    with studio.reading() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(Decision)) or 0


def _press(port: int, token: str, images: Sequence[_Image], *, every: float = 0.0, start: float = 0.0) -> list[float]:
    """Approve the images one after the other, `every` so many seconds; milliseconds of each until it was saved.

    A server that is busy is asked again with the same key, as the gallery does.
    """
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Content-Type": "application/json", "Cookie": f"{COOKIE_NAME}={token}", "Sec-Fetch-Site": "same-origin"}
    taken = []
    for number, image in enumerate(images):
        time.sleep(max(0.0, start + number * every - time.perf_counter()))
        body = {"asset_id": image.id, "revision": image.revision, "action": "approve", "seen_sha256": image.sha256}
        body["idempotency_key"] = secrets.token_hex(16)
        began, status = time.perf_counter(), 503
        while status == 503:
            connection.request("POST", "/api/v1/decisions", json.dumps(body), headers)
            answer = connection.getresponse()
            status, text = answer.status, answer.read()
        taken.append(1000 * (time.perf_counter() - began))
        if status != 200:
            raise RuntimeError(f"image {image.id} was answered {status}: {text.decode()}")
    connection.close()
    return taken


def _all_at_once(port: int, tokens: Sequence[str], images: Sequence[_Image]) -> list[float]:
    """Each reviewer decides their share, one a second, all beginning at moments of their own within a second."""
    taken: list[float] = []
    faults: list[BaseException] = []
    start = time.perf_counter() + 1

    def work(number: int, token: str) -> None:
        try:
            own = images[number * _SECONDS : (number + 1) * _SECONDS]
            taken.extend(_press(port, token, own, every=1.0, start=start + number / len(tokens)))
        except BaseException as error:
            faults.append(error)

    threads = [threading.Thread(target=work, args=pair) for pair in enumerate(tokens)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]
    return taken


def _p95(milliseconds: Sequence[float]) -> float:
    return float(np.percentile(milliseconds, 95))
