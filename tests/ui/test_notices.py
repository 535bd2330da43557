"""Every refusal says what happened, that nothing was lost, and what to do."""

import pytest

from studio import errors
from studio.errors import RateLimited, StaleDecision, StudioError
from studio.ui.notices import next_step


def kinds(kind: type[StudioError] = StudioError) -> list[type[StudioError]]:
    return [kind, *(found for below in kind.__subclasses__() for found in kinds(below))]


def refused(kind: type[StudioError]) -> StudioError:
    if issubclass(kind, StaleDecision):
        return kind("x", current_state="approved", last_decision="Bo approved it.")
    return kind("x", retry_after=20) if issubclass(kind, RateLimited) else kind("x")


@pytest.mark.parametrize("kind", [kind for kind in kinds() if kind.__module__ == errors.__name__])
def test_each_refusal_has_its_next_step(kind: type[StudioError]) -> None:
    step = next_step(refused(kind))
    assert step.endswith(".")
    assert "othing" in step or "Wait 20 s" in step
