"""Words are found in texts on both databases, whatever stands in them."""

import pytest
import sqlalchemy as sa

from db.tables import Product
from studio.bootstrap import Studio
from studio.word_search import holds, words_of
from tests.studio.conftest import Images

TITLES = ("Summer Dress", "100% linen_shirt", "A/B test \\ sample", "连衣裙 red", "Écru coat")


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("SUMMER", ["Summer Dress"]),
        ("mm", ["Summer Dress"]),
        ("%", ["100% linen_shirt"]),
        ("N_s", ["100% linen_shirt"]),
        ("nxs", []),
        ("a/b", ["A/B test \\ sample"]),
        ("\\", ["A/B test \\ sample"]),
        ("衣裙", ["连衣裙 red"]),
        ("Écru", ["Écru coat"]),
        ("winter", []),
    ],
)
def test_a_word_is_found_as_it_is_typed_in_capitals_or_not(
    studio_on_both: Studio, images: Images, word: str, found: list[str]
) -> None:
    for number, title in enumerate(TITLES):
        images.product(f"S-{number}", title)
    with studio_on_both.reading() as session:
        query = sa.select(Product.title).where(holds(Product.title, word)).order_by(Product.id)
        assert session.scalars(query).all() == found


def test_an_empty_colour_holds_no_word(studio_on_both: Studio, images: Images) -> None:
    images.product("S-1", colour=None)
    with studio_on_both.reading() as session:
        assert session.scalars(sa.select(Product.id).where(holds(Product.colour, "red"))).all() == []


def test_words_are_what_blanks_and_nul_part() -> None:
    assert words_of(" red\0 Summer\tdress ") == ["red", "Summer", "dress"]
