"""The hinge losses, and conditions that truly do not fit."""

import torch

from ecomgan.training.losses import discriminator_hinge, generator_hinge, mismatch_hinge, mismatched


def heads(*values: float) -> list[torch.Tensor]:
    return [torch.full((2, 1, 3, 3), value) for value in values]


def test_discriminator_loss_is_zero_beyond_both_margins_and_linear_inside() -> None:
    assert discriminator_hinge(heads(1.5, 2.0), heads(-1.0, -3.0)) == 0
    assert discriminator_hinge(heads(0.0), heads(0.5)) == 1.0 + 1.5


def test_generator_loss_falls_as_images_are_judged_more_real() -> None:
    assert generator_hinge(heads(2.0, 1.0)) == -3.0


def test_only_true_mismatches_count() -> None:
    logits = [torch.tensor([1.0, 5.0]).reshape(2, 1, 1, 1)]
    assert mismatch_hinge(logits, torch.tensor([True, False])) == 2.0
    assert mismatch_hinge(logits, torch.tensor([False, False])) == 0.0


def test_hard_mismatches_change_article_or_colour_only() -> None:
    conditions = torch.tensor([[1, 2, 3]]).repeat(200, 1)
    wrong, fits_not = mismatched(conditions, [5, 4, 3], 1.0, torch.Generator().manual_seed(0))
    changed = wrong != conditions
    assert fits_not.all()
    assert (changed.sum(dim=1) == 1).all()
    assert changed.any(dim=0).tolist() == [True, True, False]
    assert wrong.min() >= 1
    assert (wrong <= torch.tensor([5, 4, 3])).all()


def test_dropped_fields_and_equal_neighbours_are_no_mismatch() -> None:
    null = torch.zeros(8, 3, dtype=torch.int64)
    same = torch.ones(8, 3, dtype=torch.int64)
    for conditions in (null, same):
        _, fits_not = mismatched(conditions, [5, 4, 3], 0.0, torch.Generator().manual_seed(0))
        assert not fits_not.any()
    _, fits_not = mismatched(null, [5, 4, 3], 1.0, torch.Generator().manual_seed(0))
    assert not fits_not.any()


def test_soft_mismatches_take_the_condition_of_another_row() -> None:
    conditions = torch.arange(1, 9)[:, None].repeat(1, 3)
    wrong, fits_not = mismatched(conditions, [8, 8, 8], 0.0, torch.Generator().manual_seed(0))
    assert fits_not.all()
    assert sorted(wrong[:, 0].tolist()) == list(range(1, 9))
