"""Trainings that fall apart are ended: what comes after a loss that is no number is none either."""

import torch
from torch import Tensor

from ecomgan.errors import TrainingError


def check_loss(loss: Tensor, epoch: int, learning_rate: float) -> None:
    """Raise TrainingError for a loss that is not finite; epoch: from 0."""
    if not torch.isfinite(loss):
        raise TrainingError(
            f"the loss is {loss.item()} in epoch {epoch + 1}; begin again with a learning_rate below {learning_rate:g}"
        )
