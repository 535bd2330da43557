"""Going on from a taught checkpoint: its architecture, its weights, and room for the new catalogue's values."""

import copy
from collections.abc import Mapping

import torch
from torch import Tensor

from ecomgan.data.prepared import NULL, Vocabulary
from ecomgan.errors import CheckpointError, ConfigError
from ecomgan.networks.conditions import Grown, Paths, widen_tables, with_new_parts
from ecomgan.networks.generator import Generator
from ecomgan.pipeline import EcomGANPipeline
from ecomgan.text import nearest_known
from ecomgan.training.config import TrainConfig
from ecomgan.training.state import TrainState

Nearest = Mapping[str, Mapping[str, str]]
"""Field -> new value -> the known value that it is to start from."""


def config_like(config: TrainConfig, pipe: EcomGANPipeline, photos: tuple[int, int]) -> TrainConfig:
    """The options with the architecture of `pipe`, and the blocks that it is to grow by above.

    photos: (height, width) of the set. Raises CheckpointError where the checkpoint has no discriminator, or makes
    images of another size.
    """
    if pipe.discriminator is None:
        raise CheckpointError("the checkpoint has no discriminator; one that was exported whole is needed to go on")
    height, width = (side << len(config.grow) for side in pipe.image_shape)
    if photos != (height, width):
        raise CheckpointError(
            f"the checkpoint makes images of {height}x{width}{' once grown' if config.grow else ''}, and does not fit "
            f"images of this set's size, {photos[0]}x{photos[1]} (height x width); prepare photos of that size, or let "
            "it grow: one number of channels in `grow` for each doubling"
        )
    taught = pipe.generator.config
    shape = {name: taught[name] for name in ("latent_dim", "embedding_dim", "style_dim")}
    shape["channels"] = [*taught["channels"], *config.grow]
    shape["refinements"] = taught["refinements"] + len(config.grow)
    shape["attention"] = taught.get("attention") or config.attention
    return config.with_changes(shape | {"backbone": pipe.discriminator.config["backbone"]})


def joint_vocabulary(taught: Mapping[str, list[str]], new: Vocabulary) -> Vocabulary:
    """The taught values in their order, then the values that only the new catalogue has."""
    return {
        name: [*values, *(value for value in new.get(name, []) if value not in values)]
        for name, values in taught.items()
    }


def growth(pipe: EcomGANPipeline, vocabulary: Vocabulary, nearest: Nearest) -> Grown:
    """What each value starts from that `vocabulary` has and `pipe` does not, after what it grew from before.

    `nearest` beats likeness of names; what it says of values that no train photo has is left aside. Raises ConfigError
    where it lets a value start from an unknown one, or a known value from another.
    """
    known = pipe.vocabulary
    new = {field: [v for v in values if v not in known[field]] for field, values in vocabulary.items()}
    for field, pairs in nearest.items():
        for value, start in pairs.items():
            if start not in known.get(field, ()):
                raise ConfigError(f"{value!r} cannot start from {start!r}: the checkpoint knows no such {field}")
            if value in known[field]:
                raise ConfigError(f"{value!r} is no new {field}: the checkpoint knows it and starts from what it knows")
    grown = {
        field: {value: nearest.get(field, {}).get(value) or nearest_known(known, field, value) for value in values}
        for field, values in new.items()
        if values
    }
    before: Grown = pipe.generator.config["grown"] or {}
    return {field: before.get(field, {}) | grown.get(field, {}) for field in before.keys() | grown.keys()}


def joint_paths(pipe: EcomGANPipeline, grown: Grown, new: Paths) -> Paths:
    """The category paths of a checkpoint that is taught on; new article types take that of what they started from.

    new: those of the photos, for a checkpoint that has none yet.
    """
    taught: Paths = pipe.generator.config["paths"] or {}
    if not taught:
        return new
    article = next(iter(pipe.vocabulary))
    starts = grown.get(article, {})
    return taught | {value: taught[start] for value, start in starts.items() if start in taught}


def adopt(state: TrainState, pipe: EcomGANPipeline) -> None:
    """Load the weights of `pipe` into all networks of `state`; raises CheckpointError where they do not fit."""
    if pipe.discriminator is None:
        raise CheckpointError("the checkpoint has no discriminator; one that was exported whole is needed to go on")
    sources = _sources(pipe, state.generator)
    try:
        for network in (state.generator, state.average):
            network.load_state_dict(_starting_weights(pipe, network))
        wide = widen_tables(pipe.discriminator.state_dict(), sources)
        state.discriminator.load_state_dict(with_new_parts(wide, state.discriminator.state_dict()))
    except RuntimeError as error:
        raise CheckpointError(f"the checkpoint does not fit the networks of this run: {error}") from error


def remember(state: TrainState, pipe: EcomGANPipeline) -> None:
    """Keep beside the networks of `state` the generator that they started from, for what it makes to be held."""
    state.before = copy.deepcopy(state.generator).requires_grad_(False).eval()
    state.before.load_state_dict(_starting_weights(pipe, state.before))


@torch.no_grad()
def keep_of(pipe: EcomGANPipeline, network: Generator, share: float) -> None:
    """Mix the weights of `network`, which was taught on from `pipe`, with those that it started with: `share` of them.

    Wortsman et al. 2022, "Robust fine-tuning of zero-shot models", equation 1, with alpha = 1 - share.
    """
    before = _starting_weights(pipe, network)
    for name, weight in network.state_dict().items():
        if weight.is_floating_point():
            weight.lerp_(before[name].to(weight), share)


def _starting_weights(pipe: EcomGANPipeline, network: Generator) -> dict[str, Tensor]:
    """The weights that `network` has before it is taught anything beyond `pipe`."""
    wide = widen_tables(pipe.generator.state_dict(), _sources(pipe, network)) | _grown_blocks(pipe, network)
    return with_new_parts(wide, network.state_dict())


def _grown_blocks(pipe: EcomGANPipeline, network: Generator) -> dict[str, Tensor]:
    """The weights of the blocks that `network` has above those of `pipe`, as they start."""
    new = range(len(pipe.generator.blocks), len(network.blocks))
    parts = tuple(part for i in new for part in (f"blocks.{i}.", f"add_rgb.{i - network.first_rgb}."))
    return {name: weight for name, weight in network.state_dict().items() if name.startswith(parts)}


def _sources(pipe: EcomGANPipeline, network: Generator) -> list[list[int]]:
    """For each field the rows of the taught tables that the new rows start as copies of."""
    vocabulary: Vocabulary = network.config["vocabulary"]
    grown: Grown = network.config["grown"] or {}
    rows = []
    for field, values in vocabulary.items():
        known = pipe.vocabulary[field]
        starts = [grown[field][value] for value in values[len(known) :]]
        rows.append([NULL if start is None else known.index(start) + 1 for start in starts])
    return rows
