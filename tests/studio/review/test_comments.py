"""Comments: plain text that stays as it was typed, and tells whom it names."""

from __future__ import annotations

import pytest

from db.tables import Role
from studio.access.people import deactivate
from studio.errors import Conflict, Forbidden, InputError, NotFound
from studio.inbox import messages
from studio.review.comments import MAX_TEXT, comment, comments, mentioned, people

KEY = "comment-1"


def told(studio, actor) -> list[tuple[str, str | None, int | None]]:
    return [(one.kind, one.by, one.asset_id) for one in messages(studio, actor)]


def test_a_long_comment_with_markup_stays_as_it_was_typed(studio_on_both, images, editor, reviewer) -> None:
    studio = studio_on_both
    (asset_id,) = images.make(editor)
    text = "\n".join(["<script>alert(1)</script> **bold** [link](javascript:x) & 衬衫 👕 'quoted' \"twice\""] * 20)
    assert comment(studio, reviewer, asset_id, f"  {text}\n", KEY).text == text
    (found,) = comments(studio, editor, asset_id)
    assert (found.text, found.by, found.mine, found.mentions) == (text, "Rune", False, ())


def test_who_is_named_is_told_and_so_is_the_maker(studio_on_both, images, editor, reviewer, manager, viewer) -> None:
    studio = studio_on_both
    (asset_id,) = images.make(editor)
    view = comment(studio, reviewer, asset_id, "@mona please look; @Rune knows, rune@Vera.example does not", KEY)
    assert set(view.mentions) == {"Mona", "Rune"}
    assert told(studio, manager) == [("mention", "Rune", asset_id)]
    assert told(studio, editor) == [("comment", "Rune", asset_id)]
    assert told(studio, reviewer) == told(studio, viewer) == []
    comment(studio, manager, asset_id, "@Edda again, please", "comment-2")
    assert [kind for kind, _, _ in told(studio, editor)] == ["mention", "comment"]


def test_sent_again_a_comment_is_said_once(studio_on_both, images, editor, reviewer, manager) -> None:
    studio = studio_on_both
    one, other = images.make(editor, 2)
    first = comment(studio, reviewer, one, "@Mona look", KEY)
    assert comment(studio, reviewer, one, "@Mona look", KEY) == first
    assert len(comments(studio, editor, one)) == len(told(studio, manager)) == 1
    with pytest.raises(Conflict):
        comment(studio, manager, one, "mine", KEY)
    with pytest.raises(Conflict):
        comment(studio, reviewer, other, "@Mona look", KEY)


def test_what_is_no_comment_is_told(studio, images, editor, viewer) -> None:
    (asset_id,) = images.make(editor)
    for text in ("", " \n", "x" * (MAX_TEXT + 1)):
        with pytest.raises(InputError, match=r"1 to 2,000 characters"):
            comment(studio, editor, asset_id, text, KEY)
    with pytest.raises(InputError, match="cannot be stored"):
        comment(studio, editor, asset_id, "a\0b", KEY)
    with pytest.raises(InputError, match="8 to 64"):
        comment(studio, editor, asset_id, "good", "short")
    with pytest.raises(NotFound):
        comment(studio, editor, 99, "good", KEY)
    with pytest.raises(NotFound):
        comments(studio, editor, 99)
    with pytest.raises(Forbidden):
        comment(studio, viewer, asset_id, "good", KEY)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("@Ann and @Anna", ["Ann", "Anna"]),
        ("@Anna Lee, @ANN.", ["Anna Lee", "Ann"]),
        ("@Annabel, mail@Ann", []),
        ("请@王芳看一下", ["王芳"]),
        ("@Dr. X+ (really)", ["Dr. X+"]),
        ("@", []),
    ],
)
def test_names_are_found_as_people_write_them(text: str, names: list[str]) -> None:
    assert list(mentioned(text, ["Ann", "Anna", "Anna Lee", "王芳", "Dr. X+"])) == names


def test_the_team_is_told_by_name(studio, admin, editor, reviewer, viewer) -> None:
    assert [one.name for one in people(studio, viewer)] == ["Ada", "Edda", "Rune", "Vera"]
    deactivate(studio, admin, editor.id)
    assert [one.name for one in people(studio, viewer, least=Role.REVIEWER)] == ["Ada", "Rune"]
