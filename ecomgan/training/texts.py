"""Texts of photos as vectors: a condition that is drawn anew, and a little noisily, each time a photo is shown."""

import shutil
from pathlib import Path

import numpy as np
import numpy.typing as npt
from transformers import PreTrainedTokenizerBase

from ecomgan.calm import without_bars
from ecomgan.checkpoint_folder import load_text_encoder
from ecomgan.data.prepared import PreparedSet
from ecomgan.encoder.config import EncoderConfig
from ecomgan.encoder.dual_encoder import text_vectors
from ecomgan.encoder.opening import open_encoder
from ecomgan.encoder.wording import Wording
from ecomgan.errors import ConfigError
from ecomgan.networks.dual_encoder import ProductTextEncoder
from ecomgan.pipeline import EcomGANPipeline
from ecomgan.training.config import TrainConfig
from ecomgan.training.run import Run

BANK_FILE = "texts.npy"
WORDINGS = 4
"""Of each photo: its title whole, and three as the encoder was taught with: words left out, or its attributes."""

Tower = tuple[ProductTextEncoder, PreTrainedTokenizerBase]


def choose_text_encoder(config: TrainConfig, pipe: EcomGANPipeline | None) -> Tower | None:
    """The text tower that a new run is conditioned through: that of the checkpoint it starts from, or a new one.

    Raises ConfigError where the options name another than the checkpoint has.
    """
    if pipe is not None and pipe.text_encoder is not None:
        if config.text_encoder:
            raise ConfigError(
                f"text_encoder is {config.text_encoder!r}, but the checkpoint brings its own; leave the option out"
            )
        return pipe.text_encoder, pipe.tokenizer
    return open_encoder(Path(config.text_encoder)).text_tower() if config.text_encoder else None


def keep_text_encoder(tower: Tower, run_folder: Path) -> None:
    """Copy the tower into the run, so that it can be resumed and exported whatever becomes of the encoder's folder."""
    for part, name in zip(tower, ("text_encoder", "tokenizer"), strict=True):
        shutil.rmtree(run_folder / name, ignore_errors=True)
        with without_bars():
            part.save_pretrained(run_folder / name)


def title_vectors(tower: Tower, texts: list[str]) -> npt.NDArray[np.float32]:
    """Unit vectors float32 (N, D); zeros for an empty text."""
    network, tokenizer = tower
    found = np.zeros((len(texts), network.config.embedding_dim), dtype=np.float32)
    if said := [place for place, text in enumerate(texts) if text.strip()]:
        longest = network.config.text_config.max_position_embeddings
        found[said] = text_vectors(network, tokenizer, [texts[place] for place in said], longest).cpu().numpy()
    return found


def photo_texts(photos: PreparedSet, run: Run) -> npt.NDArray[np.float16] | None:
    """Vectors float16 (WORDINGS, photos, D) of the texts of a run's photos, kept in its folder; None without texts."""
    if not run.text_dim:
        return None
    file = run.folder / BANK_FILE
    if file.exists():
        kept: npt.NDArray[np.float16] = np.load(file)
        return kept
    tower = load_text_encoder(run.folder)
    wording = Wording(photos, EncoderConfig())
    rows = range(len(photos))
    worded = [photos.columns.get("title", [""] * len(photos))]
    worded += [wording.draw(rows, np.random.default_rng([run.config.seed, number])) for number in range(1, WORDINGS)]
    bank = np.stack([title_vectors(tower, texts).astype(np.float16) for texts in worded])
    partial = file.with_suffix(".partial")
    with partial.open("wb") as out:
        np.save(out, bank)
    partial.replace(file)
    return bank


class TextBank:
    """Draws text conditions. vectors: (wordings, photos, D) as `photo_texts` gives them."""

    def __init__(self, vectors: npt.NDArray[np.float16], config: TrainConfig) -> None:
        self._vectors = vectors
        self._group, self._dropout, self._noise = config.group, config.text_dropout, config.text_noise

    def draw(self, rows: npt.NDArray[np.intp], source: np.random.Generator) -> npt.NDArray[np.float32]:
        """float32 (len(rows), D); zeros for whole groups whose texts are dropped, and for photos without a text.

        Noise of about the length `text_noise` keeps the generator from taking a vector for the name of one photo.
        """
        wordings, _, dim = self._vectors.shape
        chosen = self._vectors[source.integers(wordings, size=len(rows)), rows].astype(np.float32)
        noise = source.standard_normal(chosen.shape, dtype=np.float32) * (self._noise / dim**0.5)
        kept = np.repeat(source.random(len(rows) // self._group) >= self._dropout, self._group)[:, None]
        has_text = chosen.any(axis=1, keepdims=True)
        drawn: npt.NDArray[np.float32] = (chosen + noise) * (kept & has_text)
        return drawn
