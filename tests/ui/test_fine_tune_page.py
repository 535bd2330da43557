"""Fine-tune: the form, the live view of a training and its buttons, as a browser would see them."""

from __future__ import annotations

from pathlib import Path

import pytest

from db.tables import (
    AssetState,
    Brief,
    Job,
    JobState,
    LicenceState,
    Training,
    TrainingPicture,
    TrainingPoint,
    TrainingWish,
)
from studio.bootstrap import Studio
from studio.photos.trainable import PhotoFilter
from studio.review.decisions import append, locked
from studio.roles import Actor
from studio.training.trainings import TrainingRequest, start
from studio.training.views import list_trainings, training
from studio.work.quotas import set_quota
from tests.studio.conftest import Images, picture
from tests.studio.teaching import add_photos, make_teachable, register_teachable
from tests.ui.conftest import Visit, press, told


@pytest.fixture(scope="module")
def teachable(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_teachable(tmp_path_factory.mktemp("models") / "teachable")


@pytest.fixture
def base(studio: Studio, teachable: Path) -> int:
    return register_teachable(studio, teachable)


@pytest.fixture
def training_id(studio: Studio, admin: Actor, base: int) -> int:
    add_photos(studio, 24)
    return start(studio, admin, TrainingRequest("Spring", base, PhotoFilter(), "small", 24_000))


def learn(studio: Studio, training_id: int, *, state: JobState = JobState.RUNNING, alarm: str | None = None) -> None:
    """What a worker would have written after 3,200 photos."""
    sha256 = studio.storage.put(picture(1))
    with studio.writing() as session:
        row = session.get_one(Training, training_id)
        session.get_one(Job, row.job_id).state = state
        row.alarm = alarm
        row.progress = {
            "images": 3200,
            "target": 24_000,
            "seconds_left": 600.0,
            "images_per_second": 34.7,
            "best_images": 1600,
            "rows": [{"article_type": "Bags", "colour": "Red"}],
        }
        for images, distance in ((0, 40.0), (1600, 30.0), (3200, 31.0)):
            session.add(TrainingPoint(training_id=row.id, metric="held_out/kd_x1000", images=images, value=distance))
            session.add(TrainingPoint(training_id=row.id, metric="copying/ratio", images=images, value=0.95))
            session.add(TrainingPoint(training_id=row.id, metric="loss/generator", images=images, value=1.0))
            session.add(TrainingPicture(training_id=row.id, kind="samples", images=images, sha256=sha256))


def labels(page: object) -> list[str]:
    return [button.label for button in page.button]  # type: ignore[attr-defined]


def test_without_photos_the_page_leads_to_the_catalogue(visit: Visit, admin: Actor, base: int) -> None:
    page = visit("fine_tune", admin)
    assert not page.exception
    assert "No photos to learn from yet" in told(page)


def test_too_few_photos_are_told_with_the_number_that_is_needed(
    visit: Visit, admin: Actor, base: int, studio: Studio
) -> None:
    add_photos(studio, 5)
    page = visit("fine_tune", admin)
    assert "5 photos fit; a training needs at least 24" in told(page)
    assert "start-training" not in [button.key for button in page.button]


def test_a_training_starts_with_the_preset_that_suits_its_photos(
    visit: Visit, admin: Actor, base: int, studio: Studio
) -> None:
    add_photos(studio, 26)
    page = visit("fine_tune", admin)
    assert page.radio[0].value == "small"
    assert "At most" in told(page)
    press(page, "Teach it 26 photos")
    (view,) = list_trainings(studio, admin)
    assert (view.stage, view.preset, view.photos, view.target) == ("waiting", "small", 26, 24_000)


def test_what_is_left_of_a_limit_is_told_before_it_starts(
    visit: Visit, admin: Actor, studio: Studio, base: int
) -> None:
    add_photos(studio, 24)
    page = visit("fine_tune", admin)
    assert "computing left today" not in told(page)
    set_quota(studio, admin, admin.id, 7200)
    assert "2 h of 2 h computing left today" in told(visit("fine_tune", admin))


def test_open_rights_hold_the_button_back_until_someone_answers(
    visit: Visit, admin: Actor, base: int, studio: Studio
) -> None:
    add_photos(studio, 20)
    add_photos(studio, 6, prefix="U", licence=LicenceState.UNCONFIRMED)
    page = visit("fine_tune", admin)
    assert "6 unconfirmed" in told(page)
    (button,) = [button for button in page.button if button.key == "start-training"]
    assert button.disabled
    page.checkbox[0].check().run()
    press(page, "Teach it 26 photos")
    assert len(list_trainings(studio, admin)) == 1


def test_a_running_training_shows_how_far_it_is_and_what_remains(
    visit: Visit, admin: Actor, studio: Studio, training_id: int
) -> None:
    learn(studio, training_id)
    page = visit("fine_tune", admin, training=str(training_id))
    assert not page.exception
    assert page.progress[0].text.startswith("3,200 of 24,000 photos seen · about 10 min left")
    assert [metric.value for metric in page.metric] == ["31.0", "0.95", "34.7"]
    assert page.select_slider[0].value == 3200
    assert len(page.get("plotly_chart")) == 3
    assert {"Pause", "Stop and keep", "Discard it"} <= set(labels(page))


def test_an_alarm_is_told_loudly(visit: Visit, admin: Actor, studio: Studio, training_id: int) -> None:
    learn(studio, training_id, alarm="Half of the images are nearer to a photo than photos are to each other.")
    page = visit("fine_tune", admin, training=str(training_id))
    assert "Copying alarm." in page.error[0].value


def test_pause_and_keep_are_wishes_that_the_worker_reads(
    visit: Visit, admin: Actor, studio: Studio, training_id: int
) -> None:
    learn(studio, training_id)
    page = press(visit("fine_tune", admin, training=str(training_id)), "Pause")
    assert training(studio, admin, training_id).wish is TrainingWish.PAUSE
    assert "Pause" not in labels(page)


def test_a_paused_training_offers_to_go_on(visit: Visit, admin: Actor, studio: Studio, training_id: int) -> None:
    learn(studio, training_id, state=JobState.PAUSED)
    page = visit("fine_tune", admin, training=str(training_id))
    assert "Paused: nothing is lost" in page.info[0].value
    press(page, "Resume")
    assert training(studio, admin, training_id).stage == "waiting"


def test_discarding_asks_first(visit: Visit, admin: Actor, studio: Studio, training_id: int) -> None:
    page = visit("fine_tune", admin, training=str(training_id))
    press(page, "Discard it")
    assert training(studio, admin, training_id).stage == "discarded"


def test_the_jobs_page_leads_to_the_training(visit: Visit, admin: Actor, studio: Studio, training_id: int) -> None:
    learn(studio, training_id, state=JobState.PAUSED)
    page = visit("jobs", admin)
    assert not page.exception
    assert "Make the rest" not in labels(page)
    job_id = training(studio, admin, training_id).job_id
    assert "Spring" in [title.value for title in visit("fine_tune", admin, job=job_id).title]


def test_a_training_that_is_not_there_is_told_calmly(visit: Visit, admin: Actor, base: int) -> None:
    page = visit("fine_tune", admin, training="7")
    assert not page.exception
    assert "no training 7" in page.error[0].value


def test_the_page_speaks_chinese(visit: Visit, admin: Actor, studio: Studio, training_id: int) -> None:
    learn(studio, training_id)
    page = visit("fine_tune", admin, locale="zh-CN", training=str(training_id))
    assert page.progress[0].text.startswith("已看 3,200 / 24,000 张照片")


def test_what_reviewers_decided_can_be_learned_from_too(
    visit: Visit, admin: Actor, reviewer: Actor, editor: Actor, studio: Studio, base: int, images: Images
) -> None:
    add_photos(studio, 24)
    assert "training-decided" not in [toggle.key for toggle in visit("fine_tune", admin).toggle]
    good, bad = images.make(editor, 2, category="Bags", state=AssetState.IN_REVIEW)
    with studio.writing() as session:
        for brief in session.query(Brief):
            brief.attributes = {"article_type": "Bags"}
        append(session, locked(session, good), AssetState.APPROVED, reviewer, "approve-it")
        append(session, locked(session, bad), AssetState.CHANGES_REQUESTED, reviewer, "reject-it", reason="shape")
    page = visit("fine_tune", admin)
    page.toggle(key="training-decided").set_value(True).run()
    assert not page.exception
    assert "1 approved image joins" in told(page)
    assert "Stay out: 1 rejected for a fact." in told(page)
    press(page, "Teach it 24 photos and 1 approved image")
    (one,) = list_trainings(studio, admin)
    assert (one.photos, one.images) == (24, 1)
    shown = told(visit("fine_tune", admin, training=str(one.id)))
    assert "24 photos + 1 approved image" in shown
    assert "Of what reviewers decided stayed out: 1 rejected for a fact." in shown
