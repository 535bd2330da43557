"""Training batches: groups that share a condition, balance between article types, dropped fields."""

import numpy as np
import pytest

from ecomgan.data.sampling import GroupSampler

# 90 photos of article 1 in two colours, 10 of article 2 in one
CONDITIONS = np.array([[1, 1, 1]] * 60 + [[1, 2, 1]] * 30 + [[2, 1, 1]] * 10)


def draws(sampler: GroupSampler, batches: int = 40) -> tuple[np.ndarray, np.ndarray]:
    source = np.random.default_rng(0)
    drawn = [sampler.draw(16, source) for _ in range(batches)]
    return np.concatenate([rows for rows, _ in drawn]), np.concatenate([conditions for _, conditions in drawn])


def test_neighbours_share_their_condition_and_are_different_photos() -> None:
    rows, conditions = draws(GroupSampler(CONDITIONS, group=2, balance=0.5, dropout=0.2))
    assert (conditions[0::2] == conditions[1::2]).all()
    assert (rows[0::2] != rows[1::2]).all()


def test_dropped_fields_are_null_and_their_photos_vary_in_them() -> None:
    rows, conditions = draws(GroupSampler(CONDITIONS, group=2, balance=1.0, dropout=0.5))
    colours = CONDITIONS[rows, 1]
    without_colour = conditions[0::2, 1] == 0
    assert 0.4 < without_colour.mean() < 0.6
    assert (colours[0::2] != colours[1::2])[without_colour].any()


@pytest.mark.parametrize(("balance", "share"), [(1.0, 0.10), (0.5, 0.25), (0.0, 0.50)])
def test_rare_article_types_are_drawn_more_often_than_they_occur(balance: float, share: float) -> None:
    rows, _ = draws(GroupSampler(CONDITIONS, group=1, balance=balance, dropout=0.0), batches=200)
    assert abs((CONDITIONS[rows, 0] == 2).mean() - share) < 0.03


def test_single_photo_of_a_condition_finds_mates_in_its_article() -> None:
    conditions = np.array([[1, 1, 1], [1, 2, 1], [1, 3, 1], [2, 1, 1]])
    rows, drawn = draws(GroupSampler(conditions, group=2, balance=1.0, dropout=0.0))
    for first, second in zip(rows[0::2], rows[1::2], strict=True):
        assert conditions[first, 0] == conditions[second, 0]
        assert first != second or first == 3  # the only photo of its article stands alone
    assert (drawn == conditions[rows]).all()


def test_same_stream_draws_the_same_batches() -> None:
    sampler = GroupSampler(CONDITIONS, group=2, balance=0.5, dropout=0.1)
    assert all((a == b).all() for a, b in zip(draws(sampler), draws(sampler), strict=True))
