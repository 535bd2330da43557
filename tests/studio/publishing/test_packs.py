"""Packs of rules: the shipped ones hold what they say, each rule passes and fails where it should, faults are named."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from typing import Any

import pytest

from db.tables import VerdictOutcome
from ecomgan.metrics import SCORERS
from studio.errors import InputError
from studio.publishing.marking import FORMATS
from studio.publishing.pack_checks import MARKED, Facts, demanded, judge
from studio.publishing.pack_fixes import FixKind, finishing_for
from studio.publishing.packs import FOLDER, WORDS, Measure, Rule, RulePack, read_pack, shipped_packs
from studio.scoring.measures import VERSIONS

DAY = dt.date(2026, 11, 23)
LATER = dt.date(2027, 1, 31)
PACKS = shipped_packs()
RULES = [(pack, rule) for pack in PACKS.values() for rule in pack.rules]
NO_SCORES = {*WORDS, "longest", "shortest", "width", "height", "megapixels", "file_bytes", "aspect"}

GOOD: dict[str, float | None] = {
    "exact_white": 100.0,
    "border_whiteness": 100.0,
    "fill": 88.0,
    "centring": 0.01,
    "sharpness": 2.0,
    "cropped": 0.0,
    "shadow": 0.0,
    "overlay": 0.0,
    "skin": 0.0,
}


def ideal(pack: RulePack) -> Facts:
    """An image as an export for this channel writes it, of a product that was photographed well."""
    frame = pack.frame
    assert frame is not None
    scores = GOOD | {"fill": frame.fill}
    return Facts(frame.height, frame.width, frame.image_format, "listing", 200_000, MARKED, "photo", scores)


def spoilt(facts: Facts, rule: Rule) -> Facts:
    """The image with the one value that the rule looks at pushed out of its range."""
    if rule.one_of:
        wrong = next((word for word in WORDS[rule.check] if word not in rule.one_of), "HEIC")
        field = {"format": "image_format"}.get(rule.check.value, rule.check.value)
        return dataclasses.replace(facts, **{field: wrong})
    low, high = rule.at_least, rule.at_most
    value = low * 0.9 if low else (high or 0.0) * 1.1 + 0.01
    match rule.check:
        case Measure.LONGEST | Measure.SHORTEST:
            return dataclasses.replace(facts, height=int(value), width=int(value))
        case Measure.WIDTH:
            return dataclasses.replace(facts, width=int(value))
        case Measure.HEIGHT:
            return dataclasses.replace(facts, height=int(value))
        case Measure.MEGAPIXELS:
            return dataclasses.replace(facts, height=1_000, width=int(value * 1_000))
        case Measure.ASPECT:
            return dataclasses.replace(facts, width=int(facts.height * value))
        case Measure.FILE_BYTES:
            return dataclasses.replace(facts, file_bytes=int(value))
        case check:
            return dataclasses.replace(facts, scores={**facts.scores, check.value: value})


def test_the_eight_channels_are_there() -> None:
    assert set(PACKS) == {"amazon", "google_merchant", "walmart", "zalando", "ebay", "etsy", "shopify", "taobao"}
    assert {file.stem for file in FOLDER.glob("*.json")} == set(PACKS)


@pytest.mark.parametrize("pack", PACKS.values(), ids=list(PACKS))
def test_what_an_export_for_a_channel_writes_of_a_good_photo_passes(pack: RulePack) -> None:
    for day in (DAY, LATER):
        verdict = judge(pack, ideal(pack), day)
        assert verdict.outcome is VerdictOutcome.PASSES, [one.rule.id for one in verdict.broken]
        assert not [one.rule.id for one in verdict.broken]
        assert not verdict.unmeasured


@pytest.mark.parametrize(("pack", "rule"), RULES, ids=[f"{pack.key}-{rule.id}" for pack, rule in RULES])
def test_each_rule_passes_and_fails_on_its_own_value(pack: RulePack, rule: Rule) -> None:
    day = LATER if rule.valid_from else DAY
    good, bad = judge(pack, ideal(pack), day), judge(pack, spoilt(ideal(pack), rule), day)
    (before,) = [one for one in good.findings if one.rule == rule]
    (after,) = [one for one in bad.findings if one.rule == rule]
    assert (before.outcome, before.fix) == ("passes", None)
    assert after.outcome == "fails"
    assert after.fix is not None
    assert demanded(rule)
    if rule.severity == "refused" and not after.fix.on_export:
        assert bad.outcome is VerdictOutcome.REFUSED


@pytest.mark.parametrize(("pack", "rule"), RULES, ids=[f"{pack.key}-{rule.id}" for pack, rule in RULES])
def test_each_rule_has_a_source_with_a_date_and_looks_at_something_that_is_measured(pack: RulePack, rule: Rule) -> None:
    source = rule.source or pack.source
    assert source.read <= DAY
    assert rule.check.value in {*NO_SCORES, *SCORERS, *VERSIONS}
    assert (source.confidence == "official") <= (source.url is not None)


def test_a_dated_rule_holds_from_its_day_on() -> None:
    google = PACKS["google_merchant"]
    small = dataclasses.replace(ideal(google), height=400, width=400)
    assert judge(google, small, dt.date(2027, 1, 30)).outcome is VerdictOutcome.PASSES
    after = judge(google, dataclasses.replace(small, height=100, width=100), LATER)
    assert after.outcome is VerdictOutcome.REFUSED
    assert after.broken[0].rule.id == "side_least_2027"
    assert google.edition(dt.date(2027, 1, 30)) == "1.2026-11-23"
    assert google.edition(LATER) == google.edition(dt.date(2028, 1, 1)) == "1.2027-01-31"


def test_a_score_that_is_missing_is_no_verdict_and_one_that_cannot_be_measured_is_a_fault() -> None:
    amazon = PACKS["amazon"]
    unscored = dataclasses.replace(ideal(amazon), scores={})
    assert judge(amazon, unscored, DAY).outcome is VerdictOutcome.UNMEASURED
    unmeasurable = dataclasses.replace(ideal(amazon), scores={**ideal(amazon).scores, "fill": None})
    verdict = judge(amazon, unmeasurable, DAY)
    assert (verdict.outcome, verdict.broken[0].got) == (VerdictOutcome.REFUSED, None)


def test_what_an_export_mends_does_not_keep_an_image_out() -> None:
    zalando = PACKS["zalando"]
    made = Facts(600, 480, "PNG", "listing", scores=GOOD)
    verdict = judge(zalando, made, DAY)
    assert verdict.outcome is VerdictOutcome.ON_EXPORT
    kinds = {one.rule.id: one.fix.kind for one in verdict.broken if one.fix and one.rule.severity == "refused"}
    assert kinds["format"] is FixKind.EXPORT_AS
    assert kinds["upright"] is FixKind.EXPORT_FRAMED
    assert kinds["height_least"] is FixKind.ENLARGE
    assert finishing_for(verdict, (), 600, 480) is None  # nothing need be made again
    tiny = judge(zalando, dataclasses.replace(made, height=80, width=64), DAY)
    assert tiny.outcome is VerdictOutcome.REFUSED  # enlarged 14 times, it would be a blur


def test_the_finishing_that_mends_an_image_sets_it_into_the_channels_frame() -> None:
    amazon = PACKS["amazon"]
    made = Facts(320, 256, "PNG", "listing", scores=GOOD | {"fill": 60.0, "border_whiteness": 80.0})
    verdict = judge(amazon, made, DAY)
    before = ({"step": "sharpen"}, {"step": "pad", "width": 256, "height": 320})
    assert finishing_for(verdict, before, 320, 256) == (
        {"step": "white_background"},
        {"step": "sharpen"},
        {"step": "detail", "factor": 4},
        {"step": "pad", "width": 2000, "height": 2000, "fill": 0.88},
    )
    with_text = dataclasses.replace(made, scores={**made.scores, "overlay": 99.0})
    assert finishing_for(judge(amazon, with_text, DAY), (), 320, 256) is None  # no finishing takes a text away


def test_no_finishing_makes_a_photo_of_a_rendering() -> None:
    etsy = PACKS["etsy"]
    verdict = judge(etsy, dataclasses.replace(ideal(etsy), origin="generated"), DAY)
    assert verdict.outcome is VerdictOutcome.REFUSED
    assert verdict.broken[0].fix is not None
    assert verdict.broken[0].fix.kind is FixKind.PHOTOGRAPH
    assert finishing_for(verdict, (), 2000, 2000) is None


def own(**changes: Any) -> dict[str, Any]:
    rule = {"id": "wide", "text": "Wide enough.", "check": "width", "at_least": 300, "severity": "refused"}
    content = {
        "key": "my_shop",
        "name": "My shop",
        "dated": "2026-11-01",
        "source": {"name": "Our own word", "read": "2026-11-01", "confidence": "own"},
        "rules": [rule],
    }
    return content | changes


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("[]", "a JSON object"),
        ("{", "no JSON"),
        (b"\xff", "no JSON"),
        (own(key="My shop"), "key: .*pattern"),
        (own(rules=[]), "rules: .*at least 1 item"),
        (own(rules=own()["rules"] * 2), "'wide' is there twice"),
        (own(rules=[own()["rules"][0] | {"check": "beauty"}]), r"rule 1 \(wide\), check: .*'longest'"),
        (own(rules=[own()["rules"][0] | {"at_least": None}]), "is a number: say at_least or at_most"),
        (own(rules=[own()["rules"][0] | {"at_most": 200}]), "at_least 300 is above at_most 200"),
        (own(rules=[own()["rules"][0] | {"severity": "perhaps"}]), "severity: .*'refused' or 'advised'"),
        (own(rules=[own()["rules"][0] | {"check": "format"}]), "format is a word: say one_of some of JPEG"),
        (own(rules=[own()["rules"][0] | {"valid_from": "2027-01-01", "valid_until": "2026-01-01"}]), "is not after"),
        (own(frame={"width": 10, "height": 800}), "frame.width: .*100"),
        (own(frame={"width": 800, "height": 800, "image_format": "TIFF"}), "written as JPEG, PNG, WEBP"),
        (own(colour="red"), "colour: "),
    ],
)
def test_a_pack_with_a_fault_is_refused_with_its_place(content: Any, fault: str) -> None:
    with pytest.raises(InputError, match=fault):
        read_pack(content)


def test_a_pack_survives_its_own_json() -> None:
    for pack in PACKS.values():
        assert read_pack(pack.model_dump_json(exclude_none=True)) == pack
        assert read_pack(json.loads(pack.model_dump_json())) == pack


def test_demands_read_the_same_in_every_language() -> None:
    rules = {f"{pack.key}.{rule.id}": demanded(rule) for pack, rule in RULES}
    assert rules["amazon.longest_least"] == "≥ 500 px"
    assert rules["google_merchant.fill"] == "75–90 %"
    assert rules["walmart.bytes"] == "≤ 5 MB"
    assert rules["taobao.bytes"] == "38–300 KB"
    assert rules["taobao.width"] == "800 px"
    assert rules["zalando.format"] == "JPEG"
    assert set(FORMATS) <= set(WORDS[Measure.FORMAT])
