"""Photos come in from files and folders and find their products; what is no photo is told."""

from __future__ import annotations

import io

import pytest
import sqlalchemy as sa
from PIL import Image

from db.tables import (
    Activity,
    CatalogueImport,
    ImportOutcome,
    ImportRow,
    Job,
    JobState,
    LicenceState,
    Photo,
    PhotoOutcome,
    PhotoReference,
    utc_now,
)
from studio.errors import Conflict, Forbidden, InputError
from studio.photos.references import absent_references, count_references, plain_path
from studio.photos.rights import Statement
from studio.photos.uploads import (
    Incoming,
    match_again,
    place_by_hand,
    upload,
    upload_archive,
    upload_files,
    upload_photos,
)
from studio.work.jobs import cancel_job
from tests.studio.photo_files import bring, photo, reasons, standing, work, zipped

ADDED, PRESENT, UNMATCHED, REFUSED = (
    PhotoOutcome.ADDED,
    PhotoOutcome.PRESENT,
    PhotoOutcome.UNMATCHED,
    PhotoOutcome.REFUSED,
)


def name_photos(studio, actor, photos: dict[str, list[str]]) -> None:
    """As an applied catalogue file names them."""
    with studio.writing() as session:
        row = CatalogueImport(
            user_id=actor.id, file_name="shop.csv", sha256="0" * 64, layout="magento", mapping={}, applied_at=utc_now()
        )
        session.add(row)
        session.flush()
        session.add_all(
            ImportRow(
                import_id=row.id, row=number, outcome=ImportOutcome.NEW, sku=sku, title=sku, category="", photos=paths
            )
            for number, (sku, paths) in enumerate(photos.items(), 2)
        )


def test_a_photo_stands_at_every_product_that_the_catalogue_names_it_for(shop, editor) -> None:
    path = "/m/h/mh01-black_main.jpg"
    name_photos(
        shop, editor, {"MH01-XS-Black": [path], "MH01-S-Black": [path, "/m/h/back.jpg"], "MH01": ["/m/h/x.jpg"]}
    )
    view = bring(shop, editor, {"mh01-black_main.jpg": photo(1), "luma/media/M/H/x.jpg": photo(2)})
    assert standing(shop) == {
        "mh01-black_main.jpg": {"MH01-XS-Black", "MH01-S-Black"},
        "luma/media/M/H/x.jpg": {"MH01"},
    }
    assert view.counts[ADDED] == 2
    assert [file.matched_by for file in upload_files(shop, editor, view.id, ADDED)] == ["reference", "reference"]
    with shop.reading() as session:
        assert count_references(session) == (3, 1)
        assert absent_references(session, limit=10) == [("MH01-S-Black", "m/h/back.jpg")]


@pytest.mark.parametrize(
    ("path", "sku"),
    [
        ("MH01-XS-Black.jpg", "MH01-XS-Black"),
        ("mh01-xs-black_2.JPG", "MH01-XS-Black"),
        ("mh01 front (3).jpg", "MH01"),
        ("1163_1.jpg", "1163"),
        ("photos/MH01-S-Black/front.jpg", "MH01-S-Black"),
        ("mh01-xs-black/studio/1.jpg", "MH01-XS-Black"),
    ],
)
def test_a_photo_finds_its_product_by_file_or_folder(shop, editor, path, sku) -> None:
    bring(shop, editor, {path: photo(1)})
    assert standing(shop) == {path: {sku}}


def test_a_name_that_only_begins_like_a_sku_is_left_to_a_person(shop, editor) -> None:
    view = bring(shop, editor, {"mh01-green-0.jpg": photo(1), "1163 tote.jpg": photo(2)})
    assert view.counts[UNMATCHED] == 2


def test_equal_names_in_other_folders_are_other_photos(shop, editor) -> None:
    name_photos(shop, editor, {"MH01": ["/hats/1.jpg"], "1163": ["/bags/front.jpg", "/belts/front.jpg"]})
    view = bring(shop, editor, {"bags/1.jpg": photo(1), "front.jpg": photo(2), "belts/front.jpg": photo(3)})
    assert standing(shop) == {"belts/front.jpg": {"1163"}}
    unmatched = {file.path: file.reason for file in upload_files(shop, editor, view.id, UNMATCHED)}
    assert "No product" in unmatched["bags/1.jpg"]
    assert "bags/front.jpg and belts/front.jpg" in unmatched["front.jpg"]


def test_a_newer_catalogue_file_replaces_the_names_of_photos(shop, editor) -> None:
    name_photos(shop, editor, {"MH01": ["a.jpg", "b.jpg"], "1163": ["c.jpg"]})
    bring(shop, editor, {"a.jpg": photo(1)})
    name_photos(shop, editor, {"MH01": ["a.jpg", "d.jpg"], "1163": []})
    bring(shop, editor, {"d.jpg": photo(2)})
    with shop.reading() as session:
        rows = session.execute(sa.select(PhotoReference.path, PhotoReference.sha256.is_not(None)))
        assert dict(rows.all()) == {"a.jpg": True, "d.jpg": True, "c.jpg": False}


@pytest.mark.parametrize(
    ("reference", "path"),
    [
        ("/m/h/mh01.jpg", "m/h/mh01.jpg"),
        ("https://cdn.example.com/s/files/red%20shirt.jpg?v=12#x", "s/files/red shirt.jpg"),
        ("..\\photos\\a.jpg", "../photos/a.jpg"),
    ],
)
def test_an_address_of_a_photo_is_read_as_its_path(reference, path) -> None:
    assert plain_path(reference) == path


def test_twice_changes_nothing(shop, editor) -> None:
    bring(shop, editor, {"MH01.jpg": photo(1), "MH01-2.jpg": photo(1)})
    view = bring(shop, editor, {"MH01.jpg": photo(1)})
    assert view.counts[PRESENT] == 1
    assert standing(shop) == {"MH01.jpg": {"MH01"}}


def test_a_photo_keeps_rights_fingerprint_and_the_size_as_it_is_turned(shop, editor) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its side
    data = io.BytesIO()
    Image.new("RGB", (40, 20), "red").save(data, "JPEG", exif=exif)
    statement = Statement(LicenceState.GRANTED, LicenceState.UNCONFIRMED, "own studio, 2026")
    bring(shop, editor, {"MH01.jpg": data.getvalue()}, statement)
    with shop.reading() as session:
        row = session.scalars(sa.select(Photo)).one()
    assert (row.height, row.width) == (40, 20)
    assert (row.licence, row.consent, row.licence_note) == (
        LicenceState.GRANTED,
        LicenceState.UNCONFIRMED,
        "own studio, 2026",
    )
    assert len(row.fingerprint) == 16
    assert len(row.colour_grid) == 192
    assert shop.storage.get(row.sha256) == data.getvalue()


def test_the_same_bytes_at_another_product_have_the_same_rights(shop, editor) -> None:
    bring(shop, editor, {"MH01.jpg": photo(1)}, Statement(LicenceState.REFUSED, LicenceState.GRANTED))
    bring(shop, editor, {"1163.jpg": photo(1)}, Statement(LicenceState.GRANTED, LicenceState.GRANTED))
    with shop.reading() as session:
        assert set(session.scalars(sa.select(Photo.licence))) == {LicenceState.REFUSED}


def test_what_is_no_whole_photo_is_refused_and_says_why(shop, editor) -> None:
    bomb = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(bomb, "PNG")
    view = bring(
        shop,
        editor,
        {
            "MH01-a.jpg": photo(1)[:-300],
            "MH01-b.jpg": b"sku,title\nnot a photo",
            "MH01-c.png": bomb.getvalue(),
            "MH01-d.jpg": b"",
            "MH01-e.png": photo(2, side=8, kind="PNG"),
            "MH01-f.jpg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
            "MH01-g.jpg": photo(3),
        },
    )
    said = reasons(shop, editor, view)
    assert view.counts[ADDED] == 1
    assert "damaged or cut off" in said["MH01-a.jpg"]
    assert "no image" in said["MH01-b.jpg"]
    assert "20000x20000 pixels" in said["MH01-c.png"] or "too large" in said["MH01-c.png"]
    assert "empty" in said["MH01-d.jpg"]
    assert "8x8 pixels" in said["MH01-e.png"]
    assert "no image" in said["MH01-f.jpg"]
    assert standing(shop) == {"MH01-g.jpg": {"MH01"}}


def test_what_systems_leave_behind_is_not_even_told(shop, editor) -> None:
    view = bring(shop, editor, {"a/.DS_Store": b"x", "__MACOSX/a/._MH01.jpg": b"x", "a/MH01.jpg": photo(1)})
    assert view.files == view.counts[ADDED] == 1
    with pytest.raises(InputError, match="No files"):
        upload_photos(shop, editor, [Incoming("Thumbs.db", b"x")], Statement())


def test_an_unmatched_photo_is_placed_by_hand(shop, editor) -> None:
    view = bring(shop, editor, {"IMG_0001.jpg": photo(1)})
    with pytest.raises(InputError, match="'NOPE'"):
        place_by_hand(shop, editor, view.id, 0, ["MH01", "NOPE"])
    assert place_by_hand(shop, editor, view.id, 0, ["MH01", "1163"]) == 2
    assert standing(shop) == {"IMG_0001.jpg": {"MH01", "1163"}}
    with pytest.raises(Conflict, match="added"):
        place_by_hand(shop, editor, view.id, 0, ["MH01"])
    with shop.reading() as session:
        assert session.scalars(sa.select(Activity.verb).order_by(Activity.id)).all() == ["added", "placed"]


def test_photos_that_came_before_their_catalogue_are_matched_again(shop, editor) -> None:
    view = bring(shop, editor, {"hoodie-main.jpg": photo(1)})
    assert view.counts[UNMATCHED] == 1
    name_photos(shop, editor, {"MH01": ["m/hoodie-main.jpg"]})
    match_again(shop, editor, view.id)
    with pytest.raises(Conflict, match="still being read"):
        match_again(shop, editor, view.id)
    assert work(shop, editor, view.id).counts[ADDED] == 1
    with pytest.raises(Conflict, match="Nothing"):
        match_again(shop, editor, view.id)


def test_a_cancelled_upload_stops_and_goes_on_when_matched_again(shop, editor) -> None:
    files = [Incoming(f"MH01-{number}.jpg", photo(number)) for number in range(20)]
    upload_id = upload_photos(shop, editor, files, Statement())
    seen: list[str] = []

    def stop_after_one(name: str) -> None:
        seen.append(name)
        if seen.count("chunk") == 2:
            with shop.writing() as session:
                session.scalars(sa.select(Job)).one().state = JobState.CANCELLING

    view = work(shop, editor, upload_id, stop_after_one)
    assert view.job.state is JobState.CANCELLED
    assert view.counts[ADDED] == 20
    upload_id = upload_photos(shop, editor, [Incoming("1163.jpg", photo(99))], Statement())
    assert cancel_job(shop, editor, upload(shop, editor, upload_id).job.id) is JobState.CANCELLED
    assert work(shop, editor, upload_id).counts[PhotoOutcome.WAITING] == 1
    match_again(shop, editor, upload_id)
    assert work(shop, editor, upload_id).counts[ADDED] == 1


def test_progress_is_told_in_files(shop, editor) -> None:
    told: list[tuple[int, int]] = []
    files = [Incoming(f"MH01-{number}.jpg", photo(number)) for number in range(3)]
    upload_id = upload_photos(shop, editor, files, Statement(), told=lambda done, total: told.append((done, total)))
    assert told == [(1, 3), (2, 3), (3, 3)]
    view = upload(shop, editor, upload_id)
    assert (view.job.total, view.job.done, view.name) == (3, 0, "MH01-0.jpg +2")
    assert view.job.seconds_left is not None
    view = work(shop, editor, upload_id)
    assert (view.job.state, view.job.done) == (JobState.DONE, 3)


def test_a_viewer_brings_in_nothing(shop, viewer) -> None:
    with pytest.raises(Forbidden):
        upload_photos(shop, viewer, [Incoming("MH01.jpg", photo(1))], Statement())
    with pytest.raises(Forbidden):
        upload_archive(shop, viewer, "a.zip", zipped({"MH01.jpg": photo(1)}), Statement())
