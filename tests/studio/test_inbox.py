"""The inbox: what a person was told, until they read it."""

from __future__ import annotations

from db.tables import Asset, AssetState
from studio.inbox import SENT_BACK, count_unread, mark_read, messages, take_back, tell
from studio.review.deciding import Action, Decide, decide, undo


def test_what_one_was_told_waits_until_it_is_read(studio_on_both, images, editor, reviewer) -> None:
    studio = studio_on_both
    (asset_id,) = images.make(editor)
    with studio.writing() as session:
        tell(session, editor.id, "recall", asset_id, text="An image was withdrawn.", number=3)
        tell(session, editor.id, "mention", text="Have a look.", by=reviewer)
        tell(session, reviewer.id, "mention", text="Not for the editor.")
    assert [(one.kind, one.by, one.number, one.unread) for one in messages(studio, editor)] == [
        ("mention", "Rune", 1, True),
        ("recall", None, 3, True),
    ]
    assert count_unread(studio, editor) == 2
    newest = messages(studio, editor, limit=1)[0]
    assert mark_read(studio, editor, [newest.id]) == 1
    assert [one.kind for one in messages(studio, editor, unread=True)] == ["recall"]
    assert mark_read(studio, reviewer, [messages(studio, editor, unread=True)[0].id]) == 0
    assert mark_read(studio, editor) == 1
    assert (count_unread(studio, editor), count_unread(studio, reviewer)) == (0, 1)
    assert len(messages(studio, editor)) == 2


def test_nobody_is_told_of_their_own_deeds(studio, editor) -> None:
    with studio.writing() as session:
        tell(session, editor.id, "mention", text="I said so.", by=editor)
    assert messages(studio, editor) == ()


def test_what_happens_all_day_becomes_one_line(studio_on_both, images, editor, reviewer, manager) -> None:
    studio = studio_on_both
    one, two, three = images.make(editor, 3)
    with studio.writing() as session:
        for asset_id in (one, two):
            tell(session, editor.id, "changes_requested", asset_id, text=f"Why {asset_id}", by=reviewer, gather=True)
        tell(session, editor.id, "changes_requested", three, text="Why", by=manager, gather=True)
    assert [(line.by, line.number, line.text) for line in messages(studio, editor)] == [
        ("Mona", 1, "Why"),
        ("Rune", 2, f"Why {two}"),
    ]
    with studio.writing() as session:
        take_back(session, editor.id, "changes_requested", by=reviewer)
        take_back(session, editor.id, "changes_requested", by=manager)
    assert [(line.by, line.number) for line in messages(studio, editor)] == [("Rune", 1)]
    mark_read(studio, editor)
    with studio.writing() as session:
        take_back(session, editor.id, "changes_requested", by=reviewer)
        tell(session, editor.id, "changes_requested", one, text="Again", by=reviewer, gather=True)
    assert [(line.number, line.unread) for line in messages(studio, editor)] == [(1, True), (1, False)]


def test_the_maker_is_told_of_a_rejection_until_it_is_taken_back(studio_on_both, images, editor, reviewer) -> None:
    studio = studio_on_both
    (asset_id,) = images.make(editor, state=AssetState.IN_REVIEW)
    with studio.reading() as session:
        seen = session.get_one(Asset, asset_id).sha256
    why = Decide(asset_id, 0, Action.REJECT, "press-0001", "halo", "left sleeve", seen_sha256=seen)
    for _ in range(2):  # sent again, it is told once
        decide(studio, reviewer, why)
    (line,) = messages(studio, editor)
    assert (line.kind, line.by, line.asset_id, line.number) == (SENT_BACK, "Rune", asset_id, 1)
    assert line.text == "Halo or fringe. left sleeve"
    undo(studio, reviewer, asset_id, "press-0002")
    assert messages(studio, editor) == ()
