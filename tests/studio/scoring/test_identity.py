"""No image becomes a listing without being like the real photo of its product; and nobody is left at a dead end."""

from __future__ import annotations

from uuid import uuid4

import pytest
import sqlalchemy as sa

from db.tables import Asset, AssetScoring, AssetState, LicenceState, Photo, Purpose, Role
from ecomgan.metrics import SCORERS, keys_of
from studio.bootstrap import Studio
from studio.errors import Conflict, Forbidden, InputError
from studio.images.assets import asset
from studio.review.deciding import Action, Decide, decide, submit
from studio.roles import Actor
from studio.scoring.identity import DEFAULTS, Identity, bound, demands, identity_of, set_demands
from studio.scoring.wanted import score_again, score_now
from tests.studio.conftest import Images, picture, seen
from tests.studio.scoring.judged import EasyJudges, run_scoring


def listing(studio: Studio, images: Images, maker: Actor) -> int:
    """A listing image in review, with a real photo of its product in the storage."""
    product = images.product()
    with studio.writing() as session:
        session.add(Photo(product_id=product, sha256=studio.storage.put(picture(9)), height=80, width=64))
    (image,) = images.make(maker, 1, product_id=product, purpose=Purpose.LISTING, state=AssetState.IN_REVIEW)
    return image


def approve(studio: Studio, actor: Actor, image: int) -> AssetState:
    return decide(studio, actor, Decide(image, 0, Action.APPROVE, uuid4().hex, seen_sha256=seen(studio, image))).state


def identity(studio: Studio, image: int) -> Identity:
    with studio.reading() as session:
        return identity_of(session, session.get_one(Asset, image))


class Judges(EasyJudges):
    """Finds these scores of identity."""

    def __init__(self, **scores: float | None) -> None:
        super().__init__()
        self._scores = scores

    def score(self, subjects):  # type: ignore[no-untyped-def]
        return [found | self._scores for found in super().score(subjects)]


ALIKE = {"silhouette_overlap": 95.0, "photo_colour_difference": 2.0, "print_match": 90.0, "feature_match": 99.0}


def test_the_defaults_are_about_declared_scores_and_within_their_scales() -> None:
    assert set(DEFAULTS) == set(keys_of("identity"))
    assert all(SCORERS[key].low < value < SCORERS[key].high for key, value in DEFAULTS.items())
    assert bound("photo_colour_difference", 5.0) == "≤ 5 ΔE00"


def test_a_listing_is_approved_once_it_was_compared_and_is_alike(
    studio_on_both: Studio, images: Images, editor: Actor, reviewer: Actor, admin: Actor
) -> None:
    studio = studio_on_both
    image = listing(studio, images, editor)
    with pytest.raises(Conflict, match=r"not compared with the real photo yet\. Choose Measure now"):
        approve(studio, reviewer, image)
    job_id = score_now(studio, editor, image)
    with pytest.raises(Conflict, match=r"being measured\. Approve it in a moment"):
        approve(studio, reviewer, image)
    run_scoring(studio, job_id, Judges(**ALIKE))
    assert identity(studio, image).state == "passes"
    assert approve(studio, reviewer, image) is AssetState.APPROVED
    assert admin


@pytest.mark.parametrize(
    ("scores", "told"),
    [
        ({"silhouette_overlap": 40.0}, r"Same outline 40 %, demanded ≥ 80 %"),
        ({"photo_colour_difference": 25.0}, r"25 ΔE00, demanded ≤ 5 ΔE00"),
        ({"print_match": 10.0, "feature_match": 20.0}, r"demanded ≥ 65; .*demanded ≥ 95"),
    ],
)
def test_one_that_is_unlike_is_refused_with_measured_beside_demanded(
    studio: Studio, images: Images, editor: Actor, reviewer: Actor, admin: Actor, scores: dict[str, float], told: str
) -> None:
    image = listing(studio, images, editor)
    run_scoring(studio, score_again(studio, admin), Judges(**ALIKE | scores))
    with pytest.raises(Conflict, match=f"is not like the real photo of its product.*{told}"):
        approve(studio, reviewer, image)
    assert asset(studio, editor, image).state is AssetState.IN_REVIEW


def test_a_plain_product_needs_no_print_and_one_that_cannot_be_compared_at_all_is_refused(
    studio: Studio, images: Images, editor: Actor, reviewer: Actor
) -> None:
    plain = listing(studio, images, editor)
    run_scoring(studio, score_now(studio, editor, plain), Judges(**ALIKE | {"print_match": None}))
    assert approve(studio, reviewer, plain) is AssetState.APPROVED
    nothing: dict[str, float | None] = dict.fromkeys(ALIKE)
    with studio.writing() as session:
        product = session.get_one(Asset, plain).product_id
    (image,) = images.make(editor, 1, product_id=product, purpose=Purpose.LISTING, state=AssetState.IN_REVIEW)
    run_scoring(studio, score_now(studio, editor, image), Judges(**nothing))
    with pytest.raises(Conflict, match="Nothing of image"):
        approve(studio, reviewer, image)


def test_other_purposes_are_approved_without_it(studio: Studio, images: Images, editor: Actor, reviewer: Actor) -> None:
    (image,) = images.make(editor, 1, product_id=images.product(photo=True), state=AssetState.IN_REVIEW)
    assert approve(studio, reviewer, image) is AssetState.APPROVED


def test_an_image_that_was_not_compared_goes_to_review_all_the_same(
    studio: Studio, images: Images, editor: Actor
) -> None:
    product = images.product(photo=True)
    (image,) = images.make(editor, 1, product_id=product, purpose=Purpose.LISTING)
    assert submit(studio, editor, [image]).refused == ()


def test_older_listings_stay_as_they_are_and_are_published(
    studio: Studio, images: Images, editor: Actor, reviewer: Actor
) -> None:
    product = images.product(photo=True)
    (image,) = images.make(editor, 1, product_id=product, purpose=Purpose.LISTING, state=AssetState.APPROVED)
    decision = Decide(image, 0, Action.PUBLISH, uuid4().hex)
    assert decide(studio, reviewer, decision).state is AssetState.PUBLISHED


def test_a_photo_that_was_refused_since_proves_nothing(
    studio: Studio, images: Images, editor: Actor, reviewer: Actor
) -> None:
    image = listing(studio, images, editor)
    run_scoring(studio, score_now(studio, editor, image), Judges(**ALIKE))
    with studio.writing() as session:
        used = session.get_one(AssetScoring, image).photo_sha256
        product = session.get_one(Asset, image).product_id
        session.execute(sa.update(Photo).where(Photo.sha256 == used).values(consent=LicenceState.REFUSED))
        session.add(Photo(product_id=product, sha256=studio.storage.put(picture(1)), height=80, width=64))
    assert identity(studio, image).state == "missing"
    with pytest.raises(Conflict, match="Measure now"):
        approve(studio, reviewer, image)


def test_the_team_sets_what_is_demanded(
    studio_on_both: Studio, images: Images, editor: Actor, reviewer: Actor, admin: Actor
) -> None:
    studio = studio_on_both
    image = listing(studio, images, editor)
    run_scoring(studio, score_now(studio, editor, image), Judges(**ALIKE | {"print_match": 10.0}))
    assert identity(studio, image).state == "fails"
    set_demands(studio, admin, {"silhouette_overlap": 90.0})
    assert demands(studio, editor) == {"silhouette_overlap": 90.0}
    assert approve(studio, reviewer, image) is AssetState.APPROVED


@pytest.mark.parametrize(
    ("wanted", "fault"),
    [
        ({}, "At least one score"),
        ({"beauty": 1.0}, "no score of identity 'beauty'"),
        ({"silhouette_overlap": 101.0}, "lies from 0 to 100, got 101"),
        ({"silhouette_overlap": float("nan")}, "got nan"),
    ],
)
def test_demands_that_cannot_be_are_refused(studio: Studio, admin: Actor, wanted: dict[str, float], fault: str) -> None:
    with pytest.raises(InputError, match=fault):
        set_demands(studio, admin, wanted)
    assert demands(studio, admin) == DEFAULTS


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_nobody_but_an_admin_sets_them(studio: Studio, admin: Actor, role: Role) -> None:
    with pytest.raises(Forbidden):
        set_demands(studio, Actor(id=admin.id, name="Otto", role=role), {"silhouette_overlap": 1.0})
