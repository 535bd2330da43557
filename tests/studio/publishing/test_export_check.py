"""An export for a channel with rules: what it would refuse is told before, and let out only on an admin's word."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from db.tables import Activity, Export
from studio.bootstrap import Studio
from studio.errors import Conflict, Forbidden, InputError
from studio.publishing.channels import save_channel
from studio.publishing.export import ChannelView, ExportNotes, channels, check_export, export_approved
from studio.publishing.own_packs import save_pack
from studio.review.review_queue import QueueFilter
from studio.roles import Actor
from tests.studio.conftest import GOOD_SCORES, Images
from tests.studio.publishing.packs_written import own
from tests.studio.publishing.test_export import approved

FITS = GOOD_SCORES | {"border_whiteness": 100.0, "exact_white": 100.0, "overlay": 0.0, "cropped": 0.0, "fill": 88.0}


def channel_with(studio: Studio, admin: Actor, pack: str, side: int | None = None, image_format: str = "JPEG") -> int:
    return save_channel(
        studio, admin, None, name=f"for {pack}", height=side, width=side, image_format=image_format, pack=pack
    )


def test_a_channel_tells_its_rules(studio_on_both: Studio, admin: Actor) -> None:
    channel = channel_with(studio_on_both, admin, "amazon", 1_000)
    assert channels(studio_on_both, admin)[-1] == ChannelView(channel, "for amazon", 1_000, 1_000, "JPEG", "amazon")
    with pytest.raises(InputError, match="There are no rules 'nowhere'"):
        channel_with(studio_on_both, admin, "nowhere")


def test_what_would_be_refused_is_told_before_and_stays_in(
    studio_on_both: Studio, images: Images, editor: Actor, reviewer: Actor, admin: Actor
) -> None:
    studio = studio_on_both
    save_pack(studio, admin, own(75, check="fill"))
    channel = channel_with(studio, admin, "my_shop")
    good = approved(studio, images, editor, reviewer, 2)
    (bad,) = approved(studio, images, editor, reviewer, 1, scores=GOOD_SCORES | {"fill": 60.0})
    (unknown,) = approved(studio, images, editor, reviewer, 1, scores={"sharpness": 2.0})
    found = check_export(studio, editor, QueueFilter(), channel)
    assert [(one.image.id, one.findings[0].got) for one in found.refused] == [(bad, 60.0)]
    assert (found.passing, found.unmeasured) == ((*good, unknown), 1)
    with pytest.raises(
        Conflict, match=rf"My shop would refuse 1 of 4 images: image {bad} \(fill 60 %, demanded ≥ 75 %\)"
    ):
        export_approved(studio, editor, [*good, bad, unknown], channel)
    with studio.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Export)) == 0
    done = export_approved(studio, editor, found.passing, channel)
    assert (done.images, done.notes) == (3, ExportNotes(unmeasured=1))


def test_only_an_admin_lets_it_out_with_a_reason_that_is_kept(
    studio: Studio, images: Images, editor: Actor, reviewer: Actor, admin: Actor
) -> None:
    save_pack(studio, admin, own(1_000))
    channel = channel_with(studio, admin, "my_shop")
    made = approved(studio, images, editor, reviewer, 2)
    with pytest.raises(Forbidden, match="Only an admin"):
        export_approved(studio, reviewer, made, channel, despite="the channel agreed by telephone")
    with pytest.raises(InputError, match="10 to 300 letters, got 2"):
        export_approved(studio, admin, made, channel, despite="ok")
    done = export_approved(studio, admin, made, channel, despite="the channel agreed by telephone")
    assert done.images == 2
    with studio.reading() as session:
        (line,) = session.scalars(sa.select(Activity).where(Activity.subject == "export"))
    assert line.text == "Exported 2 of 2 images that for my_shop would refuse: the channel agreed by telephone"


def test_advice_keeps_nothing_in(studio: Studio, images: Images, editor: Actor, reviewer: Actor, admin: Actor) -> None:
    save_pack(studio, admin, own(1_000, severity="advised"))
    channel = channel_with(studio, admin, "my_shop")
    assert export_approved(studio, editor, approved(studio, images, editor, reviewer), channel).images == 1


def test_what_the_export_itself_writes_is_judged_and_not_the_original(
    studio: Studio, images: Images, editor: Actor, reviewer: Actor, admin: Actor
) -> None:
    made = approved(studio, images, editor, reviewer, scores=FITS)  # 64 x 80, PNG
    refused = {"text": "As we want it.", "severity": "refused"}
    square = own()
    square["rules"] = [
        refused | {"id": "square", "check": "aspect", "at_least": 0.99, "at_most": 1.01},
        refused | {"id": "jpeg", "check": "format", "one_of": ["JPEG"]},
        refused | {"id": "mark", "check": "marking", "one_of": ["trainedAlgorithmicMedia"]},
        refused | {"id": "light", "check": "file_bytes", "at_most": 50_000},
    ]
    save_pack(studio, admin, square | {"frame": {"width": 200, "height": 200}})
    assert export_approved(studio, editor, made, channel_with(studio, admin, "my_shop", 200)).images == 1
    for side, image_format, fault in ((None, "JPEG", "aspect 0.8"), (200, "PNG", "format PNG")):
        other = save_channel(
            studio, admin, None, name=fault, height=side, width=side, image_format=image_format, pack="my_shop"
        )
        with pytest.raises(Conflict, match=fault):
            export_approved(studio, editor, made, other)


def test_a_frame_that_makes_the_product_small_is_found_on_the_file(
    studio: Studio, images: Images, editor: Actor, reviewer: Actor, admin: Actor
) -> None:
    """The scores say that it fills 85 %; in a frame three times as wide as high it is its height that counts."""
    made = approved(studio, images, editor, reviewer)
    save_pack(studio, admin, own(80, check="fill"))
    channel = save_channel(studio, admin, None, name="wide", height=100, width=300, image_format="JPEG", pack="my_shop")
    assert check_export(studio, editor, made, channel).refused == ()
    with pytest.raises(Conflict, match="fill 7"):
        export_approved(studio, editor, made, channel)


def test_an_image_that_would_be_a_blur_is_refused_however_large_the_file(
    studio: Studio, images: Images, editor: Actor, reviewer: Actor, admin: Actor
) -> None:
    made = approved(studio, images, editor, reviewer, scores=FITS)  # 64 x 80: Amazon's 500 is 6.25 times as much
    channel = channel_with(studio, admin, "amazon", 1_000)
    with pytest.raises(Conflict, match="longest 80 px, demanded ≥ 500 px"):
        export_approved(studio, editor, made, channel)
