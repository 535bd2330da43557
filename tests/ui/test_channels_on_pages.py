"""Scores, verdicts and rules on the pages: what is wrong and what mends it, and who may change what."""

from __future__ import annotations

import json

import pytest

from studio.bootstrap import Studio
from studio.publishing.channels import save_channel
from studio.publishing.export import ExportNotes, channels
from studio.publishing.own_packs import list_packs, save_pack
from studio.publishing.packs import shipped_packs
from studio.roles import Actor
from studio.scoring.identity import demands
from studio.scoring.wanted import outstanding, score_again
from studio.ui import i18n
from studio.ui.export_view import sentences
from studio.work.jobs import IMAGES, list_jobs
from tests.studio.conftest import GOOD_SCORES, Images
from tests.studio.publishing.packs_written import own
from tests.studio.publishing.test_export import approved
from tests.studio.scoring.judged import run_scoring
from tests.ui.conftest import Visit, gallery_of, press, told


def words_of(page) -> str:  # type: ignore[no-untyped-def]
    return told(page) + "".join(element.proto.body for element in page.get("html"))


def test_an_image_shows_its_scores_in_groups_and_how_every_channel_stands(
    visit: Visit, studio: Studio, images: Images, editor: Actor, admin: Actor
) -> None:
    (image,) = images.make(editor, scores=GOOD_SCORES | {"fill": 70.0})
    run_scoring(studio, score_again(studio, admin))
    page = visit("library", editor, image=str(image))
    assert not page.exception
    words = words_of(page)
    for part in ("Technique", "Frame", "Content", "Likeness: not a copy", "Pure white", "nothing to compare with"):
        assert part in words
    for part in ("Amazon", "would be refused", "Fill 70 %, demanded ≥ 85 %", "Reframe it", "Only a photo is taken"):
        assert part in words
    assert "mend-amazon" in {button.key for button in page.button}
    assert "Measure now" not in [button.label for button in page.button]


def test_an_image_without_later_scores_offers_to_measure_them(
    visit: Visit, studio: Studio, images: Images, editor: Actor, viewer: Actor
) -> None:
    (image,) = images.make(editor)
    assert "Measure now" not in [button.label for button in visit("library", viewer, image=str(image)).button]
    page = press(visit("library", editor, image=str(image)), "Measure now")
    assert not page.exception
    assert outstanding(studio, editor).job_id is not None
    assert "Measure now" not in [button.label for button in page.button]


def test_one_press_orders_the_image_as_a_channel_wants_it(
    visit: Visit, with_model: Studio, images: Images, editor: Actor
) -> None:
    (image,) = images.make(editor, scores=GOOD_SCORES | {"fill": 70.0})
    page = visit("library", editor, image=str(image))
    (button,) = [one for one in page.button if one.key == "mend-amazon"]
    button.click().run()
    assert not page.exception
    order = next(one for one in list_jobs(with_model, editor) if one.kind == IMAGES and one.active)
    assert order.total == 1


def test_the_library_finds_what_passes_a_channel(
    visit: Visit, studio: Studio, images: Images, editor: Actor, admin: Actor
) -> None:
    save_pack(studio, admin, own(80, check="fill"))
    images.make(editor, scores=GOOD_SCORES | {"fill": 70.0})
    (good,) = images.make(editor)
    run_scoring(studio, score_again(studio, admin))
    page = visit("library", editor, passes="my_shop")
    assert not page.exception
    assert [item["id"] for item in gallery_of(page)["items"]] == [good]


def test_an_admin_reads_the_rules_and_writes_own_ones(visit: Visit, studio: Studio, admin: Actor) -> None:
    page = visit("settings", admin)
    assert not page.exception
    assert "11 rules" in told(page)
    assert "not sure: check it before you rely on it" in told(page)
    (text,) = [area for area in page.text_area if area.key == "pack-text-new-0"]
    text.set_value(json.dumps(own(at_least="much")))
    (button,) = [one for one in page.button if one.form_id == "pack-form-new"]
    page = button.click().run()
    assert "This pack of rules cannot be used" in told(page)
    (text,) = [area for area in page.text_area if area.key == "pack-text-new-0"]
    text.set_value(json.dumps(own()))
    (button,) = [one for one in page.button if one.form_id == "pack-form-new"]
    page = button.click().run()
    assert not page.exception
    assert [one.pack.name for one in list_packs(studio, admin) if one.own] == ["My shop"]
    assert "own, version 1" in told(page)


def test_an_admin_sets_what_a_listing_must_reach(visit: Visit, studio: Studio, admin: Actor) -> None:
    page = visit("settings", admin)
    (number,) = [field for field in page.number_input if field.key == "identity-silhouette_overlap"]
    assert number.value == 80.0
    number.set_value(70.0)
    (button,) = [one for one in page.button if one.form_id == "identity"]
    assert not button.click().run().exception
    assert demands(studio, admin)["silhouette_overlap"] == 70.0


def test_an_admin_has_older_images_scored(visit: Visit, studio: Studio, images: Images, admin: Actor) -> None:
    images.make(admin, 3)
    page = press(visit("settings", admin), "Score 3 images again")
    assert not page.exception
    assert outstanding(studio, admin).job_id is not None


def test_an_export_tells_what_would_be_refused_before_it_is_made(
    visit: Visit, studio: Studio, images: Images, editor: Actor, reviewer: Actor, admin: Actor
) -> None:
    save_pack(studio, admin, own(80, check="fill"))
    save_channel(studio, admin, None, name="Mine", height=None, width=None, image_format="JPEG", pack="my_shop")
    approved(studio, images, editor, reviewer, 2)
    approved(studio, images, editor, reviewer, 1, scores=GOOD_SCORES | {"fill": 60.0})
    page = visit("review", editor, state="approved")
    page.session_state["channel"] = channels(studio, admin)[-1]
    page = press(page, "Export 3 images")
    assert "My shop would refuse 1 image" in told(page)
    assert "Fill 60 %, demanded ≥ 80 %" in told(page).replace("\\", "")
    assert "Make the ZIP of 2 images" in [button.label for button in page.button]
    assert "despite" not in {field.key for field in page.text_input}  # an editor cannot answer for it


def test_the_rules_of_the_channels_are_told_in_chinese(visit: Visit, admin: Actor) -> None:
    page = visit("settings", admin, locale="zh-CN")
    rules = [text for table in page.dataframe for text in table.value.get("规则", ())]
    assert len(rules) == sum(len(pack.rules) for pack in shipped_packs().values())
    assert [text for text in rules if text.isascii()] == []


@pytest.mark.parametrize(
    ("language", "wanted"),
    [
        (
            "en",
            [
                "1 of 4 leave as they were made; the list says why.",
                "2 of 4 lack a score that the channel's rules ask for.",
                "The licence of open is not confirmed: 3 of 4 images are made by it.",
                "4 of 4 were enlarged, up to 10.5 times: they look soft.",
            ],
        ),
        (
            "zh",
            [
                "4 张中有 1 张按原样导出；清单中写明了原因。",
                "4 张中有 2 张缺少渠道规则要求的评分。",
                "模型 open 的许可尚未确认：4 张图片中有 3 张由其生成。",
                "4 张中有 4 张被放大，最多 10.5 倍：看起来会偏软。",
            ],
        ),
    ],
)
def test_what_to_know_about_an_export_is_told_in_the_language_of_the_page(
    language: str, wanted: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(i18n, "language", lambda: language)
    notes = ExportNotes(unstyled=1, unmeasured=2, unconfirmed=3, models=("open",), enlarged=4, most=10.5)
    assert sentences(notes, 4) == wanted
    assert sentences(ExportNotes(), 4) == []
