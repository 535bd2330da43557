"""Channels and storage, as an admin settles and sees them."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from db.tables import Activity, Export
from studio.bootstrap import Studio
from studio.errors import Conflict, Forbidden, InputError, NotFound
from studio.publishing.channels import remove_channel, save_channel
from studio.publishing.export import channels
from studio.roles import Actor
from studio.storage_facts import folder_sizes, storage_facts

FRAME = {"height": 1600, "width": 1200, "image_format": "PNG"}


def test_a_channel_is_added_and_changed_with_a_record(studio_on_both: Studio, admin: Actor) -> None:
    studio = studio_on_both
    channel_id = save_channel(studio, admin, None, name=" Markt  platz ", **FRAME)
    save_channel(studio, admin, channel_id, name="Markt platz", height=None, width=None, image_format="WEBP")
    (found,) = [channel for channel in channels(studio, admin) if channel.id == channel_id]
    assert (found.name, found.height, found.image_format) == ("Markt platz", None, "WEBP")
    with studio.reading() as session:
        told = session.scalars(sa.select(Activity.text).order_by(Activity.id)).all()
    assert told == [
        "Added the channel Markt platz (1200 x 1600 px, PNG).",
        "Changed the channel Markt platz (as made, WEBP).",
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"name": " "},
        {"name": "x" * 81},
        {"height": None},
        {"width": 99},
        {"width": 8_001},
        {"image_format": "GIF"},
    ],
)
def test_a_channel_that_cannot_be_is_refused(studio: Studio, admin: Actor, change: dict[str, object]) -> None:
    before = channels(studio, admin)
    with pytest.raises(InputError):
        save_channel(studio, admin, None, **{"name": "Markt", **FRAME, **change})
    assert channels(studio, admin) == before


def test_two_channels_never_share_a_name(studio: Studio, admin: Actor) -> None:
    first = channels(studio, admin)[0]
    with pytest.raises(Conflict):
        save_channel(studio, admin, None, name=first.name.upper(), **FRAME)
    save_channel(studio, admin, first.id, name=first.name, **FRAME)


def test_a_channel_that_images_went_to_stays(studio: Studio, admin: Actor) -> None:
    channel_id = save_channel(studio, admin, None, name="Markt", **FRAME)
    with studio.writing() as session:
        session.add(Export(user_id=admin.id, channel_id=channel_id, sha256="0" * 64))
    with pytest.raises(Conflict, match="exported to Markt"):
        remove_channel(studio, admin, channel_id)
    with studio.writing() as session:
        session.execute(sa.delete(Export))
    remove_channel(studio, admin, channel_id)
    with pytest.raises(NotFound):
        remove_channel(studio, admin, channel_id)


def test_only_admins_settle_and_measure(studio: Studio, manager: Actor) -> None:
    for act in (
        lambda: save_channel(studio, manager, None, name="Markt", **FRAME),
        lambda: remove_channel(studio, manager, 1),
        lambda: storage_facts(studio, manager),
        lambda: folder_sizes(studio, manager),
    ):
        with pytest.raises(Forbidden):
            act()


def test_storage_tells_sizes_and_no_passwords(studio_on_both: Studio, admin: Actor) -> None:
    studio = studio_on_both
    kept = studio.storage.put(b"x" * 5000)
    found = storage_facts(studio, admin)
    assert found.database_bytes > 10_000
    assert 0 < found.free_bytes <= found.disk_bytes
    assert found.home == str(studio.settings.home)
    assert folder_sizes(studio, admin)["assets"] >= 5000
    assert kept
    url = "s3://key:secret@bucket.example/images?token=secret"
    object.__setattr__(studio, "settings", studio.settings.model_copy(update={"assets_url": url}))
    assert storage_facts(studio, admin).assets == "s3://bucket.example/images"
