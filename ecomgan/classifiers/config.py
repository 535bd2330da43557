"""How the judge and the ranker are taught."""

from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from ecomgan.options import check, check_finite

Role = Literal["judge", "ranker"]
_PRECISIONS = ("bf16", "fp32")
_ARCHITECTURES = ("residual", "depthwise")


@dataclass(frozen=True)
class ClassifierConfig:
    """Options of one training. Everything that decides the weights, beside the data, is here."""

    role: Role
    architecture: Literal["residual", "depthwise"]
    channels: tuple[int, ...]
    fields: tuple[str, ...]
    precision: Literal["bf16", "fp32"]
    """Of the convolutions. bf16 is half as slow on processors that know it, but not for depthwise ones."""
    seed: int
    epochs: int = 10
    batch: int = 128
    learning_rate: float = 3e-3
    weight_decay: float = 0.05
    label_smoothing: float = 0.1
    shift: float = 0.7
    """Probability that a photo is shifted by up to 1/16 of its sides."""
    cutout: float = 0.3
    """Probability of a white rectangle."""
    flip: float = 0.5
    smallest_count: int = 10
    """Photos that a value needs to be told apart."""

    def __post_init__(self) -> None:
        check_finite(self)
        for name, choices in (("role", get_args(Role)), ("architecture", _ARCHITECTURES), ("precision", _PRECISIONS)):
            check(name, getattr(self, name), f"one of {', '.join(choices)}", getattr(self, name) in choices)
        for name, least in (("epochs", 1), ("batch", 2), ("smallest_count", 1), ("seed", 0), ("weight_decay", 0)):
            check(name, getattr(self, name), f"at least {least}", getattr(self, name) >= least)
        check("learning_rate", self.learning_rate, "above 0", self.learning_rate > 0)
        check("label_smoothing", self.label_smoothing, "in [0, 1)", 0 <= self.label_smoothing < 1)
        for name in ("shift", "cutout", "flip"):
            check(name, getattr(self, name), "between 0 and 1", 0 <= getattr(self, name) <= 1)
        check("channels", self.channels, "widths above 0", bool(self.channels) and min(self.channels) > 0)
        check("fields", self.fields, "one at least", bool(self.fields))

    def to_json(self) -> dict[str, Any]:
        """All options, as the record of the training keeps them."""
        return {name: list(v) if isinstance(v, tuple) else v for name, v in asdict(self).items()}


ROLES: dict[Role, ClassifierConfig] = {
    "judge": ClassifierConfig(
        role="judge",
        architecture="residual",
        channels=(32, 64, 128, 256),
        fields=("article_type", "colour"),
        precision="bf16",
        seed=11,
    ),
    "ranker": ClassifierConfig(
        role="ranker",
        architecture="depthwise",
        channels=(32, 64, 128, 192),
        fields=("article_type",),
        precision="fp32",
        seed=23,
        epochs=6,
    ),
}
