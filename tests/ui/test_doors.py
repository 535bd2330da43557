"""Nobody sees a page without signing in, nor with too small a role, whatever the address."""

import pytest

from db.tables import Role
from studio.roles import Actor
from studio.ui.places import Place

PAGES: dict[Place, Role] = {
    "home": Role.VIEWER,
    "catalogue": Role.VIEWER,
    "generate": Role.EDITOR,
    "review": Role.VIEWER,
    "quality": Role.VIEWER,
    "jobs": Role.VIEWER,
    "library": Role.VIEWER,
    "activity": Role.VIEWER,
    "models": Role.VIEWER,
    "people": Role.ADMIN,
    "account": Role.VIEWER,
    "settings": Role.ADMIN,
    "fine_tune": Role.ADMIN,
    "recalls": Role.MANAGER,
    "reviewers": Role.REVIEWER,
    "house_style": Role.VIEWER,
    "alerts": Role.MANAGER,
}
ROLES = list(Role)


@pytest.mark.parametrize("place", PAGES)
def test_a_page_shows_nothing_but_the_way_in_to_who_is_not_signed_in(place: Place, visit) -> None:
    page = visit(place, None)
    assert not page.exception
    assert [header.value for header in page.header] == ["Please sign in"]
    assert not page.title
    assert not page.dataframe
    assert not page.get("bidi_component")


@pytest.mark.parametrize(("place", "minimum"), PAGES.items())
def test_a_page_shows_itself_from_its_role_on(place: Place, minimum: Role, visit) -> None:
    page = visit(place, Actor(1, "Ada", minimum))
    assert not page.exception
    assert page.title


@pytest.mark.parametrize(
    ("place", "role"),
    [(place, role) for place, minimum in PAGES.items() for role in ROLES[: ROLES.index(minimum)]],
)
def test_a_page_tells_a_smaller_role_so_and_nothing_else(place: Place, role: Role, visit) -> None:
    page = visit(place, Actor(1, "Vera", role))
    assert not page.exception
    assert [header.value for header in page.header] == ["This page is not for your role"]
    assert not page.title
