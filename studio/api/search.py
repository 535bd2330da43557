"""Search by meaning: what comes nearest to words, to a picture of ours, or to a photo that is sent."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from db.tables import AssetState, Role
from studio import bootstrap
from studio.access.api_keys import Scope
from studio.api.access import at_least
from studio.catalogue.products import ProductFilter
from studio.errors import InputError
from studio.images.brought import MAX_PHOTO_BYTES
from studio.images.library import MAX_PAGE, LibraryFilter
from studio.images.looks import SimilarImage
from studio.roles import Actor
from studio.searching.images import search_images
from studio.searching.products import FoundProduct, search_products
from studio.searching.questions import LONGEST, Brought, Described, OfCatalogue, OneOfOurs, Picture, Question, Words
from studio.searching.vectors import images_ready, photos_ready

router = APIRouter(prefix="/search", tags=["search"])

LARGE = {f"{router.prefix}/{kind}": MAX_PHOTO_BYTES for kind in ("images", "products")}
"""The routes that take a photo as their body, and how many bytes it may have."""

Reader = Annotated[Actor, at_least(Role.VIEWER, Scope.READ)]
Text = Annotated[str, Query(max_length=LONGEST, description="What to show: striped summer shirt.")]
State = Annotated[AssetState | None, Query()]
Narrow = Annotated[str | None, Query(max_length=200)]
Limit = Annotated[int, Query(ge=1, le=MAX_PAGE)]
_PHOTO = {
    "requestBody": {
        "required": True,
        "content": {"image/*": {"schema": {"type": "string", "format": "binary", "maxLength": MAX_PHOTO_BYTES}}},
    }
}


class ImageSearchAnswer(BaseModel):
    """The nearest images first, `likeness` being the cosine to what was asked about. more: whether there are further
    ones. close: how many of them are close to the words, the others being only the nearest that there are; null where a
    picture was asked about. unknown: words that the search was never taught. ready: how many images of `total` can be
    found so far.
    """

    images: tuple[SimilarImage, ...]
    more: bool
    close: int | None
    unknown: tuple[str, ...]
    ready: int
    total: int


class ProductSearchAnswer(BaseModel):
    """The products with the nearest photos first, each with that photo's hash; otherwise as for images."""

    products: tuple[FoundProduct, ...]
    more: bool
    close: int | None
    unknown: tuple[str, ...]
    ready: int
    total: int


@router.get("/images")
def find_images(
    actor: Reader,
    text: Text = "",
    like: Annotated[int | None, Query(description="id of an image made here")] = None,
    state: State = None,
    category: Narrow = None,
    colour: Narrow = None,
    limit: Limit = 60,
) -> ImageSearchAnswer:
    """Images that show what a text says, or that look like one of ours; with both, like that one but as the text says:
    like a black shoe, "blue".
    """
    question = _asked_by(text, None if like is None else OneOfOurs(like), "like")
    return _images(actor, question, LibraryFilter(state=state, category=category, colour=colour), limit)


@router.post("/images", openapi_extra=_PHOTO)
async def find_images_by_photo(
    actor: Reader,
    request: Request,
    text: Text = "",
    state: State = None,
    category: Narrow = None,
    colour: Narrow = None,
    limit: Limit = 60,
) -> ImageSearchAnswer:
    """Images that look like the photo in the body (JPEG, PNG, WebP, GIF, BMP or TIFF); with a `text`, as it says. It is
    not kept.
    """
    question = _asked_by(text, Brought(await request.body()), "photo")
    wanted = LibraryFilter(state=state, category=category, colour=colour)
    return await run_in_threadpool(_images, actor, question, wanted, limit)


@router.get("/products")
def find_products(
    actor: Reader,
    text: Text = "",
    photo: Annotated[str | None, Query(pattern="^[0-9a-f]{64}$", description="hash of a photo here")] = None,
    category: Narrow = None,
    colour: Narrow = None,
    limit: Limit = 24,
) -> ProductSearchAnswer:
    """Products whose photos show what a text says, or look like a photo of the catalogue; or both, as for images."""
    question = _asked_by(text, None if photo is None else OfCatalogue(photo), "photo")
    return _products(actor, question, ProductFilter(category=category, colour=colour), limit)


@router.post("/products", openapi_extra=_PHOTO)
async def find_products_by_photo(
    actor: Reader,
    request: Request,
    text: Text = "",
    category: Narrow = None,
    colour: Narrow = None,
    limit: Limit = 24,
) -> ProductSearchAnswer:
    """Which product is this? Those whose photos look most like the photo in the body come first; with a `text`, as it
    says. It is not kept.
    """
    question = _asked_by(text, Brought(await request.body()), "photo")
    wanted = ProductFilter(category=category, colour=colour)
    return await run_in_threadpool(_products, actor, question, wanted, limit)


def _asked_by(text: str, picture: Picture | None, name: str) -> Question:
    """name: of the parameter that gives the picture."""
    if picture is None:
        if not text:
            raise InputError("A search is by text or by {name}: give at least one of them.", name=name)
        return Words(text)
    return Described(picture, Words(text)) if text else picture


def _images(actor: Actor, question: Question, wanted: LibraryFilter, limit: int) -> ImageSearchAnswer:
    studio = bootstrap.get_studio()
    found = search_images(studio, actor, question, wanted, limit=limit)
    ready = images_ready(studio, actor)
    return ImageSearchAnswer(**vars(found), ready=ready.ready, total=ready.total)


def _products(actor: Actor, question: Question, wanted: ProductFilter, limit: int) -> ProductSearchAnswer:
    studio = bootstrap.get_studio()
    found = search_products(studio, actor, question, wanted, limit=limit)
    ready = photos_ready(studio, actor)
    return ProductSearchAnswer(**vars(found), ready=ready.ready, total=ready.total)
