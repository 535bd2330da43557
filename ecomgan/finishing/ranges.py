"""The check that all parameters of finishing steps share."""

from ecomgan.errors import FinishingError


def check_range(step: str, parameter: str, value: float, low: float, high: float) -> None:
    """Raise FinishingError unless low <= value <= high (never true for NaN)."""
    if not low <= value <= high:
        raise FinishingError(f"finishing step {step}: {parameter} must be from {low} to {high}; got {value}")
