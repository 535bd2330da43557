"""All that can be chosen about a training, in one frozen record that refuses what it does not know."""

import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ecomgan.errors import ConfigError
from ecomgan.options import check, check_finite, resumed_with, with_changes

_CHOICES = {
    "backbone": ("lite0", "none"),
    "precision": ("bf16", "fp32"),
    "device": ("auto", "cpu", "cuda"),
    "loss": ("hinge", "non_saturating", "wgan_gp", "relativistic"),
}
_NEED_PENALTY = ("wgan_gp", "relativistic")
# Changing these would change the shape of what a run folder holds.
_FIXED_ONCE_STARTED = (
    "backbone", "channels", "latent_dim", "embedding_dim", "style_dim", "smallest_count", "frozen_blocks", "replay",
    "text_encoder", "category_levels", "attention", "grow", "refinements",
)  # fmt: skip


@dataclass(frozen=True)
class TrainConfig:
    """Options of a training. "Images" always counts real photos seen by the discriminator."""

    images: int = 300_000
    """When to stop."""
    batch: int = 64
    seed: int = 0
    device: str = "auto"
    precision: str = "bf16"
    """Of generator and heads; backbone, mapping, losses and averages stay in fp32."""

    channels: tuple[int, ...] = (256, 192, 128, 64, 32)
    """Of the generator, from the base size up; the size doubles with each but the first."""
    latent_dim: int = 128
    embedding_dim: int = 64
    style_dim: int = 256
    attention: int = 0
    """Block of the generator after which every place looks at all others (self-attention); 0: none."""
    refinements: int = 0
    """Blocks, the last ones, that add to the enlarged image of those below; what has grown keeps them."""
    grow: tuple[int, ...] = ()
    """Channels of blocks that are put above those of the checkpoint that training starts from; each doubles the size
    and starts without effect."""
    backbone: str = "lite0"
    """`lite0` (frozen, pretrained) or `none` (a small pyramid learned with the heads)."""
    judged_side: int = 224
    """Longest side in pixels of what the backbone sees. Larger images are shrunk to it in half of the steps, to be
    judged as a whole, and cropped in the others, to be judged in detail."""

    lr_generator: float = 2e-4
    lr_discriminator: float = 2e-4
    beta2: float = 0.99
    init_lr_factor: float = 0.25
    """By which both are multiplied when training starts from a taught checkpoint."""
    ema: float = 0.999
    """Decay of the averaged generator, reached by a ramp."""

    smallest_count: int = 20
    """Photos that a value needs to enter the vocabulary."""
    balance: float = 1.0
    """An article type with n photos is drawn in proportion to n ** balance."""
    group: int = 1
    """Neighbours in a batch that share their condition; from 2 on their deviation is shown to the heads."""
    condition_dropout: float = 0.1
    category_levels: tuple[str, ...] = ()
    """Columns of the set that hold the categories above the article type, from the widest down, such as
    `master_category` and `sub_category`; articles of one category then share what it teaches."""
    text_encoder: str = ""
    """Folder of the dual encoder whose vectors of the titles are a condition too; empty: none, or that of the
    checkpoint that training starts from."""
    text_dropout: float = 0.3
    """Probability that the texts of a group are left out."""
    text_noise: float = 0.25
    """Length of the noise on a text's vector, whose own length is 1."""
    loss: str = "hinge"
    """`hinge`, `non_saturating`, `wgan_gp` or `relativistic`: see `ecomgan.training.losses`."""
    penalty: float = 0.0
    """Weight of the loss's penalty on the heads' gradients (R1; for `relativistic` R1 + R2; for `wgan_gp` a norm of 1);
    0: none, which the last two cannot do without."""
    penalty_every: int = 16
    """Steps from one penalty to the next; its weight grows with them."""
    perturbation: float = 0.0
    """By how much, in [-1, 1], each pixel of the real photos is moved to fool the heads; 0: not at all."""
    mismatch_weight: float = 0.5
    """Weight of real photos with conditions that do not fit."""
    hard_mismatch: float = 0.25
    """Share of them that differ in article or colour only; with texts, as many differ in the text only."""
    shift: float = 0.5
    """Probability that an image, real or made, is shifted by up to 1/16 of its sides."""
    cutout: float = 0.0
    """Probability that a white rectangle is laid on it."""

    frozen_blocks: int = 0
    """Lowest blocks of the generator whose convolutions stay as taught."""
    replay: float = 0.0
    """Share of each batch that shows what the checkpoint knew before; needs a taught checkpoint to start from."""
    alignment: float = 0.0
    """Weight of replayed conditions giving the very images that the checkpoint gave before; needs `replay`."""
    keep: float = 0.0
    """Share of the weights of the checkpoint that training started from in the generator that is exported: it keeps
    what that one knew, at little cost to what was learned (Wortsman et al. 2022, "Robust fine-tuning of zero-shot
    models", equation 1)."""
    patience: int = 0
    """Evaluations without a better held-out figure after which training ends; 0: never."""
    copying_alarm: float = 0.0
    """Copying ratio below which an alarm is raised, two in a row end training; 0: copying is not measured."""

    grid_every: int = 6_400
    evaluate_every: int = 12_800
    evaluate_images: int = 1_000
    """Photos of the dev split for the figures on the way; 0 leaves the evaluation out."""
    checkpoint_seconds: float = 180.0
    variety_condition: tuple[str, ...] = ()
    """Values, one a field, of the condition whose variety is logged; empty: the most frequent one."""
    wandb: str = ""
    """Project of Weights & Biases that gets the figures too, where that is installed; empty: none."""
    most_bad_steps: int = 20
    """Non-finite steps in a row after which training gives up."""

    def __post_init__(self) -> None:
        check_finite(self)
        check("channels", self.channels, "at least two sizes", len(self.channels) >= 2 and min(self.channels) > 0)
        for name, choices in _CHOICES.items():
            check(name, getattr(self, name), f"one of {', '.join(choices)}", getattr(self, name) in choices)
        for name in ("images", "batch", "latent_dim", "embedding_dim", "style_dim", "group", "grid_every",
                     "evaluate_every", "penalty_every", "most_bad_steps"):  # fmt: skip
            check(name, getattr(self, name), "at least 1", getattr(self, name) >= 1)
        for name in (
            "condition_dropout",
            "text_dropout",
            "hard_mismatch",
            "shift",
            "cutout",
            "balance",
            "copying_alarm",
            "perturbation",
        ):
            check(name, getattr(self, name), "between 0 and 1", 0 <= getattr(self, name) <= 1)
        for name in ("lr_generator", "lr_discriminator", "init_lr_factor", "checkpoint_seconds"):
            check(name, getattr(self, name), "above 0", getattr(self, name) > 0)
        for name in ("beta2", "ema"):
            check(name, getattr(self, name), "in [0, 1)", 0 <= getattr(self, name) < 1)
        for name in (
            "mismatch_weight",
            "penalty",
            "alignment",
            "text_noise",
            "evaluate_images",
            "smallest_count",
            "seed",
            "patience",
            "frozen_blocks",
        ):
            check(name, getattr(self, name), "at least 0", getattr(self, name) >= 0)
        for name in ("replay", "keep"):
            check(name, getattr(self, name), "at least 0 and below 1", 0 <= getattr(self, name) < 1)
        check("alignment", self.alignment, "0 where nothing is replayed", self.replay > 0 or self.alignment == 0)
        most = len(self.channels) - 1
        check("frozen_blocks", self.frozen_blocks, f"at most {most}, the number of blocks", self.frozen_blocks <= most)
        check("attention", self.attention, f"0 to {most}, the number of blocks", 0 <= self.attention <= most)
        check("grow", self.grow, "numbers above 0", all(n > 0 for n in self.grow))
        most_refined = f"0 to {most - 1}, fewer than the blocks"
        check("refinements", self.refinements, most_refined, 0 <= self.refinements < most)
        check("judged_side", self.judged_side, "at least 32", self.judged_side >= 32)
        free = self.loss not in _NEED_PENALTY
        check("penalty", self.penalty, f"above 0 for the loss {self.loss!r}", free or self.penalty > 0)
        check("batch", self.batch, f"a multiple of group = {self.group}", self.batch % self.group == 0)

    @property
    def replayed(self) -> int:
        """Images of each batch that are replayed, in whole groups."""
        return round(self.replay * self.batch / self.group) * self.group

    def with_changes(self, changes: Mapping[str, Any]) -> "TrainConfig":
        """The same with some options changed; raises ConfigError for unknown ones and values of another kind."""
        return with_changes(self, changes)

    def resumed_with(self, changes: Mapping[str, Any]) -> "TrainConfig":
        """As `with_changes`, for a run that has started: what shapes the networks can no longer change."""
        return resumed_with(self, changes, _FIXED_ONCE_STARTED)

    def to_json(self) -> dict[str, Any]:
        """All options, as JSON holds them."""
        return asdict(self)


def read_config_file(path: Path) -> dict[str, Any]:
    """Options from a .json or .toml file."""
    try:
        text = path.read_text(encoding="utf-8")
        loaded = tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path} cannot be read as options ({error}); a JSON or TOML file was expected") from error
    if not isinstance(loaded, dict):
        raise ConfigError(f"{path} holds a {type(loaded).__name__}; a table of options was expected")
    return loaded


def read_assignments(assignments: Iterable[str]) -> dict[str, Any]:
    """Options from `name=value` texts; values are JSON where they parse as JSON, else text."""
    assigned: dict[str, Any] = {}
    for assignment in assignments:
        name, equals, value = assignment.partition("=")
        if not equals:
            raise ConfigError(f"{assignment!r} is no option; name=value was expected")
        try:
            assigned[name.strip()] = json.loads(value)
        except ValueError:
            assigned[name.strip()] = value
    return assigned


def read_nearest(assignments: Iterable[str]) -> dict[str, dict[str, str]]:
    """What new values start from, by field, from `field.new value=known value` texts."""
    nearest: dict[str, dict[str, str]] = {}
    for assignment in assignments:
        new, equals, known = assignment.partition("=")
        field, dot, value = new.partition(".")
        if not (equals and dot and value.strip() and known.strip()):
            raise ConfigError(f"{assignment!r} says of no value what it starts from; FIELD.NEW=KNOWN was expected")
        nearest.setdefault(field.strip(), {})[value.strip()] = known.strip()
    return nearest
