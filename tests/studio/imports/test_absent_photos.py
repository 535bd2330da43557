"""What an import tells of the photos that its file names: those that did not come are a warning each."""

from __future__ import annotations

from studio.bootstrap import Studio
from studio.imports.catalogue_import import ImportView, bring_in, find_import
from studio.imports.rows import Problem
from studio.imports.staged_rows import RowKind, problems_csv, staged_rows
from studio.roles import Actor
from tests.studio.imports.files_at_once import checked
from tests.studio.photo_files import bring, photo

FILE = b"""sku,title,category,photos
A,Shirt,Shirts,"/a/front.jpg,/a/back.jpg"
B,Bag,Bags,/a/front.jpg
C,,Caps,/c/cap.jpg
D,Dress,Dresses,/d/dress.jpg
"""


def told(studio: Studio, actor: Actor, shown: ImportView) -> list[tuple[int, str, str]]:
    """(row, SKU, photo) of the warnings."""
    rows = staged_rows(studio, actor, shown.id, RowKind.ABSENT)
    for row in rows:
        assert row.problems == (Problem("photos", "has not come yet", row.problems[0].value, refused=False),)
    return [(row.row, row.sku, row.problems[0].value) for row in rows]


def test_each_photo_that_did_not_come_is_told_once_at_the_first_row_that_names_it(
    studio_on_both: Studio, editor: Actor
) -> None:
    studio = studio_on_both
    shown = bring_in(studio, editor, FILE, "shop.csv")
    assert (shown.refused, shown.warnings, shown.photos, shown.absent) == (1, 0, 3, 3)
    assert told(studio, editor, shown) == [(2, "A", "a/back.jpg"), (2, "A", "a/front.jpg"), (5, "D", "d/dress.jpg")]
    bring(studio, editor, {"a/front.jpg": photo(1)})
    assert find_import(studio, editor, shown.id).absent == 2
    assert told(studio, editor, shown) == [(2, "A", "a/back.jpg"), (5, "D", "d/dress.jpg")]
    assert problems_csv(studio, editor, shown.id, RowKind.ABSENT).decode("utf-8-sig").splitlines() == [
        "row,sku,column,reason,value",
        "2,A,photos,has not come yet,a/back.jpg",
        "5,D,photos,has not come yet,d/dress.jpg",
    ]


def test_pages_of_them_follow_each_other(studio: Studio, editor: Actor) -> None:
    shown = bring_in(studio, editor, FILE, "shop.csv")
    pages = [staged_rows(studio, editor, shown.id, RowKind.ABSENT, page=page, size=2) for page in (1, 2)]
    assert [[row.problems[0].value for row in page] for page in pages] == [
        ["a/back.jpg", "a/front.jpg"],
        ["d/dress.jpg"],
    ]


def test_before_a_file_is_taken_over_its_photos_cannot_be_missing(studio: Studio, editor: Actor) -> None:
    shown = checked(studio, editor, FILE)
    assert (shown.photos, shown.absent) == (3, 0)
