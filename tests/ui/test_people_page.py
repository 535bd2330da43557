"""People: invitations, roles, limits of computing."""

from db.tables import Role
from studio.access.people import invite, list_users
from studio.bootstrap import Studio
from studio.roles import Actor
from studio.work.quotas import set_quota
from tests.ui.conftest import Visit, press, told


def test_an_invitation_shows_its_link_once(visit: Visit, admin: Actor, studio: Studio) -> None:
    page = visit("people", admin)
    page.text_input[-1].set_value("Noor")
    page = press(page, "Make the invitation link")
    (link,) = [code.value for code in page.code if "/invite#" in code.value]
    assert link.startswith("http")
    assert "Noor" in [user.name for user in list_users(studio, admin)]
    page = press(page, "Put it away")
    assert not [code for code in page.code if "/invite#" in code.value]


def test_a_name_that_is_taken_is_a_calm_message(visit: Visit, admin: Actor) -> None:
    page = visit("people", admin)
    page.text_input[-1].set_value("Ada")
    page = press(page, "Make the invitation link")
    assert not page.exception
    assert "Ada" in page.error[0].value


def test_a_role_is_changed_at_once(visit: Visit, admin: Actor, studio: Studio) -> None:
    invite(studio, admin, "Noor", Role.EDITOR)
    page = visit("people", admin)
    (box,) = [box for box in page.selectbox if box.label == "Role of Noor"]
    box.set_value(Role.REVIEWER).run()
    assert {user.name: user.role for user in list_users(studio, admin)}["Noor"] is Role.REVIEWER


def test_the_last_admin_stays_admin(visit: Visit, admin: Actor, studio: Studio) -> None:
    page = visit("people", admin)
    (box,) = [box for box in page.selectbox if box.label == "Role of Ada"]
    page = box.set_value(Role.VIEWER).run()
    assert not page.exception
    assert "only admin" in page.error[0].value
    assert list_users(studio, admin)[0].role is Role.ADMIN


def test_a_person_is_limited_here(visit: Visit, admin: Actor, studio: Studio) -> None:
    page = visit("people", admin)
    assert "0 s computed today" in told(page)
    set_quota(studio, admin, admin.id, 3600)
    assert "0 s of 1 h" in told(visit("people", admin))


def test_the_page_says_how_a_lost_way_in_is_found(visit: Visit, admin: Actor) -> None:
    page = visit("people", admin)
    assert "python -m studio link --user NAME" in [code.value for code in page.code]
    assert "Ada" in told(page)
