from collections import Counter

from ecomgan.text import Vocabulary, read_brief
from ecomgan.text.folding import fold
from ecomgan.text.words import load_words


def test_every_word_reads_as_the_value_that_lists_it(whole_vocabulary: Vocabulary) -> None:
    wrong = []
    for field, values in load_words().values.items():
        for value, entry in values.items():
            for word in (value, *entry.names.values(), *entry.words):
                reading = read_brief(word, whole_vocabulary)
                if reading.attributes.get(field) != value or reading.unknown:
                    wrong.append((field, value, word, reading.attributes, reading.unknown))
    assert wrong == []


def test_every_value_has_a_chinese_name_of_its_own() -> None:
    for field, values in load_words().values.items():
        names = Counter(entry.names["zh"] for entry in values.values())
        assert [name for name, count in names.items() if count > 1] == [], field


def test_no_word_is_listed_twice() -> None:
    for field, values in load_words().values.items():
        listed = Counter(fold(word) for entry in values.values() for word in (*entry.names.values(), *entry.words))
        assert [word for word, count in listed.items() if count > 1] == [], field


def test_second_meanings_hold_only_without_the_first(whole_vocabulary: Vocabulary) -> None:
    for field, values in load_words().values.items():
        for value, entry in values.items():
            for word in entry.also:
                first = read_brief(word, whole_vocabulary).attributes[field]
                assert first != value, word
                left = [other for other in whole_vocabulary[field] if other != first]
                assert read_brief(word, Vocabulary({field: left})).attributes == {field: value}, word


def test_no_set_phrase_names_anything(whole_vocabulary: Vocabulary) -> None:
    assert [name for name in load_words().names if read_brief(name, whole_vocabulary).attributes] == []


def test_only_listed_values_are_referred_to() -> None:
    words = load_words()
    for general in words.general:
        assert {*general.kinds, *general.by_usage.values()} <= words.values[general.field].keys()
        assert general.by_usage.keys() <= words.values["usage"].keys()
    for word, values in words.near.items():
        assert set(values) <= words.values["article_type"].keys(), word
