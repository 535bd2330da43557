"""Decisions and other deeds are one list: filtered, paged without gaps, safe in a spreadsheet."""

from __future__ import annotations

import csv
import datetime as dt
import io

import pytest

from db.tables import Activity, AssetState, Role, utc_now
from studio.activity import record
from studio.activity_log import ActivityFilter, activity, export_activity, facets
from studio.bootstrap import Studio
from studio.errors import InputError, NotSignedIn
from studio.review.deciding import Action, Decide, decide
from studio.review.verdicts import Days
from studio.roles import Actor
from tests.studio.conftest import Images, seen


def deed(studio: Studio, actor: Actor | None, text: str, subject: str = "model_version") -> None:
    with studio.writing() as session:
        record(session, actor, "promoted", subject, 3, text)


def approve(studio: Studio, actor: Actor, asset_id: int) -> None:
    shown = seen(studio, asset_id)
    decide(studio, actor, Decide(asset_id, 0, Action.APPROVE, f"key-{asset_id:08}", seen_sha256=shown))


def test_decisions_and_deeds_stand_in_one_list(
    studio_on_both: Studio, images: Images, editor: Actor, reviewer: Actor
) -> None:
    studio = studio_on_both
    (one,) = images.make(editor, state=AssetState.IN_REVIEW)
    deed(studio, reviewer, "Put starter-2 into production.")
    approve(studio, reviewer, one)
    deed(studio, None, "Registered a model.")
    lines = activity(studio, editor).lines
    assert [(line.source, line.did, line.user) for line in lines] == [
        ("activity", "promoted", None),
        ("decision", "approved", "Rune"),
        ("activity", "promoted", "Rune"),
    ]
    assert (lines[1].subject, lines[1].subject_id, lines[1].text) == (
        "asset",
        str(one),
        f"Set image {one} to approved.",
    )
    assert lines[1].sha256


def test_every_filter_narrows(studio_on_both: Studio, images: Images, editor: Actor, reviewer: Actor) -> None:
    studio = studio_on_both
    (one,) = images.make(editor, state=AssetState.IN_REVIEW)
    approve(studio, reviewer, one)
    deed(studio, editor, "Imported spring.csv.", "catalogue_import")
    today = dt.datetime.now(dt.UTC).date()
    for wanted, expected in (
        (ActivityFilter(user_id=editor.id), ["catalogue_import"]),
        (ActivityFilter(subject="asset"), ["asset"]),
        (ActivityFilter(subject="asset", subject_id=str(one)), ["asset"]),
        (ActivityFilter(subject="asset", subject_id="x"), []),
        (ActivityFilter(subject="catalogue_import"), ["catalogue_import"]),
        (ActivityFilter(to_state=AssetState.APPROVED), ["asset"]),
        (ActivityFilter(to_state=AssetState.PUBLISHED), []),
        (ActivityFilter(text="spring IMPORTED"), ["catalogue_import"]),
        (ActivityFilter(days=Days(None, today - dt.timedelta(3))), []),
        (ActivityFilter(days=Days(today - dt.timedelta(1), None)), ["catalogue_import", "asset"]),
    ):
        assert [line.subject for line in activity(studio, editor, wanted).lines] == expected, wanted
    assert facets(studio, editor).subjects == ("asset", "catalogue_import")


def test_pages_have_no_gap_even_at_the_same_moment(
    studio_on_both: Studio, images: Images, editor: Actor, reviewer: Actor
) -> None:
    studio = studio_on_both
    ids = images.make(editor, 3, state=AssetState.IN_REVIEW)
    for asset_id in ids:
        approve(studio, reviewer, asset_id)
    at = activity(studio, editor).lines[1].at
    with studio.writing() as session:
        for _ in range(4):
            session.add(Activity(at=at, user_id=editor.id, verb="v", subject="s", subject_id="1", text="t"))
    whole = activity(studio, editor).lines
    seen, after = [], None
    while True:
        page = activity(studio, editor, after=after, limit=2)
        seen += page.lines
        after = page.after
        if after is None:
            break
    assert len(whole) == 7
    assert tuple(seen) == whole


def test_the_file_holds_all_lines_and_no_formula(studio: Studio, images: Images, editor: Actor, admin: Actor) -> None:
    deed(studio, Actor(admin.id, admin.name, Role.ADMIN), "=HYPERLINK(1)")
    for _ in range(3):
        deed(studio, None, "fine")
    rows = list(csv.reader(io.StringIO(export_activity(studio, editor).decode("utf-8-sig"))))
    assert rows[0][:3] == ["at", "user", "did"]
    assert len(rows) == 5
    assert rows[-1][5] == "'=HYPERLINK(1)"
    assert dt.datetime.fromisoformat(rows[1][0]) <= utc_now()


def test_the_log_is_for_people_who_signed_in(studio: Studio, viewer: Actor) -> None:
    with pytest.raises(NotSignedIn):
        activity(studio, None)
    with pytest.raises(InputError, match="1 to 500"):
        activity(studio, viewer, limit=0)
