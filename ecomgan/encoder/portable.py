"""A dual encoder without torch: its two towers as ONNX graphs beside its folder, run by onnxruntime on the CPU.

A web server that answers a search must turn a text or a photo into a vector within milliseconds, and must not load
torch for it. `python -m ecomgan export-encoder` writes the graphs; `open_portable` opens them.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from ecomgan.checksums import sha256_of
from ecomgan.encoder.closeness import Closeness, read_closeness
from ecomgan.errors import CheckpointError, RequestError

Vectors = npt.NDArray[np.float32]
Pixels = npt.NDArray[np.uint8]

RECORD = "onnx.json"
TEXT_GRAPH, IMAGE_GRAPH = "text.onnx", "image.onnx"
VERSION = 1
"""Of how photos are brought before the image tower here: vectors of two versions are never compared."""

_BATCH = 64
_WORD = re.compile(r"[^\W\d_]+")
_LETTERS = 3  # a token, on average: so long are the pieces of a word that was taught, "hood" and "ie"
_OVERSIZE = 4  # times the tower's own size; what is larger is halved, thirded ... by the mean of its pixels first


@dataclass(frozen=True)
class Portable:
    """What the record beside the graphs says.

    weights_sha256: of the encoder they are of; longest_text: in tokens; filled_up: whether shorter texts are filled up
    to that; pad_token, pad_id: what they are filled up with; text_inputs: what the text tower takes; height, width,
    mean, std: as in `dual_encoder.Look`; graphs: file name -> SHA-256.
    """

    weights_sha256: str
    dim: int
    longest_text: int
    filled_up: bool
    pad_token: str
    pad_id: int
    text_inputs: list[str]
    height: int
    width: int
    mean: list[float]
    std: list[float]
    graphs: dict[str, str]


class PortableEncoder:
    """Texts and photos as unit vectors of one space, like those of `DualEncoder` within 1e-4. Threads may share it."""

    def __init__(self, folder: Path, record: Portable, closeness: Closeness | None, *, threads: int) -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3  # warnings about devices that a machine does not have help nobody
        self._record = record
        self._text, self._image = (
            onnxruntime.InferenceSession(folder / name, options, providers=["CPUExecutionProvider"])
            for name in (TEXT_GRAPH, IMAGE_GRAPH)
        )
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(record.longest_text)
        length = record.longest_text if record.filled_up else None
        self._tokenizer.enable_padding(pad_id=record.pad_id, pad_token=record.pad_token, length=length)
        self.closeness = closeness
        """From which cosine on a photo is close to words; None where nobody measured that."""
        self.weights_sha256 = record.weights_sha256
        self.dim = record.dim
        self.identity = f"{record.weights_sha256[:16]}-{VERSION}"
        """Names what its vectors are comparable with: the same weights, and photos brought before them the same way."""

    def texts(self, texts: Sequence[str]) -> Vectors:
        """float32 (N, dim), unit vectors, of N >= 1 texts; what is longer than the encoder reads is cut off.

        Raises RequestError for anything but texts.
        """
        if isinstance(texts, str) or not texts or not all(isinstance(text, str) for text in texts):
            raise RequestError(f"texts are {texts!r}; a list of at least one text was expected")
        found = self._tokenizer.encode_batch([" ".join(text.split()) for text in texts])
        tokens = {"input_ids": [one.ids for one in found], "attention_mask": [one.attention_mask for one in found]}
        given = {name: np.array(tokens[name], dtype=np.int64) for name in self._record.text_inputs}
        vectors: Vectors = self._text.run(None, given)[0]
        return vectors

    def taught_part(self, text: str) -> tuple[str, list[str]]:
        """A text without the words that the encoder was not taught, and those words: its tokens cut them into crumbs.
        All of the text where its tokens do not tell, as those of a CLIP, which are of other texts than it was taught.

        Of held-out titles 96 % of the words are known, of 300 strings of random letters none.
        """
        if self.closeness is None or not self.closeness.own_words:
            return text, []
        unknown = [word for word in _WORD.findall(text) if self._is_in_crumbs(word)]
        return _WORD.sub(lambda found: "" if found[0] in unknown else found[0], text), unknown

    def _is_in_crumbs(self, word: str) -> bool:
        start = word[: self._record.longest_text]  # of a longer one not all tokens would be there
        pieces = sum(self._tokenizer.encode(start, add_special_tokens=False).attention_mask)
        return pieces > 1 and len(start) < _LETTERS * pieces

    def images(self, images: Sequence[Pixels] | Pixels) -> Vectors:
        """float32 (N, dim), unit vectors, of N >= 1 images, each uint8 RGB (H, W, 3) of any size; raises RequestError
        else.
        """
        wrong = [f"{one.dtype} {one.shape}" for one in images if not _is_rgb(one)]
        if len(images) == 0 or wrong:
            raise RequestError(f"images are {wrong[:3]}; at least one, each uint8 (H, W, 3), was expected")
        batches = (images[start : start + _BATCH] for start in range(0, len(images), _BATCH))
        pixels = (np.stack([self._prepared(one) for one in batch]) for batch in batches)
        return np.concatenate([self._image.run(None, {"pixel_values": some})[0] for some in pixels])

    def _prepared(self, image: Pixels) -> Vectors:
        """Fitted whole on white, then (x - mean) / std: float32 (3, height, width)."""
        record = self._record
        fitted = fit_on_white(Image.fromarray(image), record.height, record.width)
        mean, std = (np.array(values, dtype=np.float32)[:, None, None] for values in (record.mean, record.std))
        return np.asarray((fitted - mean) / std, dtype=np.float32)


def open_portable(folder: Path, *, threads: int = 1) -> PortableEncoder:
    """Open the graphs beside an encoder. threads: CPU threads of one call.

    Raises CheckpointError where they are missing, damaged, or of another form than this code writes, and where what was
    measured beside them is of other weights.
    """
    try:
        found = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        record = Portable(**found)
    except (OSError, ValueError, TypeError) as error:
        raise CheckpointError(
            f"{folder} has no readable {RECORD} ({error}); run: python -m ecomgan export-encoder {folder}"
        ) from error
    for name in (TEXT_GRAPH, IMAGE_GRAPH):
        file = folder / name
        if not file.is_file() or sha256_of(file) != record.graphs.get(name):
            raise CheckpointError(
                f"{file} is missing or not the one that {RECORD} names; run: python -m ecomgan export-encoder {folder}"
            )
    closeness = read_closeness(folder, record.weights_sha256)
    try:
        return PortableEncoder(folder, record, closeness, threads=threads)
    except ImportError:
        raise
    except Exception as error:  # onnxruntime and tokenizers raise kinds of their own
        raise CheckpointError(f"the graphs in {folder} cannot be opened: {error}") from error


def fit_on_white(image: Image.Image, height: int, width: int) -> Vectors:
    """An RGB image fitted whole on white, enlarged where it is smaller: float32 (3, height, width) in [0, 1].

    The same as the image tower was taught on (`networks.classifier.to_input`): bicubic with antialiasing, in floats.
    """
    factor = min(image.height // (_OVERSIZE * height), image.width // (_OVERSIZE * width))
    if factor > 1:
        image = image.reduce(factor)
    scale = min(height / image.height, width / image.width)
    inner_height, inner_width = max(1, round(image.height * scale)), max(1, round(image.width * scale))
    fitted = np.ones((3, height, width), dtype=np.float32)
    top, left = (height - inner_height) // 2, (width - inner_width) // 2
    for place, channel in zip(fitted, image.split(), strict=True):
        values: Any = channel.convert("F")  # in bytes, each step would round
        if values.size != (inner_width, inner_height):
            values = values.resize((inner_width, inner_height), Image.Resampling.BICUBIC)
        place[top : top + inner_height, left : left + inner_width] = np.clip(np.asarray(values) / 255, 0, 1)
    return fitted


def _is_rgb(image: Pixels) -> bool:
    return image.dtype == np.uint8 and image.ndim == 3 and image.shape[2] == 3 and 0 not in image.shape
