"""Texts and products become attributes that the model was taught, or are asked back."""

import pytest

from ecomgan.text import Vocabulary
from studio.errors import InputError
from studio.making.briefs import ProductText, attributes_of_product, attributes_of_text, check_overrides, read_text

WORDS = Vocabulary(
    {
        "article_type": ["Tshirts", "Shirts", "Dresses", "Casual Shoes", "Sports Shoes", "Watches"],
        "colour": ["Black", "White", "Red"],
        "usage": ["Casual", "Sports", "Formal"],
    }
)


def product(
    category: str, title: str = "Something", colour: str | None = None, usage: str | None = None
) -> dict[str, str] | None:
    return attributes_of_product(ProductText(title, category, colour, usage), {}, WORDS)


def test_a_text_becomes_attributes() -> None:
    assert attributes_of_text("红色连衣裙", {}, WORDS) == {"article_type": "Dresses", "colour": "Red"}


def test_corrections_beat_the_text() -> None:
    assert attributes_of_text("red dress", {"colour": "Black"}, WORDS)["colour"] == "Black"


def test_an_empty_correction_leaves_the_field_open() -> None:
    assert attributes_of_text("red dress", {"colour": ""}, WORDS) == {"article_type": "Dresses"}


def test_a_correction_may_say_what_the_text_does_not() -> None:
    assert attributes_of_text("something red", {"article_type": "Watches"}, WORDS)["article_type"] == "Watches"


@pytest.mark.parametrize("text", ["", "   \n"])
def test_an_empty_text_is_asked_back(text: str) -> None:
    with pytest.raises(InputError, match="Say what to make"):
        read_text(text, WORDS)


def test_a_text_of_ten_thousand_characters_is_refused_with_its_length() -> None:
    with pytest.raises(InputError, match=r"10,000 characters.*2,000"):
        read_text("x" * 10_000, WORDS)


@pytest.mark.parametrize("text", ["🎉🎉🎉", "xyzzy", "red", "???"])
def test_a_text_that_names_no_product_is_asked_back_with_suggestions(text: str) -> None:
    with pytest.raises(InputError, match=r"names no kind of product.*Did you mean.*Tshirts"):
        attributes_of_text(text, {}, WORDS)


def test_an_unknown_value_is_refused_with_the_nearest_three() -> None:
    with pytest.raises(InputError, match=r"'Rde'.*Red, \w+, \w+\."):
        check_overrides({"colour": "Rde"}, WORDS)


def test_an_unknown_attribute_is_refused_with_those_there_are() -> None:
    with pytest.raises(InputError, match=r"'fabric'.*article_type, colour, usage"):
        check_overrides({"fabric": "Silk"}, WORDS)


def test_a_product_is_read_from_its_own_fields() -> None:
    expected = {"article_type": "Tshirts", "colour": "White", "usage": "Casual"}
    assert product("Apparel > Topwear > Tshirts", "Arbor Tee", "White", "Casual") == expected


def test_a_general_category_is_made_precise_by_the_title() -> None:
    assert product("Footwear > Shoes", "Nike Men Running Shoes") == {"article_type": "Sports Shoes", "usage": "Sports"}


def test_a_category_in_other_words_is_understood() -> None:
    assert product("Kleidung > T-Shirt") == {"article_type": "Tshirts"}
    assert product("服装 > 连衣裙") == {"article_type": "Dresses"}


def test_colour_and_usage_come_from_the_title_where_the_fields_are_empty() -> None:
    assert product("Shirts", "Black formal shirt") == {"article_type": "Shirts", "colour": "Black", "usage": "Formal"}


def test_a_colour_that_the_model_does_not_know_is_left_open() -> None:
    assert product("Shirts", "A black shirt", colour="Terracotta") == {"article_type": "Shirts"}


@pytest.mark.parametrize("category", ["Kitchen > Kettles", "Watching films", "Wachtes"])
def test_other_things_and_misspellings_are_unknown_and_not_guessed(category: str) -> None:
    assert product(category, "Steel kettle 1.7 l", colour="Red") is None


def test_a_correction_makes_an_unknown_product_known() -> None:
    text = ProductText("Smart band", "Gadgets", None, None)
    assert attributes_of_product(text, {"article_type": "Watches"}, WORDS) == {"article_type": "Watches"}


def test_an_unreadable_field_does_not_stop_the_others() -> None:
    assert product("Shirts", "bad \x00 title", colour="Red") == {"article_type": "Shirts", "colour": "Red"}
