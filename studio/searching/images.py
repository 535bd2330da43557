"""Images made here, the nearest to a question first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from db.tables import Role
from studio.errors import InputError
from studio.images.fitting import first_fitting, values_of
from studio.images.library import MAX_PAGE, LibraryFilter, fits_filter, views_in_order
from studio.images.looks import SimilarImage
from studio.roles import Actor, require
from studio.searching.questions import Described, OneOfOurs, Question, Understood, understand

if TYPE_CHECKING:
    from studio.bootstrap import Studio


@dataclass(frozen=True)
class FoundImages:
    """The nearest images that fit, the nearest first, with their cosines. more: whether there are further ones; close,
    unknown: see `close_ones`, `Understood`.
    """

    images: tuple[SimilarImage, ...]
    more: bool
    close: int | None = None
    unknown: tuple[str, ...] = ()


def search_images(
    studio: Studio, actor: Actor | None, question: Question, wanted: LibraryFilter | None = None, *, limit: int = 60
) -> FoundImages:
    """The images that come nearest to a question; an image is not among those like itself.

    Raises InputError, NotFound, EngineError without an encoder.
    """
    require(actor, Role.VIEWER)
    check_limit(limit)
    with studio.reading() as session:
        asked = understand(studio, session, question)
        ids, found = studio.meanings.images.nearest_first(session, asked.vector)
        picture = question.picture if isinstance(question, Described) else question
        if isinstance(picture, OneOfOurs):
            others = ids != picture.asset_id
            ids, found = ids[others], found[others]
        kept = first_fitting(ids, fits_filter(session, wanted or LibraryFilter()), limit + 1)
        cosine_of = values_of(ids, found, kept)
        images = tuple(SimilarImage(view, cosine_of[view.id]) for view in views_in_order(session, kept[:limit]))
        close = close_ones(asked, [one.likeness for one in images])
        return FoundImages(images, len(kept) > limit, close, asked.unknown)


def close_ones(asked: Understood, likenesses: Sequence[float]) -> int | None:
    """How many of what was found, the nearest first, are close to the words; None where nothing tells: a picture was
    asked about, or nobody measured it for the encoder.
    """
    return None if asked.least is None else sum(likeness >= asked.least for likeness in likenesses)


def check_limit(limit: int) -> None:
    """Raises InputError for a number of results that is not to be had."""
    if not 1 <= limit <= MAX_PAGE:
        raise InputError("A search answers with 1 to {most} results, got {limit}.", most=MAX_PAGE, limit=limit)
