"""Replayed images held to what the checkpoint made, in one process and in several."""

import torch
from torch import Tensor

from ecomgan.networks.generator import Generator
from ecomgan.training.alignment import replay_alignment
from ecomgan.training.processes import Processes


class Second(Processes):
    """The second of two processes, whose images are all the replayed ones there are."""

    def total(self, number: Tensor) -> Tensor:
        return number


def asked(count: int) -> tuple[Generator, Tensor, Tensor, list[Tensor]]:
    before = Generator({"article_type": ["Bags"], "colour": ["Red"]}, channels=(8, 4), latent_dim=4, embedding_dim=4)
    stream = torch.Generator().manual_seed(0)
    latent = torch.randn(count, 4, generator=stream)
    return before, latent, torch.ones(count, 2, dtype=torch.int64), before.draw_noises(count, stream)


def test_only_replayed_rows_count_and_what_was_made_before_costs_nothing() -> None:
    before, latent, conditions, noises = asked(4)
    made = before(latent, conditions, noises).detach()
    made[:2] += 1.0
    made[2] += 0.5
    made.requires_grad_()
    last = torch.tensor([False, False, True, True])
    loss = replay_alignment(before, last, made, latent, conditions, noises, None)
    torch.testing.assert_close(loss.detach(), torch.tensor(0.125), atol=1e-5, rtol=0)
    loss.backward()
    assert made.grad is not None
    assert made.grad[[0, 1]].abs().max() == 0 < made.grad[2].abs().min()
    assert replay_alignment(None, last, made, latent, conditions, noises, None) == 0


def test_the_mean_over_two_processes_is_that_of_one_with_the_whole_batch() -> None:
    before, latent, conditions, noises = asked(4)
    made = torch.rand(4, 3, 10, 8)
    replayed = torch.tensor([False, False, True, True])
    whole = replay_alignment(before, replayed, made, latent, conditions, noises, None)
    mine = slice(2, 4)
    second = replay_alignment(
        before,
        replayed[mine],
        made[mine],
        latent[mine],
        conditions[mine],
        [n[mine] for n in noises],
        None,
        Second(1, 2),
    )
    first = torch.zeros(())  # no row of the first process is replayed
    torch.testing.assert_close((first + second) / 2, whole)
