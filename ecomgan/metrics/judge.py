"""The judge: tells article type and colour of an image, to check whether generated images show what was asked.

A linear classifier on EfficientNet-Lite2 features (several depths, each with its place in the frame) and a colour
histogram, taught on the train split. It sees nothing of the generator, and nothing is ever trained, ranked or chosen
by it. Loads torch.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file
from torch import Tensor, nn
from tqdm import tqdm

from ecomgan.data.prepared import PreparedSet, build_vocabulary, encode_conditions
from ecomgan.networks.backbone import Backbone

FIELDS = ("article_type", "colour")
VERSION = 1
DESCRIPTION = "linear classifier on EfficientNet-Lite2 features and a colour histogram, taught on the train split"

# Stride of a feature map -> grid that it is averaged on: colours and textures keep their place, roughly.
_GRIDS = {4: (5, 4), 8: (3, 2), 16: (3, 2)}
_LONG_SIDE = 80
_LEVELS = 6  # of each channel in the histogram
_BATCH = 64
_EPOCHS, _STEP_ROWS, _LEARNING_RATE, _WEIGHT_DECAY = 12, 256, 2e-3, 0.02
_DROPOUT, _LABEL_SMOOTHING = 0.2, 0.1
_SMALLEST_DEVIATION = 1e-4


class Look:
    """What the judge sees of an image: one vector, the same for every judge."""

    def __init__(self) -> None:
        self._network = Backbone("lite2")
        # Runs depthwise convolutions about twice as fast on a CPU; torch's stubs do not know the keyword.
        self._network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    @torch.inference_mode()
    def __call__(self, images: npt.NDArray[np.uint8]) -> npt.NDArray[np.float16]:
        """float16 (N, d) of uint8 RGB images (N, H, W, 3); more than 80 pixels on the longer side are reduced."""
        pixels = torch.from_numpy(np.array(images)).permute(0, 3, 1, 2).float() / 255
        height, width = pixels.shape[-2:]
        if max(height, width) > _LONG_SIDE:
            scale = _LONG_SIDE / max(height, width)
            size = (max(1, round(height * scale)), max(1, round(width * scale)))
            pixels = F.interpolate(pixels, size=size, mode="bicubic", antialias=True).clamp(0, 1)
        maps = self._network.features((2 * pixels - 1).contiguous(memory_format=torch.channels_last))
        by_stride = dict(zip(self._network.strides, maps, strict=True))
        parts = [F.adaptive_avg_pool2d(by_stride[stride], grid).flatten(1) for stride, grid in _GRIDS.items()]
        parts.append(F.relu6(self._network.head(maps[-1])).mean(dim=(2, 3)))
        parts.append(_colour_histogram(pixels))
        look: npt.NDArray[np.float16] = torch.cat(parts, dim=1).half().numpy()
        return look


@dataclass(frozen=True)
class Judge:
    """A taught judge. `classes`: values of each of FIELDS; weights float32 (d, all classes), bias (all classes)."""

    classes: dict[str, list[str]]
    weights: npt.NDArray[np.float32]
    bias: npt.NDArray[np.float32]

    def __call__(self, looks: npt.NDArray[np.float16]) -> dict[str, list[str]]:
        """The most likely value of each field for each row of what a `Look` gave."""
        scores = looks.astype(np.float32) @ self.weights + self.bias
        answers, start = {}, 0
        for field, values in self.classes.items():
            best = scores[:, start : start + len(values)].argmax(axis=1)
            answers[field] = [values[i] for i in best]
            start += len(values)
        return answers

    def save(self, path: Path) -> None:
        """Write one safetensors file."""
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial")
        save_file({"weights": self.weights, "bias": self.bias}, partial, {"classes": json.dumps(self.classes)})
        partial.rename(path)

    @classmethod
    def load(cls, path: Path) -> "Judge":
        """Read what `save` wrote; raises SafetensorError for a damaged file."""
        with safe_open(path, "numpy") as file:
            return cls(json.loads(file.metadata()["classes"]), file.get_tensor("weights"), file.get_tensor("bias"))


def judge_for(train: PreparedSet, look: Look, cache: Path, data_sha256: str) -> Judge:
    """The judge of a data set: from the folder `cache` if one was taught on just these data, else taught now."""
    key = hashlib.sha256(f"{VERSION} {data_sha256}".encode()).hexdigest()[:16]
    path = cache / f"judge-{key}.safetensors"
    if path.exists():
        try:
            return Judge.load(path)
        except SafetensorError:
            path.unlink()  # cut off by a full disk: taught anew below
    judge = teach(train, look)
    judge.save(path)
    return judge


def teach(train: PreparedSet, look: Look) -> Judge:
    """Teach a judge on all photos of `train`; the same photos give the same judge. About a minute for 33,000."""
    classes = {field: values for field, values in build_vocabulary(train, 1).items() if field in FIELDS}
    codes = torch.from_numpy(encode_conditions(train.columns, len(train), classes)) - 1
    starts = tqdm(range(0, len(train), _BATCH), desc="judge: looks at photos", unit="batch")
    rows = np.arange(len(train))
    looks = np.concatenate([look(train.pixels(rows[start : start + _BATCH])) for start in starts])
    mean = looks.mean(axis=0, dtype=np.float32)
    deviation = np.sqrt(looks.var(axis=0, dtype=np.float32)) + _SMALLEST_DEVIATION
    weights, bias = _fit(torch.from_numpy(looks), codes, [len(values) for values in classes.values()], mean, deviation)
    # The standardisation of the inputs is folded into the weights.
    folded = weights / deviation[:, None]
    return Judge(classes, folded.astype(np.float32), (bias - mean @ folded).astype(np.float32))


def _fit(
    looks: Tensor,
    codes: Tensor,
    sizes: list[int],
    mean: npt.NDArray[np.float32],
    deviation: npt.NDArray[np.float32],
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Weights (d, sum of sizes) and bias of softmax regressions for standardised inputs, one for each field."""
    centre, scale = torch.from_numpy(mean), torch.from_numpy(deviation)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        layer = nn.Linear(looks.shape[1], sum(sizes))
        optimiser = torch.optim.AdamW(layer.parameters(), lr=_LEARNING_RATE, weight_decay=_WEIGHT_DECAY)
        steps = _EPOCHS * -(-len(looks) // _STEP_ROWS)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, _LEARNING_RATE, total_steps=steps, pct_start=0.1)
        for _ in tqdm(range(_EPOCHS), desc="judge: learns", unit="epoch"):
            for rows in torch.randperm(len(looks)).split(_STEP_ROWS):
                inputs = F.dropout((looks[rows].float() - centre) / scale, _DROPOUT)
                answers = layer(inputs).split(sizes, dim=1)
                loss = sum(
                    F.cross_entropy(answer, codes[rows, field], ignore_index=-1, label_smoothing=_LABEL_SMOOTHING)
                    for field, answer in enumerate(answers)
                )
                optimiser.zero_grad()
                torch.as_tensor(loss).backward()
                optimiser.step()
                schedule.step()
    return layer.weight.detach().numpy().T.copy(), layer.bias.detach().numpy().copy()


def _colour_histogram(pixels: Tensor) -> Tensor:
    """Square roots of shares (N, 216) of 6x6x6 RGB cells in images (N, 3, H, W) in [0, 1], weighted to the middle."""
    count, _, height, width = pixels.shape
    levels = (pixels * 255 * _LEVELS / 256).long()
    cells = ((levels[:, 0] * _LEVELS + levels[:, 1]) * _LEVELS + levels[:, 2]).flatten(1)
    rows = torch.arange(height) - (height - 1) / 2
    columns = torch.arange(width) - (width - 1) / 2
    # Standard deviation: a quarter of each side.
    weights = torch.exp(-8 * (rows / height) ** 2)[:, None] * torch.exp(-8 * (columns / width) ** 2)[None]
    share = (weights / weights.sum()).flatten().expand(count, -1)
    shares = torch.zeros(count, _LEVELS**3).scatter_add_(1, cells, share)
    return shares.sqrt()
