"""A recall finds by its cause all that it touched, withdraws it, tells people, orders replacements, and survives."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable, Sequence

import pytest
import sqlalchemy as sa

from db.tables import (
    Activity,
    Asset,
    AssetState,
    Brief,
    Channel,
    Decision,
    Export,
    ExportItem,
    InboxItem,
    Job,
    JobState,
    LicenceState,
    ModelVersion,
    Photo,
    Purpose,
    RecallOutcome,
    Training,
    TrainingImage,
    TrainingPhoto,
)
from studio.bootstrap import Studio
from studio.errors import Conflict, Forbidden, InputError, NotFound
from studio.models.in_use import register_starter
from studio.review.causes import Cause, CauseKind
from studio.review.decisions import append, locked
from studio.review.recall_job import Recaller
from studio.review.recall_views import choices, list_recalls, recall_csv, recall_detail, recall_images, recall_view
from studio.review.recalls import go_on, preview, preview_images, recall
from studio.review.replacing import Replacing
from studio.review.verdicts import Days
from studio.roles import Actor
from studio.settings import Settings
from studio.work.jobs import RECALL, cancel_job, retry_job
from tests.studio.at_once import AtOnce
from tests.studio.conftest import Images

TODAY = dt.datetime.now(dt.UTC).date()


def by_model(images: Images, name: str, **more: object) -> Cause:
    return Cause(CauseKind.MODEL, model_version_id=images.model(name), **more)


def move(studio: Studio, actor: Actor, ids: Sequence[int], *states: AssetState, reason: str | None = None) -> None:
    """Bring images through these states, as decisions of that person."""
    with studio.writing() as session:
        for asset_id in ids:
            for state in states:
                image = locked(session, asset_id)
                key = f"key-{asset_id}-{image.revision}"
                append(session, image, state, actor, key, reason=reason)


def approved(studio: Studio, actor: Actor, ids: Sequence[int]) -> None:
    move(studio, actor, ids, AssetState.IN_REVIEW, AssetState.APPROVED)


def export(studio: Studio, actor: Actor, ids: Sequence[int], channel: int = 1) -> None:
    with studio.writing() as session:
        row = Export(user_id=actor.id, channel_id=channel, sha256="e" * 64)
        session.add(row)
        session.flush()
        for asset_id in ids:
            item = ExportItem(export_id=row.id, asset_id=asset_id, file_name=f"{asset_id}.jpg", derivative_sha256="d")
            session.add(item)


def work(studio: Studio, job_id: str, before: Callable[[str], None] = lambda name: None) -> None:
    Recaller(studio, "test").body(AtOnce(before), job_id)  # type: ignore[arg-type]


def do(studio: Studio, manager: Actor, cause: Cause, **more: object) -> int:
    """Preview, recall, and let a worker do it."""
    expected = preview(studio, manager, cause).images
    recall_id = recall(studio, manager, cause, why="It proved bad.", expected=expected, **more)
    work(studio, recall_view(studio, manager, recall_id).job.id)
    return recall_id


def states(studio: Studio, ids: Sequence[int]) -> list[AssetState]:
    with studio.reading() as session:
        return list(session.scalars(sa.select(Asset.state).where(Asset.id.in_(ids)).order_by(Asset.id)))


def told(studio: Studio, actor: Actor) -> list[str]:
    with studio.reading() as session:
        query = sa.select(InboxItem.text).where(InboxItem.user_id == actor.id).order_by(InboxItem.id)
        return list(session.scalars(query))


def touched(studio: Studio, manager: Actor, cause: Cause) -> list[int]:
    return sorted(view.id for view in preview_images(studio, manager, cause))


def test_a_bad_model_is_taken_back_everywhere_and_nothing_else(
    studio_on_both: Studio, images: Images, editor: Actor, reviewer: Actor, manager: Actor
) -> None:
    studio = studio_on_both
    bad = images.make(editor, 30, model="bad")
    good = images.make(editor, 2, model="good", state=AssetState.APPROVED)
    approved(studio, reviewer, bad[:3])
    move(studio, reviewer, bad[:1], AssetState.PUBLISHED)
    export(studio, reviewer, bad[:2])
    seen = preview(studio, manager, by_model(images, "bad"))
    assert (seen.subject, seen.images, seen.replaceable, seen.earlier) == ("bad", 30, 3, 0)
    assert seen.states == {AssetState.DRAFT: 27, AssetState.APPROVED: 2, AssetState.PUBLISHED: 1}
    assert [(one.user, one.channel, one.images) for one in seen.exports] == [("Rune", "Original size", 2)]
    assert [(one.name, one.made, one.approved, one.exported) for one in seen.concerned] == [
        ("Edda", 30, 0, 0),
        ("Rune", 0, 3, 2),
    ]
    recall_id = do(studio, manager, by_model(images, "bad"), reason="brand")
    assert set(states(studio, bad)) == {AssetState.WITHDRAWN}
    assert states(studio, good) == [AssetState.APPROVED] * 2
    view = recall_view(studio, manager, recall_id)
    assert (view.job.state, view.job.kind, view.outcomes) == (JobState.DONE, RECALL, {RecallOutcome.WITHDRAWN: 30})
    with studio.reading() as session:
        last = session.scalars(sa.select(Decision).where(Decision.to_state == AssetState.WITHDRAWN)).all()
        assert len(last) == 30
        assert {(row.user_id, row.reason, row.comment) for row in last} == {
            (manager.id, "brand", f"Recall {recall_id} (bad): It proved bad.")
        }
        assert session.scalars(sa.select(Activity.verb).where(Activity.subject == "recall")).all() == ["recalled"]
    assert told(studio, editor) == [f"30 images that you made were withdrawn: It proved bad. (recall {recall_id}, bad)"]
    assert told(studio, reviewer) == [
        f"3 images that you approved were withdrawn: It proved bad. (recall {recall_id}, bad)",
        "2 images that you exported to Original size were withdrawn. Take them down there: It proved bad. "
        f"(recall {recall_id}, bad)",
    ]
    assert told(studio, manager) == []


def test_what_was_taught_from_a_model_goes_with_it_on_request_and_always_with_its_licence(
    studio: Studio, images: Images, editor: Actor, manager: Actor
) -> None:
    mother, child, other = (images.make(editor, 1, model=name) for name in ("mother", "child", "other"))
    ids = {name: images.model(name) for name in ("mother", "child")}
    with studio.writing() as session:
        session.get_one(ModelVersion, ids["child"]).parent_id = ids["mother"]
    assert touched(studio, manager, by_model(images, "mother")) == mother
    assert touched(studio, manager, by_model(images, "mother", taught=True)) == mother + child
    licence = Cause(CauseKind.LICENCE, model_version_id=images.model("mother"))
    assert touched(studio, manager, licence) == mother + child
    teach(studio, images, editor, image=mother[0], taught="other")
    assert touched(studio, manager, licence) == mother + child + other
    assert preview(studio, manager, licence).taught == ("other",)


def teach(
    studio: Studio, images: Images, actor: Actor, *, taught: str, image: int | None = None, photo: int | None = None
) -> None:
    """Have that model taught with an image or a photo."""
    base = images.model()
    with studio.writing() as session:
        job = Job(id=f"teach-{taught}", kind="training", title=taught, owner_id=actor.id, total=1)
        session.add(job)
        session.flush()
        training = Training(
            job_id=job.id,
            name=taught,
            base_model_id=base,
            model_version_id=session.scalar(sa.select(ModelVersion.id).where(ModelVersion.name == taught)),
            preset="small",
            images=1,
            created_by_id=actor.id,
        )
        session.add(training)
        session.flush()
        if image is not None:
            decision = append(session, locked(session, image), AssetState.APPROVED, actor, f"teach-{image}")
            session.add(
                TrainingImage(
                    training_id=training.id,
                    asset_id=image,
                    sha256="0" * 64,
                    split="train",
                    attributes={},
                    decision_id=decision.id,
                )
            )
        if photo is not None:
            sha256 = session.get_one(Photo, photo).sha256
            row = TrainingPhoto(training_id=training.id, photo_id=photo, sha256=sha256, split="train", attributes={})
            session.add(row)


def test_a_photo_whose_consent_fell_away_takes_the_models_taught_with_it_and_the_listings_it_proved(
    studio: Studio, images: Images, editor: Actor, manager: Actor
) -> None:
    product = images.product(photo=True)
    with studio.writing() as session:
        photo = session.scalars(sa.select(Photo)).one()
        photo.consent = LicenceState.REFUSED
        photo_id = photo.id
    listing = images.make(editor, 1, product_id=product, purpose=Purpose.LISTING, model="good")
    images.make(editor, 1, product_id=product, purpose=Purpose.CONCEPT, model="good")
    learned = images.make(editor, 1, model="learned")
    teach(studio, images, editor, taught="learned", photo=photo_id)
    cause = Cause(CauseKind.PHOTO, photo_id=photo_id)
    assert touched(studio, manager, cause) == listing + learned
    with studio.writing() as session:
        session.add(Photo(product_id=product, sha256="1" * 64, height=80, width=64))
    assert touched(studio, manager, cause) == learned
    assert choices(studio, manager).photos == {photo_id: "TSH-1"}


def test_finishing_settings_channels_checks_and_categories_can_be_the_cause(
    studio_on_both: Studio, images: Images, editor: Actor, reviewer: Actor, manager: Actor
) -> None:
    studio = studio_on_both
    padded, wild, few, sent, soft, bags = (images.make(editor, 1, category="Caps") for _ in range(6))
    with studio.writing() as session:

        def brief(ids: list[int]) -> Brief:
            return session.get_one(Brief, session.get_one(Asset, ids[0]).brief_id)

        brief(padded).finishing = [{"step": "white_background"}, {"step": "pad", "width": 100, "height": 100}]
        brief(wild).truncation = 1.0
        brief(few).settings = {"steps": 3}
        session.get_one(Asset, bags[0]).category = "Bags"
        session.execute(
            sa.text("UPDATE scores SET value = 1.1 WHERE metric = 'sharpness' AND asset_id = :id"), {"id": soft[0]}
        )
    approved(studio, reviewer, sent)
    export(studio, reviewer, sent, channel=2)
    for cause, expected in (
        (Cause(CauseKind.FINISHING, step="pad"), padded),
        (Cause(CauseKind.FINISHING, step="sharpen"), []),
        (Cause(CauseKind.SETTING, setting="truncation", low=0.9), wild),
        (Cause(CauseKind.SETTING, setting="steps", high=4), few),
        (Cause(CauseKind.CHANNEL, channel_id=2), sent),
        (Cause(CauseKind.CHANNEL, channel_id=2, days=Days(until=TODAY - dt.timedelta(days=2))), []),
        (Cause(CauseKind.CHECK, metric="sharpness", high=1.2), soft),
        (Cause(CauseKind.CATEGORY, category="Bags"), bags),
        (Cause(CauseKind.CATEGORY, category="Bags", days=Days(since=TODAY + dt.timedelta(days=2))), []),
        (Cause(CauseKind.CATEGORY, category="Bags", standing=True), []),
    ):
        assert touched(studio, manager, cause) == expected, cause
        assert Cause.from_json(cause.as_json()) == cause
    found = choices(studio, manager)
    assert found.steps == ("pad", "white_background")
    assert found.categories == ("Bags", "Caps")
    assert found.reviewers == {reviewer.id: "Rune"}


def test_a_reviewer_s_approvals_that_stand_are_the_cause_not_those_lifted_since(
    studio_on_both: Studio, images: Images, editor: Actor, reviewer: Actor, manager: Actor
) -> None:
    studio = studio_on_both
    stands, reopened, again, sent_back, second = (images.make(editor, 1) for _ in range(5))
    approved(studio, reviewer, [*stands, *reopened, *again, *sent_back])
    move(studio, manager, [*reopened, *again, *sent_back], AssetState.IN_REVIEW)
    move(studio, manager, again, AssetState.APPROVED)
    move(studio, manager, sent_back, AssetState.CHANGES_REQUESTED, reason="halo")
    move(studio, reviewer, second, AssetState.IN_REVIEW)
    move(studio, reviewer, second, AssetState.IN_REVIEW)  # the first of two approvals
    move(studio, manager, second, AssetState.APPROVED)
    cause = Cause(CauseKind.REVIEWER, user_id=reviewer.id, standing=True)
    assert touched(studio, manager, cause) == stands + second
    yesterday = Days(until=TODAY - dt.timedelta(days=2))
    assert touched(studio, manager, Cause(CauseKind.REVIEWER, user_id=reviewer.id, days=yesterday)) == []


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"kind": CauseKind.MODEL}, "names a model_version_id, got none"),
        ({"kind": CauseKind.MODEL, "model_version_id": 1, "category": "Bags"}, "got category, model_version_id"),
        ({"kind": CauseKind.FINISHING, "step": "pad' OR 1=1"}, "named in small letters"),
        ({"kind": CauseKind.SETTING, "setting": "seed", "low": 1}, "no setting 'seed'"),
        ({"kind": CauseKind.SETTING, "setting": "steps"}, "takes a range"),
        ({"kind": CauseKind.CHECK, "metric": "beauty", "low": 1}, "no score 'beauty'"),
        ({"kind": CauseKind.CHECK, "metric": "sharpness", "low": 2, "high": 1}, "not below it"),
        ({"kind": CauseKind.CHECK, "metric": "sharpness", "low": float("nan")}, "not below it"),
        ({"kind": CauseKind.CATEGORY, "category": "Bags", "low": 1}, "takes no range"),
    ],
)
def test_a_cause_that_makes_no_sense_is_refused(wrong: dict[str, object], why: str) -> None:
    with pytest.raises(InputError, match=why):
        Cause(**wrong)


def test_a_thing_that_is_not_there_is_told(studio: Studio, manager: Actor) -> None:
    for cause in (
        Cause(CauseKind.MODEL, model_version_id=7),
        Cause(CauseKind.PHOTO, photo_id=7),
        Cause(CauseKind.CHANNEL, channel_id=7),
        Cause(CauseKind.REVIEWER, user_id=777),
    ):
        with pytest.raises(NotFound, match="There is no"):
            preview(studio, manager, cause)
    with pytest.raises(NotFound, match="no recall 3"):
        recall_view(studio, manager, 3)
    with pytest.raises(InputError, match="no cause of a recall"):
        Cause.from_json({"kind": "weather"})


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
