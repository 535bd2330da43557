"""What a channel wants of a photo, in so few facts that a photographer reads them beside the product."""

from __future__ import annotations

from dataclasses import dataclass

from db.tables import Role, utc_now
from studio.bootstrap import Studio
from studio.publishing.own_packs import packs_in_use
from studio.publishing.packs import Measure, RulePack
from studio.roles import Actor, require

_WHITE = (Measure.BORDER_WHITENESS, Measure.EXACT_WHITE)
_SIDES = (Measure.LONGEST, Measure.SHORTEST)


@dataclass(frozen=True)
class ShotFrame:
    """longest: pixels of the longer side that are advised. fill: how much of the frame the product spans, in %, from
    the least to the most. aspect: width by height. None where the channel does not say.
    """

    key: str
    channel: str
    longest: int | None
    fill: tuple[float, float] | None
    aspect: float | None
    white: bool


def shot_frames(studio: Studio, actor: Actor | None) -> dict[str, ShotFrame]:
    """What each channel wants, by the key of its pack of rules."""
    require(actor, Role.VIEWER)
    with studio.reading() as session:
        return {key: frame_of(pack) for key, pack in packs_in_use(session).items()}


def frame_of(pack: RulePack) -> ShotFrame:
    """The facts of a pack's rules of today."""
    rules = pack.in_force(utc_now().date())
    sides = [rule.at_least for rule in rules if rule.check in _SIDES and rule.at_least is not None]
    if pack.frame is not None:
        sides.append(max(pack.frame.width, pack.frame.height))
    fills = [rule for rule in rules if rule.check is Measure.FILL]
    low = max((rule.at_least for rule in fills if rule.at_least is not None), default=None)
    high = min((rule.at_most for rule in fills if rule.at_most is not None), default=None)
    if low is None and high is None and pack.frame is not None:
        low = pack.frame.fill
    return ShotFrame(
        key=pack.key,
        channel=pack.name,
        longest=round(max(sides)) if sides else None,
        fill=None if low is None and high is None else (low or 0.0, high or 100.0),
        aspect=None if pack.frame is None else pack.frame.width / pack.frame.height,
        white=any(rule.check in _WHITE for rule in rules),
    )
