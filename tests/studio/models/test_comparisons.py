"""Two models make the same briefs; people vote without knowing whose image is whose."""

import io
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
import torch
from PIL import Image

from db.tables import ComparisonPair, JobState, ModelVersion, Product, Vote, VoteChoice
from studio.bootstrap import Studio
from studio.engines.live import Engines
from studio.errors import Conflict, Forbidden, InputError, NotFound
from studio.models.comparing import PairMaker
from studio.models.comparison_briefs import common_words, text_of
from studio.models.comparisons import Ballot, ballot, cast, result, start_comparison
from studio.models.in_use import find_model, register_folder
from studio.models.promotion import gate, promote
from studio.models.sampling import SampleDrawer
from studio.models.showcase import SEEDS
from studio.roles import Actor
from studio.work.jobs import cancel_job, job
from tests.studio.at_once import AtOnce
from tests.studio.model_folders import taught_copy


def work(studio: Studio, job_id: str, before: Callable[[str], object] = lambda name: None) -> None:
    maker = PairMaker(studio, "here", Engines(studio, torch.device("cpu")))
    maker.body(AtOnce(before), job_id)  # type: ignore[arg-type]


@pytest.fixture
def old(studio: Studio, tiny_model: Path) -> int:
    return register_folder(studio, None, tiny_model, name="old", source="shipped").id


@pytest.fixture
def new(studio: Studio, old: int, tiny_model: Path, tmp_path: Path) -> int:
    folder = taught_copy(tiny_model, tmp_path / "new", by=0.02)
    return register_folder(studio, None, folder, name="new", source="fine_tuned", parent_id=old).id


def started(studio: Studio, actor: Actor, new: int, pairs: int = 20) -> Ballot:
    comparison = start_comparison(studio, actor, new, pairs)
    work(studio, ballot(studio, actor, comparison).job_id)
    return ballot(studio, actor, comparison)


def test_every_brief_is_made_by_both_with_one_seed_and_the_sides_are_shuffled(
    studio: Studio, old: int, new: int, manager: Actor
) -> None:
    found = started(studio, manager, new)
    assert (found.total, len(found.pairs), found.left, found.job_state) == (20, 20, 20, JobState.DONE)
    with studio.reading() as session:
        pairs = session.scalars(sa.select(ComparisonPair).order_by(ComparisonPair.number)).all()
    assert len({pair.seed for pair in pairs}) == 20
    assert 1 < Counter(pair.challenger_left for pair in pairs)[True] < 19
    for shown, pair in zip(found.pairs, pairs, strict=True):
        sides = (pair.challenger_sha256, pair.champion_sha256)
        assert (shown.left_sha256, shown.right_sha256) == (sides if pair.challenger_left else sides[::-1])
        assert shown.left_sha256 != shown.right_sha256
        assert pair.prompt == text_of(pair.attributes)
        picture = Image.open(io.BytesIO(studio.storage.get(shown.left_sha256)))
        assert (picture.height, picture.width) == (80, 64)
    view = job(studio, manager, found.job_id)
    assert (view.done, view.total) == (40, 40)


def test_what_a_voter_is_given_does_not_tell_whose_image_it_is(
    studio: Studio, old: int, new: int, manager: Actor
) -> None:
    pair = started(studio, manager, new).pairs[0]
    assert set(vars(pair)) == {"id", "number", "attributes", "left_sha256", "right_sha256", "choice"}


def test_votes_are_counted_for_the_model_not_the_side(
    studio_on_both: Studio, old: int, new: int, manager: Actor, editor: Actor
) -> None:
    studio = studio_on_both
    found = started(studio, manager, new)
    with studio.reading() as session:
        rows = session.execute(sa.select(ComparisonPair.id, ComparisonPair.challenger_left))
        left = dict(rows.all())
    for at, pair in enumerate(found.pairs):
        for_challenger = VoteChoice.LEFT if left[pair.id] else VoteChoice.RIGHT
        for_champion = VoteChoice.RIGHT if left[pair.id] else VoteChoice.LEFT
        cast(studio, editor, pair.id, for_champion)  # a slip of the finger
        cast(studio, editor, pair.id, VoteChoice.NEITHER if at == 0 else for_challenger if at < 17 else for_champion)
    count = result(studio, manager, found.comparison_id)
    assert (count.judged, count.wins, count.losses, count.undecided) == (20, 16, 3, 1)
    assert count.won
    assert ballot(studio, editor, found.comparison_id).left == 0
    assert ballot(studio, manager, found.comparison_id).left == 20
    assert gate(studio, manager, new).vote_standing == "passed"
    with studio.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Vote)) == 20


def test_briefs_come_from_the_catalogue_first_and_only_with_words_that_both_know(
    studio: Studio, old: int, new: int, manager: Actor
) -> None:
    with studio.writing() as session:
        session.add_all(
            Product(sku=str(k), title=title, category=category, colour="Green")
            for k, (title, category) in enumerate([("A", "Watches"), ("B", "Jeans"), ("C", "Jeans"), ("D", "Sofas")])
        )
        words = dict(session.get_one(ModelVersion, new).vocabulary)
        words["colour"] = [colour for colour in words["colour"] if colour != "White"] + ["Lime"]
        session.get_one(ModelVersion, new).vocabulary = words
    pairs = started(studio, manager, new).pairs
    given = [dict(pair.attributes) for pair in pairs]
    assert {"article_type": "Watches", "colour": "Green"} in given
    assert given.count({"article_type": "Jeans", "colour": "Green"}) == 1
    assert not {"White", "Lime"} & {attributes.get("colour") for attributes in given}
    one = find_model(studio, manager, old)
    assert common_words(one, replace(one, words={}))["article_type"] == one.words["article_type"]


def test_a_vote_begins_while_pairs_are_still_made_and_a_cancelled_one_stops(
    studio: Studio, old: int, new: int, manager: Actor
) -> None:
    comparison = start_comparison(studio, manager, new, 40)
    job_id = ballot(studio, manager, comparison).job_id
    seen: list[str] = []

    def cancel_third(name: str) -> None:
        seen.append(name)
        if name == "pairs" and seen.count("pairs") == 3:
            cancel_job(studio, manager, job_id)  # its worker does not report in: it is over at once

    with pytest.raises(Conflict, match="not over"):
        start_comparison(studio, manager, new)
    work(studio, job_id, cancel_third)
    found = ballot(studio, manager, comparison)
    assert (len(found.pairs), found.total, found.job_state) == (16, 40, JobState.CANCELLED)
    cast(studio, manager, found.pairs[0].id, VoteChoice.LEFT)
    with studio.reading() as session:
        unmade = session.scalar(sa.select(ComparisonPair.id).where(ComparisonPair.challenger_sha256.is_(None)).limit(1))
    with pytest.raises(Conflict, match="not made yet"):
        cast(studio, manager, unmade or 0, VoteChoice.LEFT)
    assert start_comparison(studio, manager, new) > comparison


def test_a_vote_ends_when_another_model_goes_into_production(
    studio: Studio, old: int, new: int, manager: Actor, admin: Actor
) -> None:
    found = started(studio, manager, new)
    promote(studio, admin, new, reason="only for this test")
    assert ballot(studio, manager, found.comparison_id).over
    with pytest.raises(Conflict, match="over"):
        cast(studio, manager, found.pairs[0].id, VoteChoice.LEFT)


def test_what_cannot_be_compared_is_refused(
    studio: Studio, old: int, new: int, manager: Actor, viewer: Actor, editor: Actor
) -> None:
    for pairs in (0, 19, 101):
        with pytest.raises(InputError, match="20 to 100"):
            start_comparison(studio, manager, new, pairs)
    with pytest.raises(Conflict, match="no other"):
        start_comparison(studio, manager, old)
    with pytest.raises(Forbidden):
        start_comparison(studio, editor, new)
    with pytest.raises(Forbidden):
        ballot(studio, viewer, 1)
    with pytest.raises(NotFound):
        ballot(studio, editor, 99)
    with studio.writing() as session:
        session.get_one(ModelVersion, new).vocabulary = {"article_type": ["Sofas"]}
    with pytest.raises(Conflict, match="no kind of product in common"):
        start_comparison(studio, manager, new)


def test_a_model_that_fails_fails_the_job_in_plain_words(studio: Studio, old: int, new: int, manager: Actor) -> None:
    comparison = start_comparison(studio, manager, new)
    with studio.writing() as session:
        row = session.get_one(ModelVersion, new)
        row.manifest = dict.fromkeys(row.manifest, "0" * 64)
    job_id = ballot(studio, manager, comparison).job_id
    work(studio, job_id)
    view = job(studio, manager, job_id)
    assert view.state is JobState.FAILED
    assert "of the model new cannot be fetched" in (view.error or "")


def test_each_version_gets_a_picture_at_the_same_seeds(studio: Studio, old: int, new: int, manager: Actor) -> None:
    drawer = SampleDrawer(studio, Engines(studio, torch.device("cpu")))
    assert [drawer.draw_next() for _ in range(3)] == [True, True, False]
    names = [find_model(studio, manager, id_).samples_sha256 for id_ in (old, new)]
    assert len(set(names)) == 2
    for name in names:
        picture = Image.open(io.BytesIO(studio.storage.get(name or "")))
        assert picture.size == (len(SEEDS) * (64 + 4), 6 * (80 + 4))
