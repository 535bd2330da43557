"""A pack of rules as a team writes one."""

from __future__ import annotations

from typing import Any


def own(at_least: Any = 50, check: str = "width", severity: str = "refused") -> dict[str, Any]:
    """One rule, of the width unless said otherwise, without a frame."""
    rule = {"id": "rule", "text": "As we want it.", "check": check, "at_least": at_least, "severity": severity}
    return {
        "key": "my_shop",
        "name": "My shop",
        "dated": "2026-11-01",
        "source": {"name": "Our own word", "read": "2026-11-01", "confidence": "own"},
        "rules": [rule],
    }
