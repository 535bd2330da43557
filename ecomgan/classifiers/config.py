"""How the judge and the ranker are taught."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

Role = Literal["judge", "ranker"]


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
        if self.epochs < 1 or self.batch < 2:
            raise ValueError(f"at least 1 epoch and 2 photos a batch were expected; got {self.epochs}, {self.batch}")

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
