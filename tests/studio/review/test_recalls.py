"""A recall finds by its cause all that it touched, and nothing else."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from db.tables import (
    Activity,
    Asset,
    AssetState,
    Brief,
    Decision,
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
from studio.errors import InputError, NotFound
from studio.review.causes import Cause, CauseKind
from studio.review.decisions import append, locked
from studio.review.recall_views import choices, recall_view
from studio.review.recalls import preview
from studio.review.verdicts import Days
from studio.roles import Actor
from studio.work.jobs import RECALL
from tests.studio.conftest import Images
from tests.studio.review.recalling import TODAY, approved, by_model, do, export, move, states, told, touched


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
