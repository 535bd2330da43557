"""House style on the way out: the copies that leave are set as their category's style wants, where that can be."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ecomgan.finishing.reframe import CannotReframe
from studio.bootstrap import Studio
from studio.errors import Conflict
from studio.images.assets import AssetView
from studio.making.reframing import Prospect, framing, prospects, target
from studio.publishing.derivatives import Frame, derivative
from studio.publishing.house_style import StyleView
from studio.publishing.marking import Mark

_AT_ONCE = 8  # images that are looked at between two words about how far it is; a tenth of a second or two


@dataclass(frozen=True)
class Styling:
    """What house style comes to for the images of an export: those that are set into it, those that leave as they are
    with what keeps them, and how many were not looked at yet.
    """

    set_into: Mapping[int, Prospect] = field(default_factory=dict)
    left: Mapping[int, Conflict] = field(default_factory=dict)
    unknown: int = 0

    def style(self, asset_id: int) -> StyleView | None:
        """The style that an image is set into; None: it leaves as it is."""
        found = self.set_into.get(asset_id)
        return None if found is None else found.style


@dataclass(frozen=True)
class Copy:
    """The file of an image as it leaves. house_style: its category's style and version, or why it is as it was made;
    empty where nobody asked.
    """

    data: bytes
    height: int
    width: int
    house_style: str
    moved: bool


def silent(done: int, of: int) -> None:
    """Tell nobody how far it is."""


def styling(
    studio: Studio, views: Sequence[AssetView], *, search: bool, progress: Callable[[int, int], None] = silent
) -> Styling:
    """search: also look at pictures that were never searched for their product, which takes a moment each; progress:
    told after each how many of how many are done.
    """
    at_once = _AT_ONCE if search else max(1, len(views))
    found: dict[int, Prospect] = {}
    for start in range(0, len(views), at_once):
        found |= prospects(studio, views[start : start + at_once], search=search)
        progress(min(start + at_once, len(views)), len(views))
    return Styling(
        {id_: one for id_, one in found.items() if one.refusal is None},
        {id_: one.refusal for id_, one in found.items() if one.refusal is not None},
        len(views) - len(found),
    )


def as_styled(view: AssetView, styles: Styling) -> AssetView:
    """The image with the scores of where its product will stand; itself where it leaves as it is."""
    found = styles.set_into.get(view.id)
    if found is None or found.style is None or found.place is None:
        return view
    box = target(found.style, found.place)
    off = math.hypot(box.top + box.bottom - 1, box.left + box.right - 1) / math.sqrt(2)
    moved: dict[str, float | None] = {"fill": 100 * max(box.height, box.width), "centring": off}
    return replace(view, scores=view.scores | moved)


def copy_of(
    data: bytes, frame: Frame, image_format: str, mark: Mark, styles: Styling, asset_id: int, *, wanted: bool
) -> Copy:
    """The marked copy of an image, in house style where that is `wanted` and can be."""
    style, refusal = styles.style(asset_id), styles.left.get(asset_id)
    why_not = "" if refusal is None else refusal.message
    if style is not None:
        try:
            file, height, width = derivative(data, frame, image_format, mark, framing(style))
            return Copy(file, height, width, f"{style.category}, version {style.version}", True)
        except CannotReframe as error:  # a close case, seen at full size only
            why_not = str(error)
    file, height, width = derivative(data, frame, image_format, mark)
    return Copy(file, height, width, f"as made: {why_not}" if wanted else "", False)
