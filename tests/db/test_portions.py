"""More values than one statement takes are asked for in several."""

from db.portions import MOST, portions


def test_values_come_in_their_order_no_more_at_a_time_than_a_statement_takes() -> None:
    values = list(range(2 * MOST + 1))
    assert [len(some) for some in portions(values)] == [MOST, MOST, 1]
    assert [one for some in portions(values) for one in some] == values


def test_nothing_is_asked_for_no_values() -> None:
    assert list(portions(())) == []
