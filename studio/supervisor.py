"""`python -m studio up`: one parent for web server and worker, which start, stop and come back together."""

from __future__ import annotations

import datetime as dt
import fcntl
import http.client
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType

import sqlalchemy as sa

from db.tables import LinkKind, Role, User, WorkerHeartbeat, utc_now
from studio.access.accounts import create_link, link_path
from studio.bootstrap import Studio, open_studio
from studio.errors import StudioError
from studio.health import health
from studio.migrate import migrate
from studio.settings import Settings
from studio.work.child import Child

_STUDIO = (sys.executable, "-m", "studio")
_LOOK_EVERY_SECONDS = 0.1
_SERVER_GRACE_SECONDS = 8.0
_WORKER_GRACE_SECONDS = 30.0
_DATABASE_PAUSE_SECONDS = 3.0
_PATIENCE_SECONDS = 45.0  # for a worker that is neither ready nor dead, before the link is printed all the same


def up(settings: Settings) -> int:
    """Run the studio until Ctrl-C or SIGTERM; returns the exit status.

    Raises RuntimeError when another studio runs on this home, or when the port is taken.
    """
    with _only_one(settings):
        _refuse_taken_port(settings)
        _say(f"EcomGAN Studio on {settings.home}")
        migrate(settings)
        studio = open_studio(settings)
        try:
            return Supervisor(studio).run()
        finally:
            studio.close()


@dataclass
class Supervisor:
    """Keeps the two children alive until a signal comes."""

    studio: Studio
    _stop: threading.Event = field(default_factory=threading.Event)
    _impatient: bool = False

    def run(self) -> int:
        """Start both, tell when they are ready, restart what dies; returns the exit status."""
        logs = self.studio.settings.logs
        server = Child("web server", (*_STUDIO, "serve"), logs / "server.log", _SERVER_GRACE_SECONDS)
        worker = Child("worker", (*_STUDIO, "worker"), logs / "worker.log", _WORKER_GRACE_SECONDS)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._on_signal)
        try:
            server.start()
            worker.start()
            self._keep_alive(server, worker)
        finally:
            _say("stopping")
            for child in (server, worker):
                child.ask_to_stop()
            for child in (server, worker):
                child.wait(lambda: self._impatient)
        _say("stopped; everything is saved")
        return 0

    def _keep_alive(self, server: Child, worker: Child) -> None:
        started, announced = utc_now(), False
        while not self._stop.wait(_LOOK_EVERY_SECONDS):
            for child in (server, worker):
                told = child.look_after()
                if told:
                    _say(told)
            if not server.ready and self._server_answers():
                _say(server.mark_ready())
            try:
                if not worker.ready and self._worker_reported_since(worker.started_at):
                    _say(worker.mark_ready())
                if not announced and server.ready and (worker.ready or self._is_hopeless(worker, utc_now() - started)):
                    self._announce(worker)
                    announced = True
            except (StudioError, sa.exc.SQLAlchemyError) as error:
                _say(f"the database does not answer, trying again: {error}")
                self._stop.wait(_DATABASE_PAUSE_SECONDS)

    def _server_answers(self) -> bool:
        settings = self.studio.settings
        host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host
        connection = http.client.HTTPConnection(host, settings.port, timeout=2)
        try:
            connection.request("GET", "/api/v1/health")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _worker_reported_since(self, started_at: dt.datetime) -> bool:
        ready = sa.select(WorkerHeartbeat.worker).where(WorkerHeartbeat.ready, WorkerHeartbeat.started_at >= started_at)
        with self.studio.reading() as session:
            return session.scalar(ready.limit(1)) is not None

    def _is_hopeless(self, worker: Child, waited: dt.timedelta) -> bool:
        """Whether people should come in although no worker is ready: they can look around, and orders wait."""
        if worker.failures > 0 or waited.total_seconds() > _PATIENCE_SECONDS:
            return True
        return not self.studio.settings.model.is_dir() and health(self.studio).model == "missing"

    def _announce(self, worker: Child) -> None:
        if not worker.ready:
            why = "no model is in production" if health(self.studio).model == "missing" else f"see {worker.log}"
            _say(f"the worker is not ready yet ({why}): images that are ordered now wait for it")
        name = first_admin(self.studio)
        link = link_path(create_link(self.studio, name), LinkKind.SIGN_IN)
        _say(f"open this link once to sign in as {name} (Ctrl-C stops the studio):")
        print(f"\n    {self.studio.settings.resolved_public_url}{link}\n", flush=True)  # noqa: T201

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._impatient = self._stop.is_set()  # the second Ctrl-C waits for nobody
        self._stop.set()


def first_admin(studio: Studio) -> str:
    """The name of the admin who has been here longest; "admin" in a studio without anyone."""
    admins = sa.select(User.name).where(User.role == Role.ADMIN, User.active).order_by(User.id)
    with studio.reading() as session:
        return session.scalar(admins.limit(1)) or "admin"


@contextmanager
def _only_one(settings: Settings) -> Iterator[None]:
    """Two studios on one home would run two workers of the same name."""
    settings.home.mkdir(parents=True, exist_ok=True)
    with open(settings.home / "studio.lock", "a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise RuntimeError(
                f"EcomGAN Studio runs already on {settings.home} (process {file.read().strip() or 'unknown'}). "
                "Stop that one first, or give another folder: ECOMGAN_HOME=..."
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def _refuse_taken_port(settings: Settings) -> None:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise RuntimeError(
                f"Port {settings.port} of {settings.host} cannot be used ({error.strerror}). Another program may have "
                f"it; take another one: ECOMGAN_PORT={settings.port + 1}"
            ) from error


def _say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')}  {text}", file=sys.stdout, flush=True)  # noqa: T201
