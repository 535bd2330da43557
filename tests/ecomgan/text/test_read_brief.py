import random
import sys

import pytest

from ecomgan.errors import BriefError, EcomGANError
from ecomgan.text import LONGEST_BRIEF, Vocabulary, read_brief


@pytest.mark.parametrize(
    ("text", "article", "colour", "usage"),
    [
        ("Nike Men Black Running Shoes", "Sports Shoes", "Black", "Sports"),
        ("mens black formal shoes size 9", "Formal Shoes", "Black", "Formal"),
        ("navy blue casual shirt for women", "Shirts", "Navy Blue", "Casual"),
        ("Levis jeans 501", "Jeans", None, None),
        ("RED DRESS", "Dresses", "Red", None),
        ("ＲＥＤ　ｄｒｅｓｓ", "Dresses", "Red", None),
        ("écru gown", "Dresses", "Beige", None),
        ("gray sneakers", "Casual Shoes", "Grey", None),
        ("United Colors of Benetton Women Solid Red Belts", "Belts", "Red", None),
        ("红色连衣裙", "Dresses", "Red", None),
        ("紅色連衣裙", "Dresses", "Red", None),
        ("red 连衣裙", "Dresses", "Red", None),
        ("黑色T恤", "Tshirts", "Black", None),
        ("女士运动鞋 白色", "Sports Shoes", "White", "Sports"),
        ("請幫我生成一張藍色牛仔褲的圖片", "Jeans", "Blue", None),
        ("商务休闲衬衫", "Shirts", None, "Smart Casual"),
        ("墨鏡", "Sunglasses", None, None),
        ("手提包", "Handbags", None, None),
        ("男士棕色钱包", "Wallets", "Brown", None),
    ],
)
def test_names_what_an_editor_means(
    vocabulary: Vocabulary, text: str, article: str | None, colour: str | None, usage: str | None
) -> None:
    expected = {"article_type": article, "colour": colour, "usage": usage}
    assert read_brief(text, vocabulary).attributes == {field: value for field, value in expected.items() if value}


@pytest.mark.parametrize("text", ["t-shirt", "T shirt", "tshirt", "tees", "T-Shirts", "tee", "T恤", "体恤衫"])
def test_reads_every_spelling_of_a_t_shirt(vocabulary: Vocabulary, text: str) -> None:
    assert read_brief(text, vocabulary).attributes == {"article_type": "Tshirts"}


@pytest.mark.parametrize(
    ("text", "article"),
    [
        ("sports shoes", "Sports Shoes"),
        ("dress shoes", "Formal Shoes"),
        ("shirt dress", "Dresses"),
        ("laptop bag", "Laptop Bag"),
        ("denim jacket", "Jackets"),
        ("leather belt with watch", "Belts"),
        ("shirt and trousers", "Shirts"),
        ("Churidar Kurta with Dupatta", "Kurta Sets"),
        ("带腰带的连衣裙", "Dresses"),
        ("连衣裙带腰带", "Dresses"),
        ("电脑双肩包", "Backpacks"),
    ],
)
def test_of_several_articles_the_head_noun_holds(vocabulary: Vocabulary, text: str, article: str) -> None:
    assert read_brief(text, vocabulary).attributes["article_type"] == article


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("a photo of a cat", ("cat",)),
        ("blackberry phone", ("blackberry", "phone")),
        ("watch strap", ("watch strap",)),
        ("not black", ("not black",)),
        ("anything but red or blue", ("anything but red or blue",)),
        ("不要黑色", ("不要黑色",)),
        ("skin care", ("skin care",)),
        ("黑莓手机", ("黑莓", "手机")),
        ("红包", ("红包",)),
        ("包子", ("包子",)),
        ("围裙", ("围裙",)),
        ("umbrella", ("umbrella",)),
        ("雨伞", ("雨伞",)),
        ("👗👠", ("👗👠",)),
        ("   ", ()),
        ("", ()),
        ("?!", ()),
    ],
)
def test_does_not_guess_where_nothing_known_is_named(
    vocabulary: Vocabulary, text: str, unknown: tuple[str, ...]
) -> None:
    reading = read_brief(text, vocabulary)
    assert reading.attributes == {}
    assert reading.is_empty
    assert reading.matches == ()
    assert reading.unknown == unknown


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("Nike Men black shirt size 9", ("Nike", "Men", "size 9")),
        ("red or blue dress", ("blue",)),
        ("a dress, not black", ("not black",)),
        ("dress without sleeves", ("without sleeves",)),
        ("Red Tape Men Black Sandals", ("Red Tape", "Men")),
        ("red dress on white background", ("white background",)),
        ("sea foam shirt in XL码", ("sea", "foam", "XL码")),
        ("taupe shirt", ("taupe",)),
        ("shirt with a red tie", ("tie",)),
        ("一件好看的红色真丝连衣裙，送女友", ("好看", "真丝", "送女友")),
        ("男士黑色皮鞋 42码", ("男士", "42码")),
        ("黑白条纹衬衫", ("白", "条纹")),
        ("👗 red dress", ("👗",)),
    ],
)
def test_says_plainly_what_was_not_understood(vocabulary: Vocabulary, text: str, unknown: tuple[str, ...]) -> None:
    assert read_brief(text, vocabulary).unknown == unknown


def test_of_two_colours_the_first_named_holds(vocabulary: Vocabulary) -> None:
    assert read_brief("red or blue", vocabulary).attributes == {"colour": "Red"}
    assert read_brief("black-and-white dress", vocabulary).attributes["colour"] == "Black"


def test_a_negation_ends_with_the_thing_negated(vocabulary: Vocabulary) -> None:
    reading = read_brief("I don't want red, I want blue jeans", vocabulary)
    assert reading.attributes == {"article_type": "Jeans", "colour": "Blue"}
    assert reading.unknown == ("don't want red",)


def test_a_usage_inside_the_articles_name_yields_to_one_named_outright(vocabulary: Vocabulary) -> None:
    assert read_brief("sports shoes", vocabulary).attributes["usage"] == "Sports"
    assert read_brief("sports shoes, casual", vocabulary).attributes["usage"] == "Casual"
    assert read_brief("sports", vocabulary).attributes == {"usage": "Sports"}


def test_a_general_word_goes_by_the_usage_or_else_asks(vocabulary: Vocabulary) -> None:
    formal = read_brief("formal black shoes", vocabulary)
    assert formal.attributes["article_type"] == "Formal Shoes"
    assert formal.kinds == ()
    plain = read_brief("black shoes", vocabulary)
    assert plain.attributes["article_type"] == "Casual Shoes"
    assert plain.matches[-1].score == 0.5
    assert plain.suggestions[:2] == ("Sports Shoes", "Formal Shoes")
    assert read_brief("backpack bag", vocabulary).attributes == {"article_type": "Backpacks"}


def test_corrects_slips_in_long_words_only(vocabulary: Vocabulary) -> None:
    match = read_brief("blakc shirt", vocabulary).matches[0]
    assert (match.value, match.how, match.words) == ("Black", "fuzzy", "blakc")
    assert 0.7 < match.score < 1
    assert read_brief("sunglases", vocabulary).attributes == {"article_type": "Sunglasses"}
    for ordinary in ("cat", "blank", "creamy", "things", "violent", "Cooper", "Oliver", "watched", "dream", "while"):
        assert read_brief(ordinary, vocabulary).attributes == {}, ordinary


def test_matches_quote_the_text_as_typed(vocabulary: Vocabulary) -> None:
    text = "Ｎａｖｙ-BLUE ｔ-shirts，運動"
    for match in read_brief(text, vocabulary).matches:
        assert text[match.start : match.end] == match.words
    assert [match.words for match in read_brief(text, vocabulary).matches] == ["Ｎａｖｙ-BLUE", "ｔ-shirts", "運動"]


def test_tells_the_values_own_name_from_other_wordings(vocabulary: Vocabulary) -> None:
    how = {match.value: match.how for match in read_brief("dress navy gym", vocabulary).matches}
    assert how == {"Dresses": "exact", "Navy Blue": "synonym", "Sports": "synonym"}


def test_a_value_that_this_vocabulary_does_not_hold_is_not_understood() -> None:
    small = Vocabulary({"article_type": ["Shirts"], "colour": ["Black", "Blue"]})
    reading = read_brief("navy blue casual dress", small)
    assert reading.attributes == {}
    assert reading.unknown == ("navy blue", "casual", "dress")


def test_reads_the_values_of_a_vocabulary_of_ones_own() -> None:
    own = Vocabulary(
        {"article_type": ["Hoodies & Sweatshirts", "Surfboards"], "colour": ["Ocean Mist"], "gender": ["Men"]}
    )
    assert read_brief("men's ocean-mist surfboard", own).attributes == {
        "article_type": "Surfboards",
        "colour": "Ocean Mist",
        "gender": "Men",
    }
    assert read_brief("hoodie for men", own).attributes == {"article_type": "Hoodies & Sweatshirts", "gender": "Men"}


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("brown boots", "Casual Shoes"),
        ("靴子", "Casual Shoes"),
        ("藏青色西装", "Jackets"),
        ("snglases", "Sunglasses"),
    ],
)
def test_offers_close_articles_where_none_is_named(vocabulary: Vocabulary, text: str, offered: str) -> None:
    assert offered in read_brief(text, vocabulary).suggestions


def test_offers_nothing_where_nothing_is_close(vocabulary: Vocabulary) -> None:
    assert read_brief("a photo of a cat", vocabulary).suggestions == ()
    assert read_brief("red dress", vocabulary).suggestions == ()


def test_refuses_a_text_that_is_too_long(vocabulary: Vocabulary) -> None:
    read_brief("x" * LONGEST_BRIEF, vocabulary)
    with pytest.raises(BriefError, match=r"2,001 characters; at most 2,000"):
        read_brief("x" * 2001, vocabulary)


@pytest.mark.parametrize("text", ["red\x00dress", "red \x1b[31m", "\ud800"])
def test_refuses_control_characters(vocabulary: Vocabulary, text: str) -> None:
    with pytest.raises(BriefError, match=r"U\+[0-9A-F]{4} at position \d+"):
        read_brief(text, vocabulary)


def test_refuses_what_is_no_text(vocabulary: Vocabulary) -> None:
    with pytest.raises(BriefError, match="got bytes"):
        read_brief(b"red dress", vocabulary)  # type: ignore[arg-type]


def test_no_text_raises_anything_but_a_brief_error(vocabulary: Vocabulary) -> None:
    chance = random.Random(0)
    pieces = [
        "not",
        "red",
        "不要",
        "包",
        "的",
        "red",
        "size",
        "9",
        " ",
        "-",
        "&",
        "'",
        "\u200d",
        "👗",
        "or",
        "watch",
        "strap",
    ]
    for _ in range(150):
        letters = [chr(chance.choice([chance.randrange(sys.maxunicode), chance.randrange(0x3000)])) for _ in range(12)]
        text = "".join(chance.sample(letters, 8) + chance.choices(pieces, k=12))
        try:
            reading = read_brief(text, vocabulary)
        except EcomGANError as error:
            assert isinstance(error, BriefError)  # noqa: PT017
            continue
        assert all(text[match.start : match.end] == match.words for match in reading.matches)
        assert all(item in text for item in reading.unknown)
        assert isinstance(reading.suggestions, tuple)
