"""How the shipped dual encoder is taught."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class EncoderConfig:
    """Options of one training. Everything that decides the weights, beside the data, is here."""

    seed: int = 31
    epochs: int = 12
    batch: int = 256
    learning_rate: float = 2e-3
    weight_decay: float = 0.05
    precision: str = "bf16"
    """Of the towers; similarities and loss are fp32."""
    embedding_dim: int = 128

    vocabulary: int = 4_096
    """Tokens of the byte-level BPE."""
    longest_text: int = 48
    """Tokens of a text; the rest is cut off."""
    text_width: int = 192
    text_layers: int = 2
    text_dropout: float = 0.1

    stem: int = 48
    channels: tuple[int, ...] = (48, 96, 160, 256)
    depths: tuple[int, ...] = (1, 2, 2, 1)

    phrases: float = 0.25
    """Share of photos whose text is a phrase of their attributes, such as "men black sports shoes"."""
    shortened: float = 0.4
    """Share whose title loses words."""
    word_dropout: float = 0.3
    """Probability of each word of such a title to be left out."""
    shift: float = 0.7
    """Probability that a photo is shifted by up to 1/16 of its sides."""
    cutout: float = 0.3
    """Probability of a white rectangle."""
    flip: float = 0.5

    def __post_init__(self) -> None:
        if self.epochs < 1 or self.batch < 2:
            raise ValueError(f"at least 1 epoch and 2 photos a batch were expected; got {self.epochs}, {self.batch}")
        if self.precision not in ("bf16", "fp32"):
            raise ValueError(f"precision is {self.precision!r}; 'bf16' or 'fp32' was expected")
        if self.phrases + self.shortened > 1:
            raise ValueError(f"phrases {self.phrases} and shortened {self.shortened} are more than all texts")

    def to_json(self) -> dict[str, Any]:
        """All options, as the record of the training keeps them."""
        return {name: list(v) if isinstance(v, tuple) else v for name, v in asdict(self).items()}
