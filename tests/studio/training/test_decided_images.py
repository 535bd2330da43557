"""What reviewers decided flows into a training: approved images join, rejected ones stay out and are counted."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from db.tables import (
    Asset,
    AssetState,
    Brief,
    LicenceState,
    ModelVersion,
    Product,
    Training,
    TrainingImage,
    TrainingPhoto,
)
from ecomgan.data.splits import split_catalogue
from studio.bootstrap import Studio
from studio.errors import InputError
from studio.models.in_use import model, vocabulary
from studio.models.licences import refusal
from studio.photos.rights import Rights
from studio.photos.trainable import PhotoFilter, trainable
from studio.review.decisions import append, locked
from studio.roles import Actor
from studio.training.child import _prepare
from studio.training.decided import DecidedCount, decided
from studio.training.folder import training_folder
from studio.training.job import Trainer
from studio.training.plans import has_approved_images, plan
from studio.training.records import Recorder
from studio.training.trainings import TrainingRequest, start
from studio.training.views import training
from tests.studio.conftest import Images, picture
from tests.studio.teaching import add_photos, make_teachable, register_teachable


@pytest.fixture(scope="session")
def teachable(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_teachable(tmp_path_factory.mktemp("models") / "teachable")


@pytest.fixture
def base(studio: Studio, teachable: Path) -> int:
    return register_teachable(studio, teachable)


def made(
    studio: Studio, images: Images, actor: Actor, number: int, *, seed: int, reviewer: Actor, **more: object
) -> list[int]:
    """Images in review, each with bytes of its own."""
    attributes = more.pop("attributes", {"article_type": "Bags", "colour": "Red"})
    ids = images.make(actor, number, category="Bags", **more)  # type: ignore[arg-type]
    with studio.writing() as session:
        for at, asset_id in enumerate(ids):
            image = session.get_one(Asset, asset_id)
            image.sha256 = studio.storage.put(picture(seed + at))
            session.get_one(Brief, image.brief_id).attributes = attributes
            append(session, locked(session, asset_id), AssetState.IN_REVIEW, actor, f"review-{asset_id}")
    return ids


def approve(studio: Studio, reviewer: Actor, ids: list[int]) -> None:
    with studio.writing() as session:
        for asset_id in ids:
            append(session, locked(session, asset_id), AssetState.APPROVED, reviewer, f"approve-{asset_id}")


def reject(studio: Studio, reviewer: Actor, asset_id: int, reason: str) -> None:
    with studio.writing() as session:
        image = locked(session, asset_id)
        append(session, image, AssetState.CHANGES_REQUESTED, reviewer, f"reject-{asset_id}", reason=reason)


def found(studio: Studio, base: int, wanted: PhotoFilter | None = None) -> tuple[list[int], DecidedCount]:
    with studio.reading() as session:
        wanted = wanted or PhotoFilter()
        photos = trainable(session, wanted, vocabulary(model(session, base)))
        joining, count = decided(session, wanted, photos)
        return sorted(image.asset_id for image in joining), count


def held_out_product(studio: Studio, base: int) -> tuple[int, int]:
    """The ids of a product whose photos a training would hold out, and of one whose it would learn from."""
    with studio.reading() as session:
        photos = trainable(session, PhotoFilter(), vocabulary(model(session, base)))
        sides = split_catalogue([photo.family for photo in photos], [photo.article_type for photo in photos])
        ids = dict(session.execute(sa.select(Product.sku, Product.id)).all())
    one = {side == "train": ids[photo.sku] for photo, side in zip(photos, sides, strict=True)}
    return one[False], one[True]


def test_approved_images_join_and_rejected_ones_are_counted_by_what_was_wrong(
    studio_on_both: Studio, teachable: Path, images: Images, editor: Actor, reviewer: Actor
) -> None:
    studio = studio_on_both
    base = register_teachable(studio, teachable)
    add_photos(studio, 30)
    good = made(studio, images, editor, 3, seed=0, reviewer=reviewer)
    approve(studio, reviewer, good)
    for at, reason in enumerate(("shape", "logo_text", "halo", "background", "brand")):
        (bad,) = made(studio, images, editor, 1, seed=10 + at, reviewer=reviewer)
        reject(studio, reviewer, bad, reason)
    made(studio, images, editor, 1, seed=20, reviewer=reviewer)  # nobody decided on it
    assert found(studio, base) == (good, DecidedCount(settled=3, factual=2, artefact=1, other=2))


def test_an_image_that_was_withdrawn_or_sent_back_since_stays_out(
    studio: Studio, base: int, images: Images, editor: Actor, reviewer: Actor
) -> None:
    add_photos(studio, 30)
    gone, back, kept = made(studio, images, editor, 3, seed=0, reviewer=reviewer)
    approve(studio, reviewer, [gone, back, kept])
    with studio.writing() as session:
        append(session, locked(session, gone), AssetState.WITHDRAWN, reviewer, "withdraw-it")
        append(session, locked(session, back), AssetState.IN_REVIEW, reviewer, "reopen-it")
    assert found(studio, base)[0] == [kept]


def test_an_image_of_a_held_out_product_stays_out(
    studio: Studio, base: int, images: Images, editor: Actor, reviewer: Actor
) -> None:
    add_photos(studio, 40)
    out, learned = held_out_product(studio, base)
    (of_held_out,) = made(studio, images, editor, 1, seed=0, reviewer=reviewer, product_id=out)
    (of_learned,) = made(studio, images, editor, 1, seed=1, reviewer=reviewer, product_id=learned)
    approve(studio, reviewer, [of_held_out, of_learned])
    assert found(studio, base) == ([of_learned], DecidedCount(settled=1, held_out=1))


def test_rights_of_the_model_are_those_of_its_images(
    studio: Studio, base: int, images: Images, editor: Actor, reviewer: Actor
) -> None:
    add_photos(studio, 30)
    kinds = {
        "granted": LicenceState.GRANTED,
        "open": LicenceState.UNCONFIRMED,
        "answered": LicenceState.UNCONFIRMED,
        "refused": LicenceState.REFUSED,
    }
    for at, (name, licence) in enumerate(kinds.items()):
        approve(
            studio,
            reviewer,
            made(studio, images, editor, 1, seed=at, reviewer=reviewer, model=name, licence=licence),
        )
    answered = images.model("answered")
    with studio.writing() as session:
        session.get_one(ModelVersion, answered).licence_acknowledged_by_id = reviewer.id
    assert found(studio, base)[1] == DecidedCount(settled=1, acknowledged=1, open=1, refused=1)


def test_what_no_word_stands_for_what_is_the_same_bytes_and_what_is_beyond_the_photos_stays_out(
    studio: Studio, base: int, images: Images, editor: Actor, reviewer: Actor
) -> None:
    add_photos(studio, 2)
    approve(studio, reviewer, made(studio, images, editor, 1, seed=0, reviewer=reviewer, attributes={}))
    approve(studio, reviewer, made(studio, images, editor, 3, seed=1, reviewer=reviewer))
    newest = made(studio, images, editor, 1, seed=3, reviewer=reviewer)  # the bytes of an earlier one
    approve(studio, reviewer, newest)
    joining, count = found(studio, base)
    assert (len(joining), newest[0] in joining) == (2, True)
    assert count == DecidedCount(settled=2, unnamed=1, beyond=1)


def test_the_filter_of_the_photos_narrows_the_images_too(
    studio: Studio, base: int, images: Images, editor: Actor, reviewer: Actor
) -> None:
    add_photos(studio, 30)
    with studio.reading() as session:
        product = session.scalars(sa.select(Product.id).where(Product.sku == "P0")).one()
        kind = session.get_one(Product, product).category
    of_it = made(studio, images, editor, 1, seed=0, reviewer=reviewer, product_id=product)
    approve(studio, reviewer, of_it)
    approve(studio, reviewer, made(studio, images, editor, 1, seed=1, reviewer=reviewer))  # from text alone
    assert len(found(studio, base)[0]) == 2
    assert found(studio, base, PhotoFilter(category=kind))[0] == of_it
    assert found(studio, base, PhotoFilter(category="Nowhere"))[0] == []


def test_a_training_names_its_images_and_tells_what_stayed_out(
    studio: Studio, base: int, images: Images, editor: Actor, reviewer: Actor, admin: Actor
) -> None:
    add_photos(studio, 30)
    assert not has_approved_images(studio, admin)
    good = made(studio, images, editor, 2, seed=0, reviewer=reviewer)
    approve(studio, reviewer, good)
    (bad,) = made(studio, images, editor, 1, seed=9, reviewer=reviewer)
    reject(studio, reviewer, bad, "shape")
    assert has_approved_images(studio, admin)
    coming = plan(studio, admin, base, PhotoFilter(), with_decided=True)
    assert (coming.decided, len(coming.images)) == (DecidedCount(settled=2, factual=1), 2)
    assert sum(coming.kinds.values()) == 32
    training_id = start(studio, admin, TrainingRequest("Spring", base, PhotoFilter(), "small", 1000, decided=True))
    with studio.reading() as session:
        rows = session.scalars(sa.select(TrainingImage).where(TrainingImage.training_id == training_id)).all()
        assert sorted(row.asset_id for row in rows) == good
        assert {row.attributes["made"] for row in rows} == {"yes"}
        assert all(row.sha256 == session.get_one(Asset, row.asset_id).sha256 for row in rows)
    seen = training(studio, admin, training_id)
    assert (seen.photos, seen.images, seen.decided["factual"]) == (30, 2, 1)
    task = Trainer(studio, "test")._task(training_id)
    assert [row["id"] for row in task.photos if row.get("made")] == [f"image-{asset_id}" for asset_id in good]
    assert len(task.photos) == 32


def test_images_of_models_with_open_rights_need_a_person_who_answers(
    studio: Studio, base: int, images: Images, editor: Actor, reviewer: Actor, admin: Actor
) -> None:
    add_photos(studio, 30)
    licence = LicenceState.UNCONFIRMED
    approve(studio, reviewer, made(studio, images, editor, 1, seed=0, reviewer=reviewer, model="open", licence=licence))
    request = TrainingRequest("Spring", base, PhotoFilter(), "small", 1000, decided=True)
    with pytest.raises(InputError, match="1 approved images were made by models whose licence is unconfirmed"):
        start(studio, admin, request)
    start(studio, admin, TrainingRequest("Spring", base, PhotoFilter(), "small", 1000, acknowledged=True, decided=True))
    start(studio, admin, TrainingRequest("Photos", base, PhotoFilter(), "small", 1000))
    with studio.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(TrainingImage)) == 1


def test_a_model_taught_with_images_of_a_refused_one_lets_none_of_its_own_out(
    studio: Studio, base: int, images: Images, editor: Actor, reviewer: Actor, admin: Actor
) -> None:
    add_photos(studio, 30)
    approve(studio, reviewer, made(studio, images, editor, 1, seed=0, reviewer=reviewer, model="teacher"))
    training_id = start(studio, admin, TrainingRequest("Spring", base, PhotoFilter(), "small", 1000, decided=True))
    pupil, teacher = images.model("pupil"), images.model("teacher")
    with studio.writing() as session:
        session.get_one(Training, training_id).model_version_id = pupil
        session.execute(sa.update(TrainingImage).values(split="train"))
        assert refusal(session, pupil) is None
        session.get_one(ModelVersion, teacher).licence = LicenceState.REFUSED
        session.flush()
        assert refusal(session, pupil) == "it was taught with images of teacher, and its licence was refused"


def test_rights_are_known_for_each_picture(studio: Studio, base: int, images: Images, editor, reviewer) -> None:
    add_photos(studio, 30)
    approve(studio, reviewer, made(studio, images, editor, 1, seed=0, reviewer=reviewer))
    with studio.reading() as session:
        photos = trainable(session, PhotoFilter(), vocabulary(model(session, base)))
        (image,) = decided(session, PhotoFilter(), photos)[0]
    assert (image.rights, image.article_type, image.colour, image.usage) == (Rights.SETTLED, "Bags", "Red", None)
    assert image.family == image.title == "red shirt"


def test_prepared_beside_the_photos_each_image_is_learned_from_or_told_to_be_left_out(
    studio: Studio, base: int, images: Images, editor: Actor, reviewer: Actor, admin: Actor
) -> None:
    add_photos(studio, 30)
    good = made(studio, images, editor, 2, seed=0, reviewer=reviewer)
    (lost,) = made(studio, images, editor, 1, seed=9, reviewer=reviewer)
    approve(studio, reviewer, [*good, lost])
    training_id = start(studio, admin, TrainingRequest("Spring", base, PhotoFilter(), "small", 1000, decided=True))
    with studio.writing() as session:
        row = session.get_one(TrainingImage, (training_id, lost))
        row.sha256 = "f" * 64  # as if its bytes were gone
    folder = training_folder(studio.settings.home, training_id)
    folder.path.mkdir(parents=True)
    _prepare(folder, Trainer(studio, "test")._task(training_id))
    with studio.reading() as session:
        job_id = session.get_one(Training, training_id).job_id
    Recorder(studio, folder, training_id, job_id).record(0.0)
    with studio.reading() as session:
        taken = dict(session.execute(sa.select(TrainingImage.asset_id, TrainingImage.split)).all())
        sides = session.scalars(sa.select(TrainingPhoto.split)).all()
    assert taken == {**dict.fromkeys(good, "train"), lost: "left_out"}
    assert (len(sides), set(sides)) == (30, {"train", "validation"})
    assert training(studio, admin, training_id).images == 2
