"""The photos of a real shop export find their products; those that are absent are told, not refused."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from db.tables import PhotoOutcome
from studio.catalogue.products import PhotoCover, ProductFilter, find_products
from studio.imports.catalogue_import import bring_in, find_import
from studio.imports.staged_rows import RowKind, problems_csv
from studio.photos.duplicates import near_duplicates
from studio.photos.listing import absent_photos, photo_figures
from studio.photos.rights import Rights
from studio.photos.trainable import PhotoFilter, trainable
from tests.studio.catalogue.test_value_mappings import WORDS
from tests.studio.photo_files import bring

LUMA = Path(__file__).resolve().parents[4] / "shared" / "data" / "luma"


@pytest.mark.slow
@pytest.mark.skipif(not LUMA.is_dir(), reason="the shop export is not here")
def test_luma_photos_find_their_products(studio, editor) -> None:
    shop = bring_in(studio, editor, (LUMA / "products.csv").read_bytes(), "products.csv")
    assert (shop.photos, shop.absent) == (675, 675)
    assert (photo_figures(studio, editor).named, photo_figures(studio, editor).absent) == (675, 675)
    media = LUMA / "media"
    files = {str(path.relative_to(media)): path.read_bytes() for path in sorted(media.rglob("*.jpg"))}
    view = bring(studio, editor, files)
    assert view.counts == dict.fromkeys(PhotoOutcome, 0) | {PhotoOutcome.ADDED: 422, PhotoOutcome.UNMATCHED: 30}
    figures = photo_figures(studio, editor)
    assert (figures.pictures, figures.named, figures.absent) == (422, 675, 253)
    assert (figures.rights[Rights.OPEN], figures.products_without) == (422, 0)
    assert len(absent_photos(studio, editor)) == 253
    assert find_import(studio, editor, shop.id).absent == 253
    told = csv.DictReader(io.StringIO(problems_csv(studio, editor, shop.id, RowKind.ABSENT).decode("utf-8-sig")))
    assert len({row["value"] for row in told if row["sku"] and row["reason"] == "has not come yet"}) == 253
    variant = find_products(studio, editor, ProductFilter(text="MH01-XS-Gray")).products[0]
    assert (variant.photos, variant.absent) == (1, 2)
    assert find_products(studio, editor, ProductFilter(photos=PhotoCover.ABSENT)).total > 500
    with studio.reading() as session:
        tees = trainable(session, PhotoFilter(category="Men > Tops > Tees"), WORDS)
    assert {photo.article_type for photo in tees} == {"Tshirts"}
    assert sum(photo.colour is not None for photo in tees) > 10
    doubles = near_duplicates(studio, editor)
    assert 1 <= len(doubles) <= 5  # of 214 pairs of alike shapes all but these are colourways
