"""What is searched by: words, a photo that somebody brings, one of our images, a photo of the catalogue."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy.orm import Session

from db.tables import Asset, AssetVector, PhotoVector
from ecomgan.errors import BriefError
from ecomgan.text import read_brief
from studio.engines.texts import compose, reading_vocabulary
from studio.errors import InputError, NotFound
from studio.images.brought import decoded
from studio.searching.meanings import Vector

if TYPE_CHECKING:
    from studio.bootstrap import Studio

LONGEST = 300
"""Characters of the words."""

_CHINESE = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True)
class Words:
    """What to show, in words: "striped summer shirt"."""

    text: str

    def __post_init__(self) -> None:
        length = len(self.text.strip())
        if not 1 <= length <= LONGEST:
            raise InputError(
                "Words to search by have 1 to {longest} characters, got {length}.", longest=LONGEST, length=length
            )


@dataclass(frozen=True)
class Brought:
    """A photo as the bytes of its file; it is not kept."""

    data: bytes


@dataclass(frozen=True)
class OneOfOurs:
    """An image made here."""

    asset_id: int


@dataclass(frozen=True)
class OfCatalogue:
    """A real photo of a product, by the hash of its bytes."""

    sha256: str


Question = Words | Brought | OneOfOurs | OfCatalogue


def vector_of(studio: Studio, session: Session, question: Question) -> Vector:
    """The unit vector of a question. A picture of ours that has none yet is looked at now.

    Raises InputError for a photo that cannot be used, NotFound, EngineError without an encoder.
    """
    encoder = studio.meanings.encoder
    if isinstance(question, Words):
        return _first(encoder.texts([_in_english(studio, question.text)]))
    if isinstance(question, Brought):
        return _first(encoder.images([decoded(question.data)]))
    if isinstance(question, OneOfOurs):
        asset = session.get(Asset, question.asset_id)
        if asset is None:
            raise NotFound(f"There is no image {question.asset_id}.")
        row: AssetVector | PhotoVector | None = session.get(AssetVector, asset.id)
        sha256 = asset.sha256
    else:
        row, sha256 = session.get(PhotoVector, question.sha256), question.sha256
    if row is not None and row.encoder == encoder.identity:
        packed = np.frombuffer(row.vector, dtype=np.int8).astype(np.float32)
        if packed.any():
            return np.asarray(packed / np.linalg.norm(packed))
    return _first(encoder.images([decoded(studio.storage.get(sha256))]))


def _first(vectors: Vector) -> Vector:
    vector: Vector = vectors[0]
    return vector


def _in_english(studio: Studio, text: str) -> str:
    """Chinese words for known kinds and colours become English, which the encoder was taught."""
    if not _CHINESE.search(text):
        return text
    words = reading_vocabulary(studio)
    try:
        return compose(text, read_brief(text, words).attributes, words, "")
    except BriefError:
        return text
