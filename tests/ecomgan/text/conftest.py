import pytest

from ecomgan.text import Vocabulary
from ecomgan.text.words import load_words

RARE = {
    *("Rain Jacket", "Blazers", "Umbrellas", "Shoe Laces", "Water Bottle", "Hat", "Eye Cream", "Booties", "Waistcoat"),
    *("Footballs", "Sea Green", "Rose", "Nude", "Taupe", "Home"),
}


@pytest.fixture(scope="session")
def whole_vocabulary() -> Vocabulary:
    """Every value of the word list."""
    return Vocabulary({field: list(values) for field, values in load_words().values.items()})


@pytest.fixture(scope="session")
def vocabulary(whole_vocabulary: Vocabulary) -> Vocabulary:
    """As a checkpoint has it: without the values of which there are too few photos."""
    return Vocabulary(
        {field: [value for value in values if value not in RARE] for field, values in whole_vocabulary.items()}
    )
