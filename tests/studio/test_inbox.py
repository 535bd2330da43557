"""The inbox: what a person was told, until they read it."""

from __future__ import annotations

from studio.inbox import count_unread, mark_read, messages, tell


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
