"""Images made here, the nearest to a question first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from db.tables import Role
from studio.errors import InputError
from studio.images.fitting import first_fitting, values_of
from studio.images.library import MAX_PAGE, LibraryFilter, fits_filter, views_in_order
from studio.images.looks import SimilarImage
from studio.roles import Actor, require
from studio.searching.questions import OneOfOurs, Question, vector_of

if TYPE_CHECKING:
    from studio.bootstrap import Studio


@dataclass(frozen=True)
class FoundImages:
    """The nearest images that fit, the nearest first, with their cosines. more: whether there are further ones."""

    images: tuple[SimilarImage, ...]
    more: bool


def search_images(
    studio: Studio, actor: Actor | None, question: Question, wanted: LibraryFilter | None = None, *, limit: int = 60
) -> FoundImages:
    """The images that come nearest to a question; an image is not among those like itself.

    Raises InputError, NotFound, EngineError without an encoder.
    """
    require(actor, Role.VIEWER)
    check_limit(limit)
    with studio.reading() as session:
        vector = vector_of(studio, session, question)
        ids, found = studio.meanings.images.nearest_first(session, vector)
        if isinstance(question, OneOfOurs):
            others = ids != question.asset_id
            ids, found = ids[others], found[others]
        kept = first_fitting(ids, fits_filter(session, wanted or LibraryFilter()), limit + 1)
        cosine_of = values_of(ids, found, kept)
        views = views_in_order(session, kept[:limit])
        return FoundImages(tuple(SimilarImage(view, cosine_of[view.id]) for view in views), len(kept) > limit)


def check_limit(limit: int) -> None:
    """Raises InputError for a number of results that is not to be had."""
    if not 1 <= limit <= MAX_PAGE:
        raise InputError("A search answers with 1 to {most} results, got {limit}.", most=MAX_PAGE, limit=limit)
