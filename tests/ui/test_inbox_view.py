"""The bell of the home page, what came back, and comments on an image's page."""

from __future__ import annotations

import sqlalchemy as sa

from db.tables import Asset, AssetState, Brief
from studio.bootstrap import Studio
from studio.inbox import count_unread, tell
from studio.review.comments import comment, comments
from studio.review.deciding import Action, Decide, decide
from studio.review.sharing import assign
from studio.roles import Actor
from studio.work.jobs import list_jobs
from tests.studio.conftest import Images
from tests.ui.conftest import Visit, press, told


def reject(studio: Studio, actor: Actor, asset_id: int, reason: str, text: str = "") -> None:
    with studio.reading() as session:
        seen = session.get_one(Asset, asset_id).sha256
    decide(studio, actor, Decide(asset_id, 0, Action.REJECT, f"k-{asset_id:08}", reason, text, seen_sha256=seen))


def test_the_bell_tells_what_is_new_until_it_is_read(
    visit: Visit, editor: Actor, reviewer: Actor, images: Images, studio: Studio
) -> None:
    (asset_id,) = images.make(editor)
    comment(studio, reviewer, asset_id, "@Edda *look* <b>here</b>", "comment-1")
    with studio.writing() as session:
        tell(session, editor.id, "recall", asset_id, text="Model withdrawn.", number=3, by=reviewer)
    page = visit("home", editor)
    assert "Rune named you in a comment" in told(page)
    assert "Rune withdrew 3 images" in told(page)
    assert r"\<b\>here" in told(page)
    press(page, "Mark all as read")
    assert count_unread(studio, editor) == 0


def test_what_came_back_goes_out_again_by_one_click(
    visit: Visit, editor: Actor, reviewer: Actor, images: Images, with_model: Studio
) -> None:
    (asset_id,) = images.make(editor, state=AssetState.IN_REVIEW)
    reject(with_model, reviewer, asset_id, "background", "grey corner")
    page = visit("home", editor)
    assert "Background is not clean" in told(page)
    assert "grey corner" in told(page)
    page = press(page, "Try again with a clean white background")
    assert [title.value for title in page.title] == ["Generate"]
    (job,) = [job for job in list_jobs(with_model, editor) if job.state == "queued"]
    with with_model.reading() as session:
        brief = session.scalars(sa.select(Brief).where(Brief.job_id == job.id)).one()
    assert (brief.parent_asset_id, brief.finishing) == (asset_id, [{"step": "white_background"}])
    assert "Came back to me" not in told(visit("home", editor))


def test_what_one_is_given_is_the_first_tile(
    visit: Visit, editor: Actor, manager: Actor, reviewer: Actor, images: Images, studio: Studio
) -> None:
    made = images.make(editor, 3, state=AssetState.IN_REVIEW)
    images.product()
    assign(studio, manager, made[:2], reviewer.id)
    page = visit("home", reviewer)
    links = {link.label: link.proto.query_string for link in page.page_link if link.label}
    assert "assignee=me" in links["wait for review by me, of 3 in all"]
    assert "Mona gave you 2 images to review" in told(page)


def test_a_comment_is_written_and_shown_as_it_was_typed(
    visit: Visit, editor: Actor, reviewer: Actor, images: Images, studio: Studio
) -> None:
    (asset_id,) = images.make(editor)
    page = visit("library", reviewer, image=str(asset_id))
    (field,) = [field for field in page.text_area if field.label.startswith("Comment.")]
    field.input("@Edda **not** bold")
    page = press(page, "Say it")
    (said,) = comments(studio, reviewer, asset_id)
    assert (said.text, said.mentions) == ("@Edda **not** bold", ("Edda",))
    assert r":blue[@Edda] \*\*not\*\* bold" in told(page)
