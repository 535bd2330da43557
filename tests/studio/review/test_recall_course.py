"""A recall withdraws, tells people, orders replacements, stops and goes on, and survives its worker."""

from __future__ import annotations

import csv
import datetime as dt
import io

import pytest
import sqlalchemy as sa

from db.tables import (
    Asset,
    AssetState,
    Brief,
    Channel,
    Decision,
    Job,
    JobState,
    RecallOutcome,
)
from studio.bootstrap import Studio
from studio.errors import Conflict, Forbidden, InputError
from studio.models.in_use import register_starter
from studio.review.causes import Cause, CauseKind
from studio.review.recall_job import Recaller
from studio.review.recall_list import recall_csv
from studio.review.recall_views import choices, list_recalls, recall_detail, recall_images, recall_view
from studio.review.recalls import go_on, preview, preview_images, recall
from studio.review.replacing import Replacing
from studio.roles import Actor
from studio.settings import Settings
from studio.work.jobs import RECALL, cancel_job
from studio.work.retrying import retry_job
from tests.studio.conftest import Images
from tests.studio.review.recalling import approved, by_model, do, export, move, states, told, work


def test_what_changed_since_the_preview_stops_a_recall_before_it_begins(
    studio_on_both: Studio, images: Images, editor: Actor, manager: Actor
) -> None:
    studio = studio_on_both
    ids = images.make(editor, 2, model="bad")
    cause = by_model(images, "bad")
    images.make(editor, 1, model="bad")
    with pytest.raises(Conflict, match="3 images fit by now, not 2"):
        recall(studio, manager, cause, why="Bad.", expected=2)
    with pytest.raises(InputError, match="No image fits"):
        recall(studio, manager, by_model(images, "unused"), why="Bad.", expected=0)
    assert states(studio, ids) == [AssetState.DRAFT] * 2
    assert list_recalls(studio, manager) == []
    with studio.reading() as session:
        assert session.scalars(sa.select(Job.id).where(Job.kind == RECALL)).all() == []


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ({"why": "  "}, "1 to 500 characters"),
        ({"why": "x" * 501}, "1 to 500 characters"),
        ({"why": "a\ud800b"}, "cannot be stored"),
        ({"why": "Bad.", "reason": "ugly"}, "no reason 'ugly'"),
    ],
)
def test_a_recall_says_why(studio: Studio, images: Images, editor: Actor, manager: Actor, words, why: str) -> None:
    images.make(editor, 1, model="bad")
    with pytest.raises(InputError, match=why):
        recall(studio, manager, by_model(images, "bad"), expected=1, **words)


def test_only_managers_recall(studio: Studio, images: Images, reviewer: Actor) -> None:
    cause = by_model(images, "bad")
    for call in (
        lambda: preview(studio, reviewer, cause),
        lambda: preview_images(studio, reviewer, cause),
        lambda: recall(studio, reviewer, cause, why="Bad.", expected=1),
        lambda: go_on(studio, reviewer, 1),
        lambda: list_recalls(studio, reviewer),
        lambda: recall_view(studio, reviewer, 1),
        lambda: recall_images(studio, reviewer, 1),
        lambda: recall_csv(studio, reviewer, 1),
        lambda: choices(studio, reviewer),
    ):
        with pytest.raises(Forbidden):
            call()


def test_a_worker_that_dies_on_the_way_withdraws_each_image_once_and_tells_once(
    studio_on_both: Studio, images: Images, editor: Actor, manager: Actor
) -> None:
    studio = studio_on_both
    ids = images.make(editor, 60, model="bad")
    recall_id = recall(studio, manager, by_model(images, "bad"), why="Bad.", expected=60)
    job_id = recall_view(studio, manager, recall_id).job.id
    worker = Recaller(studio, "test")
    assert worker.begin(job_id)
    assert worker.withdraw_some(job_id)  # then it dies, and another begins anew
    seen = recall_view(studio, manager, recall_id)
    assert (seen.outcomes[RecallOutcome.WITHDRAWN], seen.outcomes[RecallOutcome.WAITING]) == (10, 50)
    work(studio, job_id)
    Recaller(studio, "another").tell_people(job_id)
    with studio.reading() as session:
        number = sa.select(sa.func.count()).select_from(Decision).where(Decision.asset_id.in_(ids))
        assert session.scalar(number) == 60
    assert len(told(studio, editor)) == 1


def test_a_stopped_recall_tells_of_what_it_withdrew_and_can_go_on(
    studio: Studio, images: Images, editor: Actor, manager: Actor
) -> None:
    ids = images.make(editor, 30, model="bad")
    recall_id = recall(studio, manager, by_model(images, "bad"), why="Bad.", expected=30)
    job_id = recall_view(studio, manager, recall_id).job.id
    steps = iter(("begin", "withdraw"))

    def stop(name: str) -> None:
        if next(steps, "stop") == "stop":
            with studio.writing() as session:
                job = session.get_one(Job, job_id)
                job.state = JobState.CANCELLING if job.state is JobState.RUNNING else job.state

    work(studio, job_id, stop)
    assert recall_view(studio, manager, recall_id).job.state is JobState.CANCELLED
    assert told(studio, editor) == ["10 images that you made were withdrawn: Bad. (recall 1, bad)"]
    with pytest.raises(Conflict, match="on the page Recalls"):
        retry_job(studio, manager, job_id)
    work(studio, go_on(studio, manager, recall_id))
    assert set(states(studio, ids)) == {AssetState.WITHDRAWN}
    assert told(studio, editor)[1:] == ["20 images that you made were withdrawn: Bad. (recall 1, bad)"]
    with pytest.raises(Conflict, match="Nothing is left to do"):
        go_on(studio, manager, recall_id)


def test_a_recall_that_waits_can_be_cancelled(studio: Studio, images: Images, editor: Actor, manager: Actor) -> None:
    ids = images.make(editor, 2, model="bad")
    recall_id = recall(studio, manager, by_model(images, "bad"), why="Bad.", expected=2)
    job_id = recall_view(studio, manager, recall_id).job.id
    with pytest.raises(Conflict, match="already waiting or running"):
        go_on(studio, manager, recall_id)
    cancel_job(studio, manager, job_id)
    work(studio, job_id)
    assert states(studio, ids) == [AssetState.DRAFT] * 2
    assert told(studio, editor) == []


def test_an_image_that_was_withdrawn_meanwhile_is_noted_and_one_decided_on_is_withdrawn_all_the_same(
    studio: Studio, images: Images, editor: Actor, reviewer: Actor, manager: Actor
) -> None:
    early, decided = images.make(editor, 2, model="bad", state=AssetState.IN_REVIEW)
    recall_id = recall(studio, manager, by_model(images, "bad"), why="Bad.", expected=2)
    move(studio, manager, [early], AssetState.WITHDRAWN)
    move(studio, reviewer, [decided], AssetState.APPROVED)
    work(studio, recall_view(studio, manager, recall_id).job.id)
    found = {one.image.id: (one.outcome, one.from_state) for one in recall_images(studio, manager, recall_id)}
    assert found == {
        early: (RecallOutcome.EARLIER, AssetState.IN_REVIEW),
        decided: (RecallOutcome.WITHDRAWN, AssetState.APPROVED),
    }


def test_who_exported_an_image_that_was_withdrawn_before_is_told_too(
    studio: Studio, images: Images, editor: Actor, reviewer: Actor, manager: Actor
) -> None:
    gone, here = images.make(editor, 2, model="bad")
    approved(studio, reviewer, [gone])
    export(studio, reviewer, [gone])
    move(studio, manager, [gone], AssetState.WITHDRAWN)
    assert preview(studio, manager, by_model(images, "bad")).earlier == 1
    recall_id = do(studio, manager, by_model(images, "bad"))
    assert told(studio, reviewer) == [
        "1 image that you exported to Original size was withdrawn. Take it down there: It proved bad. (recall 1, bad)"
    ]
    rows = list(csv.DictReader(io.StringIO(recall_csv(studio, manager, recall_id).decode("utf-8-sig"))))
    assert [(row["image"], row["outcome"], row["approved_by"]) for row in rows] == [
        (str(gone), "earlier", "Rune"),
        (str(here), "withdrawn", ""),
    ]
    assert rows[0]["exports"] == f"{gone}.jpg to Original size on {dt.datetime.now(dt.UTC):%Y-%m-%d} by Rune"


@pytest.fixture
def with_model(studio: Studio, tiny_model) -> Studio:
    register_starter(Studio(**{**vars(studio), "settings": Settings(home=studio.settings.home, model=tiny_model)}))
    return studio


def test_replacements_are_ordered_once_for_what_was_approved_without_what_proved_bad(
    with_model: Studio, images: Images, editor: Actor, reviewer: Actor, manager: Actor
) -> None:
    studio = with_model
    twice = images.make(editor, 3, prompt="red shirt")
    unknown = images.make(editor, 1, prompt="a spaceship")
    for ids, attributes in ((twice, {"article_type": "Shirts", "colour": "Red"}), (unknown, {"article_type": "Ships"})):
        with studio.writing() as session:
            brief = session.get_one(Brief, session.get_one(Asset, ids[0]).brief_id)
            brief.attributes = attributes
            brief.finishing = [{"step": "sharpen"}, {"step": "resize", "factor": 2}]
    approved(studio, reviewer, [*twice[:2], *unknown])
    cause = Cause(CauseKind.FINISHING, step="sharpen")
    assert preview(studio, manager, cause).replaceable == 3
    recall_id = do(studio, manager, cause, replacing=Replacing())
    found = recall_detail(studio, manager, recall_id)
    assert (found.view.replaced, found.view.to_replace, len(found.orders)) == (2, 1, 1)
    assert "knows no article type 'Ships'" in found.view.notes[0]
    with studio.reading() as session:
        (order,) = session.scalars(sa.select(Brief).where(Brief.job_id == found.orders[0])).all()
        assert (order.number, order.prompt, order.finishing) == (2, "red shirt", [{"step": "resize", "factor": 2}])
        assert order.attributes == {"article_type": "Shirts", "colour": "Red"}
        assert order.created_by_id == manager.id
    work(studio, go_on(studio, manager, recall_id))  # tries the other one again, and orders nothing twice
    again = recall_detail(studio, manager, recall_id)
    assert (again.orders, again.view.notes) == (found.orders, found.view.notes)


def test_replacements_never_come_from_what_is_recalled(
    with_model: Studio, images: Images, editor: Actor, manager: Actor
) -> None:
    images.make(editor, 1, model="bad")
    with pytest.raises(InputError, match="come from the model that is recalled"):
        cause = by_model(images, "bad")
        recall(with_model, manager, cause, why="Bad.", expected=1, replacing=Replacing(images.model("bad")))


def test_a_recall_shows_what_fits_its_cause_since(
    studio: Studio, images: Images, editor: Actor, manager: Actor
) -> None:
    images.make(editor, 1, model="bad")
    recall_id = do(studio, manager, by_model(images, "bad"))
    assert recall_detail(studio, manager, recall_id).grown == 0
    images.make(editor, 2, model="bad")
    assert recall_detail(studio, manager, recall_id).grown == 2


def test_channels_are_named_in_what_an_exporter_is_told(
    studio: Studio, images: Images, editor: Actor, manager: Actor
) -> None:
    (image,) = images.make(editor, 1, model="bad", state=AssetState.APPROVED)
    with studio.writing() as session:
        session.add(Channel(name="Market", height=None, width=None))
    export(studio, editor, [image], channel=1)
    export(studio, editor, [image], channel=3)
    do(studio, manager, by_model(images, "bad"))
    assert "exported to Market, Original size was withdrawn" in told(studio, editor)[1]
