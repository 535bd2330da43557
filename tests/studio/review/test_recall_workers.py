"""A recall in real workers: one that is killed on the way leaves nothing out and withdraws nothing twice, and its
replacements are made.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from db.tables import Asset, AssetState, Brief, Decision, InboxItem, JobState, RecallOutcome
from studio.bootstrap import Studio
from studio.making.orders import order_results
from studio.review.causes import Cause, CauseKind
from studio.review.recall_views import recall_detail, recall_view
from studio.review.recalls import preview, recall
from studio.review.replacing import Replacing
from studio.roles import Actor
from studio.settings import Settings
from tests.studio.conftest import Images
from tests.studio.work.test_worker import ended, until, worker

pytestmark = pytest.mark.slow
MANY = 400


@pytest.fixture
def settings(settings: Settings, tiny_model: Path) -> Settings:
    return settings.model_copy(update={"model": tiny_model, "database_busy_seconds": 10.0})


def test_a_recall_goes_on_where_a_killed_worker_left_it(
    studio: Studio, images: Images, editor: Actor, manager: Actor
) -> None:
    ids = images.make(editor, MANY, model="bad", state=AssetState.APPROVED)
    cause = Cause(CauseKind.MODEL, model_version_id=images.model("bad"))
    assert preview(studio, manager, cause).images == MANY
    with worker(studio) as process:
        recall_id = recall(studio, manager, cause, why="It proved bad.", expected=MANY)
        until(lambda: recall_view(studio, manager, recall_id).outcomes.get(RecallOutcome.WITHDRAWN, 0) >= 20)
        process.kill()
        assert recall_view(studio, manager, recall_id).outcomes[RecallOutcome.WITHDRAWN] < MANY
    with worker(studio):
        job = ended(studio, manager, recall_view(studio, manager, recall_id).job.id)
    assert (job.state, job.error) == (JobState.DONE, None)
    assert recall_view(studio, manager, recall_id).outcomes == {RecallOutcome.WITHDRAWN: MANY}
    with studio.reading() as session:
        withdrawn = sa.select(Decision.asset_id).where(Decision.to_state == AssetState.WITHDRAWN)
        assert sorted(session.scalars(withdrawn)) == ids
        assert len(session.scalars(sa.select(InboxItem.id)).all()) == 1


def test_its_replacements_are_made(studio: Studio, images: Images, editor: Actor, manager: Actor) -> None:
    ids = images.make(editor, 3, model="bad", prompt="red shirt", state=AssetState.APPROVED)
    with studio.writing() as session:
        brief = session.get_one(Brief, session.get_one(Asset, ids[0]).brief_id)
        brief.attributes = {"article_type": "Shirts", "colour": "Red"}
    cause = Cause(CauseKind.MODEL, model_version_id=images.model("bad"))
    with worker(studio):
        recall_id = recall(studio, manager, cause, why="It proved bad.", expected=3, replacing=Replacing())
        assert ended(studio, manager, recall_view(studio, manager, recall_id).job.id).state is JobState.DONE
        found = recall_detail(studio, manager, recall_id)
        assert (found.view.outcomes, found.view.replaced) == ({RecallOutcome.WITHDRAWN: 3}, 3)
        (order,) = found.orders
        assert ended(studio, manager, order).state is JobState.DONE
    made = order_results(studio, manager, order)
    assert [view.state for view in made] == [AssetState.DRAFT] * 3
    assert {view.prompt for view in made} == {"red shirt"}
    assert {view.model_name for view in made}.isdisjoint({"bad"})
    assert all(studio.storage.get(view.sha256) for view in made)
