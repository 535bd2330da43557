"""Photos that show the same picture in other bytes: saved again, made smaller, cropped by a hair."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from db.tables import Photo, Role
from studio.bootstrap import Studio
from studio.photo_fingerprints import Fingerprint, near_pairs
from studio.photo_list import PictureView, pictures
from studio.roles import Actor, require

MOST_GROUPS = 50
"""Groups that are told at once; the others come when these are seen to."""


@dataclass(frozen=True)
class Duplicates:
    """Pictures that are near-duplicates of one another, the largest first: the one to keep."""

    pictures: tuple[PictureView, ...]

    @property
    def spare(self) -> tuple[str, ...]:
        """The hashes of all but the largest."""
        return tuple(picture.sha256 for picture in self.pictures[1:])


def near_duplicates(studio: Studio, actor: Actor | None, *, most: int = MOST_GROUPS) -> list[Duplicates]:
    """Groups of near-duplicates, the largest groups first. Colourways of one product are none.

    Equal bytes at many products are one picture and no duplicates.
    """
    require(actor, Role.VIEWER)
    with studio.reading() as session:
        known = Photo.fingerprint.is_not(None) & Photo.colour_grid.is_not(None)
        rows = session.execute(sa.select(Photo.sha256, Photo.fingerprint, Photo.colour_grid).where(known)).all()
    prints = {sha256: Fingerprint(shapes, colours) for sha256, shapes, colours in rows}
    hashes = sorted(prints)
    groups = _connected(list(near_pairs([prints[sha256] for sha256 in hashes])))
    found = []
    for group in sorted(groups, key=lambda places: (-len(places), places))[:most]:
        views = pictures(studio, actor, [hashes[place] for place in group])
        found.append(Duplicates(tuple(sorted(views, key=lambda view: -view.height * view.width))))
    return found


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
