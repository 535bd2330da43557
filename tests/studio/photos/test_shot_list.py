"""Products wait on the shot list until their photo comes, a person ticks them off, or somebody takes them off."""

from __future__ import annotations

import pytest

from db.tables import LicenceState, Photo
from studio.bootstrap import Studio
from studio.errors import Forbidden, InputError, NotFound
from studio.photos.shot_list import (
    ShotCounts,
    Wish,
    add_shots,
    describe_shots,
    export_shots,
    remove_shots,
    shot_counts,
    shot_list,
    tick_shots,
)
from studio.roles import Actor
from tests.studio.conftest import Images


@pytest.fixture
def products(studio_on_both: Studio) -> list[int]:
    rows = Images(studio_on_both)
    return [rows.product("B-2", "Belt"), rows.product("A-1", "Sunglasses", photo=True)]


def photo(studio: Studio, product_id: int, licence: LicenceState = LicenceState.UNCONFIRMED) -> None:
    with studio.writing() as session:
        session.add(Photo(product_id=product_id, sha256="f" * 64, height=80, width=64, licence=licence))


def test_products_wait_on_the_list_once(studio_on_both: Studio, editor: Actor, products: list[int]) -> None:
    first = add_shots(studio_on_both, editor, [Wish(products[0], 0.4, 4)])
    second = add_shots(studio_on_both, editor, [Wish(one) for one in products])
    assert (len(first), len(second)) == (1, 1)
    lines = shot_list(studio_on_both, editor)
    assert [(line.sku, line.expected, line.ordered, line.added_by) for line in lines] == [
        ("A-1", None, None, "Edda"),
        ("B-2", 0.4, 4, "Edda"),
    ]
    assert lines[0].picture == "0" * 64  # an earlier photo, so that the photographer knows the product


def test_the_photo_that_comes_ticks_its_line(studio_on_both: Studio, editor: Actor, products: list[int]) -> None:
    add_shots(studio_on_both, editor, [Wish(one) for one in products])
    photo(studio_on_both, products[0], LicenceState.REFUSED)
    assert shot_counts(studio_on_both, editor) == ShotCounts(waiting=2, done=0)
    photo(studio_on_both, products[1])
    assert shot_counts(studio_on_both, editor) == ShotCounts(waiting=1, done=1)
    (line,) = shot_list(studio_on_both, editor, done=True)
    assert (line.sku, line.photo, line.done_by) == ("A-1", "f" * 64, "")
    assert line.done_at is not None
    assert line.done_at >= line.added_at


def test_a_line_is_ticked_and_unticked_by_hand(studio_on_both: Studio, editor: Actor, products: list[int]) -> None:
    (shot,) = add_shots(studio_on_both, editor, [Wish(products[0])])
    tick_shots(studio_on_both, editor, [shot])
    assert [line.done_by for line in shot_list(studio_on_both, editor, done=True)] == ["Edda"]
    assert add_shots(studio_on_both, editor, [Wish(products[0])]) != ()  # done once, wanted again
    tick_shots(studio_on_both, editor, [shot], done=False)
    assert shot_counts(studio_on_both, editor).done == 0


def test_lines_are_taken_off_and_put_back(studio_on_both: Studio, editor: Actor, products: list[int]) -> None:
    shots = add_shots(studio_on_both, editor, [Wish(one) for one in products])
    remove_shots(studio_on_both, editor, shots)
    assert shot_list(studio_on_both, editor) == []
    remove_shots(studio_on_both, editor, shots, back=True)
    assert len(shot_list(studio_on_both, editor)) == 2


def test_the_list_says_how_to_photograph(studio_on_both: Studio, editor: Actor, products: list[int]) -> None:
    shots = add_shots(studio_on_both, editor, [Wish(products[0], 0.44444, 4)])
    describe_shots(studio_on_both, editor, shots, angle="front", note="=SUM(A1) strap closed")
    csv = export_shots(studio_on_both, editor).decode("utf-8-sig").splitlines()
    assert csv[0] == "sku,title,category,colour,angle,note,expected,of,added_by,added_at"
    assert csv[1].startswith("B-2,Belt,Apparel > Topwear > Tshirts,Red,front,'=SUM(A1) strap closed,0.44,4,Edda,")
    with pytest.raises(InputError):
        describe_shots(studio_on_both, editor, shots, angle="front\nback", note="")


def test_viewers_read_the_list_and_change_nothing(studio_on_both: Studio, viewer: Actor, products: list[int]) -> None:
    assert shot_list(studio_on_both, viewer) == []
    for deed in (
        lambda: add_shots(studio_on_both, viewer, [Wish(products[0])]),
        lambda: tick_shots(studio_on_both, viewer, [1]),
        lambda: remove_shots(studio_on_both, viewer, [1]),
        lambda: describe_shots(studio_on_both, viewer, [1], angle="", note=""),
    ):
        with pytest.raises(Forbidden):
            deed()


def test_what_is_not_there_is_refused_in_whole(studio_on_both: Studio, editor: Actor, products: list[int]) -> None:
    with pytest.raises(NotFound):
        add_shots(studio_on_both, editor, [Wish(products[0]), Wish(999)])
    with pytest.raises(InputError):
        add_shots(studio_on_both, editor, [])
    with pytest.raises(NotFound):
        tick_shots(studio_on_both, editor, [77])
    assert shot_counts(studio_on_both, editor) == ShotCounts(waiting=0, done=0)
