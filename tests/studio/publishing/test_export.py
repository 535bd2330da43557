"""What leaves the house: approved images only, marked, listed, as the channel wants them, and recorded."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import itertools
import zipfile

import numpy as np
import pytest
import sqlalchemy as sa
from PIL import Image

from db.tables import Asset, AssetState, Channel, Export, ExportItem, LicenceState, ModelVersion
from ecomgan.finishing import effective_height
from studio.errors import Conflict, Forbidden, InputError, NotFound, StaleDecision, StorageError
from studio.publishing import export as export_module
from studio.publishing.derivatives import Frame, derivative
from studio.publishing.export import LIST_NAME, ExportNotes, channels, export_approved
from studio.publishing.marking import TRAINED_ALGORITHMIC_MEDIA, Mark, read_mark
from studio.review.deciding import Decide, decide, history
from studio.review.review_queue import QueueFilter
from studio.review.states import Action
from tests.studio.conftest import seen

KEYS = (f"press-{number:04}" for number in itertools.count())


def approved(studio, images, maker, reviewer, number: int = 1, **wanted) -> list[int]:
    made = images.make(maker, number, state=AssetState.IN_REVIEW, **wanted)
    for image in made:
        decide(studio, reviewer, Decide(image, 0, Action.APPROVE, next(KEYS), seen_sha256=seen(studio, image)))
    return made


def channel(studio, name: str = "wide", height: int | None = 100, width: int | None = 200, image_format="JPEG") -> int:
    with studio.writing() as session:
        row = Channel(name=name, height=height, width=width, image_format=image_format)
        session.add(row)
        session.flush()
        return row.id


def opened(data: bytes) -> tuple[list[dict[str, str]], dict[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        files = {name: archive.read(name) for name in archive.namelist()}
    text = files.pop(LIST_NAME).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""))), files


def test_every_file_is_marked_and_listed(studio_on_both, images, editor, reviewer) -> None:
    studio = studio_on_both
    product = images.product("DRE/7 é", "Solveig dress", colour="Red")
    made = approved(studio, images, editor, reviewer, 3, product_id=product)
    done = export_approved(studio, editor, made, channels(studio, editor)[0].id)
    rows, files = opened(done.data)
    assert [row["file"] for row in rows] == [f"dre-7-é_red_{image}.jpg" for image in made] == list(files)
    for row, (name, data) in zip(rows, files.items(), strict=True):
        assert read_mark(data) == TRAINED_ALGORITHMIC_MEDIA, name
        assert row["derivative_sha256"] == hashlib.sha256(data).hexdigest()
        assert studio.storage.exists(row["original_sha256"])
        assert row["original_sha256"] != row["derivative_sha256"]
    first = rows[0]
    assert (
        first
        | {
            "sku": "DRE/7 é",
            "title": "Solveig dress",
            "alt_text": "Solveig dress, Red",
            "prompt": "red shirt",
            "seed": "0",
            "model": "starter",
            "model_digest": hashlib.sha256(b"starter").hexdigest(),
            "digital_source_type": TRAINED_ALGORITHMIC_MEDIA,
            "approved_by": "Rune",
            "purpose": "concept",
            "licence": "granted",
            "height": "80",
            "width": "64",
            "effective_height": str(effective_height(80, 80, [])),
        }
        == first
    )
    assert first["approved_at"].startswith("20")
    assert (done.images, done.notes, done.file_name) == (3, ExportNotes(), f"images_original-size_{done.id}.zip")


def test_the_channel_decides_size_and_format_and_the_original_stays(studio, images, editor, reviewer) -> None:
    (image,) = approved(studio, images, editor, reviewer)
    before = sha_of(studio, image)
    for image_format, ending in (("JPEG", "jpg"), ("PNG", "png"), ("WEBP", "webp")):
        done = export_approved(studio, editor, [image], channel(studio, image_format, 100, 200, image_format))
        ((name, data),) = opened(done.data)[1].items()
        assert name.endswith(f".{ending}")
        with Image.open(io.BytesIO(data)) as picture:
            pixels = np.asarray(picture.convert("RGB"))
        assert pixels.shape == (100, 200, 3)
        assert (pixels[:, :55] > 250).all()
        assert pixels[50, 100].max() < 220
        assert read_mark(data) == TRAINED_ALGORITHMIC_MEDIA
    assert sha_of(studio, image) == before
    assert hashlib.sha256(studio.storage.get(before)).hexdigest() == before


def sha_of(studio, image: int) -> str:
    with studio.reading() as session:
        return session.get_one(Asset, image).sha256


def test_the_same_images_give_the_same_zip(studio, images, editor, reviewer) -> None:
    made = approved(studio, images, editor, reviewer, 2)
    one, two = (export_approved(studio, editor, made, channels(studio, editor)[0].id) for _ in range(2))
    assert (one.data, one.sha256) == (two.data, two.sha256)
    assert hashlib.sha256(one.data).hexdigest() == one.sha256
    assert one.id != two.id


def test_the_export_is_recorded(studio, images, editor, reviewer) -> None:
    made = approved(studio, images, editor, reviewer, 2)
    done = export_approved(studio, editor, made, channels(studio, editor)[0].id)
    with studio.reading() as session:
        row = session.get_one(Export, done.id)
        assert (row.sha256, row.user_id) == (done.sha256, editor.id)
        items = session.scalars(sa.select(ExportItem).order_by(ExportItem.asset_id)).all()
        assert [(item.asset_id, item.file_name) for item in items] == [
            (image, f"red-shirt_red_{image}.jpg") for image in made
        ]


@pytest.mark.parametrize("state", [state for state in AssetState if state not in ("approved", "published")])
def test_images_that_are_not_approved_are_refused_by_name(studio, images, editor, reviewer, state) -> None:
    good = approved(studio, images, editor, reviewer)
    (bad,) = images.make(editor, state=state)
    with pytest.raises(Conflict, match=f"image {bad} is {state.value.replace('_', ' ')}"):
        export_approved(studio, editor, [*good, bad], channels(studio, editor)[0].id)
    with studio.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Export)) == 0


def test_an_approval_that_is_not_in_the_log_is_refused(studio, images, editor) -> None:
    (image,) = images.make(editor, state=AssetState.APPROVED)
    with pytest.raises(Conflict, match=f"log has no approval of image {image}"):
        export_approved(studio, editor, [image], channels(studio, editor)[0].id)


def test_a_filter_chooses_what_is_approved(studio_on_both, images, editor, reviewer) -> None:
    studio = studio_on_both
    shirts = approved(studio, images, editor, reviewer, 2)
    approved(studio, images, editor, reviewer, 1, category="Bags")
    images.make(editor, 3, state=AssetState.IN_REVIEW)
    where = channels(studio, editor)[0].id
    rows, _ = opened(export_approved(studio, editor, QueueFilter(category="Tshirts"), where).data)
    assert [row["file"] for row in rows] == [f"red-shirt_red_{image}.jpg" for image in shirts]
    with pytest.raises(InputError, match="got those in review"):
        export_approved(studio, editor, QueueFilter(state=AssetState.IN_REVIEW), where)
    with pytest.raises(InputError, match="no approved images"):
        export_approved(studio, editor, QueueFilter(category="Hats"), where)
    with pytest.raises(InputError, match="no approved images"):
        export_approved(studio, editor, [], where)


def test_a_refused_licence_blocks_and_an_unconfirmed_one_is_told(studio, images, editor, reviewer) -> None:
    made = approved(studio, images, editor, reviewer, 2, model="open", licence=LicenceState.UNCONFIRMED)
    where = channels(studio, editor)[0].id
    done = export_approved(studio, editor, made, where)
    assert done.notes == ExportNotes(unconfirmed=2, models=("open",))
    assert opened(done.data)[0][0]["licence"] == "unconfirmed"
    with studio.writing() as session:
        session.execute(sa.update(ModelVersion).values(licence=LicenceState.REFUSED))
    with pytest.raises(Conflict, match=f"model open, because its licence was refused.*{made[0]}, {made[1]}"):
        export_approved(studio, editor, made, where)


def test_much_enlarged_images_are_told(studio, images, editor, reviewer) -> None:
    made = approved(studio, images, editor, reviewer)
    done = export_approved(studio, editor, made, channel(studio, "big", 800, 800))
    assert done.notes == ExportNotes(enlarged=1, most=10.0)


def test_formulas_are_neutralised_in_the_list(studio, images, editor, reviewer) -> None:
    product = images.product("-7", '=HYPERLINK("http://x")')
    made = approved(studio, images, editor, reviewer, product_id=product, prompt="@SUM(A1)")
    ((row,), files) = opened(export_approved(studio, editor, made, channels(studio, editor)[0].id).data)
    assert (row["sku"], row["title"], row["prompt"]) == ("'-7", '\'=HYPERLINK("http://x")', "'@SUM(A1)")
    assert list(files) == [f"7_red_{made[0]}.jpg"]


@pytest.mark.parametrize("sku", ["../../etc/passwd", "a\\b:c*?", "CON", "....", "红裙", "x" * 64])
def test_file_names_are_safe_and_never_meet(studio, images, editor, reviewer, sku) -> None:
    product = images.product(sku)
    made = approved(studio, images, editor, reviewer, 2, product_id=product)
    _, files = opened(export_approved(studio, editor, made, channels(studio, editor)[0].id).data)
    assert len({name.casefold() for name in files}) == 2
    assert all(not set(name) & set('/\\:*?"<>|') and not name.startswith(".") and len(name) <= 200 for name in files)


def test_publishing_is_part_of_the_export_for_those_who_may(studio_on_both, images, editor, reviewer) -> None:
    studio = studio_on_both
    made = approved(studio, images, editor, reviewer, 2)
    where = channels(studio, editor)[0].id
    with pytest.raises(Forbidden, match="reviewer"):
        export_approved(studio, editor, made, where, publish=True)
    export_approved(studio, reviewer, made, where, publish=True)
    export_approved(studio, reviewer, made, where, publish=True)  # they are published already
    for image in made:
        assert [line.to_state.value for line in history(studio, editor, image)] == ["approved", "published"]


def test_an_image_withdrawn_while_it_is_packed_does_not_leave(
    studio, images, editor, reviewer, manager, monkeypatch
) -> None:
    made = approved(studio, images, editor, reviewer, 2)
    real = export_module.copy_of

    def slow(*parts, **how):
        with studio.reading() as session:
            image = session.get_one(Asset, made[1])
            revision, state = image.revision, image.state
        if state is AssetState.APPROVED:
            decide(studio, manager, Decide(made[1], revision, Action.WITHDRAW, next(KEYS)))
        return real(*parts, **how)

    monkeypatch.setattr(export_module, "copy_of", slow)
    with pytest.raises(StaleDecision, match="it is withdrawn now"):
        export_approved(studio, editor, made, channels(studio, editor)[0].id)
    with studio.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Export)) == 0


def test_damaged_bytes_stop_the_export(studio, settings, images, editor, reviewer) -> None:
    made = approved(studio, images, editor, reviewer)
    sha = sha_of(studio, made[0])
    file = settings.home / "assets" / sha[:2] / sha[2:4] / sha
    file.write_bytes(b"not what it was")
    with pytest.raises(StorageError, match="damaged"):
        export_approved(studio, editor, made, channels(studio, editor)[0].id)


def test_unknown_images_and_channels_and_small_roles_are_told(studio, images, viewer, editor, reviewer) -> None:
    made = approved(studio, images, editor, reviewer)
    where = channels(studio, viewer)[0].id
    with pytest.raises(NotFound, match="no image 998, 999"):
        export_approved(studio, editor, [*made, 999, 998], where)
    with pytest.raises(NotFound, match="no channel 77"):
        export_approved(studio, editor, made, 77)
    with pytest.raises(Forbidden, match="editor"):
        export_approved(studio, viewer, made, where)
    with pytest.raises(InputError, match="Up to 1,000"):
        export_approved(studio, editor, list(range(1001)), where)


@pytest.mark.parametrize("mode", ["L", "RGBA", "P", "CMYK", "I;16"])
def test_originals_of_any_mode_become_rgb_on_white(mode) -> None:
    file = io.BytesIO()
    picture = Image.new("RGBA", (10, 20), (200, 0, 0, 0)) if mode == "RGBA" else Image.new(mode, (10, 20))
    picture.save(file, "TIFF" if mode == "CMYK" else "PNG")
    mark = Mark("t", "a", "p", "m", "d", dt.datetime(2026, 1, 1))
    data, height, width = derivative(file.getvalue(), Frame(50, 50), "PNG", mark)
    with Image.open(io.BytesIO(data)) as framed:
        assert (framed.mode, framed.size, height, width) == ("RGB", (50, 50), 50, 50)
        assert framed.getpixel((1, 1)) == (255, 255, 255)
        if mode == "RGBA":
            assert framed.getpixel((25, 25)) == (255, 255, 255)


def test_many_images_are_packed(studio, images, editor, reviewer) -> None:
    made = images.make(editor, 120, state=AssetState.IN_REVIEW)
    for image in made:
        decide(studio, reviewer, Decide(image, 0, Action.APPROVE, next(KEYS), seen_sha256=seen(studio, image)))
    rows, files = opened(export_approved(studio, editor, made, channels(studio, editor)[1].id).data)
    assert len(rows) == len(files) == 120
