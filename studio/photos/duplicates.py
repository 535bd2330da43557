"""Photos that show the same picture in other bytes: saved again, made smaller, cropped by a hair."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from db.tables import Photo, Role
from studio.bootstrap import Studio
from studio.photos.fingerprints import Fingerprint, near_pairs
from studio.photos.listing import PictureView, pictures
from studio.roles import Actor, require

MOST_GROUPS = 50
"""Groups that are told at once; the others come when these are seen to."""


@dataclass(frozen=True)
class Duplicates:
    """Pictures that are near-duplicates of one another, the largest first: the one to keep.

    spare: hashes of those whose products all have the largest, too. The others stand at other products: one of the two
    has the photo of the other, or the pictures differ by what is too small for a fingerprint.
    """

    pictures: tuple[PictureView, ...]
    spare: tuple[str, ...]


def near_duplicates(studio: Studio, actor: Actor | None, *, most: int = MOST_GROUPS) -> list[Duplicates]:
    """Groups of near-duplicates, the largest groups first. Colourways of one product are none.

    Equal bytes at many products are one picture and no duplicates.
    """
    require(actor, Role.VIEWER)
    with studio.reading() as session:
        known = Photo.fingerprint.is_not(None) & Photo.colour_grid.is_not(None)
        rows = session.execute(sa.select(Photo.sha256, Photo.fingerprint, Photo.colour_grid).where(known)).all()
    prints = {
        sha256: Fingerprint(shapes, colours)
        for sha256, shapes, colours in rows
        if shapes is not None and colours is not None
    }
    hashes = sorted(prints)
    groups = _connected(list(near_pairs([prints[sha256] for sha256 in hashes])))
    found = []
    for group in sorted(groups, key=lambda places: (-len(places), places))[:most]:
        views = pictures(studio, actor, [hashes[place] for place in group])
        ordered = tuple(sorted(views, key=lambda view: -view.height * view.width))
        found.append(Duplicates(ordered, _spare(studio, [view.sha256 for view in ordered])))
    return found


def _spare(studio: Studio, hashes: list[str]) -> tuple[str, ...]:
    products: dict[str, set[int]] = {sha256: set() for sha256 in hashes}
    with studio.reading() as session:
        query = sa.select(Photo.sha256, Photo.product_id).where(Photo.sha256.in_(hashes))
        for sha256, product_id in session.execute(query):
            products[sha256].add(product_id)
    kept, *others = hashes
    return tuple(sha256 for sha256 in others if products[sha256] <= products[kept])


def _connected(pairs: list[tuple[int, int]]) -> list[list[int]]:
    """Groups of places that pairs join, each in order."""
    root: dict[int, int] = {}

    def top(place: int) -> int:
        while root.setdefault(place, place) != place:
            root[place] = root[root[place]]
            place = root[place]
        return place

    for first, second in pairs:
        root[top(second)] = top(first)
    groups: dict[int, list[int]] = {}
    for place in sorted(root):
        groups.setdefault(top(place), []).append(place)
    return list(groups.values())
