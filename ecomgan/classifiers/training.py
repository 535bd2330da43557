"""Teaching a classifier on the train split; its temperature is set on the dev split."""

import hashlib
import json
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor
from tqdm import tqdm

from ecomgan.classifiers.config import ClassifierConfig
from ecomgan.data.prepared import PreparedSet, build_vocabulary, encode_conditions
from ecomgan.errors import DataError
from ecomgan.networks.classifier import ProductClassifier, to_input
from ecomgan.training.augment import augment
from ecomgan.training.finite import check_loss
from ecomgan.training.item_stream import ItemStream
from ecomgan.training.state import read_checkpoint, write_atomically

_LOOK_BATCH = 256
_TEMPERATURES = torch.linspace(0.3, 2.0, 171)
_CODE_OF_UNKNOWN = -1


@dataclass
class Taught:
    """A classifier on its way or done. accuracy: field -> share right on the dev split, none without such a split."""

    network: ProductClassifier
    epochs: int
    seconds: float
    accuracy: dict[str, float]


def teach(train: PreparedSet, dev: PreparedSet | None, config: ClassifierConfig, checkpoint: Path) -> Taught:
    """Teach a fresh classifier, or go on from `checkpoint`, which is written after each epoch.

    The same photos and options give the same weights on the same machine, interrupted or not.
    Raises DataError for fewer photos than a batch, and where no two values of a field have enough photos; TrainingError
    where the loss is no number any more.
    """
    if len(train) < config.batch:
        raise DataError(f"{train.name} has {len(train)} train photos; at least {config.batch}, a batch, were expected")
    classes = _classes(train, config)
    torch.manual_seed(config.seed)
    network = ProductClassifier(classes, config.architecture, config.channels, train.height, train.width)
    network.to(memory_format=torch.channels_last)
    codes = torch.from_numpy(encode_conditions(train.columns, len(train), classes)) - 1
    optimiser = torch.optim.AdamW(network.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay)
    steps = config.epochs * (len(train) // config.batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, config.learning_rate, total_steps=max(steps, 2))
    parts = {"network": network, "optimiser": optimiser, "schedule": schedule}
    epoch, seconds = 0, 0.0
    if checkpoint.exists():
        saved = read_checkpoint(checkpoint)
        for name, part in parts.items():
            part.load_state_dict(saved[name])
        epoch, seconds = saved["epoch"], saved["seconds"]
    while epoch < config.epochs:
        started = time.monotonic()
        _one_epoch(network, optimiser, schedule, train, codes, config, epoch)
        epoch, seconds = epoch + 1, seconds + time.monotonic() - started
        state = {name: part.state_dict() for name, part in parts.items()} | {"epoch": epoch, "seconds": seconds}
        write_atomically(state, checkpoint)
    _measure_scale(network, train)
    accuracy = {} if dev is None else _calibrate(network, dev, classes)
    return Taught(network.eval(), epoch, seconds, accuracy)


def _classes(train: PreparedSet, config: ClassifierConfig) -> dict[str, list[str]]:
    known = build_vocabulary(train, config.smallest_count)
    classes = {field: known[field] for field in config.fields}
    for field, values in classes.items():
        if len(values) < 2:
            raise DataError(
                f"{train.name}: {len(values)} values of {field} have {config.smallest_count} photos; "
                "at least 2 are needed to tell them apart"
            )
    return classes


def _one_epoch(
    network: ProductClassifier,
    optimiser: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LRScheduler,
    train: PreparedSet,
    codes: Tensor,
    config: ClassifierConfig,
    epoch: int,
) -> None:
    network.train()
    draw = np.random.default_rng([config.seed, epoch])
    source = torch.Generator().manual_seed(int(draw.integers(2**62)))
    order = draw.permutation(len(train))[: len(train) // config.batch * config.batch]
    batches = order.reshape(-1, config.batch)
    with tqdm(batches, desc=f"{config.role}: epoch {epoch + 1} of {config.epochs}", unit="batch") as bar:
        for rows in bar:
            images = to_input(torch.from_numpy(train.pixels(rows)), train.height, train.width)
            flipped = torch.rand(len(rows), 1, 1, 1, generator=source) < config.flip
            images = torch.where(flipped, images.flip(3), images)
            images = augment(images, config.shift, config.cutout, ItemStream(source))
            loss = _loss(network, images, codes[torch.from_numpy(rows)], config)
            check_loss(loss, epoch, config.learning_rate)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            bar.set_postfix(loss=f"{loss.item():.3f}", refresh=False)


def _loss(network: ProductClassifier, images: Tensor, codes: Tensor, config: ClassifierConfig) -> Tensor:
    with torch.autocast("cpu", torch.bfloat16, enabled=config.precision == "bf16"):
        pooled = network.pooled(images.contiguous(memory_format=torch.channels_last))
    losses = [
        F.cross_entropy(logits, codes[:, place], ignore_index=_CODE_OF_UNKNOWN, label_smoothing=config.label_smoothing)
        for place, logits in enumerate(network.answer(pooled).values())
    ]
    return torch.stack(losses).sum()


@torch.inference_mode()
def pooled_of(network: ProductClassifier, photos: PreparedSet) -> Tensor:
    """What the network's `pooled` gives for all photos of a split, in fp32: (N, embedding_dim)."""
    network.eval()
    rows = np.arange(len(photos))
    parts = [rows[start : start + _LOOK_BATCH] for start in range(0, len(rows), _LOOK_BATCH)]
    size = network.config["height"], network.config["width"]
    return torch.cat([network.pooled(to_input(torch.from_numpy(photos.pixels(part)), *size)) for part in parts])


def _measure_scale(network: ProductClassifier, train: PreparedSet) -> None:
    pooled = pooled_of(network, train)
    network.mean.copy_(pooled.mean(dim=0))
    network.deviation.copy_(pooled.std(dim=0))


def _calibrate(network: ProductClassifier, dev: PreparedSet, classes: dict[str, list[str]]) -> dict[str, float]:
    """Set the temperature with the least cross-entropy over all fields (Guo et al. 2017); the accuracies."""
    codes = torch.from_numpy(encode_conditions(dev.columns, len(dev), classes)) - 1
    with torch.inference_mode():
        answers = network.answer(pooled_of(network, dev))
    surprise = torch.zeros(len(_TEMPERATURES))
    accuracy = {}
    for place, (field, logits) in enumerate(answers.items()):
        known = codes[:, place] != _CODE_OF_UNKNOWN
        if known.any():
            logits, truth = logits[known], codes[known, place]
            accuracy[field] = (logits.argmax(dim=1) == truth).float().mean().item()
            surprise += torch.stack([F.cross_entropy(logits / t, truth) for t in _TEMPERATURES])
    temperature = round(_TEMPERATURES[surprise.argmin()].item(), 2)
    network.register_to_config(temperature=temperature)  # type: ignore[no-untyped-call]
    return accuracy


def checkpoint_file(work: Path, config: ClassifierConfig, data_sha256: str) -> Path:
    """Where the training of just these options on just these data is kept."""
    work.mkdir(parents=True, exist_ok=True)
    key = hashlib.sha256(f"{json.dumps(config.to_json())} {data_sha256}".encode()).hexdigest()[:16]
    return work / f"{config.role}-{key}.pt"
