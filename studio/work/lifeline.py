"""Ties a child process to its parent: when the parent dies, however it dies, the child stops too."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
import time

ENVIRONMENT = "ECOMGAN_LIFELINE"
"""Set to the parent's process id by a parent that keeps the child's standard input open for as long as it lives."""

_PR_SET_PDEATHSIG = 1
_LONGEST_GOODBYE_SECONDS = 60.0


def hold_lifeline() -> None:
    """Stop this process by SIGTERM when its parent ends, and for good a minute later. Does nothing when no parent
    asked for it.

    The end of the standard input tells it on every system; Linux also sends the signal itself, to a process that is
    too busy to read.
    """
    parent = os.environ.pop(ENVIRONMENT, None)
    if parent is None:
        return
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != int(parent):  # it died before we were listening
        sys.exit(1)
    threading.Thread(target=_wait_for_the_end, name="lifeline", daemon=True).start()


def _wait_for_the_end() -> None:
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_LONGEST_GOODBYE_SECONDS)
    os._exit(1)  # it hangs; nobody is left who would end it
