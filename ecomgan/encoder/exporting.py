"""Writing the two towers of an encoder as ONNX graphs, and proving that they give the same vectors."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ecomgan.checksums import CHECKSUMS_FILE, sha256_of, write_checksums
from ecomgan.encoder.closeness import CLOSENESS
from ecomgan.encoder.dual_encoder import TOKENS, DualEncoder
from ecomgan.encoder.opening import open_encoder
from ecomgan.encoder.portable import IMAGE_GRAPH, RECORD, TEXT_GRAPH, Portable, open_portable
from ecomgan.errors import CheckpointError, ConfigError

TOLERANCE = 1e-4
"""By how much a number of a vector may differ between torch and the graphs."""

_PROOF_TEXTS = [
    "black running shoes",
    "a",
    "Women Striped Blue Summer Shirt with a very long title " * 12,
    "红色连衣裙",
]
_PROOF_SIZES = ((1, 1), (0.5, 1.4), (3.7, 3.1), (0.2, 0.25))  # of the tower's own height and width


def export_towers(folder: Path) -> float:
    """Write the graphs of both towers and their record into an encoder's folder: ours, or any CLIP or SigLIP.

    Returns the largest difference to torch over a few texts and images. Raises ConfigError where onnx or onnxscript are
    not installed, CheckpointError for a folder that is no encoder, or graphs that give other vectors.
    """
    encoder = open_encoder(folder)
    tokenizer = encoder.tokenizer
    if not (folder / "tokenizer.json").exists():
        tokenizer.backend_tokenizer.save(str(folder / "tokenizer.json"))
    tokens = tokenizer(["a", "two"], padding="max_length", max_length=encoder.longest_text, return_tensors="pt")
    inputs = [name for name in TOKENS if name in tokens]
    filled_up = encoder.padding == "max_length"
    some, length = torch.export.Dim("texts"), torch.export.Dim("tokens", max=encoder.longest_text)
    shape = {0: some} if filled_up else {0: some, 1: length}
    texts = tuple(tokens[name] for name in inputs)
    look = encoder.look
    images = (torch.zeros(2, 3, look.height, look.width),)
    _export(encoder, "get_text_features", texts, inputs, tuple(shape for _ in inputs), folder / TEXT_GRAPH)
    shapes = ({0: torch.export.Dim("images")},)
    _export(encoder, "get_image_features", images, ["pixel_values"], shapes, folder / IMAGE_GRAPH)
    assert encoder.weights_sha256 is not None
    record = Portable(
        weights_sha256=encoder.weights_sha256,
        dim=encoder.dim,
        longest_text=encoder.longest_text,
        filled_up=filled_up,
        pad_token=tokenizer.pad_token,
        pad_id=tokenizer.pad_token_id,
        text_inputs=inputs,
        height=look.height,
        width=look.width,
        mean=list(look.mean),
        std=list(look.std),
        graphs={name: sha256_of(folder / name) for name in (TEXT_GRAPH, IMAGE_GRAPH)},
    )
    if any(record.weights_sha256 not in file.read_text(encoding="utf-8") for file in folder.glob(CLOSENESS)):
        (folder / CLOSENESS).unlink()  # measured with earlier weights
    (folder / RECORD).write_text(json.dumps(asdict(record), indent=1) + "\n", encoding="utf-8")
    if (folder / CHECKSUMS_FILE).exists():
        write_checksums(folder)
    return _proven(encoder, folder)


def remove_towers(folder: Path) -> None:
    """Take away graphs of earlier weights, and what was measured through them."""
    for name in (TEXT_GRAPH, IMAGE_GRAPH, RECORD, CLOSENESS):
        (folder / name).unlink(missing_ok=True)


def _proven(encoder: DualEncoder, folder: Path) -> float:
    portable = open_portable(folder)
    draw = np.random.default_rng(0)
    sizes = [(round(down * encoder.look.height), round(across * encoder.look.width)) for down, across in _PROOF_SIZES]
    pictures = [draw.integers(0, 256, (*size, 3), dtype=np.uint8) for size in sizes]
    wanted = np.concatenate([encoder.texts(_PROOF_TEXTS), *(encoder.images(one[None]) for one in pictures)])
    found = np.concatenate([portable.texts(_PROOF_TEXTS), portable.images(pictures)])
    apart = float(np.abs(found - wanted).max())
    if not apart <= TOLERANCE:
        remove_towers(folder)
        raise CheckpointError(
            f"the graphs of {folder} differ from torch by {apart:.2g}; at most {TOLERANCE} was expected"
        )
    return apart


def _export(
    encoder: DualEncoder, method: str, inputs: tuple[Tensor, ...], names: list[str], shapes: tuple[Any, ...], file: Path
) -> None:
    try:
        program = torch.onnx.export(
            _Tower(encoder.network, method).eval(),
            inputs,
            input_names=names,
            output_names=["vectors"],
            dynamic_shapes=(shapes,),
            dynamo=True,
            optimize=False,  # it would fold what onnxruntime folds when it opens the graph, and the halves with it
            verbose=False,
        )
    except ImportError as error:
        raise ConfigError(f"{error.name} is not installed; run: pip install -r requirements-dev.txt") from error
    assert program is not None
    model: Any = program.model
    for part in (model, model.graph, *model.graph.all_nodes()):
        part.metadata_props.clear()  # where in which file of this machine each node comes from
    program.save(file, external_data=False)


class _Tower(nn.Module):
    """One tower up to the unit vectors. Its weights are kept as halves where that loses nothing, as those of the
    shipped encoder; the graph turns them into floats when it is opened.
    """

    def __init__(self, network: nn.Module, method: str) -> None:
        super().__init__()
        self._features = [_Features(network, method)]  # in a list it is no submodule: the weights are those kept here
        self._names = []
        for number, (name, value) in enumerate(network.state_dict().items()):
            self._names.append(f"network.{name}")
            self.register_buffer(f"kept_{number}", _as_half(value))

    def forward(self, *inputs: Tensor) -> Tensor:
        kept = {name: self.get_buffer(f"kept_{number}") for number, name in enumerate(self._names)}
        floats = {name: value.float() if value.dtype == torch.float16 else value for name, value in kept.items()}
        return F.normalize(torch.func.functional_call(self._features[0], floats, inputs), dim=1)


class _Features(nn.Module):
    def __init__(self, network: nn.Module, method: str) -> None:
        super().__init__()
        self.network, self._method = network, method

    def forward(self, *inputs: Tensor) -> Tensor:
        found: Tensor = getattr(self.network, self._method)(*inputs).pooler_output
        return found


def _as_half(value: Tensor) -> Tensor:
    half = value.half()
    return half if value.dtype == torch.float32 and torch.equal(half.float(), value) else value
