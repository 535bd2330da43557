"""My account: keys are made, shown once and revoked here; the day's computing is told."""

from db.tables import Job, JobState, utc_now
from studio.access.api_keys import Scope, actor_with_key, own_keys
from studio.bootstrap import Studio
from studio.roles import Actor
from studio.work.quotas import set_quota
from tests.ui.conftest import Visit, press, told


def test_a_key_is_made_shown_once_and_revoked(visit: Visit, studio: Studio, editor: Actor) -> None:
    page = visit("account", editor)
    page.text_input[-1].set_value("Shop sync")
    page.checkbox(key="scope-order-0").set_value(True)
    page = press(page, "Make the key")
    (token,) = [code.value for code in page.code if code.value.startswith("eg_")]
    assert actor_with_key(studio, token, "10.0.0.1", Scope.ORDER) == editor
    page = press(page, "Put it away")
    assert token not in told(page) + "".join(code.value for code in page.code)
    assert "reads · orders" in told(page)
    page = press(page, "Revoke")
    assert "revoked on" in told(page)
    assert not own_keys(studio, editor)[0].active


def test_a_viewer_is_offered_reading_only(visit: Visit, viewer: Actor) -> None:
    page = visit("account", viewer)
    assert [box.key for box in page.checkbox] == ["scope-read-0"]
    page = press(page, "Make the key")
    assert not page.exception
    assert "1 to 80" in page.error[0].value


def test_what_is_left_of_the_day_is_told(visit: Visit, studio: Studio, editor: Actor, admin: Actor) -> None:
    assert "no limit is set" in told(visit("account", editor))
    set_quota(studio, admin, editor.id, 3600)
    with studio.writing() as session:
        job = Job(id="j", kind="images", title="t", owner_id=editor.id, total=1, done=1, state=JobState.DONE)
        job.compute_seconds, job.finished_at = 600.0, utc_now()
        session.add(job)
    page = visit("account", editor)
    assert "10 min used in the last 24 hours" in told(page)
    assert "50 min of 1 h computing left today" in told(page)  # the account menu


def test_the_page_says_how_a_program_calls(visit: Visit, viewer: Actor) -> None:
    page = visit("account", viewer)
    assert "Authorization: Bearer eg_" in "".join(code.value for code in page.code)
