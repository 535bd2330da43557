"""Rules of one's own, written in a form: from nothing, from a copy, and the next version of what there is."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from db.tables import AssetState
from studio import bootstrap
from studio.bootstrap import Studio
from studio.publishing.own_packs import list_packs, save_pack, versions
from studio.publishing.packs import Measure, Rule, shipped_packs
from studio.roles import Actor
from studio.ui.pack_draft import Draft, Line, fault_of, in_words, key_of, rule_content, with_ids
from studio.ui.pack_lines import _WORDS
from tests.studio.conftest import GOOD_SCORES, Images
from tests.studio.publishing.packs_written import own
from tests.ui.conftest import Visit, press, told


def form_alone() -> None:
    """The dialog's content as a page: a test runs whole scripts, and a dialog stays open only while it runs itself."""
    import streamlit as st

    from studio import bootstrap
    from studio.publishing.own_packs import list_packs
    from studio.ui.pack_form import begin_form, draw_form

    actor = st.session_state["admin"]
    if "begun" not in st.session_state:
        st.session_state["begun"] = True
        key = st.session_state["change"]
        begin_form(
            next((one.pack for one in list_packs(bootstrap.get_studio(), actor) if one.pack.key == key), None), key
        )
    draw_form(bootstrap.get_studio(), actor)


def form_of(admin: Actor, key: str = "") -> AppTest:
    app = AppTest.from_function(form_alone, default_timeout=60)
    app.session_state["admin"], app.session_state["change"] = admin, key
    return app.run()


@pytest.fixture
def form(studio: Studio, monkeypatch: pytest.MonkeyPatch, admin: Actor) -> AppTest:
    monkeypatch.setattr(bootstrap, "get_studio", lambda: studio)
    return form_of(admin)


def add(page: AppTest, check: Measure, at: int, turn: int = 0) -> AppTest:
    return page.selectbox(key=f"pack-{turn}-add-{at}").set_value(check).run()


def own_packs(studio: Studio, admin: Actor) -> dict[str, object]:
    return {one.pack.key: one.pack for one in list_packs(studio, admin) if one.own}


def test_a_pack_is_written_from_nothing_and_tried_on_approved_images(
    studio: Studio, images: Images, editor: Actor, admin: Actor, form: AppTest
) -> None:
    images.make(editor, 3, state=AssetState.APPROVED)
    images.make(editor, 2, state=AssetState.APPROVED, scores=GOOD_SCORES | {"fill": 40.0})
    assert "Add the first rule above" in told(form)
    page = add(form, Measure.FILL, 0)
    assert "Fill in one of the two numbers" in told(page)
    assert page.button(key="save-pack").disabled
    page = page.number_input(key="pack-0-0-least").set_value(70.0).run()
    assert "The rules lack a name." in told(page)
    page = page.text_input(key="pack-0-name").set_value("Müller & Söhne").run()
    assert "Of the 5 newest approved images 3 would pass." in told(page)
    assert "2 images break it" in told(page)
    page = page.button(key="save-pack").click().run()
    assert not page.exception
    pack = own_packs(studio, admin)["muller_sohne"]
    assert (pack.name, pack.version, pack.source.name) == ("Müller & Söhne", 1, "Our own word")
    (rule,) = pack.rules
    assert (rule.id, rule.at_least, rule.at_most, rule.text) == ("fill", 70.0, None, "Fill: ≥ 70 %")


def test_a_copy_of_a_shipped_pack_keeps_what_is_not_touched(studio: Studio, admin: Actor, form: AppTest) -> None:
    taobao = shipped_packs()["taobao"]
    page = form.selectbox(key="pack-0-begin").set_value("taobao").run()
    assert not page.exception
    at = next(n for n, rule in enumerate(taobao.rules) if rule.check is Measure.FILE_BYTES)
    least, most = (page.number_input(key=f"pack-1-{at}-{end}") for end in ("least", "most"))
    assert (least.value, most.value) == (38.0, 300.0)  # in KB
    page = most.set_value(500.0).run()
    page = page.button(key="pack-1-0-drop").click().run()
    page = page.button(key="save-pack").click().run()
    assert not page.exception
    pack = own_packs(studio, admin)["taobao_ours"]
    assert [rule.id for rule in pack.rules] == [rule.id for rule in taobao.rules[1:]]
    changed = pack.rules[at - 1]
    assert (changed.at_most, changed.text) == (500_000, "Size of the file: 38–500 KB")
    kept = [rule for rule in pack.rules if rule.id != changed.id]
    assert kept == [rule for rule in taobao.rules[1:] if rule.id != changed.id]
    assert (pack.frame, pack.note, pack.source) == (taobao.frame, taobao.note, taobao.source)


def test_the_page_opens_the_form_for_a_new_pack_and_for_an_own_one(visit: Visit, studio: Studio, admin: Actor) -> None:
    save_pack(studio, admin, own(80, check="fill"))
    page = visit("settings", admin).button(key="write-pack").click().run()
    assert not page.exception
    assert "Add the first rule above" in told(page)
    page = visit("settings", admin).button(key="change-pack-my_shop").click().run()
    assert not page.exception
    assert page.number_input(key="pack-0-0-least").value == 80.0
    assert not [box for box in page.selectbox if box.label == "Begin with"]


def test_a_change_is_the_next_version(studio: Studio, admin: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "get_studio", lambda: studio)
    save_pack(studio, admin, own(80, check="fill"))
    page = form_of(admin, "my_shop")
    page = page.number_input(key="pack-0-0-most").set_value(70.0).run()
    assert "The least is above the most." in told(page)
    page = page.number_input(key="pack-0-0-most").set_value(95.0).run()
    page = press(page, "Save as a new version")
    assert not page.exception
    newest = versions(studio, admin, "my_shop")[0].pack
    assert (newest.rules[0].at_least, newest.rules[0].at_most, newest.rules[0].id) == (80.0, 95.0, "rule")


def test_every_check_can_be_added_and_says_what_it_lacks(form: AppTest) -> None:
    page = form
    for at, check in enumerate(Measure):
        page = add(page, check, at)
        assert not page.exception
    assert told(page).count("Fill in one of the two numbers") + told(page).count("Choose at least one.") == len(Measure)
    assert {"photo", "generated", "none", "concept", "listing"} <= set(_WORDS)


def test_keys_and_ids_are_free_and_plain() -> None:
    assert key_of("My  Shop!", ()) == "my_shop"
    assert key_of("我的店", ()) == "own"
    assert key_of("eBay", ("ebay", "ebay_2")) == "ebay_3"
    draft = Draft()
    for _ in range(3):
        draft.add(Measure.FILL)
    draft.drop(1)
    assert [one["id"] for one in with_ids([(line, {}) for line in draft.lines])] == ["fill", "fill_2"]


def test_a_rule_that_is_none_is_told() -> None:
    assert fault_of({"check": "fill", "at_least": 3.0, "at_most": 2.0}) == "The least is above the most."
    assert fault_of({"check": "format", "one_of": ()}) == "Choose at least one."
    late = {"check": "fill", "at_least": 3.0, "valid_from": "2027-01-02", "valid_until": "2027-01-01"}
    assert fault_of(late) == "It would end before it begins."
    assert in_words({"check": "fill"}) == ""
    begun = Rule(id="a", text="As told.", check=Measure.FILL, at_least=70, severity="refused")
    same = {"check": "fill", "at_least": 70.0, "severity": "refused"}
    assert rule_content(Line(0, Measure.FILL, begun), same, "As told.")["text"] == "As told."
    assert rule_content(Line(0, Measure.FILL, begun), same | {"at_least": 60.0}, "As told.")["text"] == "Fill: ≥ 60 %"
    assert rule_content(Line(0, Measure.FILL, begun), same | {"at_least": 60.0}, "Ours.")["text"] == "Ours."
