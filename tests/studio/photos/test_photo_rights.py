"""Photos are listed, their rights stated in bulk, near-duplicates found, spare ones removed."""

from __future__ import annotations

import io

import pytest
import sqlalchemy as sa
from PIL import Image

from db.tables import Activity, LicenceState, Photo
from studio.catalogue.products import PhotoCover, ProductFilter, facets, find_products, product
from studio.errors import Forbidden, InputError
from studio.photos.duplicates import near_duplicates
from studio.photos.listing import answer_for, find_pictures, photo_figures, picture_hashes, remove_pictures, set_rights
from studio.photos.rights import Rights, Statement
from studio.photos.trainable import PhotoFilter
from tests.studio.photo_files import bring, photo

GRANTED, UNCONFIRMED, REFUSED = LicenceState.GRANTED, LicenceState.UNCONFIRMED, LicenceState.REFUSED


@pytest.fixture
def shop(studio_on_both, images, editor):
    for sku in ("MH01", "MH02", "MH03"):
        images.product(sku, f"Hoodie {sku}")
    bring(studio_on_both, editor, {"MH01.jpg": photo(1), "MH02.jpg": photo(2), "MH02-2.jpg": photo(1)})
    return studio_on_both


def test_a_picture_is_one_row_with_all_its_products(shop, viewer) -> None:
    page = find_pictures(shop, viewer)
    assert (page.total, page.pages) == (2, 1)
    assert {picture.skus: picture.products for picture in page.pictures} == {("MH01", "MH02"): 2, ("MH02",): 1}
    assert find_pictures(shop, viewer, PhotoFilter(text="MH01")).total == 1
    with pytest.raises(InputError):
        find_pictures(shop, viewer, page=0)


def test_rights_are_stated_for_a_picture_wherever_it_stands(shop, editor) -> None:
    hashes = picture_hashes(shop, editor)
    assert set_rights(shop, editor, hashes, Statement(GRANTED, GRANTED, "own studio")) == 2
    assert photo_figures(shop, editor).rights[Rights.SETTLED] == 2
    with shop.reading() as session:
        assert set(session.execute(sa.select(Photo.licence, Photo.licence_note)).all()) == {(GRANTED, "own studio")}
        assert "licence granted" in session.scalars(sa.select(Activity.text).order_by(Activity.id.desc())).first()
    with pytest.raises(InputError, match="No photos"):
        set_rights(shop, editor, [], Statement())


def test_lifting_a_refusal_takes_a_manager(shop, editor, manager) -> None:
    hashes = picture_hashes(shop, editor)
    set_rights(shop, editor, hashes[:1], Statement(REFUSED, GRANTED))
    with pytest.raises(Forbidden, match="manager"):
        set_rights(shop, editor, hashes, Statement(GRANTED, GRANTED))
    assert set_rights(shop, manager, hashes, Statement(GRANTED, GRANTED)) == 2


def test_a_person_answers_for_open_rights_only(shop, editor) -> None:
    hashes = picture_hashes(shop, editor)
    set_rights(shop, editor, hashes[:1], Statement(REFUSED, UNCONFIRMED))
    assert answer_for(shop, editor, hashes, "asked the supplier") == 1
    (answered,) = find_pictures(shop, editor, PhotoFilter(rights=Rights.ACKNOWLEDGED)).pictures
    assert (answered.acknowledged_by, answered.note) == (editor.name, "asked the supplier")
    assert answer_for(shop, editor, hashes) == 0


def test_a_refused_photo_stands_for_nothing(shop, editor) -> None:
    before = {view.sku: view.thumb_sha256 for view in find_products(shop, editor).products}
    assert before["MH02"]
    set_rights(shop, editor, picture_hashes(shop, editor), Statement(GRANTED, REFUSED))
    assert {view.thumb_sha256 for view in find_products(shop, editor).products} == {None}
    shown = find_products(shop, editor, ProductFilter(text="MH02")).products[0]
    assert {one.rights for one in product(shop, editor, shown.id).photos} == {Rights.REFUSED}


def test_coverage_by_photos(shop, viewer) -> None:
    with_photo = find_products(shop, viewer, ProductFilter(photos=PhotoCover.WITH)).products
    assert {view.sku: view.photos for view in with_photo} == {"MH01": 1, "MH02": 2}
    assert [v.sku for v in find_products(shop, viewer, ProductFilter(photos=PhotoCover.WITHOUT)).products] == ["MH03"]
    assert find_products(shop, viewer, ProductFilter(photos=PhotoCover.ABSENT)).total == 0
    assert facets(shop, viewer).without_photo == photo_figures(shop, viewer).products_without == 1


def again(data: bytes, *, scale: float = 0.7, tint: int = 0) -> bytes:
    """The picture saved again, smaller and worse; `tint` turns its reds up, as another colourway."""
    image = Image.open(io.BytesIO(data)).convert("RGB")
    image = image.resize((int(image.width * scale), int(image.height * scale)))
    red, green, blue = image.split()
    image = Image.merge("RGB", (red.point(lambda level: min(255, level + tint)), green, blue))
    file = io.BytesIO()
    image.save(file, "JPEG", quality=70)
    return file.getvalue()


def test_near_duplicates_are_the_same_picture_and_no_colourway(shop, editor) -> None:
    assert near_duplicates(shop, editor) == []
    large = photo(7, side=256)
    bring(shop, editor, {"MH03-a.jpg": large, "MH03-b.jpg": again(large), "MH03-c.jpg": again(large, tint=60)})
    (group,) = near_duplicates(shop, editor)
    assert [picture.file_name for picture in group.pictures] == ["MH03-a.jpg", "MH03-b.jpg"]
    assert remove_pictures(shop, editor, group.spare) == 1
    assert near_duplicates(shop, editor) == []


def test_the_same_picture_at_another_product_is_told_and_never_spare(shop, editor) -> None:
    large = photo(7, side=256)
    bring(shop, editor, {"MH01-a.jpg": large, "MH03-a.jpg": again(large)})
    (group,) = near_duplicates(shop, editor)
    assert len(group.pictures) == 2
    assert group.spare == ()
