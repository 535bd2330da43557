"""The job that scores, run here and now, with judges that need no networks."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ecomgan.metrics import keys_of
from ecomgan.metrics.later import Subject
from studio.bootstrap import Studio
from studio.scoring.job import ImageScorer
from tests.studio.at_once import AtOnce

Values = dict[str, float | None]


class EasyJudges:
    """Gives every image the same later scores, and identity scores of `identity` to those with a real photo."""

    def __init__(self, later: float = 50.0, identity: float = 90.0) -> None:
        self._later, self._identity = later, identity
        self.subjects: list[Subject] = []

    def score(self, subjects: Sequence[Subject]) -> list[Values]:
        self.subjects += subjects
        return [
            dict.fromkeys((key for key in keys_of("later") if not key.endswith("_distance")), self._later)
            | dict.fromkeys(keys_of("identity"), None if one.photo is None else self._identity)
            for one in subjects
        ]


def run_scoring(
    studio: Studio,
    job_id: str,
    judges: EasyJudges | None = None,
    before: Callable[[str], object] = lambda name: None,
) -> EasyJudges:
    """Do the whole job; returns the judges that it asked."""
    judges = judges or EasyJudges()
    ImageScorer(studio, "here", lambda: judges, 0.0).body(AtOnce(before), job_id)  # type: ignore[arg-type]
    return judges
