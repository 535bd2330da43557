"""Where one image stands: with each channel, with its real photo, and what would mend it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from db.tables import Asset, AssetScoring, Role
from studio.errors import Conflict, NotFound
from studio.images.assets import AssetView, load_views
from studio.making.orders import Changes, order_again
from studio.publishing.pack_checks import PackVerdict
from studio.publishing.pack_fixes import finishing_for
from studio.publishing.verdict_rows import verdicts_of
from studio.roles import Actor, require
from studio.scoring.identity import Identity, identity_of
from studio.scoring.wanted import lacks_scores

if TYPE_CHECKING:
    from studio.bootstrap import Studio


@dataclass(frozen=True)
class Standing:
    """How an image stands now.

    mending: finishing steps by the key of a channel, for those that refuse the image as it is and would take it with
    this finishing. missing: some score of the present scorers is still to be taken; job_id: the job that will.
    """

    verdicts: tuple[PackVerdict, ...]
    mending: dict[str, tuple[dict[str, Any], ...]]
    identity: Identity
    missing: bool
    job_id: str | None


def standing(studio: Studio, actor: Actor | None, asset_id: int) -> Standing:
    """Where an image stands. Raises NotFound."""
    require(actor, Role.VIEWER)
    one = sa.select(Asset).where(Asset.id == asset_id)
    with studio.reading() as session:
        views = load_views(session, one)
        if not views:
            raise NotFound("There is no image {image}.", image=asset_id)
        verdicts = verdicts_of(session, views[0])
        row = session.get(AssetScoring, asset_id)
        return Standing(
            verdicts=verdicts,
            mending=_mending(views[0], verdicts),
            identity=identity_of(session, session.get_one(Asset, asset_id)),
            missing=session.scalar(one.where(lacks_scores())) is not None,
            job_id=None if row is None else row.job_id,
        )


def mend(studio: Studio, actor: Actor | None, asset_id: int, pack: str) -> str:
    """Order the same image again, finished as a channel's rules ask for; returns the order's id.

    Raises NotFound, Conflict where no finishing helps, and as an order does.
    """
    actor = require(actor, Role.EDITOR)
    steps = standing(studio, actor, asset_id).mending.get(pack)
    if steps is None:
        raise Conflict("No finishing makes image {image} fit this channel, or it fits already.", image=asset_id)
    return order_again(studio, actor, asset_id, Changes(number=1, same_seed=True, finishing=steps))


def _mending(view: AssetView, verdicts: tuple[PackVerdict, ...]) -> dict[str, tuple[dict[str, Any], ...]]:
    found = {one.pack.key: finishing_for(one, view.finishing, view.height, view.width) for one in verdicts}
    return {key: steps for key, steps in found.items() if steps is not None}
