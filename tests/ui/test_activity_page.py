"""Activity: decisions and other deeds under their days, filtered by the address, nothing in them acted upon."""

from __future__ import annotations

from db.tables import AssetState
from studio.activity import record
from studio.bootstrap import Studio
from studio.review.deciding import Action, Decide, decide
from studio.roles import Actor
from tests.studio.conftest import Images, seen
from tests.ui.conftest import Visit, told


def log_of(page) -> str:
    return "".join(element.proto.body for element in page.get("html"))


def test_an_empty_log_says_so(visit: Visit, viewer: Actor) -> None:
    page = visit("activity", viewer)
    assert not page.exception
    assert "Nothing here" in told(page)


def test_lines_name_who_did_what_and_link_to_it(
    visit: Visit, editor: Actor, reviewer: Actor, images: Images, studio: Studio
) -> None:
    (one,) = images.make(editor, state=AssetState.IN_REVIEW)
    comment = "left <b>sleeve"
    decide(studio, reviewer, Decide(one, 0, Action.REJECT, "key-00000001", "halo", comment, seen(studio, one)))
    with studio.writing() as session:
        record(session, None, "registered", "model_version", 7, "Registered the model <script>x</script>.")
    page = visit("activity", editor)
    shown = log_of(page)
    assert not page.exception
    assert f"href='/library?image={one}'" in shown
    assert "href='/models?model=7'" in shown
    assert "Changes requested" in shown
    assert "Halo or fringe · left &lt;b&gt;sleeve" in shown
    assert "<script>" not in shown
    assert "the studio" in shown


def test_the_address_narrows_the_lines(
    visit: Visit, editor: Actor, reviewer: Actor, images: Images, studio: Studio
) -> None:
    (one,) = images.make(editor, state=AssetState.IN_REVIEW)
    decide(studio, reviewer, Decide(one, 0, Action.APPROVE, "key-00000002", seen_sha256=seen(studio, one)))
    with studio.writing() as session:
        record(session, editor, "imported", "catalogue_import", 1, "Imported spring.csv.")
    assert "spring.csv" not in log_of(visit("activity", editor, about="asset"))
    assert "Approved" not in log_of(visit("activity", editor, by=str(editor.id)))
    assert "spring.csv" not in log_of(visit("activity", editor, decision="approved"))
    assert "Approved" in log_of(visit("activity", editor, of=str(one), about="asset"))
