"""Who a single sign-on provider's people are here."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
import sqlalchemy as sa

from db.tables import Role, User, utc_now
from studio.access.accounts import accept_invitation, sign_in_with_link
from studio.access.identities import Identity, enter, has_identity, identity_from, link_identity
from studio.access.people import deactivate, invite, list_users
from studio.bootstrap import Studio
from studio.errors import Conflict, NotSignedIn
from studio.roles import Actor

CLAIMS = {
    "iss": "https://id.example",
    "sub": "42",
    "name": "Noor",
    "email": "noor@shop.example",
    "email_verified": True,
}


@pytest.fixture
def noor() -> Identity:
    return identity_from({**CLAIMS, "iat": int(utc_now().timestamp())})


@pytest.fixture
def open_studio(studio: Studio) -> Studio:
    """A studio that people of shop.example may join."""
    object.__setattr__(studio, "settings", studio.settings.model_copy(update={"oidc_domain": "Shop.example"}))
    return studio


def test_who_was_not_invited_stays_outside(studio: Studio, noor: Identity) -> None:
    with pytest.raises(NotSignedIn, match="not known here yet"):
        enter(studio, noor)
    with studio.reading() as session:
        assert session.scalars(sa.select(User)).all() == []


def test_people_of_the_domain_join_as_viewers_and_come_back(open_studio: Studio, noor: Identity) -> None:
    first, _ = sign_in_with_link(open_studio, enter(open_studio, noor))
    assert (first.name, first.role) == ("Noor", Role.VIEWER)
    again, _ = sign_in_with_link(open_studio, enter(open_studio, replace(noor, name="Noor B.", email="")))
    assert again == first


def test_a_name_that_is_taken_gives_way_to_the_address(open_studio: Studio, noor: Identity, editor: Actor) -> None:
    person, _ = sign_in_with_link(open_studio, enter(open_studio, replace(noor, name=editor.name)))
    assert (person.name, person.id != editor.id) == ("noor@shop.example", True)


@pytest.mark.parametrize(
    "email", ["noor@evil.example", "noor@shop.example.evil.example", "noor@evilshop.example", "noor@", ""]
)
def test_other_domains_do_not_join(open_studio: Studio, noor: Identity, email: str) -> None:
    with pytest.raises(NotSignedIn):
        enter(open_studio, replace(noor, email=email))


@pytest.mark.parametrize("verified", [False, None, "true", 1])
def test_an_address_that_is_not_verified_counts_for_nothing(open_studio: Studio, verified: object) -> None:
    claims = {**CLAIMS, "email_verified": verified, "iat": int(utc_now().timestamp())}
    with pytest.raises(NotSignedIn):
        enter(open_studio, identity_from(claims))


def test_an_invitation_under_the_address_is_taken(studio: Studio, admin: Actor, noor: Identity) -> None:
    invite(studio, admin, "noor@shop.example", Role.EDITOR)
    person, _ = sign_in_with_link(studio, enter(studio, noor))
    assert (person.name, person.role) == ("noor@shop.example", Role.EDITOR)
    assert [user.has_identity for user in list_users(studio, admin) if user.id == person.id] == [True]


def test_an_address_alone_takes_no_account_over(open_studio: Studio, admin: Actor, noor: Identity) -> None:
    token = invite(open_studio, admin, "noor@shop.example", Role.ADMIN).split("#")[1]
    accept_invitation(open_studio, token, "seven blue chairs")
    with pytest.raises(NotSignedIn):
        enter(open_studio, noor)


def test_a_person_links_their_own_account(studio: Studio, editor: Actor, viewer: Actor, noor: Identity) -> None:
    assert not has_identity(studio, editor)
    link_identity(studio, editor, noor)
    assert has_identity(studio, editor)
    assert sign_in_with_link(studio, enter(studio, noor))[0] == editor
    with pytest.raises(Conflict):
        link_identity(studio, viewer, noor)


def test_who_was_deactivated_stays_outside(studio: Studio, editor: Actor, admin: Actor, noor: Identity) -> None:
    link_identity(studio, editor, noor)
    deactivate(studio, admin, editor.id)
    with pytest.raises(NotSignedIn, match="deactivated"):
        enter(studio, noor)


def test_an_old_proof_is_not_taken(open_studio: Studio, editor: Actor, noor: Identity) -> None:
    old = replace(noor, issued_at=utc_now() - dt.timedelta(hours=2))
    with pytest.raises(NotSignedIn, match="too old"):
        enter(open_studio, old)
    with pytest.raises(NotSignedIn, match="too old"):
        link_identity(open_studio, editor, old)


@pytest.mark.parametrize("absent", ["iss", "sub", "iat"])
def test_claims_that_name_nobody_are_refused(absent: str) -> None:
    claims = {name: value for name, value in {**CLAIMS, "iat": 1}.items() if name != absent}
    with pytest.raises(NotSignedIn):
        identity_from(claims)
