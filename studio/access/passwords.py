"""Passwords: what is accepted, and their argon2 hashes."""

from __future__ import annotations

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from studio.errors import InputError

SHORTEST = 10
LONGEST = 200  # argon2 reads all of it, so that a longer one could only cost time

_hasher = PasswordHasher()


def hash_password(password: str, name: str) -> str:
    """The argon2id hash of a new password of the person `name`. Raises InputError when it is too easy or too long."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise InputError(
            "A password has {least} to {most} characters, this one has {n}.",
            least=SHORTEST,
            most=LONGEST,
            n=len(password),
        )
    if password.casefold() == name.casefold() or len(set(password)) < 4:
        raise InputError("This password is too easy to guess. Take a sentence, or several words.")
    return _hasher.hash(password)


def is_right(password: str, stored: str | None) -> bool:
    """Whether `password` belongs to the hash. It takes as long where there is no hash, so that names stay unknown."""
    if len(password) > LONGEST:
        return False
    try:
        _hasher.verify(stored or _of_nobody(), password)
    except VerifyMismatchError:
        return False
    return stored is not None


def is_outdated(stored: str) -> bool:
    """Whether the hash was made with weaker parameters than those of today."""
    return _hasher.check_needs_rehash(stored)


@cache
def _of_nobody() -> str:
    return _hasher.hash("no account has this password")
