"""Values for `IN (...)`, where there may be more of them than one statement takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, TypeVar

MOST: Final = 500
"""Values in one statement. The databases bind some 32,000, and plan worse the more there are."""

T = TypeVar("T")


def portions(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """The values in their order, `MOST` at a time; nothing where there are none."""
    return (values[start : start + MOST] for start in range(0, len(values), MOST))
