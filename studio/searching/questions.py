"""What is searched by: words, a photo that somebody brings, one of our images, a photo of the catalogue; or both."""

from __future__ import annotations

import math
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

_WORDS_COUNT = 2
# Times as much as the picture beside them. Of 500 held-out photos, each with the name of another colour: of the
# first ten, 33 % have that colour and the photo's kind; where both count alike 23 %, by the photo alone 7 %, by the
# words alone 6 %.
_SAID = re.compile(r"[^\W\d_]")  # letters: a number alone is as near to some photo as a word that was never taught
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


Picture = Brought | OneOfOurs | OfCatalogue


@dataclass(frozen=True)
class Described:
    """A picture, and words for what is to be other than in it: this shoe, "blue"."""

    picture: Picture
    words: Words


Question = Words | Picture | Described


@dataclass(frozen=True)
class Understood:
    """The unit vector that a question comes to. unknown: its words that the encoder was never taught, which are left
    out where there are others; least: cosine from which something is close to the words, None where nothing says so.
    """

    vector: Vector
    unknown: tuple[str, ...] = ()
    least: float | None = None


def understand(studio: Studio, session: Session, question: Question) -> Understood:
    """What a question comes to. A picture of ours that has no vector yet is looked at now.

    Raises InputError for a photo that cannot be used, NotFound, EngineError without an encoder.
    """
    if isinstance(question, Words):
        return _of_words(studio, question)
    if isinstance(question, Described):
        picture, words = _of_picture(studio, session, question.picture), _of_words(studio, question.words)
        if words.least == math.inf:
            return Understood(picture, words.unknown)
        both = picture + _WORDS_COUNT * words.vector
        return Understood(both / np.linalg.norm(both), words.unknown)
    return Understood(_of_picture(studio, session, question))


def _of_words(studio: Studio, words: Words) -> Understood:
    encoder = studio.meanings.encoder
    text = _in_english(studio, words.text)
    taught, unknown = encoder.taught_part(text)
    least = None if encoder.closeness is None else encoder.closeness.least_cosine
    if unknown and not _SAID.search(taught):  # the encoder puts it somewhere all the same, which means nothing
        taught, least = text, math.inf
    return Understood(_first(encoder.texts([taught])), tuple(dict.fromkeys(unknown)), least)


def _of_picture(studio: Studio, session: Session, picture: Picture) -> Vector:
    encoder = studio.meanings.encoder
    if isinstance(picture, Brought):
        return _first(encoder.images([decoded(picture.data)]))
    if isinstance(picture, OneOfOurs):
        asset = session.get(Asset, picture.asset_id)
        if asset is None:
            raise NotFound(f"There is no image {picture.asset_id}.")
        row: AssetVector | PhotoVector | None = session.get(AssetVector, asset.id)
        sha256 = asset.sha256
    else:
        row, sha256 = session.get(PhotoVector, picture.sha256), picture.sha256
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
