"""Start from a taught checkpoint: its architecture, its weights, and room for the new catalogue's values."""

from collections.abc import Mapping

import torch
from torch import Tensor

from ecomgan.data.prepared import NULL, Vocabulary
from ecomgan.errors import CheckpointError
from ecomgan.pipeline import EcomGANPipeline
from ecomgan.training.config import TrainConfig
from ecomgan.training.state import TrainState


def config_like(config: TrainConfig, pipe: EcomGANPipeline) -> TrainConfig:
    """The options with the architecture of `pipe`; raises CheckpointError where it has no discriminator."""
    if pipe.discriminator is None:
        raise CheckpointError("the checkpoint has no discriminator; one that was exported whole is needed to go on")
    taught = pipe.generator.config
    shape = {name: taught[name] for name in ("channels", "latent_dim", "embedding_dim", "style_dim")}
    return config.with_changes(shape | {"backbone": pipe.discriminator.config["backbone"]})


def joint_vocabulary(taught: Vocabulary, new: Vocabulary) -> Vocabulary:
    """The taught values in their order, then the values that only the new catalogue has."""
    return {
        name: [*values, *(value for value in new.get(name, []) if value not in values)]
        for name, values in taught.items()
    }


def adopt(state: TrainState, pipe: EcomGANPipeline) -> None:
    """Load the weights of `pipe` into all networks of `state`; raises CheckpointError where they do not fit."""
    if pipe.discriminator is None:
        raise CheckpointError("the checkpoint has no discriminator; one that was exported whole is needed to go on")
    try:
        for network in (state.generator, state.average):
            network.load_state_dict(_widened(pipe.generator.state_dict(), network.state_dict()))
        heads = state.discriminator
        heads.load_state_dict(_widened(pipe.discriminator.state_dict(), heads.state_dict()))
    except RuntimeError as error:
        raise CheckpointError(f"the checkpoint does not fit images of this set's size: {error}") from error


def _widened(taught: Mapping[str, Tensor], wanted: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Embedding tables grown to the wanted number of rows: a new value starts as "unknown value", the null row."""
    widened = dict(taught)
    for name, tensor in taught.items():
        missing = len(wanted[name]) - len(tensor) if name in wanted and ".tables." in f".{name}" else 0
        if missing > 0:
            widened[name] = torch.cat([tensor, tensor[NULL].expand(missing, -1)])
    return widened
