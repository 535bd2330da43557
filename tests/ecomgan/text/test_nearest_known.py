"""What a new value starts from: the known one it is most like by name or word, or nothing."""

import pytest

from ecomgan.errors import ConditionError
from ecomgan.text import Vocabulary, nearest_known

KNOWN = Vocabulary(
    {
        "article_type": ["Tshirts", "Tops", "Sweatshirts", "Track Pants", "Trousers"],
        "colour": ["Grey", "Purple", "Burgundy", "Red"],
        "usage": [],
    }
)


@pytest.mark.parametrize(
    ("field", "value", "nearest"),
    [
        ("article_type", "Hoodies", "Sweatshirts"),
        ("article_type", "Tank Tops", "Tops"),
        ("article_type", "Zipped Sweatshirts", "Sweatshirts"),
        ("article_type", "Hoodies & Sweatshirts", "Sweatshirts"),
        ("colour", "Gray", "Grey"),
        ("colour", "Wine", "Burgundy"),
        ("colour", "紫色", "Purple"),
    ],
)
def test_new_values_start_from_the_one_they_are_most_like(field: str, value: str, nearest: str) -> None:
    assert nearest_known(KNOWN, field, value) == nearest


def test_a_value_like_no_other_starts_from_none() -> None:
    assert nearest_known(KNOWN, "article_type", "Fishing Rods") is None
    assert nearest_known(KNOWN, "usage", "Casual") is None


def test_fields_that_a_vocabulary_does_not_have_are_refused() -> None:
    with pytest.raises(ConditionError, match="no field 'size'"):
        nearest_known(KNOWN, "size", "XL")
