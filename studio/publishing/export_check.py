"""What a channel would refuse of an export: told before it, and looked at once more on the files themselves."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, NoReturn

import numpy as np
from PIL import Image
from sqlalchemy.orm import Session

from db.tables import Role
from studio.errors import Conflict, Forbidden, InputError
from studio.images.assets import AssetView
from studio.publishing.derivatives import Frame
from studio.publishing.export_style import Styling
from studio.publishing.own_packs import pack_named
from studio.publishing.pack_checks import MARKED, Facts, Finding, demanded, judge, written
from studio.publishing.packs import RulePack
from studio.publishing.verdict_rows import facts_of, today
from studio.roles import Actor

REASON_LETTERS: Final = (10, 300)
"""How long an admin's reason is for exporting what a channel would refuse."""

_NAMED = 5  # images that a refusal names
_SAME_SHAPE = 0.01  # of width by height


@dataclass(frozen=True)
class RefusedImage:
    """An image that a channel would refuse, and the rules that it breaks."""

    image: AssetView
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class ExportCheck:
    """How many images go out, which a channel would refuse, and for how many a demanded score is missing. pack: the
    rules that they were checked against; None: the channel has none. styling: what house style comes to; None: it was
    not asked for.
    """

    pack: RulePack | None
    images: tuple[int, ...]
    refused: tuple[RefusedImage, ...]
    unmeasured: int
    styling: Styling | None = None

    @property
    def passing(self) -> tuple[int, ...]:
        """The ids of the images that nothing is known against."""
        out = {one.image.id for one in self.refused}
        return tuple(image for image in self.images if image not in out)


def pack_of(session: Session, key: str) -> RulePack | None:
    """The rules of a channel. Raises InputError where they are no longer in use."""
    return pack_named(session, key) if key else None


def check_views(pack: RulePack | None, frame: Frame, image_format: str, views: Sequence[AssetView]) -> ExportCheck:
    """Check images by their scores, as an export into this frame and format would write them."""
    images = tuple(view.id for view in views)
    if pack is None:
        return ExportCheck(None, images, (), 0)
    refused, unmeasured = [], 0
    for view in views:
        found = _refusals(pack, view, _framed(view, frame, image_format))
        if found:
            refused.append(RefusedImage(view, found))
        waiting = judge(pack, facts_of(view), today()).unmeasured
        unmeasured += any(one.rule.severity == "refused" for one in waiting)
    return ExportCheck(pack, images, tuple(refused), unmeasured)


def check_file(
    pack: RulePack, view: AssetView, data: bytes, image_format: str, *, moved: bool = False
) -> RefusedImage | None:
    """Check the file that leaves; None: the channel takes it, as far as is known. moved: its product stands elsewhere
    than in the image.
    """
    with Image.open(io.BytesIO(data)) as file:
        facts = Facts(file.height, file.width, image_format, view.purpose.value, len(data), MARKED, scores=view.scores)
        if moved or abs(file.width / file.height - view.width / view.height) > _SAME_SHAPE:
            facts = replace(facts, scores=dict(view.scores) | _measured(file))
    found = _refusals(pack, view, facts)
    return RefusedImage(view, found) if found else None


def refuse(pack: RulePack, refused: Sequence[RefusedImage], images: int) -> NoReturn:
    """Raise Conflict for an export that holds images which its channel would refuse."""
    named = "; ".join(f"image {one.image.id} ({_told(one.findings[0])})" for one in refused[:_NAMED])
    more = f" and {len(refused) - _NAMED} more" if len(refused) > _NAMED else ""
    raise Conflict(
        "{channel} would refuse {n} of {images} images: {named}. Leave them out or mend them first; an admin may "
        "export them all the same, with a reason.",
        channel=pack.name,
        n=len(refused),
        images=images,
        named=named + more,
    )


def check_reason(actor: Actor, reason: str) -> str:
    """The reason for exporting what a channel would refuse, one line; "" for none.

    Raises Forbidden for anyone but admins, InputError for a reason that says too little or too much.
    """
    reason = " ".join(reason.split())
    if not reason:
        return ""
    if not actor.may(Role.ADMIN):
        raise Forbidden("Only an admin may export images that their channel would refuse.")
    low, high = REASON_LETTERS
    if not low <= len(reason) <= high or not reason.isprintable():
        raise InputError("A reason has {low} to {high} letters, got {n}.", low=low, high=high, n=len(reason))
    return reason


def _refusals(pack: RulePack, view: AssetView, facts: Facts) -> tuple[Finding, ...]:
    """What keeps the image out for good, and what the file that is written of it breaks."""
    day = today()
    lasting = {one.rule.id: one for one in judge(pack, facts_of(view), day).findings if one.keeps_out}
    for one in judge(pack, facts, day).findings:
        if one.outcome == "fails" and one.rule.severity == "refused":
            lasting.setdefault(one.rule.id, one)
    return tuple(lasting.values())


def _framed(view: AssetView, frame: Frame, image_format: str) -> Facts:
    height, width = frame.height or view.height, frame.width or view.width
    return Facts(height, width, image_format, view.purpose.value, marking=MARKED, scores=view.scores)


def _measured(file: Image.Image) -> dict[str, float | None]:
    """The scores that white bars beside the image change."""
    from ecomgan.metrics.border_whiteness import border_whiteness  # scipy comes with it
    from ecomgan.metrics.centring import centring
    from ecomgan.metrics.fill import fill
    from ecomgan.metrics.product import find_product
    from studio.scoring.measures import EXACT_WHITE, exact_white

    pixels = np.asarray(file.convert("RGB"))
    product = find_product(pixels)
    return {
        "fill": fill(product),
        "centring": centring(product),
        "border_whiteness": border_whiteness(pixels),
        EXACT_WHITE: exact_white(pixels),
    }


def _told(finding: Finding) -> str:
    got = "not measurable" if finding.got is None else written(finding.rule.check, finding.got)
    return f"{finding.rule.check.value.replace('_', ' ')} {got}, demanded {demanded(finding.rule)}"
