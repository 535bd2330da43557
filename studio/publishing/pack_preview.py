"""What a pack of rules would say of the newest images that the team approved, before it is saved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from db.tables import Asset, Role, VerdictOutcome
from studio.publishing.pack_checks import judge
from studio.publishing.packs import read_pack
from studio.publishing.verdict_rows import PASSING, facts_of_images, today
from studio.review.states import APPROVED_STATES
from studio.roles import Actor, require

if TYPE_CHECKING:
    from studio.bootstrap import Studio

LOOKED_AT: Final = 500
"""So many of the newest approved images are judged: a few hundredths of a second."""


@dataclass(frozen=True)
class Preview:
    """`images` were judged, so many came out as each of `outcomes`; `broken`: how many break each rule, by its id, in a
    way that no export mends.
    """

    images: int
    outcomes: Mapping[VerdictOutcome, int]
    broken: Mapping[str, int]

    @property
    def passing(self) -> int:
        """How many the channel would take, as they are or as an export writes them."""
        return sum(self.outcomes[outcome] for outcome in PASSING)


def preview_pack(studio: Studio, actor: Actor | None, content: Mapping[str, Any]) -> Preview:
    """Judge the LOOKED_AT newest approved images by a pack as `read_pack` takes it. For admins. Raises InputError."""
    require(actor, Role.ADMIN)
    pack, day = read_pack(content), today()
    newest = sa.select(Asset.id).order_by(Asset.id.desc()).limit(LOOKED_AT)
    with studio.reading() as session:  # state by state, each along its index
        found = [id_ for state in APPROVED_STATES for id_ in session.scalars(newest.where(Asset.state == state))]
        ids = sorted(found, reverse=True)[:LOOKED_AT]
        verdicts = [judge(pack, facts, day) for facts in facts_of_images(session, ids).values()]
    outcomes = Counter(verdict.outcome for verdict in verdicts)
    lasting = [one for verdict in verdicts for one in verdict.broken if not (one.fix and one.fix.on_export)]
    broken = Counter(finding.rule.id for finding in lasting)
    return Preview(len(verdicts), {outcome: outcomes[outcome] for outcome in VerdictOutcome}, dict(broken))
