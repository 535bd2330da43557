"""Settings: the rules of the team, channels, keys, storage."""

import pytest

from db.tables import Purpose, RuleCause
from studio.access.api_keys import Scope, make_key, own_keys
from studio.access.team import get_switch, set_switch
from studio.bootstrap import Studio
from studio.publishing.export import channels
from studio.review.review_rules import rules
from studio.roles import Actor
from studio.ui.settings_view import size
from studio.work.quotas import team_quota
from tests.ui.conftest import Visit, press, told


def test_the_switch_for_teams_of_one_is_turned_here(visit: Visit, admin: Actor, studio: Studio) -> None:
    page = visit("settings", admin)
    page.toggle(key="self_approval-False").set_value(True).run()
    assert get_switch(studio, admin, "self_approval")


def test_what_another_admin_switched_meanwhile_is_not_switched_back(visit: Visit, admin: Actor, studio: Studio) -> None:
    page = visit("settings", admin)
    set_switch(studio, admin, "self_approval", True)
    page.run()  # as any click does
    assert page.toggle(key="self_approval-True").value is True
    assert get_switch(studio, admin, "self_approval")


def test_everyone_is_limited_here(visit: Visit, admin: Actor, studio: Studio) -> None:
    page = visit("settings", admin)
    page.number_input(key="team-minutes-None").set_value(90)
    (save,) = [button for button in page.button if button.label == "Save" and button.form_id == "team-quota"]
    page = save.click().run()
    assert not page.exception
    assert team_quota(studio, admin) == 5400
    page = visit("settings", admin)
    assert page.number_input(key="team-minutes-90").value == 90
    page.number_input(key="team-minutes-90").set_value(None)
    (save,) = [button for button in page.button if button.label == "Save" and button.form_id == "team-quota"]
    save.click().run()
    assert team_quota(studio, admin) is None


def test_a_channel_is_added_changed_and_removed(visit: Visit, admin: Actor, studio: Studio) -> None:
    def save(page, form: str):
        (button,) = [button for button in page.button if button.label == "Save" and button.form_id == form]
        return button.click().run()

    before = len(channels(studio, admin))
    page = visit("settings", admin)
    (name,) = [field for field in page.text_input if field.form_id == "channel-form-new"]
    name.set_value("Marktplatz")
    page.number_input(key="width-new-None").set_value(1200)
    page = save(page, "channel-form-new")
    assert "a height and a width" in page.error[0].value
    (name,) = [field for field in page.text_input if field.form_id == "channel-form-new"]
    name.set_value("Marktplatz")
    page.number_input(key="width-new-None").set_value(1200)
    page.number_input(key="height-new-None").set_value(1600)
    page = save(page, "channel-form-new")
    (made,) = [channel for channel in channels(studio, admin) if channel.name == "Marktplatz"]
    assert (made.width, made.height, made.image_format) == (1200, 1600, "JPEG")
    page = page.button(key=f"remove-channel-{made.id}").click().run()
    assert len(channels(studio, admin)) == before


def test_an_admin_sees_and_revokes_everyones_keys(visit: Visit, admin: Actor, editor: Actor, studio: Studio) -> None:
    make_key(studio, editor, "Shop sync", {Scope.READ}, days=None)
    page = visit("settings", admin)
    assert "Shop sync" in told(page)
    assert "Edda" in told(page)
    press(page, "Revoke")
    assert not own_keys(studio, editor)[0].active


def test_storage_is_told_and_measured(visit: Visit, admin: Actor) -> None:
    page = press(visit("settings", admin), "Measure the folders")
    assert not page.exception
    assert "Database and settings" in "".join(element.proto.body for element in page.get("html"))


@pytest.mark.parametrize(
    ("n", "said"), [(0, "0 B"), (999, "999 B"), (1_000, "1.0 KB"), (999_600, "1.0 MB"), (1.5e11, "150 GB")]
)
def test_sizes_are_told_in_the_unit_that_fits(visit: Visit, admin: Actor, n: float, said: str) -> None:
    assert size(n) == said


def test_a_rule_for_several_approvals_is_added_and_removed(visit: Visit, admin: Actor, studio: Studio) -> None:
    page = visit("settings", admin)
    assert "One approval is enough" in told(page)
    page.selectbox(key="rule-purpose").set_value(Purpose.AD)
    page.selectbox(key="rule-cause").set_value(RuleCause.PEOPLE)
    page.number_input(key="rule-approvals").set_value(3)
    page = press(page, "Add the rule")
    (rule,) = rules(studio, admin)
    assert (rule.category, rule.purpose, rule.cause, rule.approvals) == ("", Purpose.AD, RuleCause.PEOPLE, 3)
    assert "3 people approve · Shows people" in told(page)
    page.button(key=f"remove-rule-{rule.id}").click().run()
    assert rules(studio, admin) == ()
