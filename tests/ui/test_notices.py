"""Every refusal says what happened, that nothing was lost, and what to do."""

import pytest
from streamlit.testing.v1 import AppTest

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


def test_a_fault_that_no_page_caught_is_told_without_its_details(caplog: pytest.LogCaptureFixture) -> None:
    def page() -> None:
        from studio.ui.notices import unexpected

        unexpected(ValueError("secret"))

    shown = AppTest.from_function(page, default_timeout=30).run()
    assert "Nothing was lost" in shown.error[0].value
    assert "secret" not in shown.error[0].value
    assert "secret" in caplog.text


def test_a_refusal_says_its_values_in_the_language_of_the_screen() -> None:
    def page() -> None:
        from studio.errors import Conflict
        from studio.ui import i18n
        from studio.ui.notices import refusal

        i18n._settled.set("zh")
        refusal(Conflict("Someone is named {name!r} already. Take another name.", name="Anna"))

    shown = AppTest.from_function(page, default_timeout=30).run()
    assert "已有人使用名称“Anna”" in shown.error[0].value


def test_a_message_is_english_and_whole_for_everyone_else() -> None:
    told = errors.QuotaReached("Wait {wait}, {name}.", retry_after=3, wait="3 s", name="{x}")
    assert (told.message, str(told), told.retry_after) == ("Wait 3 s, {x}.", "Wait 3 s, {x}.", 3)
    assert StudioError("100 % {plain}").message == "100 % {plain}"
