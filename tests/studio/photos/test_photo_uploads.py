"""Photos come in from files, folders and archives, find their products, and hostile ones harm nothing."""

from __future__ import annotations

import io
import struct
import zipfile

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
    Product,
    utc_now,
)
from studio.errors import Conflict, Forbidden, InputError
from studio.photos.archives import list_archive
from studio.photos.references import absent_references, count_references, plain_path
from studio.photos.rights import Statement
from studio.photos.uploads import (
    Incoming,
    latest_upload,
    match_again,
    place_by_hand,
    upload,
    upload_archive,
    upload_files,
    upload_photos,
)
from studio.work.jobs import cancel_job
from tests.studio.photo_files import bring, bring_zip, photo, work, zipped

ADDED, PRESENT, UNMATCHED, REFUSED = (
    PhotoOutcome.ADDED,
    PhotoOutcome.PRESENT,
    PhotoOutcome.UNMATCHED,
    PhotoOutcome.REFUSED,
)


@pytest.fixture
def shop(studio_on_both, images):
    for sku, parent in (("MH01", None), ("MH01-XS-Black", "MH01"), ("MH01-S-Black", "MH01"), ("1163", None)):
        images.product(sku, f"Product {sku}", parent_sku=parent)
    return studio_on_both


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


def standing(studio) -> dict[str, set[str]]:
    """File name -> SKUs at which it stands."""
    found: dict[str, set[str]] = {}
    with studio.reading() as session:
        for name, sku in session.execute(sa.select(Photo.file_name, Product.sku).join(Product)):
            found.setdefault(name, set()).add(sku)
    return found


def reasons(studio, actor, view) -> dict[str, str]:
    return {file.path: file.reason for file in upload_files(studio, actor, view.id, REFUSED)}


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


def test_an_archive_is_read_like_a_folder(shop, editor) -> None:
    view = bring_zip(
        shop, editor, zipped({"a/MH01.jpg": photo(1), "a/1163/front.jpg": photo(2), "a/readme.txt": b"hi"})
    )
    assert standing(shop) == {"a/MH01.jpg": {"MH01"}, "a/1163/front.jpg": {"1163"}}
    assert list(reasons(shop, editor, view)) == ["a/readme.txt"]


def test_names_that_point_out_of_an_archive_and_links_are_refused(shop, editor, tmp_path) -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name in ("../MH01.jpg", "/etc/MH01.jpg", "C:\\MH01.jpg", "a/../../MH01.jpg"):
            archive.writestr(name, photo(1))
        link = zipfile.ZipInfo("MH01-link.jpg")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("MH01-9.jpg", photo(2))
    before = set(tmp_path.parent.rglob("MH01*"))
    view = bring_zip(shop, editor, data.getvalue())
    said = reasons(shop, editor, view)
    assert (view.counts[ADDED], len(said)) == (1, 5)
    assert "link" in said.pop("MH01-link.jpg")
    assert all("points out of the archive" in reason for reason in said.values())
    assert set(tmp_path.parent.rglob("MH01*")) == before


def test_an_archive_that_unpacks_to_too_much_is_not_opened(shop, editor) -> None:
    huge = zipped({f"MH01-{number}.jpg": b"\0" * 1000 for number in range(3)})
    swollen = huge.replace(struct.pack("<L", 1000), struct.pack("<L", 2**31))  # says it unpacks to 6 GB
    with pytest.raises(InputError, match=r"would unpack to 6\.0 GB"):
        upload_archive(shop, editor, "bomb.zip", swollen, Statement())


def test_a_bomb_inside_an_archive_is_refused_by_itself(shop, editor) -> None:
    data = zipped({"MH01-bomb.jpg": b"\0" * (31 * 2**20), "MH01.jpg": photo(1)})
    assert len(data) < 2**17
    view = bring_zip(shop, editor, data)
    assert "31.0 MB" in reasons(shop, editor, view)["MH01-bomb.jpg"]
    assert view.counts[ADDED] == 1


def test_a_size_that_lies_does_not_unpack_more(shop, editor) -> None:
    data = zipped({"MH01.jpg": b"\0" * 1_000_000})
    lying = data.replace(struct.pack("<L", 1_000_000), struct.pack("<L", 1_000))
    assert "damaged" in reasons(shop, editor, bring_zip(shop, editor, lying))["MH01.jpg"]


def test_locked_and_oddly_packed_files_are_refused(shop, editor) -> None:
    locked = bytearray(zipped({"MH01.jpg": photo(1)}))
    at = locked.rindex(b"PK\x01\x02")
    locked[at + 8] |= 1
    assert "password" in list_archive(io.BytesIO(bytes(locked)))[0].fault
    odd = io.BytesIO()
    with zipfile.ZipFile(odd, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("MH01.jpg", photo(1))
    assert "method 14" in list_archive(odd)[0].fault


@pytest.mark.parametrize(
    "data", [b"", b"no zip", b"PK\x03\x04" + b"\0" * 50, zipped({"a.jpg": b"1"})[:-30], zipped({})]
)
def test_what_is_no_archive_is_refused(shop, editor, data) -> None:
    with pytest.raises(InputError):
        upload_archive(shop, editor, "photos.zip", data, Statement())
    assert latest_upload(shop, editor) is None


def test_a_directory_of_millions_is_refused_before_it_is_read() -> None:
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 400 * 2**20, 0, 0)
    with pytest.raises(InputError, match="400 MB"):
        list_archive(io.BytesIO(b"\0" * 1000 + end))
    record = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 9, 9, 900 * 2**20, 0)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, 1000, 1)
    small = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, 46, 0, 0)
    with pytest.raises(InputError, match="900 MB"):
        list_archive(io.BytesIO(b"\0" * 1000 + record + locator + small))


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
