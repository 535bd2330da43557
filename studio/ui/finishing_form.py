"""The finishing steps in plain words."""

from __future__ import annotations

from typing import Any


def draw_finishing() -> tuple[dict[str, Any], ...]:
    """Draw the choices; the steps in the order in which they are done."""
    return ()
