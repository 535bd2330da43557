"""Work that comes round: at its interval, by one worker at a time, and whatever goes wrong in it."""

from __future__ import annotations

import datetime as dt

from db.tables import Round, utc_now
from studio.bootstrap import Studio
from studio.errors import Conflict
from studio.work.rounds import Duty, do_if_due


def test_a_duty_is_done_once_in_its_interval(studio_on_both: Studio) -> None:
    done: list[Studio] = []
    duty = Duty("count", dt.timedelta(hours=1), done.append)
    assert [do_if_due(studio_on_both, duty) for _ in range(3)] == [True, False, False]
    with studio_on_both.writing() as session:
        session.get_one(Round, "count").at = utc_now() - dt.timedelta(hours=2)
    assert do_if_due(studio_on_both, duty)
    assert len(done) == 2


def test_a_duty_that_fails_is_tried_again_in_the_next_round(studio: Studio) -> None:
    def fail(studio: Studio) -> None:
        raise Conflict("Not today.")

    def break_down(studio: Studio) -> None:
        raise ZeroDivisionError

    assert do_if_due(studio, Duty("fail", dt.timedelta(0), fail))
    assert do_if_due(studio, Duty("fail", dt.timedelta(0), fail))
    assert do_if_due(studio, Duty("break", dt.timedelta(0), break_down))
