"""What is known of the reviewers: counted right, told to the right people, never with too few behind it."""

from __future__ import annotations

import datetime as dt
from dataclasses import fields

import pytest
import sqlalchemy as sa

from db.tables import AssetState, Decision, Role
from studio.errors import Forbidden
from studio.quality.beside_others import BesideOthers
from studio.quality.rates import wilson
from studio.review.agreement import FEWEST_SHARED, Shared, by_pair, by_reason, overall, with_others
from studio.review.behind import Behind, WantedImages, images_behind
from studio.review.deciding import undo
from studio.review.pace import paces
from studio.review.reviewers import Concern, ReviewerFigures, reviewer_report
from studio.review.verdicts import Days
from tests.studio.review.asked import act, answer, person, rates

EVER = Days()
START = dt.datetime(2026, 11, 2, 9, tzinfo=dt.UTC)


@pytest.fixture
def second(studio):
    return person(studio, "Sven")


@pytest.fixture
def judged(studio, images, editor, reviewer, second):
    """`judged(3, 1)`: images that Rune approved and Sven too, and some that Sven rejects (hands); returns their ids."""

    def make(agreed: int, rejected: int) -> list[int]:
        rates(studio, second=1.0)
        made = images.make(editor, agreed + rejected, state=AssetState.IN_REVIEW)
        for at, image in enumerate(made):
            act(studio, reviewer, image)
            answer(studio, second, image, None if at < agreed else "hands")
        return made

    return make


def figures(studio, actor, name: str) -> ReviewerFigures:
    (found,) = [each for each in reviewer_report(studio, actor, EVER).people if each.name == name]
    return found


def test_verdicts_first_passes_and_what_was_taken_back_are_counted(
    studio_on_both, images, editor, reviewer, manager, second
) -> None:
    studio = studio_on_both
    one, two, three, four = images.make(editor, 4, state=AssetState.IN_REVIEW)
    for image in (one, two):
        act(studio, reviewer, image)
    act(studio, reviewer, three, "halo")
    act(studio, reviewer, four, "halo")
    undo(studio, reviewer, four, "take-it-back")
    act(studio, second, four)
    rune, sven = figures(studio, manager, "Rune"), figures(studio, manager, "Sven")
    assert (rune.approved, rune.undone, rune.first_pass) == (wilson(2, 3), wilson(1, 4), wilson(2, 3))
    assert (sven.approved, sven.undone, sven.first_pass) == (wilson(1, 1), wilson(0, 1), wilson(1, 1))
    assert rune.pace is None
    assert rune.beside is None
    nothing = reviewer_report(studio, manager, Days(until=dt.date(2020, 1, 1)))
    assert (nothing.people, nothing.agreement.agreed.n) == ((), 0)


def test_a_reviewer_sees_oneself_and_a_manager_everyone(studio, judged, editor, reviewer, manager, second) -> None:
    judged(2, 1)
    report = reviewer_report(studio, manager, EVER)
    assert [each.name for each in report.people] == ["Rune", "Sven"]
    assert (report.whole_team, len(report.pairs), report.waiting) == (True, 1, 0)
    own = reviewer_report(studio, second, EVER)
    assert [each.name for each in own.people] == ["Sven"]
    assert (own.whole_team, own.pairs, own.several) == (False, (), None)
    assert own.agreement.agreed == wilson(2, 3)
    with pytest.raises(Forbidden):
        reviewer_report(studio, editor, EVER)


def test_a_reviewer_without_a_decision_has_figures_of_nothing(studio, reviewer) -> None:
    (own,) = reviewer_report(studio, reviewer, EVER).people
    assert (own.name, own.approved.n, own.gold.right.n, own.concerns) == ("Rune", 0, 0, ())


def test_agreement_counts_what_stands(studio_on_both, images, editor, reviewer, manager, second, judged) -> None:
    studio = studio_on_both
    judged(4, 2)
    (image,) = images.make(editor, state=AssetState.IN_REVIEW)
    act(studio, reviewer, image, "halo")
    answer(studio, second, image)
    assert reviewer_report(studio, manager, EVER).agreement.agreed == wilson(4, 7)
    undo(studio, reviewer, image, "take-it-back")  # the verdict that the opinion was about is none any more
    report = reviewer_report(studio, manager, EVER)
    assert report.agreement.agreed == wilson(4, 6)
    assert report.agreement.kappa is None  # too few
    assert figures(studio, manager, "Sven").agreement == figures(studio, manager, "Rune").agreement


def test_kappa_is_told_from_enough_images_on() -> None:
    def shared(number: int) -> list[Shared]:
        approved, rejected = AssetState.APPROVED, AssetState.CHANGES_REQUESTED
        verdicts = [(approved, approved), (rejected, rejected), (approved, approved), (approved, rejected)]
        return [
            Shared(at, 1 + at % 2, one, None, 2 - at % 2, two, "halo" if two is rejected else None, START)
            for at, (one, two) in enumerate((verdicts * number)[:number])
        ]

    few, enough = shared(FEWEST_SHARED - 1), shared(FEWEST_SHARED)
    assert overall(few).kappa is None
    told = overall(enough)
    assert told.agreed == wilson(15, 20)
    assert told.kappa is not None
    assert told.kappa.value == pytest.approx(0.5)  # 0.75 agreed, (0.75 * 0.5 + 0.25 * 0.5) by chance
    (pair,) = by_pair(enough)
    assert (pair.one_id, pair.other_id, pair.agreement.agreed) == (1, 2, wilson(15, 20))
    assert with_others(enough, 1).agreed == wilson(15, 20)
    (reason,) = by_reason(enough)
    assert (reason.reason, reason.named) == ("halo", wilson(0, 10))
    assert reason.kappa is not None
    assert by_reason(few)[0].kappa is None


def test_kappa_of_a_person_has_their_verdicts_on_one_side() -> None:
    """Whoever came first: the person's verdicts are one rater, those of all others the other."""
    approved, rejected = AssetState.APPROVED, AssetState.CHANGES_REQUESTED
    rows = [Shared(at, 1, approved, None, 2, rejected, "halo", START) for at in range(10)]
    rows += [Shared(at, 3, rejected, "halo", 1, approved, None, START) for at in range(10)]
    kappa = with_others(rows, 1).kappa
    assert kappa is not None
    assert (kappa.agreed, kappa.expected, kappa.value) == (0.0, 0.0, 0.0)


def test_pace_is_from_press_to_press_without_breaks(studio_on_both, images, editor, reviewer) -> None:
    studio = studio_on_both
    made = images.make(editor, 8, state=AssetState.IN_REVIEW)
    seconds = (0, 2, 6, 6.05, 16, 3_000, 3_001, 3_021)  # two at once, a break
    model = images.model()
    with studio.writing() as session:
        session.add_all(
            Decision(
                asset_id=image,
                revision=1,
                from_state=AssetState.IN_REVIEW,
                to_state=AssetState.APPROVED,
                user_id=reviewer.id,
                at=START + dt.timedelta(seconds=after),
                asset_sha256="0" * 64,
                model_version_id=model,
                idempotency_key=f"press-{image:04}",
            )
            for image, after in zip(made, seconds, strict=True)
        )
    with studio.reading() as session:
        pace = paces(session, EVER)[reviewer.id]
        assert paces(session, EVER, reviewer.id) == {reviewer.id: pace}
    # one by one: 2, 4, 9.95, 1 and 20 s; together with the two at once 6 decisions in 37 s
    assert (pace.n, pace.median_seconds, pace.p90_seconds) == pytest.approx((5, 4, 20), abs=0.01)
    assert pace.per_hour == pytest.approx(6 * 3600 / 37, rel=0.01)
    slowest = images_behind(studio, reviewer, WantedImages(Behind.SLOWEST, reviewer.id))
    assert slowest.total == 6
    assert slowest.images[0].view.id == made[7]
    assert slowest.images[0].given[0].seconds == pytest.approx(20, abs=0.01)


def test_agreement_among_several_people_needs_three_on_an_image(
    studio, images, editor, reviewer, manager, second, judged
) -> None:
    made = judged(FEWEST_SHARED, 0)
    assert reviewer_report(studio, manager, EVER).several is None
    third, fourth = person(studio, "Tore"), person(studio, "Ute")
    for at, image in enumerate(made):
        answer(studio, third, image, "halo" if at % 4 == 0 else None)
        answer(studio, fourth, image, "halo" if at % 4 == 0 else None)
    several = reviewer_report(studio, manager, EVER).several
    assert several is not None
    assert (several.n, several.agreed) == (FEWEST_SHARED, pytest.approx(0.75 + 0.25 / 3))


def test_each_figure_opens_its_images(studio_on_both, images, editor, reviewer, manager, second, judged) -> None:
    studio = studio_on_both
    made = judged(2, 1)
    (other,) = images.make(editor, state=AssetState.IN_REVIEW)
    act(studio, reviewer, other, "halo")
    undo(studio, reviewer, other, "take-it-back")

    def ids(behind: Behind, actor=manager, **wanted) -> list[int]:
        return sorted(image.view.id for image in images_behind(studio, actor, WantedImages(behind, **wanted)).images)

    assert ids(Behind.APPROVED, user_id=reviewer.id) == ids(Behind.FIRST_PASS) == made
    assert ids(Behind.REJECTED) == []
    assert ids(Behind.UNDONE, user_id=reviewer.id) == [other]
    assert ids(Behind.AGREED) == ids(Behind.AGREED, user_id=second.id, other_id=reviewer.id) == made[:2]
    assert ids(Behind.DISAGREED, user_id=second.id, actor=second) == made[2:]
    assert ids(Behind.DISAGREED, reason="hands") == made[2:]
    assert ids(Behind.AGREED, reason="hands") == ids(Behind.DISAGREED, reason="halo") == []
    assert ids(Behind.DISAGREED, user_id=manager.id) == []
    (shown,) = images_behind(studio, second, WantedImages(Behind.DISAGREED, user_id=second.id)).images
    assert [(given.name, given.reason) for given in shown.given] == [(None, None), ("Sven", "hands")]
    for wanted in (WantedImages(Behind.AGREED), WantedImages(Behind.AGREED, user_id=reviewer.id)):
        with pytest.raises(Forbidden):
            images_behind(studio, second, wanted)
    few = images_behind(studio, manager, WantedImages(Behind.APPROVED), limit=1)
    assert (len(few.images), few.total) == (1, 3)


def test_who_approves_nearly_everything_while_others_do_not_is_told(
    studio_on_both, images, editor, reviewer, manager, second
) -> None:
    """Compared within categories: who reviews the easy ones only is no concern."""
    studio = studio_on_both
    third = person(studio, "Tore")
    with studio.writing() as session:
        model = 0
    model = images.model()
    shirts = images.make(editor, 160, state=AssetState.IN_REVIEW, category="Shirts")
    bags = images.make(editor, 120, state=AssetState.IN_REVIEW, category="Bags")
    verdicts = [(second, image, True) for image in shirts[:80]]  # everything, of what others half reject
    verdicts += [(reviewer, image, at % 2 == 0) for at, image in enumerate(shirts[80:])]
    verdicts += [(reviewer, image, at > 0) for at, image in enumerate(bags[:60])]
    verdicts += [(third, image, True) for image in bags[60:]]  # everything, of what the others approve as well
    with studio.writing() as session:
        session.execute(
            sa.insert(Decision),
            [
                {
                    "asset_id": image,
                    "revision": 1,
                    "from_state": AssetState.IN_REVIEW,
                    "to_state": AssetState.APPROVED if good else AssetState.CHANGES_REQUESTED,
                    "user_id": person_.id,
                    "at": START,
                    "reason": None if good else "halo",
                    "comment": "",
                    "asset_sha256": "0" * 64,
                    "model_version_id": model,
                    "idempotency_key": f"press-{image:06}",
                }
                for person_, image, good in verdicts
            ],
        )
    sven, tore, rune = (figures(studio, manager, name) for name in ("Sven", "Tore", "Rune"))
    assert sven.beside is not None
    assert sven.beside.expected == pytest.approx(0.5)
    assert sven.concerns == (Concern.APPROVES_ALL,)
    assert tore.beside is not None
    assert tore.beside.expected == pytest.approx(59 / 60)
    assert (tore.concerns, rune.concerns) == ((), ())


def test_missed_faults_and_haste_are_told() -> None:
    from studio.review.agreement import NO_GOLD, Agreement, GoldHits
    from studio.review.pace import Pace

    calm = ReviewerFigures(
        user_id=1,
        name="Rune",
        approved=wilson(30, 60),
        beside=BesideOthers(wilson(30, 60), 0.5),
        first_pass=wilson(30, 60),
        undone=wilson(0, 60),
        pace=Pace(60, 4.0, 9.0, 700.0),
        gold=NO_GOLD,
        agreement=Agreement(wilson(0, 0), None),
    )

    def but(**changed) -> tuple[Concern, ...]:
        values = {field.name: getattr(calm, field.name) for field in fields(calm)} | changed
        return ReviewerFigures(**values).concerns

    assert calm.concerns == ()
    assert but(gold=GoldHits(wilson(15, 20), wilson(5, 10))) == (Concern.MISSES_FAULTS,)
    assert but(gold=GoldHits(wilson(15, 20), wilson(4, 9))) == ()
    assert but(pace=Pace(60, 0.6, 2.0, 4_000.0)) == (Concern.TOO_FAST,)
    assert but(pace=Pace(30, 0.6, 2.0, 4_000.0)) == ()


def test_the_role_below_is_refused(studio, editor) -> None:
    assert editor.role is Role.EDITOR
    with pytest.raises(Forbidden):
        images_behind(studio, editor, WantedImages(Behind.APPROVED, user_id=editor.id))
