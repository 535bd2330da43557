"""Keys of integrators: made once, narrowed, ended."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from db.tables import Activity, ApiKey, Role, User, utc_now
from studio.access.api_keys import (
    MOST_KEYS,
    PREFIX,
    ApiKeyView,
    Scope,
    actor_with_key,
    all_keys,
    make_key,
    own_keys,
    revoke_key,
)
from studio.access.people import change_role, deactivate
from studio.bootstrap import Studio
from studio.errors import Conflict, Forbidden, InputError, NotFound, NotSignedIn, RateLimited
from studio.roles import Actor

HERE = "10.0.0.1"


def _only(keys: list[ApiKeyView]) -> ApiKeyView:
    (key,) = keys
    return key


def test_a_key_acts_for_its_owner_and_only_its_hash_is_kept(studio_on_both: Studio, editor: Actor) -> None:
    studio = studio_on_both
    _, token = make_key(studio, editor, "  shop  sync ", {Scope.READ, Scope.ORDER}, days=30)
    assert token.startswith(PREFIX)
    assert actor_with_key(studio, token, HERE, Scope.ORDER) == editor
    key = _only(own_keys(studio, editor))
    assert (key.name, key.scopes, key.active) == ("shop sync", (Scope.READ, Scope.ORDER), True)
    assert key.last_used_at is not None
    with studio.reading() as session:
        row = session.scalars(sa.select(ApiKey)).one()
        assert token not in str(vars(row))
        told = session.scalars(sa.select(Activity)).one()
        assert (told.verb, told.subject, told.user_id) == ("made", "api_key", editor.id)
        assert token not in told.text + str(told.details)


def test_a_key_does_only_what_its_scopes_name(studio: Studio, editor: Actor) -> None:
    _, token = make_key(studio, editor, "reader", {Scope.READ}, days=None)
    with pytest.raises(Forbidden, match=r"scope order; this key has: read"):
        actor_with_key(studio, token, HERE, Scope.ORDER)
    with pytest.raises(Forbidden, match="API keys cannot make it"):
        actor_with_key(studio, token, HERE, None)


def test_a_key_follows_the_role_of_its_owner(studio: Studio, editor: Actor, admin: Actor) -> None:
    _, token = make_key(studio, editor, "sync", {Scope.ORDER}, days=None)
    change_role(studio, admin, editor.id, Role.VIEWER)
    assert actor_with_key(studio, token, HERE, Scope.ORDER).role is Role.VIEWER
    deactivate(studio, admin, editor.id)
    with pytest.raises(NotSignedIn):
        actor_with_key(studio, token, HERE, Scope.ORDER)
    assert not _only(all_keys(studio, admin)).active


@pytest.mark.parametrize("end", ["revoked", "expired", "unknown", "empty"])
def test_a_key_that_is_over_lets_nobody_in(studio: Studio, editor: Actor, end: str) -> None:
    key_id, token = make_key(studio, editor, "sync", {Scope.READ}, days=1)
    if end == "revoked":
        revoke_key(studio, editor, key_id)
        revoke_key(studio, editor, key_id)
    elif end == "expired":
        with studio.writing() as session:
            session.execute(sa.update(ApiKey).values(expires_at=utc_now() - dt.timedelta(seconds=1)))
    else:
        token = f"{PREFIX}other" if end == "unknown" else ""
    with pytest.raises(NotSignedIn):
        actor_with_key(studio, token, HERE, Scope.READ)


def test_guessing_keys_is_slowed_down(studio: Studio) -> None:
    for _ in range(30):
        with pytest.raises(NotSignedIn):
            actor_with_key(studio, "eg_guess", HERE, Scope.READ)
    with pytest.raises(RateLimited):
        actor_with_key(studio, "eg_guess", HERE, Scope.READ)


def test_a_key_makes_so_many_calls_a_minute(studio: Studio, editor: Actor) -> None:
    key_id, token = make_key(studio, editor, "sync", {Scope.READ}, days=None)
    _, other = make_key(studio, editor, "another", {Scope.READ}, days=None)
    for _ in range(600):
        studio.attempts.count_call(key_id)
    with pytest.raises(RateLimited, match="600 calls a minute"):
        actor_with_key(studio, token, HERE, Scope.READ)
    actor_with_key(studio, other, HERE, Scope.READ)


@pytest.mark.parametrize(
    ("name", "scopes", "days"),
    [("", {Scope.READ}, 1), ("x" * 81, {Scope.READ}, 1), ("a\nb\0", {Scope.READ}, 1), ("a", set(), 1)]
    + [("a", {Scope.READ}, days) for days in (0, -1, 731)],
)
def test_a_key_that_cannot_be_is_refused(
    studio: Studio, editor: Actor, name: str, scopes: set[Scope], days: int
) -> None:
    with pytest.raises(InputError):
        make_key(studio, editor, name, scopes, days=days)
    assert own_keys(studio, editor) == []


def test_nobody_makes_a_key_beyond_their_role(studio: Studio, viewer: Actor) -> None:
    make_key(studio, viewer, "reader", {Scope.READ}, days=None)
    with pytest.raises(Forbidden, match="order needs the role editor"):
        make_key(studio, viewer, "sync", {Scope.READ, Scope.ORDER}, days=None)
    with pytest.raises(NotSignedIn):
        make_key(studio, None, "sync", {Scope.READ}, days=None)


def test_only_its_owner_and_admins_see_and_end_a_key(
    studio: Studio, editor: Actor, viewer: Actor, admin: Actor
) -> None:
    key_id, _ = make_key(studio, editor, "sync", {Scope.READ}, days=None)
    assert own_keys(studio, viewer) == []
    with pytest.raises(NotFound):
        revoke_key(studio, viewer, key_id)
    with pytest.raises(Forbidden):
        all_keys(studio, editor)
    revoke_key(studio, admin, key_id)
    key = _only(all_keys(studio, admin))
    assert (key.owner, key.active, key.revoked_at is not None) == ("Edda", False, True)


def test_there_is_an_end_to_keys(studio: Studio, editor: Actor) -> None:
    with studio.writing() as session:
        user = session.get_one(User, editor.id)
        session.add_all(
            ApiKey(name="k", user_id=user.id, token_hash=f"{n:064}", scopes=["read"]) for n in range(MOST_KEYS)
        )
    with pytest.raises(Conflict, match="20 working keys"):
        make_key(studio, editor, "one more", {Scope.READ}, days=None)
    revoke_key(studio, editor, own_keys(studio, editor)[0].id)
    make_key(studio, editor, "one more", {Scope.READ}, days=None)
