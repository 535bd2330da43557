"""Signing in: by a one-time link, by an invitation, by a password; and what is refused."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from db.tables import LinkKind, Role, SignInLink, User, UserSession, utc_now
from studio.access.accounts import (
    accept_invitation,
    actor_for,
    create_link,
    link_path,
    set_password,
    sign_in,
    sign_in_with_link,
    sign_out,
)
from studio.access.people import change_role, deactivate, invite, invite_again, list_users, reactivate
from studio.bootstrap import Studio
from studio.errors import Conflict, Forbidden, InputError, NotFound, NotSignedIn, RateLimited, StudioError
from studio.roles import Actor, require
from studio.trust.itself import itself

PASSWORD = "seven blue chairs"


def _token(path: str) -> str:
    return path.split("#")[1]


def _member(studio: Studio, admin: Actor, name: str = "Edda", role: Role = Role.EDITOR) -> tuple[Actor, str]:
    return accept_invitation(studio, _token(invite(studio, admin, name, role)), PASSWORD)


def test_the_first_link_makes_the_first_admin(studio_on_both: Studio) -> None:
    actor, session_token = sign_in_with_link(studio_on_both, create_link(studio_on_both, "admin"))
    assert (actor.name, actor.role) == ("admin", Role.ADMIN)
    assert actor_for(studio_on_both, session_token) == actor


def test_the_studio_itself_is_nobody_who_signs_in(studio_on_both: Studio) -> None:
    studio = studio_on_both
    with studio.writing() as session:
        own = itself(session)  # as a worker may need it before anybody came
    admin, _ = sign_in_with_link(studio, create_link(studio, "admin"))
    assert admin.role is Role.ADMIN
    assert [user.name for user in list_users(studio, admin)] == ["admin"]
    for act in (reactivate, invite_again, deactivate):
        with pytest.raises(NotFound):
            act(studio, admin, own.id)
    with pytest.raises(NotFound):
        change_role(studio, admin, own.id, Role.ADMIN)
    with pytest.raises(Conflict, match="deactivated"):
        create_link(studio, own.name)


def test_a_link_works_once(studio_on_both: Studio) -> None:
    token = create_link(studio_on_both, "admin")
    sign_in_with_link(studio_on_both, token)
    with pytest.raises(NotSignedIn, match="used already"):
        sign_in_with_link(studio_on_both, token)


def test_of_two_at_once_only_one_gets_in(studio_on_both: Studio) -> None:
    token = create_link(studio_on_both, "admin")

    def try_it(_: int) -> bool:
        try:
            sign_in_with_link(studio_on_both, token)
        except NotSignedIn:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(try_it, range(4))) == 1


def test_a_link_that_is_too_old_is_refused(studio: Studio) -> None:
    token = create_link(studio, "admin", hours=-0.01)
    with pytest.raises(NotSignedIn, match="too old"):
        sign_in_with_link(studio, token)


@pytest.mark.parametrize("token", ["", "x", "é" * 50, "A" * 43])
def test_a_forged_link_is_refused(studio: Studio, token: str) -> None:
    create_link(studio, "admin")
    with pytest.raises(NotSignedIn, match="not known"):
        sign_in_with_link(studio, token)


def test_a_fresh_link_ends_the_one_before(studio: Studio) -> None:
    old, new = create_link(studio, "admin"), create_link(studio, "admin")
    with pytest.raises(NotSignedIn, match="newer one"):
        sign_in_with_link(studio, old)
    sign_in_with_link(studio, new)


def test_an_invitation_is_no_sign_in_link_and_the_other_way_round(studio: Studio, admin: Actor) -> None:
    with pytest.raises(NotSignedIn):
        sign_in_with_link(studio, _token(invite(studio, admin, "Edda", Role.EDITOR)))
    with pytest.raises(NotSignedIn):
        accept_invitation(studio, create_link(studio, "Edda"), PASSWORD)


def test_no_token_stands_in_the_database(studio: Studio) -> None:
    token = create_link(studio, "admin")
    _, session_token = sign_in_with_link(studio, token)
    with studio.reading() as session:
        kept = [*session.scalars(sa.select(SignInLink.token_hash)), *session.scalars(sa.select(UserSession.token_hash))]
    assert len(kept) == 2
    assert not {token, session_token} & set(kept)


def test_the_token_of_a_link_is_not_sent_by_browsers(studio: Studio) -> None:
    token = create_link(studio, "admin")
    assert link_path(token, LinkKind.SIGN_IN) == f"/signin/link#{token}"


def test_the_console_adds_no_one_without_a_role(studio: Studio, admin: Actor) -> None:
    with pytest.raises(InputError, match="'Edda'"):
        create_link(studio, "Edda")
    actor, _ = sign_in_with_link(studio, create_link(studio, "Edda", role=Role.EDITOR))
    assert actor.role == Role.EDITOR


def test_the_console_changes_no_role(studio: Studio, viewer: Actor) -> None:
    with pytest.raises(Conflict, match="viewer already"):
        create_link(studio, viewer.name, role=Role.ADMIN)


def test_an_invited_person_sets_a_password_and_signs_in_by_it(studio_on_both: Studio, admin: Actor) -> None:
    invited, _ = _member(studio_on_both, admin)
    assert (invited.name, invited.role) == ("Edda", Role.EDITOR)
    assert sign_in(studio_on_both, " edda ", PASSWORD, "::1")[0] == invited


def test_a_password_that_is_refused_leaves_the_invitation_open(studio: Studio, admin: Actor) -> None:
    token = _token(invite(studio, admin, "Edda", Role.EDITOR))
    for password, told in [("short", "has 5"), ("x" * 201, "has 201"), ("aaaaaaaaaaaa", "too easy"), ("", "has 0")]:
        with pytest.raises(InputError, match=told):
            accept_invitation(studio, token, password)
    accept_invitation(studio, token, PASSWORD)


@pytest.mark.parametrize(("name", "password"), [("Edda", "wrong password"), ("Nobody", PASSWORD), ("Edda", "x" * 9999)])
def test_a_wrong_name_and_a_wrong_password_are_told_alike(
    studio: Studio, admin: Actor, name: str, password: str
) -> None:
    _member(studio, admin)
    with pytest.raises(NotSignedIn, match="do not fit together"):
        sign_in(studio, name, password, "::1")


def test_who_has_no_password_cannot_sign_in_by_one(studio: Studio, viewer: Actor) -> None:
    with pytest.raises(NotSignedIn):
        sign_in(studio, viewer.name, "no account has this password", "::1")


def test_guessing_is_slowed_down_and_a_right_password_forgives_slips(studio: Studio, admin: Actor) -> None:
    _member(studio, admin)
    for _ in range(4):
        with pytest.raises(NotSignedIn):
            sign_in(studio, "Edda", "wrong password", "10.0.0.1")
    sign_in(studio, "Edda", PASSWORD, "10.0.0.1")
    for _ in range(5):
        with pytest.raises(NotSignedIn):
            sign_in(studio, "EDDA", "wrong password", "10.0.0.1")
    with pytest.raises(RateLimited) as caught:
        sign_in(studio, "Edda", PASSWORD, "10.0.0.1")
    assert 1 <= caught.value.retry_after <= 60
    sign_in(studio, "Edda", PASSWORD, "10.0.0.2")  # the true Edda elsewhere is not locked out


def test_a_session_ends(studio: Studio, admin: Actor) -> None:
    actor, session_token = _member(studio, admin)
    with studio.writing() as session:
        session.execute(sa.update(UserSession).values(expires_at=utc_now() - dt.timedelta(seconds=1)))
    assert actor_for(studio, session_token) is None
    sign_in(studio, actor.name, PASSWORD, "::1")
    with studio.reading() as session:
        assert len(session.scalars(sa.select(UserSession)).all()) == 1  # the old one is swept away


def test_signing_out_ends_the_session_at_once(studio: Studio, admin: Actor) -> None:
    _, session_token = _member(studio, admin)
    sign_out(studio, session_token)
    sign_out(studio, session_token)
    assert actor_for(studio, session_token) is None


def test_signing_in_again_replaces_the_session_of_the_browser(studio: Studio, admin: Actor) -> None:
    _, old = _member(studio, admin)
    _, new = sign_in(studio, "Edda", PASSWORD, "::1", replaces=old)
    assert actor_for(studio, old) is None
    assert actor_for(studio, new) is not None


@pytest.mark.parametrize("token", [None, "", "x", "é"])
def test_a_cookie_that_is_none_of_ours_is_nobody(studio: Studio, token: str | None) -> None:
    assert actor_for(studio, token) is None


def test_a_new_password_needs_the_present_one_and_ends_the_other_sessions(studio: Studio, admin: Actor) -> None:
    actor, first = _member(studio, admin)
    _, second = sign_in(studio, "Edda", PASSWORD, "::1")
    with pytest.raises(Forbidden, match="not right"):
        set_password(studio, actor, "nine green lamps", current="wrong", keep=second)
    set_password(studio, actor, "nine green lamps", current=PASSWORD, keep=second)
    assert actor_for(studio, first) is None
    assert actor_for(studio, second) == actor
    sign_in(studio, "Edda", "nine green lamps", "::1")


def test_a_changed_role_holds_from_the_next_look_on(studio: Studio, admin: Actor) -> None:
    actor, session_token = _member(studio, admin)
    change_role(studio, admin, actor.id, Role.VIEWER)
    now = actor_for(studio, session_token)
    assert now is not None
    with pytest.raises(Forbidden, match="editor or above; Edda is viewer"):
        require(now, Role.EDITOR)


def test_a_deactivated_person_is_out_everywhere(studio: Studio, admin: Actor) -> None:
    actor, session_token = _member(studio, admin)
    deactivate(studio, admin, actor.id)
    assert actor_for(studio, session_token) is None
    with pytest.raises(NotSignedIn):
        sign_in(studio, "Edda", PASSWORD, "::1")
    with pytest.raises(Conflict, match="deactivated"):
        create_link(studio, "Edda")
    with pytest.raises(Conflict, match="deactivated"):
        invite_again(studio, admin, actor.id)
    reactivate(studio, admin, actor.id)
    sign_in(studio, "Edda", PASSWORD, "::1")


def test_the_last_admin_stays(studio_on_both: Studio, admin: Actor) -> None:
    with pytest.raises(Conflict, match="only admin"):
        deactivate(studio_on_both, admin, admin.id)
    with pytest.raises(Conflict, match="only admin"):
        change_role(studio_on_both, admin, admin.id, Role.MANAGER)
    other, _ = _member(studio_on_both, admin, "Otto", Role.ADMIN)
    change_role(studio_on_both, other, admin.id, Role.MANAGER)


@pytest.mark.parametrize("name", ["", "   ", "x" * 81, "two\x00parts"])
def test_a_name_that_cannot_be_one_is_refused(studio: Studio, admin: Actor, name: str) -> None:
    with pytest.raises(InputError, match="1 to 80 printable"):
        invite(studio, admin, name, Role.EDITOR)


def test_a_name_is_taken_whatever_its_capitals(studio: Studio, admin: Actor) -> None:
    invite(studio, admin, "Edda Müller", Role.EDITOR)
    with pytest.raises(Conflict, match="named 'EDDA Müller'"):
        invite(studio, admin, "EDDA  Müller", Role.EDITOR)


def test_the_list_tells_who_has_not_come_yet(studio: Studio, admin: Actor) -> None:
    invite(studio, admin, "Zoe", Role.VIEWER)
    _member(studio, admin)
    assert [(u.name, u.role, u.has_password) for u in list_users(studio, admin)] == [
        ("Ada", Role.ADMIN, False),
        ("Edda", Role.EDITOR, True),
        ("Zoe", Role.VIEWER, False),
    ]


def test_people_are_for_admins(studio: Studio, manager: Actor) -> None:
    calls = [
        lambda: list_users(studio, manager),
        lambda: invite(studio, manager, "x", Role.VIEWER),
        lambda: invite_again(studio, manager, manager.id),
        lambda: change_role(studio, manager, manager.id, Role.ADMIN),
        lambda: deactivate(studio, manager, manager.id),
        lambda: reactivate(studio, manager, manager.id),
    ]
    for call in calls:
        with pytest.raises(Forbidden, match="admin"):
            call()


def test_nobody_at_all_may_do_nothing(studio: Studio) -> None:
    with pytest.raises(NotSignedIn):
        require(None, Role.VIEWER)
    with pytest.raises(StudioError):
        list_users(studio, None)  # type: ignore[arg-type]
    with studio.reading() as session:
        assert session.scalars(sa.select(User)).all() == []
