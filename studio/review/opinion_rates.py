"""How often reviewers are asked about decided images: a share of all verdicts, and gold images among one's own."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import Role, TeamSetting
from studio.bootstrap import Studio
from studio.errors import InputError
from studio.roles import Actor, require
from studio.team_settings import keep_setting

MOST = 0.5
"""The largest rate: beyond it more time goes into checking than into reviewing."""

_NAME = "opinion_rates"
_RATES = sa.select(TeamSetting.value).where(TeamSetting.name == _NAME)


@dataclass(frozen=True)
class OpinionRates:
    """second: the share of verdicts that another reviewer is asked about too. gold: how many gold images a reviewer
    meets for each verdict of their own. Both in [0, MOST]; 0 is never, as it is until a manager says otherwise.
    """

    second: float = 0.0
    gold: float = 0.0


def opinion_rates(studio: Studio, actor: Actor | None) -> OpinionRates:
    """The rates of the team. For managers: who is asked should not know how often."""
    require(actor, Role.MANAGER)
    with studio.reading() as session:
        return rates_of(session)


def set_opinion_rates(studio: Studio, actor: Actor | None, rates: OpinionRates) -> None:
    """Ask so often from now on. For managers. Raises InputError."""
    actor = require(actor, Role.MANAGER)
    for rate in (rates.second, rates.gold):
        if not 0 <= rate <= MOST:
            raise InputError(f"A share of images to ask about lies between 0 and {MOST:.0%}, got {rate:.0%}.")
    with studio.writing() as session:
        text = "Changed how often reviewers are asked about decided images."  # how often is for managers to know
        keep_setting(session, actor, _NAME, vars(rates), text, in_activity=False)


def rates_of(session: Session) -> OpinionRates:
    """The rates of the team, inside a transaction that is open already."""
    rates = session.scalar(_RATES)
    return OpinionRates() if rates is None else OpinionRates(**rates)
