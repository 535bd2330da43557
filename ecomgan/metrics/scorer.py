"""What a score of a single image is: the declaration that pages show beside the number."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["birth", "later", "identity", "set"]
"""When a score is taken: as the image is made, by a job afterwards, against a real photo of the product; or of a whole
set of images instead of one."""


@dataclass(frozen=True)
class Scorer:
    """Declaration of one score.

    `low` and `high` are the ends of the scale a page draws; a value may lie outside. `better` says where good
    lies: at the high end, at the low end, or near `target`. `version` rises whenever the number for the same image
    could change, so that scores of two versions are never compared.
    """

    key: str
    name: str
    version: int
    unit: str
    low: float
    high: float
    better: Literal["higher", "lower", "near"]
    meaning: str
    source: str
    target: float | None = None
    kind: Kind = "set"

    def __post_init__(self) -> None:
        if not self.low < self.high:
            raise ValueError(f"scorer {self.key!r}: low must be below high, got {self.low} and {self.high}")
        if (self.better == "near") != (self.target is not None):
            raise ValueError(f"scorer {self.key!r}: a target belongs to better='near', got {self.better!r}")
