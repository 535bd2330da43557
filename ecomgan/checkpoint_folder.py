"""Reading the parts of a checkpoint folder: known classes only, safetensors only, nothing left to chance.

All raise CheckpointError, naming the file, where anything is missing, damaged or of another kind.
"""

import json
from pathlib import Path
from typing import Any

import torch
from transformers import PreTrainedTokenizerFast

from ecomgan.calm import without_bars
from ecomgan.errors import CheckpointError
from ecomgan.networks.conditions import CONDITION_SCHEMA
from ecomgan.networks.dual_encoder import ProductTextEncoder

_ALLOWED: dict[str, tuple[tuple[str | None, str | None], ...]] = {
    "generator": (("ecomgan.networks.generator", "Generator"),),
    "discriminator": (("ecomgan.networks.discriminator", "ProjectedDiscriminator"), (None, None)),
    "text_encoder": (("ecomgan.networks.dual_encoder", "ProductTextEncoder"), (None, None)),
    "tokenizer": (("transformers", "TokenizersBackend"), ("transformers", "PreTrainedTokenizerFast"), (None, None)),
}


def load_network(kind: Any, folder: Path, name: str = "", called: str = "") -> Any:
    """The network of class `kind` in the subfolder `name`, or in the folder itself, in fp32, with every weight from the
    file. called: what it is in messages, if not its class.
    """
    called = called or kind.__name__
    try:
        network, info = kind.from_pretrained(
            folder,
            subfolder=name or None,
            torch_dtype=torch.float32,
            use_safetensors=True,
            low_cpu_mem_usage=False,
            local_files_only=True,
            output_loading_info=True,
        )
    except (OSError, ValueError, RuntimeError, TypeError, KeyError) as error:
        raise CheckpointError(f"{folder / name} cannot be opened as a {called}: {error}") from error
    wrong = [*info["missing_keys"], *info["unexpected_keys"], *info["mismatched_keys"]]
    if wrong:
        # diffusers would go on with random weights here
        raise CheckpointError(f"{folder / name} does not hold the weights of a {called}: {wrong[:3]} differ")
    _check_finite(network, folder / name)
    return network


def load_text_encoder(folder: Path) -> tuple[ProductTextEncoder, PreTrainedTokenizerFast]:
    """The text tower in `text_encoder`, in fp32, and the tokenizer in `tokenizer`."""
    tower: Any = ProductTextEncoder
    try:
        with without_bars():
            network, info = tower.from_pretrained(
                folder / "text_encoder",
                dtype=torch.float32,
                use_safetensors=True,
                local_files_only=True,
                output_loading_info=True,
            )
        tokenizer = PreTrainedTokenizerFast.from_pretrained(folder / "tokenizer", local_files_only=True)
    except (OSError, ValueError, RuntimeError, TypeError, KeyError) as error:
        raise CheckpointError(f"the text encoder of {folder} cannot be opened: {error}") from error
    wrong = sorted(map(str, [*info["missing_keys"], *info["unexpected_keys"], *info["mismatched_keys"]]))
    if wrong:
        raise CheckpointError(
            f"{folder / 'text_encoder'} does not hold the weights of a text encoder: {wrong[:3]} differ"
        )
    _check_finite(network, folder / "text_encoder")
    return network.requires_grad_(False).eval(), tokenizer


def _check_finite(network: torch.nn.Module, folder: Path) -> None:
    broken = [name for name, weight in network.state_dict().items() if not torch.isfinite(weight).all()]
    if broken:
        raise CheckpointError(f"{folder} holds weights that are no numbers, such as {broken[0]}; restore the folder")


def check_schema(folder: Path) -> None:
    """Refuse a later schema of conditions before any weight is read: they may differ, and the message says why."""
    path = folder / "generator" / "config.json"
    try:
        schema = json.loads(path.read_text(encoding="utf-8")).get("condition_schema", 1)
    except (OSError, ValueError, AttributeError) as error:
        raise CheckpointError(f"{path} cannot be read ({error})") from error
    if not isinstance(schema, int) or not 1 <= schema <= CONDITION_SCHEMA:
        raise CheckpointError(
            f"{folder} has condition schema {schema!r}; this library reads 1 to {CONDITION_SCHEMA}: update it"
        )


def read_index(folder: Path) -> dict[str, list[str | None]]:
    """Component -> (library, class), all of them known ones."""
    try:
        index = json.loads((folder / "model_index.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CheckpointError(f"{folder / 'model_index.json'} cannot be read ({error})") from error
    if index.get("_class_name") != "EcomGANPipeline":
        raise CheckpointError(f"{folder} is a {index.get('_class_name')!r}; an 'EcomGANPipeline' was expected")
    found: dict[str, list[str | None]] = {}
    for name, allowed in _ALLOWED.items():
        found[name] = index.get(name, [None, None])
        if tuple(found[name]) not in allowed:
            raise CheckpointError(f"{folder}: {name} is of class {found[name]}; allowed are {list(map(list, allowed))}")
    unknown = sorted(key for key in index if not key.startswith("_") and key not in _ALLOWED)
    if unknown:
        raise CheckpointError(f"{folder}: unknown components {unknown}; known are {list(_ALLOWED)}")
    return found
