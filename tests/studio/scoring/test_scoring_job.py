"""Scores that come later: for new images by themselves, for older ones on an admin's word, each once."""

from __future__ import annotations

import io

import numpy as np
import pytest
import sqlalchemy as sa
from PIL import Image

from db.tables import Asset, AssetScoring, AssetState, ChannelVerdict, Job, JobState, LicenceState, Photo, Score
from ecomgan.metrics import SCORERS, keys_of
from studio.bootstrap import Studio
from studio.errors import Conflict, Forbidden, NotFound
from studio.images.assets import asset
from studio.publishing.packs import shipped_packs
from studio.publishing.verdict_rows import editions
from studio.roles import Actor
from studio.scoring import measures, wanted
from studio.scoring.measures import EXACT_WHITE, edition, exact_white, keys_to_take
from studio.scoring.wanted import outstanding, score_again, score_now, score_order
from studio.work.jobs import SCORES, cancel_job, job, job_log, list_jobs
from studio.work.quotas import quota_of
from studio.work.retrying import retry_job
from tests.studio.conftest import Images, picture
from tests.studio.scoring.judged import EasyJudges, run_scoring


def order_of(studio: Studio, image: int) -> Job:
    with studio.reading() as session:
        return session.get_one(Job, session.get_one(Asset, image).brief.job_id)


def end_order(studio: Studio, image: int) -> None:
    """What the worker does as the last thing of an order."""
    row = order_of(studio, image)
    with studio.writing() as session:
        score_order(studio, session, row)


def scorings(studio: Studio) -> list[Job]:
    with studio.reading() as session:
        return list(session.scalars(sa.select(Job).where(Job.kind == SCORES).order_by(Job.created_at)))


def give_photo(studio: Studio, product: int, seed: int = 3) -> str:
    """A real photo of a product, in the storage."""
    sha256 = studio.storage.put(picture(seed))
    with studio.writing() as session:
        session.add(Photo(product_id=product, sha256=sha256, height=80, width=64))
    return sha256


def test_older_images_get_every_score_once(studio_on_both: Studio, images: Images, editor: Actor, admin: Actor) -> None:
    studio = studio_on_both
    made = images.make(editor, 11)  # more than one chunk
    before = outstanding(studio, editor)
    assert (before.images, before.job_id) == (11, None)
    assert before.seconds == pytest.approx(11 * wanted.SECONDS_AN_IMAGE)
    job_id = score_again(studio, admin)
    assert outstanding(studio, editor).job_id == job_id
    judges = run_scoring(studio, job_id)
    done = job(studio, admin, job_id)
    assert (done.state, done.done, done.total) == (JobState.DONE, 11, 11)
    assert len(judges.subjects) == 11
    for image in made:
        scores = asset(studio, editor, image).scores
        assert set(scores) == set(keys_to_take())
        assert scores["realism"] == 50.0
        assert scores["taught_distance"] is scores["published_distance"] is None
        assert scores[EXACT_WHITE] == 100.0
        assert all(scores[key] is None for key in keys_of("identity"))
    assert outstanding(studio, editor).images == 0
    with pytest.raises(Conflict, match="Every image has its scores"):
        score_again(studio, admin)


def test_only_an_admin_has_all_images_scored_again(studio: Studio, images: Images, manager: Actor) -> None:
    images.make(manager, 1)
    with pytest.raises(Forbidden):
        score_again(studio, manager)


def test_the_images_of_an_order_wait_by_themselves_and_join_a_job_that_is_there(
    studio_on_both: Studio, images: Images, editor: Actor, reviewer: Actor
) -> None:
    studio = studio_on_both
    first, second = images.make(editor, 3), images.make(reviewer, 2)
    end_order(studio, first[0])
    end_order(studio, first[0])  # a step that is done twice
    (row,) = scorings(studio)
    assert (row.total, row.owner_id) == (3, editor.id)
    end_order(studio, second[0])
    (row,) = scorings(studio)
    assert row.total == 5
    assert [line.text for line in job_log(studio, editor, row.id)][-1] == "2 images more, of Rune."
    run_scoring(studio, row.id)
    assert job(studio, editor, row.id).done == 5


def test_images_that_come_while_the_last_ones_are_scored_are_not_forgotten(
    studio: Studio, images: Images, editor: Actor
) -> None:
    end_order(studio, images.make(editor, 1)[0])
    (row,) = scorings(studio)
    come = [images.make(editor, 1)[0]]

    def one_more(step: str) -> None:
        if step == "finish" and come:
            end_order(studio, come.pop())

    run_scoring(studio, row.id, before=one_more)
    done = job(studio, editor, row.id)
    assert (done.state, done.done, done.total) == (JobState.DONE, 2, 2)


def test_a_cancelled_job_keeps_its_scores_and_leaves_the_others(
    studio_on_both: Studio, images: Images, editor: Actor, admin: Actor
) -> None:
    studio = studio_on_both
    images.make(editor, 20)
    job_id = score_again(studio, admin)
    seen = []

    def cancel(step: str) -> None:
        seen.append(step)
        if seen.count("images") == 2 and step == "images":
            with studio.writing() as session:
                session.get_one(Job, job_id).state = JobState.CANCELLING

    run_scoring(studio, job_id, before=cancel)
    done = job(studio, admin, job_id)
    assert (done.state, done.done) == (JobState.CANCELLED, 8)
    assert outstanding(studio, admin).images == 12
    assert score_again(studio, admin) != job_id


def test_new_images_of_a_job_that_was_cancelled_join_the_next_one_and_older_ones_do_not(
    studio: Studio, images: Images, editor: Actor, admin: Actor
) -> None:
    old, new, newest = images.make(editor, 2), images.make(editor, 3), images.make(editor, 1)
    end_order(studio, new[0])
    score_again(studio, admin)  # joins it, with the old ones and the newest
    (row,) = scorings(studio)
    assert row.total == 6
    cancel_job(studio, admin, row.id)
    end_order(studio, newest[0])
    last = scorings(studio)[-1]
    assert (last.id != row.id, last.total) == (True, 4)
    run_scoring(studio, last.id)
    with studio.reading() as session:
        scored = set(session.scalars(sa.select(AssetScoring.asset_id).where(AssetScoring.edition == edition())))
    assert scored == {*new, *newest}
    assert not scored & set(old)


def test_a_newer_scorer_adds_rows_and_readers_take_the_newest(
    studio_on_both: Studio, images: Images, editor: Actor, admin: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio = studio_on_both
    (image,) = images.make(editor)
    run_scoring(studio, score_again(studio, admin), EasyJudges(later=10.0))
    before = SCORERS["realism"].version
    newer = {
        key: scorer.__class__(**{**vars(scorer), "version": scorer.version + 1}) for key, scorer in SCORERS.items()
    }
    for key in ("realism", "sharpness"):
        monkeypatch.setitem(SCORERS, key, newer[key])
    assert outstanding(studio, editor).images == 1
    run_scoring(studio, score_again(studio, admin), EasyJudges(later=20.0))
    scores = asset(studio, editor, image).scores
    assert scores["realism"] == 20.0
    assert scores["sharpness"] != 2.0  # it was made up before, and measured now
    with studio.reading() as session:
        query = sa.select(Score.version, Score.value).where(Score.asset_id == image, Score.metric == "realism")
        assert session.execute(query.order_by(Score.version)).all() == [(before, 10.0), (before + 1, 20.0)]


def test_an_image_is_compared_with_the_photo_that_shows_the_product_as_it_does(
    studio: Studio, images: Images, editor: Actor, admin: Actor
) -> None:
    product = images.product()
    (image,) = images.make(editor, 1, product_id=product)  # picture(0)
    give_photo(studio, product, seed=0)
    unlike = np.full((80, 64, 3), 30, dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(unlike).save(file, "PNG")
    with studio.writing() as session:
        session.add(Photo(product_id=product, sha256=studio.storage.put(file.getvalue()), height=80, width=64))
    judges = run_scoring(studio, score_again(studio, admin))
    assert judges.subjects[0].photo is not None
    assert (judges.subjects[0].photo == judges.subjects[0].image).all()
    assert asset(studio, editor, image).scores.keys() >= set(keys_of("identity"))


def test_a_photo_that_comes_later_or_is_refused_makes_an_image_wait_again(
    studio_on_both: Studio, images: Images, editor: Actor, admin: Actor
) -> None:
    studio = studio_on_both
    product = images.product()
    (image,) = images.make(editor, 1, product_id=product)
    run_scoring(studio, score_again(studio, admin))
    assert outstanding(studio, admin).images == 0
    sha256 = give_photo(studio, product)
    assert outstanding(studio, admin).images == 1
    run_scoring(studio, score_now(studio, editor, image))
    assert outstanding(studio, admin).images == 0
    with studio.writing() as session:
        session.execute(sa.update(Photo).where(Photo.sha256 == sha256).values(licence=LicenceState.REFUSED))
    assert outstanding(studio, admin).images == 1
    run_scoring(studio, score_again(studio, admin))
    with studio.reading() as session:
        assert session.get_one(AssetScoring, image).photo_sha256 is None


def test_one_image_is_scored_on_request(studio: Studio, images: Images, editor: Actor, viewer: Actor) -> None:
    first, second = images.make(editor, 2)
    with pytest.raises(NotFound):
        score_now(studio, editor, 999)
    with pytest.raises(Forbidden):
        score_now(studio, viewer, first)
    job_id = score_now(studio, editor, first)
    assert score_now(studio, editor, first) == job_id
    run_scoring(studio, job_id)
    with pytest.raises(Conflict, match=f"Image {first} has all its scores"):
        score_now(studio, editor, first)
    assert outstanding(studio, editor).images == 1
    assert second


def test_an_image_that_cannot_be_read_is_told_and_the_others_are_scored(
    studio: Studio, images: Images, editor: Actor, admin: Actor
) -> None:
    made = images.make(editor, 3)
    sha256 = asset(studio, editor, made[1]).sha256
    (studio.settings.home / "assets" / sha256[:2] / sha256[2:4] / sha256).write_bytes(b"damaged")
    job_id = score_again(studio, admin)
    run_scoring(studio, job_id)
    assert job(studio, admin, job_id).state is JobState.DONE
    assert any(f"image {made[1]}" in line.text for line in job_log(studio, admin, job_id))
    assert outstanding(studio, admin).images == 0
    assert set(asset(studio, editor, made[2]).scores) == set(keys_to_take())


def test_the_distance_to_published_images_leaves_the_image_itself_out(
    studio: Studio, images: Images, editor: Actor, admin: Actor
) -> None:
    from studio.images.look_job import LookMaker
    from studio.images.looks import order_looks
    from tests.studio.at_once import AtOnce

    (published,) = images.make(editor, 1, state=AssetState.PUBLISHED)
    (copy,) = images.make(editor, 1)  # the same picture
    LookMaker(studio, "here").body(AtOnce(), order_looks(studio, editor))  # type: ignore[arg-type]
    run_scoring(studio, score_again(studio, admin))
    assert asset(studio, editor, copy).scores["published_distance"] == pytest.approx(0.0, abs=1.0)
    assert asset(studio, editor, published).scores["published_distance"] is None


def test_every_scored_image_has_a_verdict_of_every_channel(
    studio_on_both: Studio, images: Images, editor: Actor, admin: Actor
) -> None:
    studio = studio_on_both
    made = images.make(editor, 3)
    run_scoring(studio, score_again(studio, admin))
    with studio.reading() as session:
        rows = session.execute(sa.select(ChannelVerdict.asset_id, ChannelVerdict.pack, ChannelVerdict.edition)).all()
        now = editions(session)
    assert set(rows) == {(image, key, now[key]) for image in made for key in shipped_packs()}


def test_a_scoring_is_not_retried_as_an_order_is(studio: Studio, images: Images, editor: Actor, admin: Actor) -> None:
    images.make(editor, 1)
    job_id = score_again(studio, admin)
    cancel_job(studio, admin, job_id)
    with pytest.raises(Conflict, match="page Settings"):
        retry_job(studio, admin, job_id)
    assert list_jobs(studio, admin)[0].id == job_id


def test_exact_white_counts_the_border_only() -> None:
    image = np.full((100, 60, 3), 255, dtype=np.uint8)
    image[20:80, 20:40] = 0
    assert exact_white(image) == 100.0
    image[0, :, 0] = 254
    assert exact_white(image) == pytest.approx(100 * (1 - 60 / (100 * 60 - 90 * 54)))
    assert measures.version_of(EXACT_WHITE) == 1


def test_nobody_is_charged_for_scores(studio: Studio, images: Images, editor: Actor) -> None:
    (image,) = images.make(editor, 1, compute_seconds=0.0)
    end_order(studio, image)
    (row,) = scorings(studio)
    run_scoring(studio, row.id)
    with studio.writing() as session:
        session.get_one(Job, row.id).compute_seconds = 500.0
        session.get_one(Job, row.id).estimate_seconds = 900.0
    assert (row.owner_id, quota_of(studio, editor).used) == (editor.id, 0.0)
