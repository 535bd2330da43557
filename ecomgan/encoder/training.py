"""Teaching the dual encoder on the train split; the dev split says which pass was best."""

import hashlib
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor
from tqdm import tqdm
from transformers import BertConfig, PreTrainedTokenizerFast, ResNetConfig

from ecomgan.data.prepared import PreparedSet
from ecomgan.encoder.config import EncoderConfig
from ecomgan.encoder.dual_encoder import DualEncoder, Look
from ecomgan.encoder.retrieval import Recall, sample_recall
from ecomgan.encoder.wording import Wording, learn_tokenizer
from ecomgan.errors import DataError
from ecomgan.networks.classifier import to_input
from ecomgan.networks.dual_encoder import HIGHEST_SCALE, ProductEncoder, ProductEncoderConfig
from ecomgan.training.augment import augment
from ecomgan.training.finite import check_loss
from ecomgan.training.item_stream import ItemStream
from ecomgan.training.state import read_checkpoint, write_atomically


@dataclass(frozen=True)
class Taught:
    """A dual encoder as it was after its best pass. dev_recall: of that pass; None without a dev split."""

    network: ProductEncoder
    tokenizer: PreTrainedTokenizerFast
    look: Look
    best_epoch: int
    epochs: int
    seconds: float
    dev_recall: Recall | None


def teach(train: PreparedSet, dev: PreparedSet | None, config: EncoderConfig, checkpoint: Path) -> Taught:
    """Teach a fresh encoder, or go on from `checkpoint`, which is written after each pass.

    The same photos and options give the same weights on the same machine, interrupted or not. Without a dev split the
    last pass counts. Raises DataError for fewer photos than a batch, or photos without titles.
    """
    if len(train) < config.batch or not any(train.columns.get("title", [])):
        raise DataError(f"{train.name} has {len(train)} train photos; at least {config.batch}, with titles, expected")
    wording = Wording(train, config)
    tokenizer = learn_tokenizer(wording.corpus(), config)
    torch.manual_seed(config.seed)
    network = fresh_network(config, tokenizer)
    _image_tower(network).to(memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(_groups(network, config.weight_decay), lr=config.learning_rate)
    steps = config.epochs * (len(train) // config.batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, config.learning_rate, total_steps=max(steps, 2))
    parts: dict[str, Any] = {"network": network, "optimiser": optimiser, "schedule": schedule}
    done: dict[str, Any] = {"epoch": 0, "seconds": 0.0, "recalls": [], "best": None}
    if checkpoint.exists():
        saved = read_checkpoint(checkpoint)
        for name, part in parts.items():
            part.load_state_dict(saved[name])
        done = saved["done"]
    look = Look(train.height, train.width)
    while done["epoch"] < config.epochs:
        started = time.monotonic()
        _one_epoch(network, tokenizer, optimiser, schedule, train, wording, config, done["epoch"])
        _note(done, network, tokenizer, look, dev, config)
        done["epoch"] += 1
        done["seconds"] += time.monotonic() - started
        write_atomically({name: part.state_dict() for name, part in parts.items()} | {"done": done}, checkpoint)
    network.load_state_dict(done["best"])
    best = int(np.argmax([_as_recall(one).mean for one in done["recalls"]])) if dev is not None else config.epochs - 1
    found = _as_recall(done["recalls"][best]) if dev is not None else None
    network.train(False)
    return Taught(network, tokenizer, look, best + 1, config.epochs, done["seconds"], found)


def fresh_network(config: EncoderConfig, tokenizer: PreTrainedTokenizerFast) -> ProductEncoder:
    """An untaught encoder."""
    text = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=config.text_width,
        num_hidden_layers=config.text_layers,
        num_attention_heads=max(1, config.text_width // 48),
        intermediate_size=2 * config.text_width,
        max_position_embeddings=config.longest_text,
        hidden_dropout_prob=config.text_dropout,
        attention_probs_dropout_prob=config.text_dropout,
        pad_token_id=tokenizer.pad_token_id,
    )
    vision = ResNetConfig(
        embedding_size=config.stem, hidden_sizes=list(config.channels), depths=list(config.depths), layer_type="basic"
    )
    return ProductEncoder(ProductEncoderConfig(text, vision, config.embedding_dim))


def contrastive_loss(texts: Tensor, images: Tensor, scale: Tensor, same: Tensor) -> Tensor:
    """InfoNCE over texts and over images, their mean (Radford et al. 2021, "Learning Transferable Visual Models From
    Natural Language Supervision", fig. 3).

    texts, images: unit vectors (N, D); scale: by which cosines are multiplied. same: bool (N, N), where two texts are
    equal: their photos are right answers to both, in equal shares, and none of them is a negative (Yang et al. 2022,
    "Unified Contrastive Learning in Image-Text-Label Space").
    """
    logits = scale * texts @ images.T
    targets = same.float() / same.sum(dim=1, keepdim=True)
    return (F.cross_entropy(logits, targets) + F.cross_entropy(logits.T, targets)) / 2


def _image_tower(network: ProductEncoder) -> Any:
    """Transformers' `to` is typed for devices only."""
    return network.vision_model


def _groups(network: ProductEncoder, weight_decay: float) -> list[dict[str, Any]]:
    """Weight decay for matrices and kernels only, not for norms, biases and the scale."""
    decayed = [p for p in network.parameters() if p.ndim > 1]
    others = [p for p in network.parameters() if p.ndim <= 1]
    return [{"params": decayed, "weight_decay": weight_decay}, {"params": others, "weight_decay": 0.0}]


def _one_epoch(
    network: ProductEncoder,
    tokenizer: PreTrainedTokenizerFast,
    optimiser: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LRScheduler,
    train: PreparedSet,
    wording: Wording,
    config: EncoderConfig,
    epoch: int,
) -> None:
    network.train()
    draw = np.random.default_rng([config.seed, epoch])
    source = torch.Generator().manual_seed(int(draw.integers(2**62)))
    torch.manual_seed(int(draw.integers(2**62)))  # dropout draws from torch's own stream
    batches = draw.permutation(len(train))[: len(train) // config.batch * config.batch].reshape(-1, config.batch)
    with tqdm(batches, desc=f"encoder: epoch {epoch + 1} of {config.epochs}", unit="batch") as bar:
        for rows in bar:
            texts = wording.draw(rows.tolist(), draw)
            images = to_input(torch.from_numpy(train.pixels(rows)), train.height, train.width)
            flipped = torch.rand(len(rows), 1, 1, 1, generator=source) < config.flip
            images = augment(
                torch.where(flipped, images.flip(3), images), config.shift, config.cutout, ItemStream(source)
            )
            loss = _loss(network, tokenizer, texts, images, config)
            check_loss(loss, epoch, config.learning_rate)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            with torch.no_grad():
                network.logit_scale.clamp_(max=HIGHEST_SCALE)
            bar.set_postfix(loss=f"{loss.item():.3f}", refresh=False)


def _loss(
    network: ProductEncoder, tokenizer: PreTrainedTokenizerFast, texts: list[str], images: Tensor, config: EncoderConfig
) -> Tensor:
    tokens = tokenizer(texts, padding=True, truncation=True, max_length=config.longest_text, return_tensors="pt")
    with torch.autocast("cpu", torch.bfloat16, enabled=config.precision == "bf16"):
        of_texts = network.get_text_features(tokens["input_ids"], tokens["attention_mask"]).pooler_output
        of_images = network.get_image_features(images.contiguous(memory_format=torch.channels_last)).pooler_output
    assert of_texts is not None
    assert of_images is not None
    unit_texts, unit_images = F.normalize(of_texts.float(), dim=1), F.normalize(of_images.float(), dim=1)
    _, number = np.unique([text.casefold() for text in texts], return_inverse=True)
    same = torch.from_numpy(number[:, None] == number[None, :])
    return contrastive_loss(unit_texts, unit_images, network.logit_scale.exp(), same)


def _note(
    done: dict[str, Any],
    network: ProductEncoder,
    tokenizer: PreTrainedTokenizerFast,
    look: Look,
    dev: PreparedSet | None,
    config: EncoderConfig,
) -> None:
    """Keep the weights where this pass is the best so far by the dev split (without one, always)."""
    weights = {name: value.clone() for name, value in network.state_dict().items()}
    if dev is None:
        done["best"] = weights
        return
    network.train(False)
    encoder = DualEncoder(network, tokenizer, look, longest_text=config.longest_text)
    found = sample_recall(encoder, dev, 0)
    if found.mean >= max([_as_recall(one).mean for one in done["recalls"]], default=0.0):
        done["best"] = weights
    done["recalls"].append({"text_to_image": found.text_to_image, "image_to_text": found.image_to_text})


def _as_recall(saved: dict[str, dict[int, float]]) -> Recall:
    return Recall(saved["text_to_image"], saved["image_to_text"])


def checkpoint_file(work: Path, config: EncoderConfig, data_sha256: str) -> Path:
    """Where the training of just these options on just these data is kept."""
    work.mkdir(parents=True, exist_ok=True)
    key = hashlib.sha256(f"{json.dumps(config.to_json())} {data_sha256}".encode()).hexdigest()[:16]
    return work / f"encoder-{key}.pt"
