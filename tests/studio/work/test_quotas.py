"""How much computing a person may order in 24 hours."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa

from db.tables import Activity, Job, JobState, utc_now
from studio.bootstrap import Studio
from studio.errors import Forbidden, InputError, NotFound, QuotaReached
from studio.making.orders import OrderRequest, place_order
from studio.models.in_use import register_starter
from studio.roles import Actor
from studio.work.quotas import check_quota, in_words, quota_of, quotas, set_quota, set_team_quota, team_quota


def worked(
    studio: Studio,
    owner: Actor,
    seconds: float,
    *,
    hours_ago: float | None = 1.0,
    estimate: float | None = None,
    done: int = 10,
) -> None:
    """A job of ten images; hours_ago: when it ended, None is that it still runs."""
    ended = None if hours_ago is None else utc_now() - dt.timedelta(hours=hours_ago)
    with studio.writing() as session:
        session.add(
            Job(
                id=str(uuid4()),
                kind="images",
                title="t",
                owner_id=owner.id,
                total=10,
                done=done,
                state=JobState.RUNNING if ended is None else JobState.DONE,
                compute_seconds=seconds,
                estimate_seconds=estimate,
                finished_at=ended,
            )
        )


def ask(studio: Studio, actor: Actor, seconds: float | None) -> None:
    with studio.writing() as session:
        check_quota(session, actor, seconds)


def test_without_a_limit_everything_may_be_ordered(studio_on_both: Studio, editor: Actor) -> None:
    worked(studio_on_both, editor, 1e6)
    ask(studio_on_both, editor, 1e6)
    quota = quota_of(studio_on_both, editor)
    assert (quota.limit, quota.left, quota.used) == (None, None, 1e6)


def test_what_is_used_and_what_is_ordered_count_for_a_day(
    studio_on_both: Studio, editor: Actor, viewer: Actor, admin: Actor
) -> None:
    studio = studio_on_both
    set_team_quota(studio, admin, 600)
    worked(studio, editor, 100)
    worked(studio, editor, 500, hours_ago=25)
    worked(studio, editor, 20, hours_ago=None, estimate=50, done=4)
    worked(studio, editor, 0, hours_ago=None, estimate=None, done=0)
    worked(studio, viewer, 300)
    quota = quota_of(studio, editor)
    assert (quota.limit, quota.own, quota.used, quota.ordered, quota.left) == (600, False, 120, 30, 450)
    assert quotas(studio, admin)[viewer.id].used == 300


def test_everyones_quota_is_asked_for_in_as_many_statements_as_one_persons(
    studio_on_both: Studio, editor: Actor, viewer: Actor, reviewer: Actor, admin: Actor
) -> None:
    studio, people = studio_on_both, (editor, viewer, reviewer, admin)
    set_team_quota(studio, admin, 600)
    set_quota(studio, admin, viewer.id, 900)
    worked(studio, editor, 100)
    worked(studio, editor, 20, hours_ago=None, estimate=50, done=4)
    worked(studio, viewer, 300)
    alone = {person.id: quota_of(studio, person) for person in people}
    statements: list[str] = []
    sa.event.listen(studio.engine, "before_cursor_execute", lambda *call: statements.append(call[2]))
    quota_of(studio, editor)
    of_one = sum(text.startswith("SELECT") for text in statements)
    statements.clear()
    assert quotas(studio, admin) == alone
    assert sum(text.startswith("SELECT") for text in statements) == of_one


def test_an_order_beyond_the_limit_is_told_when_enough_is_free(studio: Studio, editor: Actor, admin: Actor) -> None:
    set_team_quota(studio, admin, 600)
    worked(studio, editor, 200, hours_ago=23)
    worked(studio, editor, 300, hours_ago=20)
    ask(studio, editor, 100)
    with pytest.raises(QuotaReached, match="about 4 min") as at:
        ask(studio, editor, 240)
    assert "limit is 10 min a day, and 8 min 20 s were used" in at.value.message
    assert 3500 < at.value.retry_after <= 3600
    with pytest.raises(QuotaReached) as at:
        ask(studio, editor, 500)
    assert 4 * 3600 - 100 < at.value.retry_after <= 4 * 3600


def test_a_used_up_limit_holds_even_where_nobody_can_estimate(studio: Studio, editor: Actor, admin: Actor) -> None:
    set_quota(studio, admin, editor.id, 60)
    ask(studio, editor, None)
    worked(studio, editor, 60)
    with pytest.raises(QuotaReached, match="Your limit is 1 min a day, and 1 min were used"):
        ask(studio, editor, None)


def test_an_order_larger_than_the_limit_never_fits(studio: Studio, editor: Actor, admin: Actor) -> None:
    set_quota(studio, admin, editor.id, 60)
    with pytest.raises(InputError, match="Order less at once"):
        ask(studio, editor, 61)


def test_a_limit_of_ones_own_goes_before_the_teams(studio: Studio, editor: Actor, admin: Actor) -> None:
    set_team_quota(studio, admin, 60)
    set_quota(studio, admin, editor.id, 7200)
    assert (quota_of(studio, editor).limit, quota_of(studio, editor).own) == (7200, True)
    set_quota(studio, admin, editor.id, None)
    assert (quota_of(studio, editor).limit, quota_of(studio, editor).own) == (60, False)
    set_team_quota(studio, admin, None)
    assert (team_quota(studio, admin), quota_of(studio, editor).limit) == (None, None)
    with studio.reading() as session:
        told = session.scalars(sa.select(Activity.text).order_by(Activity.id)).all()
    assert told == [
        "Set the team's computing a day to 1 min.",
        "Set Edda's computing a day to 2 h.",
        "Set Edda's computing a day to the team's limit.",
        "Set the team's computing a day to no limit.",
    ]


def test_an_order_of_images_is_refused_whole(studio: Studio, editor: Actor, admin: Actor, tiny_model: Path) -> None:
    object.__setattr__(studio, "settings", studio.settings.model_copy(update={"model": tiny_model}))
    register_starter(studio)
    set_quota(studio, admin, editor.id, 60)
    place_order(studio, editor, OrderRequest(prompt="red shirt"))
    worked(studio, editor, 70)
    with pytest.raises(QuotaReached):
        place_order(studio, editor, OrderRequest(prompt="red shirt"))
    with studio.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Job)) == 2


def test_only_admins_set_limits_and_only_sensible_ones(studio: Studio, manager: Actor, admin: Actor) -> None:
    with pytest.raises(Forbidden):
        set_team_quota(studio, manager, 60)
    with pytest.raises(Forbidden):
        set_quota(studio, manager, manager.id, 10**6)
    with pytest.raises(Forbidden):
        quotas(studio, manager)
    for seconds in (-1, 0, 59, 10**9):
        with pytest.raises(InputError):
            set_team_quota(studio, admin, seconds)
    with pytest.raises(NotFound):
        set_quota(studio, admin, 999, 60)


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0 s"), (59.6, "1 min"), (130, "2 min 10 s"), (3600, "1 h"), (11_100, "3 h 5 min")]
)
def test_lengths_of_time_are_told_in_two_units(seconds: float, words: str) -> None:
    assert in_words(seconds) == words
