"""What stands beside an image under review, and what a person who is asked blindly is not told."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from uuid import uuid4

import pytest

from db.tables import Asset, AssetState, Purpose, Role
from studio.bootstrap import Studio
from studio.errors import NotFound
from studio.publishing.packs import shipped_packs
from studio.review.comments import comment
from studio.review.deciding import Action, Decide, decide, submit
from studio.review.panel import panel
from studio.review.queue_filter import QueueFilter
from studio.review.queue_items import queue_items
from studio.roles import Actor
from tests.studio.conftest import GOOD_SCORES, Images, seen
from tests.studio.review.asked import act, person, rates

WAITING = QueueFilter(state=AssetState.IN_REVIEW)


def test_everything_about_an_image_stands_beside_it(
    studio_on_both: Studio, editor: Actor, reviewer: Actor, images: Images
) -> None:
    studio = studio_on_both
    product_id = images.product(photo=True)
    (asset_id,) = images.make(editor, product_id=product_id, prompt="red shirt, slim")
    submit(studio, editor, [asset_id])
    comment(studio, reviewer, asset_id, "look at the <b>left</b> sleeve @Edda", uuid4().hex)
    found = panel(studio, reviewer, asset_id)
    assert found.item == queue_items(studio, reviewer, WAITING).items[0]
    assert (found.brief.prompt, found.brief.model, found.brief.made_by) == ("red shirt, slim", "starter", "Edda")
    assert found.photos == ("0" * 64,)
    assert [line.to_state for line in found.history] == [AssetState.CHECKED, AssetState.IN_REVIEW]
    assert [(one.text, one.mentions) for one in found.comments] == [("look at the <b>left</b> sleeve @Edda", ("Edda",))]
    assert found.taught.why_not == "unknown"
    assert (found.parents, found.children, found.alike) == ((), (), ())


def test_there_is_no_panel_without_an_image(studio: Studio, viewer: Actor) -> None:
    with pytest.raises(NotFound):
        panel(studio, viewer, 1)


def test_bytes_that_were_changed_on_the_disk_are_told(
    studio: Studio, editor: Actor, reviewer: Actor, images: Images
) -> None:
    (asset_id,) = images.make(editor, state=AssetState.IN_REVIEW)
    assert not panel(studio, reviewer, asset_id).item.damaged
    sha256 = seen(studio, asset_id)
    (Path(studio.settings.home) / "assets" / sha256[:2] / sha256[2:4] / sha256).write_bytes(b"other")
    assert panel(studio, reviewer, asset_id).item.damaged
    assert queue_items(studio, reviewer, WAITING).items[0].damaged


def test_who_is_asked_blindly_cannot_tell_the_image_from_one_that_waits(
    studio: Studio, editor: Actor, reviewer: Actor, images: Images
) -> None:
    second = person(studio, "Sana")
    (decided, waiting) = images.make(editor, 2, purpose=Purpose.CONCEPT)
    submit(studio, editor, [decided, waiting])
    rates(studio, second=1.0)
    act(studio, reviewer, decided, "halo")
    comment(studio, reviewer, decided, "the sleeve has a halo", uuid4().hex)
    rates(studio)
    items = {item.id: item for item in queue_items(studio, second, WAITING).items}
    assert set(items) == {decided, waiting}
    own = ("id", "sha256", "revision", "waiting_since")  # these differ between any two images
    plain = [
        {key: value for key, value in dataclasses.asdict(item).items() if key not in own} for item in items.values()
    ]
    assert plain[0] == plain[1]
    blind, open_ = panel(studio, second, decided), panel(studio, second, waiting)
    assert blind.item == items[decided]
    assert (blind.item.state, blind.item.rejection) == (AssetState.IN_REVIEW, None)
    assert [line.to_state for line in blind.history] == [line.to_state for line in open_.history]
    assert blind.comments == ()


def test_the_one_who_decided_sees_it_as_decided(studio: Studio, editor: Actor, reviewer: Actor, images: Images) -> None:
    person(studio, "Sana", Role.REVIEWER)
    (asset_id,) = images.make(editor, state=AssetState.IN_REVIEW)
    rates(studio, second=1.0)
    decide(studio, reviewer, Decide(asset_id, 0, Action.APPROVE, uuid4().hex, seen_sha256=seen(studio, asset_id)))
    assert panel(studio, reviewer, asset_id).item.state is AssetState.APPROVED
    assert queue_items(studio, reviewer, WAITING).items == ()


def test_channels_say_what_they_would_refuse(studio: Studio, editor: Actor, reviewer: Actor, images: Images) -> None:
    (image,) = images.make(editor, scores=GOOD_SCORES | {"fill": 70.0})
    found = {verdict.name: verdict for verdict in panel(studio, reviewer, image).channels}
    assert set(found) == {pack.name for pack in shipped_packs().values()}
    assert {fault.rule for fault in found["Amazon"].faults} == {"size", "fill", "white"}
    assert [(fault.rule, fault.got, fault.wanted) for fault in found["eBay"].faults] == [("size", 80, "≥ 500")]
    assert found["eBay"].waits  # nobody looked for text on it yet


def test_what_an_export_mends_is_no_fault_of_an_image(
    studio: Studio, editor: Actor, reviewer: Actor, images: Images
) -> None:
    good = {"fill": 88.0, "border_whiteness": 100.0, "exact_white": 100.0, "cropped": 0.0, "overlay": 0.0}
    (image,) = images.make(editor, scores=GOOD_SCORES | good | {"shadow": 0.0})
    with studio.writing() as session:
        row = session.get_one(Asset, image)
        row.height, row.width = 2_000, 1_600
    faults = {verdict.name: verdict.faults for verdict in panel(studio, reviewer, image).channels}
    assert {name for name, found in faults.items() if found} == {"Etsy"}  # no rendering is a photo
    assert [fault.rule for fault in faults["Etsy"]] == ["origin"]
