"""One step of training: both networks updated on one batch."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ecomgan.networks.backbone import FeaturePyramid
from ecomgan.training.alignment import replay_alignment
from ecomgan.training.augment import augment
from ecomgan.training.config import TrainConfig
from ecomgan.training.item_stream import ItemStream
from ecomgan.training.losses import LOSSES
from ecomgan.training.mismatches import mismatch_hinge, mismatched
from ecomgan.training.penalties import Judge, perturbed
from ecomgan.training.processes import ALONE, Processes
from ecomgan.training.state import TrainState
from ecomgan.training.view import seen

_STRIDE = 16


@dataclass(frozen=True)
class StepResult:
    """Figures of one step. A step with `finite` False changed no weight of the network that failed."""

    discriminator_loss: float
    mismatch_loss: float
    generator_loss: float
    alignment_loss: float
    real_logit: float
    fake_logit: float
    finite: bool


def train_step(
    state: TrainState, config: TrainConfig, real: Tensor, conditions: Tensor, text: Tensor | None = None
) -> StepResult:
    """Update discriminator and generator once.

    real (N, 3, H, W) in [-1, 1], conditions int64 (N, fields) and text vectors (N, text_dim), where the networks take
    such, in groups of config.group: the whole batch, of which each of `state.processes` takes its rows. The images made
    for the discriminator's update serve the generator's too, judged again by the updated heads.
    """
    processes, items = state.processes, ItemStream(state.torch_stream, state.processes)
    asked, told = conditions, text  # of the whole batch: mismatches come from other rows
    real, conditions, text = processes.mine(real), processes.mine(asked), None if told is None else processes.mine(told)
    autocast = torch.autocast(state.device.type, torch.bfloat16, enabled=config.precision == "bf16")
    latent = items.randn(len(real), config.latent_dim).to(state.device)
    noises = [
        processes.mine(noise).to(state.device) for noise in state.generator.draw_noises(len(asked), state.torch_stream)
    ]
    with autocast:
        fake = state.generator(latent, conditions, noises, text)
    fake_seen = augment(fake, config.shift, config.cutout, items)
    real_seen = augment(real, config.shift, config.cutout, items)
    real_seen, fake_seen = seen(real_seen, fake_seen, config.judged_side, state.torch_stream)
    frozen = not isinstance(state.backbone, FeaturePyramid)
    judge = _judge(state, conditions, text, config.group)
    if config.perturbation:
        real_seen = perturbed(judge, real_seen, config.perturbation)
    fake_features = state.backbone.features(fake_seen, _STRIDE) if frozen else []

    # -- discriminator
    with torch.set_grad_enabled(not frozen):
        real_features = state.backbone.features(real_seen, _STRIDE)
        detached = [f.detach() for f in fake_features] or state.backbone.features(fake_seen.detach(), _STRIDE)
    wrong = mismatched(asked, _sizes(state), config.hard_mismatch, state.torch_stream, told, config.group).of(processes)
    with autocast:
        real_trunks = state.discriminator.trunks(real_features, config.group)
        real_logits = state.discriminator.judge(real_trunks, conditions, text)
        wrong_logits = state.discriminator.judge(real_trunks, wrong.conditions, wrong.text)
        fake_logits = state.discriminator(detached, conditions, config.group, text)
    adversarial = LOSSES[config.loss]
    loss = adversarial.discriminator(real_logits, fake_logits)
    mismatch = mismatch_hinge(wrong_logits, wrong.fits_not.to(state.device), processes)
    total = loss + config.mismatch_weight * mismatch
    if config.penalty and state.counters.steps % config.penalty_every == 0:
        # Weighted by the steps in between: "lazy" regularisation (Karras et al. 2020, appendix B).
        penalty = adversarial.penalty(judge, real_seen, fake_seen, items)
        total = total + config.penalty * config.penalty_every * penalty
    learned = state.trained_by_discriminator()
    finite = update(state.discriminator_optimiser, learned, total, processes)

    # -- generator; the heads only pass the gradient through
    for parameter in learned:
        parameter.requires_grad_(False)
    try:
        features = fake_features or state.backbone.features(fake_seen, _STRIDE)
        with autocast:
            logits = state.discriminator(features, conditions, config.group, text)
            beside = real_logits
            if adversarial.in_pairs:
                with torch.no_grad():
                    beside = state.discriminator(real_features, conditions, config.group, text)
        generator_loss = adversarial.generator([head.detach() for head in beside], logits)
        replayed = processes.mine(torch.arange(len(asked)) >= len(asked) - config.replayed)
        with autocast:
            aligned = replay_alignment(state.before, replayed, fake, latent, conditions, noises, text, processes)
        made_by = [p for p in state.generator.parameters() if p.requires_grad]
        total = generator_loss + config.alignment * aligned
        finite = update(state.generator_optimiser, made_by, total, processes) and finite
    finally:
        for parameter in learned:
            parameter.requires_grad_(True)
    means = processes.mean([loss, mismatch, generator_loss, aligned, _mean(real_logits), _mean(fake_logits)])
    return StepResult(means[0], means[1], means[2], means[3], real_logit=means[4], fake_logit=means[5], finite=finite)


def _judge(state: TrainState, conditions: Tensor, text: Tensor | None, group: int) -> Judge:
    def judge(images: Tensor) -> Tensor:
        heads = state.discriminator(state.backbone.features(images, _STRIDE), conditions, group, text)
        return torch.stack([head.float().mean(dim=(1, 2, 3)) for head in heads]).sum(dim=0)

    return judge


def update(
    optimiser: torch.optim.Optimizer, parameters: list[nn.Parameter], loss: Tensor, processes: Processes = ALONE
) -> bool:
    """One optimiser step along the mean gradient of all processes, or none and False where a loss or any gradient is
    not finite.
    """
    optimiser.zero_grad(set_to_none=True)
    finite = bool(torch.isfinite(loss))
    if finite:
        loss.backward()
    elif processes.count == 1:
        return False
    processes.average_gradients(parameters, finite)
    norm = torch.nn.utils.get_total_norm([p.grad for p in parameters if p.grad is not None])
    if not torch.isfinite(norm):
        optimiser.zero_grad(set_to_none=True)
        return False
    optimiser.step()
    return True


def _sizes(state: TrainState) -> list[int]:
    return [len(values) for values in state.generator.config["vocabulary"].values()]


def _mean(heads: list[Tensor]) -> Tensor:
    return torch.stack([head.float().mean() for head in heads]).mean()
