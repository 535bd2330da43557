"""Nothing goes into production past the gate without a written reason; and there is a way back."""

from collections.abc import Mapping
from typing import Any

import pytest
import sqlalchemy as sa

from db.tables import (
    Activity,
    Comparison,
    ComparisonPair,
    Evaluation,
    Job,
    JobState,
    LicenceState,
    ModelVersion,
    Photo,
    Product,
    Training,
    TrainingPhoto,
    Vote,
    VoteChoice,
)
from studio.bootstrap import Studio
from studio.errors import Conflict, Forbidden, InputError
from studio.models.aliases import CHALLENGER, CHAMPION, history, holder, set_alias
from studio.models.ballots import counted
from studio.models.figures import intervals
from studio.models.in_use import champion
from studio.models.licences import acknowledge_licence, refusal, set_licence
from studio.models.promotion import gate, promote, roll_back, roll_back_target
from studio.roles import Actor

WORDS = {"article_type": ["Tshirts", "Dresses"], "colour": ["Red", "Blue"]}


def add_model(studio: Studio, name: str, **fields: Any) -> int:
    with studio.writing() as session:
        digest = f"{name:0<64}"[:64]
        row = ModelVersion(
            name=name, digest=digest, folder="", height=80, width=64, manifest={"a": "b"}, vocabulary=WORDS, **fields
        )
        session.add(row)
        session.flush()
        set_alias(session, CHALLENGER if holder(session, CHAMPION) else CHAMPION, row.id, None, "registered")
        return row.id


def judge(studio: Studio, model_id: int, value: float, half: float = 4.0, data: str = "held-out") -> None:
    cell = {"value": value, "low": value - half, "high": value + half}
    figures = {"data": {"held_out_photos": 200}, "distances": {"KD_lite2_x1000": {"generated": cell}}}
    with studio.writing() as session:
        session.add(Evaluation(model_version_id=model_id, data=data, figures=figures))


def vote(studio: Studio, voter: Actor, champion_id: int, challenger_id: int, wins: int, losses: int) -> int:
    """A comparison that is over; the images are never looked at here."""
    with studio.writing() as session:
        n = session.scalar(sa.select(sa.func.count()).select_from(Comparison)) or 0
        job = Job(id=f"job-{n}", kind="comparison", title="", state=JobState.DONE, owner_id=voter.id, total=60)
        session.add(job)
        session.flush()
        row = Comparison(job_id=job.id, champion_id=champion_id, challenger_id=challenger_id, created_by_id=voter.id)
        session.add(row)
        session.flush()
        for number in range(wins + losses):
            left = number % 2 == 0
            pair = ComparisonPair(
                comparison_id=row.id,
                number=number,
                prompt="",
                attributes={},
                seed=number,
                challenger_left=left,
                champion_sha256="0" * 64,
                challenger_sha256="1" * 64,
            )
            session.add(pair)
            session.flush()
            for_left = left if number < wins else not left
            choice = VoteChoice.LEFT if for_left else VoteChoice.RIGHT
            session.add(Vote(pair_id=pair.id, user_id=voter.id, choice=choice))
        return row.id


@pytest.fixture
def old(studio: Studio) -> int:
    return add_model(studio, "old", licence=LicenceState.GRANTED)


@pytest.fixture
def new(studio: Studio, old: int) -> int:
    return add_model(studio, "new", licence=LicenceState.GRANTED, parent_id=old)


def open_the_gate(studio: Studio, voter: Actor, old: int, new: int) -> None:
    judge(studio, old, 57)
    judge(studio, new, 55)
    vote(studio, voter, old, new, wins=22, losses=8)


def test_a_model_that_passed_the_gate_goes_into_production(studio: Studio, old: int, new: int, manager: Actor) -> None:
    open_the_gate(studio, manager, old, new)
    found = gate(studio, manager, new)
    assert found.passed
    assert found.vote is not None
    assert (found.vote.wins, found.vote.losses, round(found.vote.p_value or 0, 4)) == (22, 8, 0.0081)
    assert promote(studio, manager, new).id == new
    assert champion(studio).id == new
    with studio.reading() as session:
        assert holder(session, CHALLENGER) is None
        last = session.scalars(sa.select(Activity).order_by(Activity.id.desc()).limit(1)).one()
    assert (last.verb, last.user_id, last.details["replaced"]) == ("promoted", manager.id, old)
    with pytest.raises(Conflict, match="in production already"):
        promote(studio, manager, new)


@pytest.mark.parametrize("why", ["no figures", "worse figures", "no vote", "lost vote", "unfinished vote", "licence"])
def test_the_gate_keeps_out(studio: Studio, old: int, new: int, manager: Actor, why: str) -> None:
    if why != "no figures":
        judge(studio, old, 57)
        judge(studio, new, 80 if why == "worse figures" else 59)
    if why != "no vote":
        comparison = vote(studio, manager, old, new, *((17, 13) if why == "lost vote" else (22, 8)))
    if why == "unfinished vote":
        with studio.writing() as session:
            pair = sa.select(ComparisonPair.id).where(ComparisonPair.comparison_id == comparison).limit(1)
            session.execute(sa.delete(Vote).where(Vote.pair_id.in_(pair)))
    if why == "licence":
        with studio.writing() as session:
            session.get_one(ModelVersion, new).licence = LicenceState.UNCONFIRMED
    found = gate(studio, manager, new)
    standings = (found.figures_standing, found.vote_standing, found.licence_standing)
    assert (
        standings
        == {
            "no figures": ("open", "passed", "passed"),
            "worse figures": ("failed", "passed", "passed"),
            "no vote": ("passed", "open", "passed"),
            "lost vote": ("passed", "failed", "passed"),
            "unfinished vote": ("passed", "open", "passed"),
            "licence": ("passed", "passed", "open"),
        }[why]
    )
    with pytest.raises(Forbidden, match="only an admin"):
        promote(studio, manager, new, reason="because I like it very much")
    assert champion(studio).id == old


def test_an_admin_overrides_with_a_reason_that_stays_in_the_history(
    studio: Studio, old: int, new: int, admin: Actor
) -> None:
    with pytest.raises(InputError, match="at least 10"):
        promote(studio, admin, new, reason="please")
    promote(studio, admin, new, reason="The old one was taught on photos we must not use.")
    line = history(studio, admin)[0]
    assert (line.model, line.by) == ("new", "Ada")
    assert line.reason.startswith("in spite of the held-out figures still open, the blind vote still open: The old")


def test_a_refused_licence_lets_nobody_through(studio: Studio, old: int, new: int, admin: Actor) -> None:
    open_the_gate(studio, admin, old, new)
    set_licence(studio, admin, old, LicenceState.REFUSED, "the photographer said no")
    assert gate(studio, admin, new).licence_standing == "failed"
    with pytest.raises(Conflict, match=r"the licence of old.*the photographer said no"):
        promote(studio, admin, new, reason="a reason that is long enough")


def test_one_step_back_is_one_click_and_back_again_goes_further(
    studio: Studio, old: int, new: int, admin: Actor, manager: Actor
) -> None:
    third = add_model(studio, "third", licence=LicenceState.GRANTED)
    assert roll_back_target(studio, admin) is None
    with pytest.raises(Conflict, match="nothing to go back to"):
        roll_back(studio, manager)
    for model_id in (new, third):
        promote(studio, admin, model_id, reason="only for this test")
    assert roll_back(studio, manager, reason="hats look odd").id == new
    assert history(studio, manager)[0].reason == "rolled back from third: hats look odd"
    assert roll_back(studio, manager).id == old
    assert champion(studio).id == old
    assert roll_back_target(studio, admin) is None
    promote(studio, admin, new, reason="only for this test")
    set_licence(studio, admin, old, LicenceState.REFUSED, "no rights")
    with pytest.raises(Conflict, match="old cannot go back"):
        roll_back(studio, manager)


def test_somebody_answers_for_an_unconfirmed_licence_until_it_changes(
    studio: Studio, old: int, admin: Actor, manager: Actor
) -> None:
    new = add_model(studio, "new")
    assert gate(studio, admin, new).licence_standing == "open"
    with pytest.raises(Forbidden):
        acknowledge_licence(studio, manager, new)
    acknowledge_licence(studio, admin, new)
    assert gate(studio, admin, new).licence_standing == "passed"
    set_licence(studio, admin, new, LicenceState.UNCONFIRMED)
    assert gate(studio, admin, new).licence_standing == "open"
    with pytest.raises(InputError, match="why"):
        set_licence(studio, admin, new, LicenceState.REFUSED)
    with pytest.raises(Conflict, match="granted"):
        acknowledge_licence(studio, admin, old)


def test_a_photo_refused_later_blocks_what_was_taught_with_it(studio: Studio, old: int, new: int, admin: Actor) -> None:
    with studio.writing() as session:
        product = Product(sku="A", title="A", category="Tops")
        session.add(product)
        session.flush()
        photos = [Photo(product_id=product.id, sha256=str(k) * 64, height=80, width=64) for k in range(2)]
        job = Job(id="training", kind="training", title="", owner_id=admin.id, total=1)
        session.add_all([*photos, job])
        session.flush()
        training = Training(
            job_id=job.id,
            name="t",
            base_model_id=old,
            model_version_id=new,
            preset="small",
            images=10,
            created_by_id=admin.id,
        )
        session.add(training)
        session.flush()
        session.add_all(
            TrainingPhoto(training_id=training.id, photo_id=photo.id, sha256=photo.sha256, split=split, attributes={})
            for photo, split in zip(photos, ("train", "validation"), strict=True)
        )
        assert refusal(session, new) is None
        photos[1].consent = LicenceState.REFUSED  # never learnt from
        assert refusal(session, new) is None
        photos[0].consent = LicenceState.REFUSED
        assert refusal(session, new) == "the rights of 1 photo that it was taught with were refused"
        assert refusal(session, old) is None


@pytest.mark.parametrize(
    ("champion_value", "challenger_value", "half", "verdict"),
    [(57, 55, 4, "alike"), (57, 62, 4, "alike"), (57, 63, 4, "worse"), (57, 50, 4, "better"), (57, 58, 0.1, "worse")],
)
def test_worse_is_only_what_the_intervals_do_not_explain(
    studio: Studio, old: int, new: int, viewer: Actor, champion_value, challenger_value, half, verdict
) -> None:
    judge(studio, old, champion_value, half)
    judge(studio, new, challenger_value, half)
    judge(studio, new, 900, data="something else")
    (pair,) = gate(studio, viewer, new).figures
    assert (pair.data, pair.photos, pair.verdict) == ("held-out", 200, verdict)


FIGURE = {"value": 3.0, "low": 2.0, "high": 4.0}


@pytest.mark.parametrize(
    ("figures", "measures"),
    [
        ({"distances": {"KD_lite2_x1000": {"generated": FIGURE, "floor": FIGURE}}}, {"KD_lite2_x1000"}),
        ({"distances": {"KD_lite0_x1000": {"generated": FIGURE}, "FD_lite2": {"generated": {"value": 1}}}}, set()),
        ({"split": "validation", "photos": 12, "KD_lite2_x1000": FIGURE, "conditions": []}, {"KD_lite2_x1000"}),
        ({"too_few": "5 held-out photos", "KD_lite2_x1000": None}, set()),
    ],
)
def test_figures_count_with_their_interval_and_outside_the_training_space(
    figures: Mapping[str, Any], measures: set[str]
) -> None:
    assert set(intervals(figures)) == measures


def test_votes_are_counted_by_pairs_and_most_voters_decide() -> None:
    votes = [(1, 1), (1, 1), (1, -1), (2, 1), (2, -1), (3, -1), (4, 0)]
    found = counted(6, votes)
    assert (found.judged, found.wins, found.losses, found.undecided) == (4, 1, 1, 2)
    assert (found.share, found.complete, found.shown, found.won) == (0.5, False, False, False)
    assert counted(0, []).p_value is None
    assert not counted(0, []).complete


def test_a_count_is_shown_from_twenty_pairs_or_at_the_end() -> None:
    assert not counted(30, [(k, 1) for k in range(19)]).shown
    twenty = counted(30, [(k, 1) for k in range(20)])
    assert twenty.shown
    assert not twenty.won  # ten pairs are still to be judged
    assert counted(20, [(k, 1) for k in range(20)]).won
