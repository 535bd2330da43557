"""Conditions that truly do not fit."""

import torch
import torch.nn.functional as F

from ecomgan.training.mismatches import mismatch_hinge, mismatched, text_differs


def test_only_true_mismatches_count() -> None:
    logits = [torch.tensor([1.0, 5.0]).reshape(2, 1, 1, 1)]
    assert mismatch_hinge(logits, torch.tensor([True, False])) == 2.0
    assert mismatch_hinge(logits, torch.tensor([False, False])) == 0.0


def test_hard_mismatches_change_article_or_colour_only() -> None:
    conditions = torch.tensor([[1, 2, 3]]).repeat(200, 1)
    found = mismatched(conditions, [5, 4, 3], 1.0, torch.Generator().manual_seed(0))
    wrong, fits_not = found.conditions, found.fits_not
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
        assert not mismatched(conditions, [5, 4, 3], 0.0, torch.Generator().manual_seed(0)).fits_not.any()
    assert not mismatched(null, [5, 4, 3], 1.0, torch.Generator().manual_seed(0)).fits_not.any()


def test_soft_mismatches_take_the_condition_of_another_row() -> None:
    conditions = torch.arange(1, 9)[:, None].repeat(1, 3)
    wrong = mismatched(conditions, [8, 8, 8], 0.0, torch.Generator().manual_seed(0))
    assert wrong.fits_not.all()
    assert sorted(wrong.conditions[:, 0].tolist()) == list(range(1, 9))


def test_with_texts_some_mismatches_are_of_the_text_alone() -> None:
    conditions = torch.tensor([[1, 1, 1], [2, 2, 2]]).repeat_interleave(2, dim=0).repeat(100, 1)
    text = F.normalize(torch.randn(400, 16, generator=torch.Generator().manual_seed(1)), dim=1)
    wrong = mismatched(conditions, [5, 4, 3], 0.25, torch.Generator().manual_seed(0), text, group=2)
    assert wrong.text is not None
    kept = (wrong.conditions == conditions).all(dim=1)
    of_mate = text.reshape(-1, 2, 16).flip(1).flatten(0, 1)
    only_text = kept & (wrong.text == of_mate).all(dim=1)
    assert 0.15 < only_text.float().mean() < 0.35
    assert wrong.fits_not[only_text].all()
    one_field = (wrong.conditions != conditions).sum(dim=1) == 1
    assert not wrong.text[one_field].any()


def test_one_text_under_its_noise_is_no_mismatch_and_no_text_neither() -> None:
    source = torch.Generator().manual_seed(0)
    text = F.normalize(torch.randn(64, 128, generator=source), dim=1)
    noisy = [text + 0.25 * torch.randn(64, 128, generator=source) / 128**0.5 for _ in range(2)]
    assert not text_differs(noisy[0], noisy[1]).any()
    assert text_differs(noisy[0], noisy[1].roll(1, dims=0)).all()
    assert not text_differs(noisy[0], torch.zeros(64, 128)).any()
