"""Exports in house style: the copies that leave are moved and scaled where that can be, and the list says which."""

from __future__ import annotations

import io

import numpy as np
import pytest
import sqlalchemy as sa
from PIL import Image

from db.tables import Activity, AssetState, Decision
from ecomgan.metrics.product import find_product
from studio.bootstrap import Studio
from studio.errors import Conflict, Words
from studio.making.reframing import prospect
from studio.publishing.channels import save_channel
from studio.publishing.export import ExportNotes, channels, check_export, export_approved
from studio.publishing.own_packs import save_pack
from studio.roles import Actor
from studio.ui.i18n import translate
from tests.studio.conftest import Images
from tests.studio.making.test_reframing import shoe, shown, styled
from tests.studio.publishing.packs_written import own
from tests.studio.publishing.test_export import opened


def left_the_house(studio: Studio, editor: Actor, reviewer: Actor, data: bytes) -> int:
    """An approved image with its approval in the log."""
    one = shown(studio, editor, data)
    with studio.writing() as session:
        session.add(
            Decision(
                asset_id=one,
                revision=1,
                from_state=AssetState.IN_REVIEW,
                to_state=AssetState.APPROVED,
                user_id=reviewer.id,
                comment="",
                asset_sha256="0" * 64,
                model_version_id=1,
                idempotency_key=f"approved-{one}",
                scores={},
            )
        )
    return one


def box_of(file: bytes):
    return find_product(np.asarray(Image.open(io.BytesIO(file)).convert("RGB")), search_side=640).box


def test_copies_are_set_into_the_style_and_the_others_leave_as_they_are(
    studio_on_both: Studio, editor: Actor, reviewer: Actor
) -> None:
    studio = studio_on_both
    small = left_the_house(studio, editor, reviewer, shoe())
    cut = left_the_house(studio, editor, reviewer, shoe(left=0))
    styled(studio)
    channel = channels(studio, editor)[0].id
    told: list[tuple[str, int, int]] = []
    done = export_approved(
        studio,
        editor,
        [small, cut],
        channel,
        house_style=True,
        looked=lambda *now: told.append(("looked", *now)),
        progress=lambda *now: told.append(("packed", *now)),
    )
    assert told == [("looked", 2, 2), ("packed", 1, 2), ("packed", 2, 2)]
    rows, files = opened(done.data)
    assert rows[0]["house_style"] == "Casual Shoes, version 1"
    assert rows[1]["house_style"].startswith("as made: The product runs out of this image at the left")
    moved, kept = (box_of(data) for data in files.values())
    assert (moved.width, moved.bottom) == (pytest.approx(0.84, abs=0.015), pytest.approx(0.71, abs=0.015))
    assert kept.bottom == pytest.approx(120 / 320, abs=0.015)
    assert done.notes == ExportNotes(unstyled=1)
    with studio.reading() as session:
        (line,) = session.scalars(sa.select(Activity.text).where(Activity.subject == "export"))
    assert line.startswith("Exported 1 of 2 images for ")
    assert line.endswith(" in house style.")
    again = export_approved(studio, editor, [small, cut], channel, house_style=True)
    assert again.sha256 == done.sha256
    plain = export_approved(studio, editor, [small, cut], channel)
    assert {row["house_style"] for row in opened(plain.data)[0]} == {""}


def test_a_channel_is_asked_about_what_leaves_and_not_about_what_was_made(
    studio: Studio, editor: Actor, reviewer: Actor, admin: Actor
) -> None:
    small = left_the_house(studio, editor, reviewer, shoe())
    styled(studio)
    save_pack(studio, admin, own(80, check="fill"))
    channel = save_channel(
        studio, admin, None, name="Mine", height=None, width=None, image_format="PNG", pack="my_shop"
    )
    with studio.writing() as session:
        session.execute(sa.text("UPDATE scores SET value = 39 WHERE metric = 'fill'"))
    assert [one.image.id for one in check_export(studio, editor, [small], channel).refused] == [small]
    with pytest.raises(Conflict, match="would refuse"):
        export_approved(studio, editor, [small], channel)
    before = check_export(studio, editor, [small], channel, house_style=True)
    assert before.styling is not None
    assert before.styling.unknown == 1  # nobody looked for its product yet
    prospect(studio, editor, small)
    found = check_export(studio, editor, [small], channel, house_style=True)
    assert found.styling is not None
    assert (found.refused, list(found.styling.set_into), found.styling.left) == ((), [small], {})
    assert export_approved(studio, editor, [small], channel, house_style=True).images == 1


def test_without_a_style_nothing_is_searched_and_all_leave_as_they_are(
    studio: Studio, images: Images, editor: Actor, reviewer: Actor
) -> None:
    one = left_the_house(studio, editor, reviewer, shoe())
    found = check_export(studio, editor, [one], channels(studio, editor)[0].id, house_style=True)
    assert found.styling is not None
    assert (found.styling.unknown, list(found.styling.left)) == (0, [one])


def test_a_product_that_would_have_to_grow_too_much_is_told(studio: Studio, editor: Actor) -> None:
    styled(studio)
    tiny = shown(studio, editor, shoe(100, 120, 100, 140))
    refusal = prospect(studio, editor, tiny).refusal
    assert refusal is not None
    assert "scaled 5.4 times; a quarter to four times" in refusal.message


def test_the_sides_of_a_refusal_are_told_in_chinese() -> None:
    sides = Words(["top", "left"])
    told = "The product runs out of this image at the {sides}: it cannot be moved without cutting it."
    assert "at the top and the left:" in translate("en", told, sides=sides)
    assert "上、左" in translate("zh", told, sides=sides)
