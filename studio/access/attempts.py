"""Slows down the guessing of passwords and links, and programs that call too often."""

from __future__ import annotations

import math
import time

from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from studio.errors import RateLimited

_OF_PERSON_FROM_ADDRESS = RateLimitItemPerMinute(5)
_OF_PERSON = RateLimitItemPerHour(50)
_FROM_ADDRESS = RateLimitItemPerMinute(30)
_OF_KEY = RateLimitItemPerMinute(600)
_TOO_MANY = "Too many tries. Wait a minute, then try again."


class Attempts:
    """The tries of the last hour, in this process: 5 a minute for a person from one address, 50 an hour for a person
    from anywhere, 30 a minute from one address; and the calls with API keys, 600 a minute for each.
    """

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def count(self, address: str, name: str | None = None) -> None:
        """Count one try before it is judged. Raises RateLimited when there were too many."""
        self._hit(_FROM_ADDRESS, "address", address)
        if name is not None:
            self._hit(_OF_PERSON_FROM_ADDRESS, "both", name.casefold(), address)
            self._hit(_OF_PERSON, "person", name.casefold())

    def count_call(self, key_id: int) -> None:
        """Count one call with an API key. Raises RateLimited when there were too many."""
        self._hit(_OF_KEY, "key", str(key_id), refusal=f"An API key makes at most {_OF_KEY.amount} calls a minute.")

    def forget(self, address: str, name: str) -> None:
        """The try was right: the person's own slips no longer count."""
        self._limiter.clear(_OF_PERSON_FROM_ADDRESS, "both", name.casefold(), address)

    def _hit(self, limit: RateLimitItem, *what: str, refusal: str = _TOO_MANY) -> None:
        if not self._limiter.hit(limit, *what):
            wait = math.ceil(self._limiter.get_window_stats(limit, *what).reset_time - time.time())
            raise RateLimited(refusal, retry_after=max(wait, 1))
