"""Which products a photo shows, by what the catalogue says of it, by its file's name, or by its folder's."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.portions import portions
from db.tables import PhotoReference, Product
from studio.photos.references import file_key

_CUT = re.compile(r"[-_. ()]+")
_VIEW = re.compile(
    r"\d{1,3}|[a-z]|main|front|back|side|left|right|top|bottom|detail|zoom|flat|model|studio|hero|copy"
    r"|(alt|view|img|image|photo|pic)\d*"
)  # what may follow a SKU: anything else may be another thing, whose name only begins alike
_TELLING = 5  # letters of a file's name from which on it may stand for itself, whatever its folder


@dataclass(frozen=True)
class Match:
    """The products of a photo. by: "reference", "sku" or "folder"; empty with a reason where there are none.

    path: the reference that the photo fulfils.
    """

    product_ids: tuple[int, ...]
    by: str
    path: str = ""
    reason: str = ""


_NOBODY = Match((), "", reason="No product has this SKU or file name.")


def match(session: Session, paths: Sequence[str]) -> list[Match]:
    """The products of each of these files, by their names in the upload.

    First what catalogue files say ("/m/h/mh01-black_main.jpg"); then a SKU that begins the file's name
    ("MH01-XS-Black_2.jpg", "MH01_back.jpg", but not "MH01-tote.jpg"); then a folder that is called by a SKU
    ("MH01-XS-Black/front.jpg"). Case does not count.
    """
    named = _references(session, {file_key(path) for path in paths})
    skus = _products(session, {name for path in paths for name in (*_beginnings(path), *_folders(path))})
    return [_match(path, named[file_key(path)], skus) for path in paths]


def _match(path: str, named: dict[str, list[int]], skus: dict[str, int]) -> Match:
    if named:
        agreeing = {reference: _agreement(path, reference) for reference in named}
        best = max(agreeing.values())
        nearest = [reference for reference, parts in agreeing.items() if parts == best]
        if len(nearest) > 1:
            both = " and ".join(sorted(nearest)[:2])
            return Match((), "", reason=f"The catalogue names several files so: {both}. Upload it in its folder.")
        if best > 1 or _stands_alone(path, nearest[0]):
            return Match(tuple(named[nearest[0]]), "reference", nearest[0])
    for by, names in (("sku", _beginnings(path)), ("folder", _folders(path))):
        for name in names:
            if name in skus:
                return Match((skus[name],), by)
    return _NOBODY


def _agreement(path: str, reference: str) -> int:
    """How many parts, from the end, two paths have in common."""
    pairs = zip(reversed(_parts(path)), reversed(_parts(reference)), strict=False)
    agreed = 0
    for one, other in pairs:
        if one != other:
            break
        agreed += 1
    return agreed


def _stands_alone(path: str, reference: str) -> bool:
    """Whether equal file names are enough: "1.jpg" in another folder is another photo."""
    stem = file_key(path).rsplit(".", 1)[0]
    return len(_parts(path)) == 1 or len(_parts(reference)) == 1 or len(stem) >= _TELLING


def _beginnings(path: str) -> Iterator[str]:
    """The file's name without its ending, and its beginnings that may be a SKU, the longest first."""
    stem = file_key(path).rsplit(".", 1)[0]
    yield stem
    for cut in reversed(list(_CUT.finditer(stem))):
        beginning = stem[: cut.start()]
        rest = [part for part in _CUT.split(stem[cut.end() :]) if part]
        if not all(_VIEW.fullmatch(part) for part in rest):
            return
        if any(letter.isdigit() for letter in beginning):  # a word alone is too likely a word
            yield beginning


def _folders(path: str) -> Iterator[str]:
    """The folders that the file lies in, the nearest first."""
    yield from reversed(_parts(path)[:-1])


def _parts(path: str) -> list[str]:
    return [part for part in unicodedata.normalize("NFC", path).lower().split("/") if part]


def _references(session: Session, keys: set[str]) -> defaultdict[str, dict[str, list[int]]]:
    """File name -> path as the catalogue names it -> the products that name it."""
    found: defaultdict[str, dict[str, list[int]]] = defaultdict(dict)
    for some in portions(sorted(keys)):
        these = PhotoReference.file_name.in_(some)
        query = sa.select(PhotoReference.file_name, PhotoReference.path, PhotoReference.product_id).where(these)
        for name, path, product_id in session.execute(query.order_by(PhotoReference.product_id)):
            found[name].setdefault(path, []).append(product_id)
    return found


def _products(session: Session, names: set[str]) -> dict[str, int]:
    """SKU in small letters -> product."""
    found: dict[str, int] = {}
    lowered = sa.func.lower(Product.sku)
    for some in portions(sorted(name for name in names if 0 < len(name) <= 64)):
        query = sa.select(lowered, Product.id).where(lowered.in_(some))
        found.update((sku, product_id) for sku, product_id in session.execute(query))
    return found
