"""What an image should measure at birth. A check outside its range is told, it blocks nothing: a person decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """The range in which a score is good; an end that is None is open."""

    label: str
    least: float | None = None
    most: float | None = None
    unit: str = ""
    always: bool = True
    """Whether every image should have the score; False: where it is missing, nothing is told."""

    def passes(self, value: float) -> bool:
        """Whether the value lies in the range."""
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)

    @property
    def wanted(self) -> str:
        """The range in words, such as "60 to 96 %"."""
        if self.least is not None and self.most is not None:
            return f"{self.least:g} to {self.most:g}{self.unit}"
        return f"at least {self.least:g}{self.unit}" if self.most is None else f"at most {self.most:g}{self.unit}"


CHECKS: dict[str, Check] = {
    "sharpness": Check("Sharpness", least=1.3),
    "border_whiteness": Check("Border whiteness", least=95.0, unit=" %"),
    "fill": Check("Fill", least=60.0, most=96.0, unit=" %"),
    "centring": Check("Off centre", most=0.12),
    "colour_difference": Check("Colour difference", most=15.0),
    "category_confidence": Check("Category confidence", least=50.0, unit=" %", always=False),
}
"""The checks by the key of their score; `ecomgan.metrics` says how each is measured."""

FURTHER_CHECKS: dict[str, Check] = {
    "noise": Check("Noise", most=3.0, always=False),
    "blocking": Check("JPEG damage", most=1.0, always=False),
    "exact_white": Check("Pure white", least=99.0, unit=" %", always=False),
    "cropped": Check("Product cut off", most=2.0, unit=" %", always=False),
    "shadow": Check("Shadow", most=1.0, always=False),
    "category_margin": Check("Lead over others", least=0.0, unit=" %", always=False),
    "text_image_match": Check("Text match", least=40.0, always=False),
    "overlay": Check("Text or logo on it", most=50.0, unit=" %", always=False),
    "skin": Check("People", most=0.2, unit=" %", always=False),
    "taught_distance": Check("From training photos", least=7.0, always=False),
    "published_distance": Check("From published images", least=7.0, always=False),
}
"""Where further scores are good, for the page of an image; nothing is sent back or told for them."""


def missed(scores: Mapping[str, float | None]) -> frozenset[str]:
    """The keys of the checks that the image fails or that could not be measured on it."""
    return frozenset(
        key
        for key, check in CHECKS.items()
        if (check.always if (value := scores.get(key)) is None else not check.passes(value))
    )


def shortfalls(scores: Mapping[str, float | None]) -> tuple[str, ...]:
    """One sentence for each check that the image fails or that could not be measured on it."""
    told = []
    for key, check in CHECKS.items():
        value = scores.get(key)
        if value is None:
            told += [f"{check.label} could not be measured."] * check.always
        elif not check.passes(value):
            told.append(f"{check.label} is {value:.3g}{check.unit}; good is {check.wanted}.")
    return tuple(told)
