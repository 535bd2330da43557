"""What a made-up year is like: how much of what, and the effects that are planted in it to be found again."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

CATEGORIES = {
    "Tshirts": 0.22,
    "Shirts": 0.15,
    "Casual Shoes": 0.12,
    "Watches": 0.10,
    "Sports Shoes": 0.09,
    "Kurtas": 0.08,
    "Handbags": 0.07,
    "Tops": 0.05,
    "Heels": 0.04,
    "Sunglasses": 0.04,
    "Jeans": 0.02,
    "Belts": 0.02,
}
"""Category -> its share of the images."""

APPROVED = (0.78, 0.74, 0.71, 0.62, 0.69, 0.73, 0.66, 0.75, 0.58, 0.70, 0.77, 0.55)
"""Of the images of a category as they first come into review, about how many are approved."""

REASONS = {"colour": 0.2, "shape": 0.14, "halo": 0.12, "texture": 0.2, "shadow": 0.1, "fill": 0.14, "logo_text": 0.1}
"""Why images are rejected, where nothing is planted."""

MODELS = ("starter-1", "starter-2", "starter-3")
REVIEWERS = ("Ines Faber", "Jonas Weber", "Mai Tran", "Omar Haddad", "Sofia Lind")
EDITORS = ("Anna Berg", "Ben Okoro", "Clara Ruiz", "Deniz Kaya")
MANAGER = "Petra Novak"

SCORES = {
    "sharpness": (1.75, 0.28),
    "border_whiteness": (97.0, 1.6),
    "fill": (82.0, 6.0),
    "centring": (0.045, 0.03),
    "colour_difference": (9.5, 4.2),
}
"""Metric -> mean and deviation over the images; better images score better."""


@dataclass(frozen=True)
class Plan:
    """`images` in the `days` before and on `until`; the same plan makes the same year.

    bad_model: rejected far more often, for texture, while it is in production. lenient: approves nearly everything.
    drifting: from `drift_days` before the end on, halos take over among its reasons and its borders grow greyer, while
    for the first half of that time as many are approved as ever.
    """

    images: int
    until: dt.date
    days: int = 365
    seed: int = 0
    bad_model: str = "starter-2"
    bad_model_costs: float = 0.25
    lenient: str = "Omar Haddad"
    drifting: str = "Watches"
    drift_days: int = 40

    @property
    def since(self) -> dt.date:
        """The first day."""
        return self.until - dt.timedelta(days=self.days - 1)

    def model_on(self, day: np.ndarray) -> np.ndarray:
        """Which version is in production on a day (from 0), as its place among MODELS."""
        return np.searchsorted(np.array([0.5, 0.7]) * self.days, day, side="right")
