"""What a text encoder reads of a brief when attributes beat the text."""

import pytest

from ecomgan.text import Vocabulary, read_brief, reworded

WORDS = Vocabulary(
    {
        "article_type": ["Sports Shoes", "Handbags", "Dresses"],
        "colour": ["Black", "Red", "Navy Blue"],
        "usage": ["Sports", "Casual"],
    }
)


@pytest.mark.parametrize(
    ("text", "beaten", "read"),
    [
        ("Nike Men black running shoes", {}, "Nike Men black running shoes"),
        ("Nike Men black running shoes", {"colour": "Red"}, "Nike Men Red running shoes"),
        ("Nike Men black running shoes", {"colour": None}, "Nike Men running shoes"),
        ("navy blue handbag", {"article_type": "Dresses", "colour": "Black"}, "Black Dresses"),
        ("  red   handbag ", {}, "red handbag"),
        ("Café red handbag", {"usage": "Casual"}, "Café red handbag"),
        ("黑色运动鞋", {}, "Sports Black Sports Shoes"),
        ("黑色运动鞋", {"colour": "Red"}, "Sports Red Sports Shoes"),
    ],
)
def test_the_text_says_what_is_asked_for(text: str, beaten: dict[str, str | None], read: str) -> None:
    reading = read_brief(text, WORDS)
    merged = {name: value for name, value in (reading.attributes | beaten).items() if value is not None}
    assert reworded(text, reading, merged) == read
