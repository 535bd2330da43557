"""The page Models: production and its challenger, the gate, the vote, the way back, licences."""

import json
from pathlib import Path

import pytest

from db.tables import Evaluation, Job, JobState, LicenceState, ModelVersion, VoteChoice
from studio.bootstrap import Studio
from studio.models.ballots import counted
from studio.models.comparisons import ballot, cast, start_comparison
from studio.models.in_use import champion, register_folder
from studio.roles import Actor
from studio.ui.ballot import told as result_told
from tests.studio.model_folders import taught_copy
from tests.ui.conftest import press, told


@pytest.fixture
def new(with_model: Studio, tiny_model: Path, tmp_path: Path) -> int:
    folder = taught_copy(tiny_model, tmp_path / "autumn")
    parent = champion(with_model).id
    model = register_folder(with_model, None, folder, name="autumn", source="fine_tuned", parent_id=parent)
    return model.id


def make_pairs(studio: Studio, actor: Actor, new: int) -> int:
    """A vote on twenty pairs, as a worker would leave it, without its images."""
    comparison = start_comparison(studio, actor, new, 20)
    with studio.writing() as session:
        session.get_one(Job, ballot_job(studio, actor, comparison)).state = JobState.DONE
        session.connection().exec_driver_sql(
            f"UPDATE comparison_pairs SET champion_sha256 = '{'a' * 64}', challenger_sha256 = '{'b' * 64}'"
        )
    return comparison


def ballot_job(studio: Studio, actor: Actor, comparison: int) -> str:
    return ballot(studio, actor, comparison).job_id


def vote_for(studio: Studio, actor: Actor, comparison: int) -> None:
    """All for the challenger, whose images are the ones named b."""
    for pair in ballot(studio, actor, comparison).pairs:
        cast(studio, actor, pair.id, VoteChoice.LEFT if pair.left_sha256[0] == "b" else VoteChoice.RIGHT)


def open_the_gate(studio: Studio, actor: Actor, new: int) -> None:
    cell = {"value": 50.0, "low": 45.0, "high": 55.0}
    with studio.writing() as session:
        for model_id in (champion(studio).id, new):
            figures = {"distances": {"KD_lite2_x1000": {"generated": cell}}}
            session.add(Evaluation(model_version_id=model_id, data="held-out", figures=figures))
        session.get_one(ModelVersion, new).licence = LicenceState.GRANTED
    vote_for(studio, actor, make_pairs(studio, actor, new))


def labels(page) -> list[str]:
    return [button.label for button in page.button]


def test_before_the_first_model_the_page_says_what_comes(visit, studio, viewer) -> None:
    page = visit("models", viewer)
    assert [header.value for header in page.subheader] == ["No model yet"]


def test_without_a_challenger_it_leads_on_to_fine_tuning(visit, with_model, admin) -> None:
    page = visit("models", admin)
    assert not page.exception
    assert "Nothing waits for production" in told(page)
    assert champion(with_model).name in told(page).replace("\\", "")


def test_a_viewer_sees_all_and_changes_nothing(visit, new, viewer) -> None:
    page = visit("models", viewer)
    assert "autumn" in told(page)
    assert "never judged on the same held-out photos" in told(page)
    assert set(labels(page)) == {"Card", "Set password"}  # the second one is in the account menu


def test_a_passed_gate_opens_the_way_into_production_and_back(visit, with_model, new, manager) -> None:
    old = champion(with_model)
    open_the_gate(with_model, manager, new)
    page = visit("models", manager)
    assert "The challenger was preferred in 20 of 20 pairs: 100%" in told(page)
    page = press(page, "Put into production")
    assert champion(with_model).id == new
    page = press(page, "Roll back to")
    assert champion(with_model).id == old.id
    assert "rolled back from autumn" in told(page)


def test_a_closed_gate_lets_an_admin_through_with_a_written_reason(visit, with_model, new, admin, manager) -> None:
    assert "Put into production all the same" not in labels(visit("models", manager))
    page = visit("models", admin)
    assert [button.disabled for button in page.button if button.label == "Put into production"] == [True]
    page = press(page, "Put into production all the same")
    assert "at least 10 characters" in told(page).replace("\\", "")
    page.text_area(key="override-reason").input("The old one shows faces of people.").run()
    page = press(page, "Put into production all the same")
    assert champion(with_model).id == new
    assert "The old one shows faces of people" in told(page)


def test_a_vote_is_started_from_the_gate_and_tells_nothing_of_whose_image_is_whose(
    visit, with_model, new, manager
) -> None:
    page = visit("models", manager)
    press(page, "Make the pairs")
    comparison = make_pairs_of_last(with_model, manager)
    page = visit("models", manager, vote=str(comparison))
    (shown,) = page.get("bidi_component")
    pairs = json.loads(shown.proto.json)["pairs"]
    assert len(pairs) == 30
    assert set(pairs[0]) == {"id", "brief", "left", "right", "choice"}
    vote_for(with_model, manager, comparison)
    assert "you judged all 30 pairs" in told(visit("models", manager, vote=str(comparison)))


def make_pairs_of_last(studio: Studio, actor: Actor) -> int:
    with studio.writing() as session:
        session.get_one(Job, ballot_job(studio, actor, 1)).state = JobState.DONE
        session.connection().exec_driver_sql(
            f"UPDATE comparison_pairs SET champion_sha256 = '{'a' * 64}', challenger_sha256 = '{'b' * 64}'"
        )
    return 1


def test_an_admin_answers_for_a_licence_and_changes_it(visit, with_model, new, admin) -> None:
    page = visit("models", admin)
    page.button(key=f"acknowledge-{new}").click().run()
    page = visit("models", admin)
    assert "acknowledged by Ada on" in told(page)


def test_results_are_told_in_plain_words() -> None:
    few = counted(30, [(k, 1) for k in range(12)])
    assert "12 of 30 pairs judged" in (words := result_told(few))
    assert "preferred" not in words
    lost = counted(20, [(k, 1 if k < 10 else -1) for k in range(20)])
    assert "that proves nothing" in result_told(lost)
    won = counted(20, [(k, 1 if k < 16 else 0 if k < 18 else -1) for k in range(20)])
    words = result_told(won)
    assert "preferred in 16 of 18 pairs: 89% (95 % interval 67% to 97%)" in words
    assert "2 pairs without a preference." in words
    assert "less often than once in 1,000 votes (p < 0.001)" in words
