"""How a refusal is told to programs."""

from __future__ import annotations

from pydantic import BaseModel

from studio.errors import StaleDecision, StudioError


class ErrorAnswer(BaseModel):
    """What was wrong: its kind, and a sentence for people. The last two stand only in a StaleDecision."""

    error: str
    message: str
    current_state: str | None = None
    last_decision: str | None = None


def told_of(refusal: StudioError) -> ErrorAnswer:
    """The refusal as it is answered."""
    answer = ErrorAnswer(error=type(refusal).__name__, message=refusal.message)
    if isinstance(refusal, StaleDecision):
        answer.current_state, answer.last_decision = refusal.current_state, refusal.last_decision
    return answer
