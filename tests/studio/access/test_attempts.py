"""How many tries there are."""

from __future__ import annotations

import pytest

from studio.access.attempts import Attempts
from studio.errors import RateLimited


def test_one_address_has_thirty_tries_a_minute_whoever_it_says_it_is() -> None:
    attempts = Attempts()
    for number in range(30):
        attempts.count("10.0.0.1", f"person {number}")
    with pytest.raises(RateLimited):
        attempts.count("10.0.0.1", "someone else")
    with pytest.raises(RateLimited):
        attempts.count("10.0.0.1")
    attempts.count("10.0.0.2")


def test_a_person_is_guessed_fifty_times_an_hour_from_however_many_addresses() -> None:
    attempts = Attempts()
    for number in range(50):
        attempts.count(f"10.0.0.{number}", "Edda")
    with pytest.raises(RateLimited) as caught:
        attempts.count("10.0.1.1", "EDDA")
    assert 3500 < caught.value.retry_after <= 3600


def test_a_right_try_forgives_the_slips_before_it() -> None:
    attempts = Attempts()
    for _ in range(5):
        attempts.count("10.0.0.1", "Edda")
    attempts.forget("10.0.0.1", "edda")
    attempts.count("10.0.0.1", "Edda")
