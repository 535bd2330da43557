"""How the shipped dual encoder is taught."""

from dataclasses import asdict, dataclass
from typing import Any

from ecomgan.options import check, check_finite


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
        check_finite(self)
        check("precision", self.precision, "bf16 or fp32", self.precision in ("bf16", "fp32"))
        for name in ("epochs", "embedding_dim", "vocabulary", "text_width", "text_layers", "stem"):
            check(name, getattr(self, name), "at least 1", getattr(self, name) >= 1)
        for name, least in (("batch", 2), ("longest_text", 2), ("seed", 0), ("weight_decay", 0)):
            check(name, getattr(self, name), f"at least {least}", getattr(self, name) >= least)
        check("learning_rate", self.learning_rate, "above 0", self.learning_rate > 0)
        check("text_dropout", self.text_dropout, "in [0, 1)", 0 <= self.text_dropout < 1)
        for name in ("phrases", "shortened", "word_dropout", "shift", "cutout", "flip"):
            check(name, getattr(self, name), "between 0 and 1", 0 <= getattr(self, name) <= 1)
        together = self.phrases + self.shortened
        check("phrases + shortened", together, "at most 1, which is all texts", together <= 1)
        for name in ("channels", "depths"):
            check(name, getattr(self, name), "numbers above 0", min(getattr(self, name), default=0) > 0)
        check(
            "depths", self.depths, f"as many as channels, {len(self.channels)}", len(self.depths) == len(self.channels)
        )

    def to_json(self) -> dict[str, Any]:
        """All options, as the record of the training keeps them."""
        return {name: list(v) if isinstance(v, tuple) else v for name, v in asdict(self).items()}
