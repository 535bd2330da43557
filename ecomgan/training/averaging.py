"""One checkpoint from several: the mean of their weights (Wortsman et al. 2022, "Model soups")."""

import json
from collections.abc import Sequence
from pathlib import Path

import torch

from ecomgan.checksums import write_checksums
from ecomgan.errors import CheckpointError, RequestError
from ecomgan.pipeline import EcomGANPipeline
from ecomgan.training.export import RECORD_FILE


def average_checkpoints(folders: Sequence[Path], out: Path) -> None:
    """Write a checkpoint folder whose generator has the mean of the weights of those in `folders`, the first one's
    heads, and its record of training with the others named.

    It works for runs that began at one taught checkpoint; runs that began apart have nothing in common between their
    weights, and their mean makes no images. Raises RequestError for fewer than two folders, CheckpointError where
    they differ in shape or words.
    """
    if len(folders) < 2:
        raise RequestError(f"{len(folders)} checkpoint to average; at least 2 were expected")
    if out.exists():
        raise RequestError(f"{out} exists already; choose a new folder or remove it first")
    first, *others = [EcomGANPipeline.from_pretrained(folder) for folder in folders]
    configs = [_options(pipe) for pipe in (first, *others)]
    for folder, config in zip(folders[1:], configs[1:], strict=True):
        if different := sorted(name for name in configs[0] if config.get(name) != configs[0][name]):
            raise CheckpointError(
                f"{folder} differs from {folders[0]} in {', '.join(different)}; only equal ones can be averaged"
            )
    weights = [pipe.generator.state_dict() for pipe in (first, *others)]
    mean = {name: torch.stack([w[name].double() for w in weights]).mean(dim=0) for name in weights[0]}
    first.generator.load_state_dict({name: tensor.to(weights[0][name].dtype) for name, tensor in mean.items()})
    for network in (first.generator, first.discriminator, first.text_encoder):
        if network is not None:
            network.half()
    first.save_pretrained(out)
    record = json.loads((folders[0] / RECORD_FILE).read_text(encoding="utf-8"))
    record["averaged_with"] = [folder.name for folder in folders[1:]]
    (out / RECORD_FILE).write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    write_checksums(out)


def _options(pipe: EcomGANPipeline) -> dict[str, object]:
    """The options of its generator, without what diffusers notes of how they were given and from where."""
    return {name: value for name, value in pipe.generator.config.items() if not name.startswith("_")}
