"""Search by meaning: words, photos that are brought and pictures of ours find images and products."""

from __future__ import annotations

import datetime as dt
import io
import shutil
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa
from PIL import Image

from db.tables import Asset, AssetState, AssetVector, Job, JobState, LicenceState, Photo, PhotoVector, utc_now
from ecomgan.encoder import SHIPPED
from studio.bootstrap import Studio
from studio.catalogue.products import PhotoCover, ProductFilter
from studio.errors import EngineError, InputError, IntegrityError, NotFound, NotSignedIn, StorageError
from studio.images.library import LibraryFilter
from studio.roles import Actor
from studio.searching import vectors
from studio.searching.images import search_images
from studio.searching.job import VectorMaker
from studio.searching.meanings import Meanings
from studio.searching.products import search_products
from studio.searching.questions import Brought, Described, OfCatalogue, OneOfOurs, Words
from studio.searching.vectors import images_ready, make_some, photos_ready, prepare_if_due
from studio.work.jobs import cancel_job, job
from tests.studio.at_once import AtOnce
from tests.studio.conftest import Images, picture


def png(colour: tuple[int, int, int], *, wide: bool = False) -> bytes:
    """A rectangle of a colour on white; a wide one looks less like a shirt."""
    pixels = np.full((80, 64, 3), 255, dtype=np.uint8)
    rows = slice(34, 50) if wide else slice(8, 72)
    pixels[rows, 6:58] = colour
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


RED, BLUE, BLACK = (200, 20, 30), (20, 40, 200), (15, 15, 15)


def photo_of(studio: Studio, images: Images, sku: str, data: bytes, **rights: LicenceState) -> tuple[int, str]:
    product_id = images.product(sku, f"Product {sku}")
    sha256 = studio.storage.put(data)
    with studio.writing() as session:
        session.add(Photo(product_id=product_id, sha256=sha256, height=80, width=64, **rights))
    return product_id, sha256


def paint(studio: Studio, asset_id: int, colour: tuple[int, int, int]) -> None:
    with studio.writing() as session:
        session.get_one(Asset, asset_id).sha256 = studio.storage.put(png(colour))


def ids(found: object) -> list[int]:
    return [one.view.id for one in found.images]  # type: ignore[attr-defined]


def test_words_and_pictures_find_images(studio_on_both: Studio, images: Images, viewer: Actor, editor: Actor) -> None:
    studio = studio_on_both
    red, blue, black = images.make(editor, 3)
    for asset_id, colour in ((red, RED), (blue, BLUE), (black, BLACK)):
        paint(studio, asset_id, colour)
    assert images_ready(studio, viewer) == vectors.Readiness(0, 3, None)
    assert search_images(studio, viewer, Words("red")).images == ()
    prepare_if_due(studio)
    assert images_ready(studio, viewer).complete
    for words, wanted in (("red shirt", red), ("blue shirt", blue), ("black shirt", black)):
        assert ids(search_images(studio, viewer, Words(words)))[0] == wanted
    found = search_images(studio, viewer, Brought(png((190, 25, 35))), limit=2)
    assert (ids(found)[0], found.more) == (red, True)
    assert found.images[0].likeness > 0.9
    like = search_images(studio, viewer, OneOfOurs(red))
    assert red not in ids(like)
    assert set(ids(like)) == {blue, black}


def test_what_is_close_to_words_is_told_and_words_that_were_never_taught_are_left_out(
    studio: Studio, images: Images, viewer: Actor
) -> None:
    red, blue = images.make(viewer, 2)
    for asset_id, colour in ((red, RED), (blue, BLUE)):
        paint(studio, asset_id, colour)
    photo_of(studio, images, "B-1", png(BLUE))
    make_some(studio)
    found = search_images(studio, viewer, Words("blorpf blue"))
    assert (ids(found), found.close, found.unknown) == ([blue, red], 1, ("blorpf",))
    plain = search_images(studio, viewer, Words("blue"))
    assert [one.likeness for one in plain.images] == [one.likeness for one in found.images]
    for words in ("qwertz", "\u51b0\u7bb1", "qwertz !"):
        assert search_images(studio, viewer, Words(words)).close == 0
    assert search_products(studio, viewer, Words("blue")).close == 1
    assert search_products(studio, viewer, Words("red")).close == 0
    assert search_products(studio, viewer, Brought(png(RED))).close is None


def test_a_picture_and_words_are_searched_by_together(studio: Studio, images: Images, viewer: Actor) -> None:
    red, blue, black = images.make(viewer, 3)
    for asset_id, colour in ((red, RED), (blue, BLUE), (black, BLACK)):
        paint(studio, asset_id, colour)
    product, photo = photo_of(studio, images, "R-1", png(RED))
    other, _ = photo_of(studio, images, "B-1", png(BLUE))
    make_some(studio)
    for shown in (Brought(png(RED)), OfCatalogue(photo)):
        found = search_images(studio, viewer, Described(shown, Words("blue")))
        assert (ids(found)[0], found.close) == (blue, None)
    assert ids(search_images(studio, viewer, Described(OneOfOurs(red), Words("blue"))))[0] == blue
    assert red not in ids(search_images(studio, viewer, Described(OneOfOurs(red), Words("red"))))
    both = search_products(studio, viewer, Described(OfCatalogue(photo), Words("blue")))
    assert [one.product.id for one in both.products] == [other, product]
    alone = search_images(studio, viewer, Brought(png(RED)))
    for words in ("qwertz", "qwertz 123"):
        unknown = search_images(studio, viewer, Described(Brought(png(RED)), Words(words)))
        assert (unknown.images, unknown.unknown) == (alone.images, ("qwertz",))


def test_chinese_words_find_what_english_ones_find(
    studio: Studio, images: Images, viewer: Actor, with_words: None
) -> None:
    (red, blue) = images.make(viewer, 2)
    paint(studio, red, RED)
    paint(studio, blue, BLUE)
    make_some(studio)
    assert ids(search_images(studio, viewer, Words("红色T恤")))[0] == red
    assert ids(search_images(studio, viewer, Words("蓝色T恤")))[0] == blue


def test_filters_narrow_and_images_made_later_are_found(
    studio_on_both: Studio, images: Images, viewer: Actor, editor: Actor
) -> None:
    studio = studio_on_both
    images.make(editor, 3)
    make_some(studio)
    assert len(ids(search_images(studio, viewer, Words("shirt")))) == 3
    approved = images.make(editor, 2, state=AssetState.APPROVED)
    prepare_if_due(studio)
    found = search_images(studio, viewer, Words("shirt"), LibraryFilter(state=AssetState.APPROVED))
    assert set(ids(found)) == set(approved)
    assert len(ids(search_images(studio, viewer, Words("shirt")))) == 5


def test_a_photo_finds_its_product_and_each_product_comes_once(
    studio_on_both: Studio, images: Images, viewer: Actor
) -> None:
    studio = studio_on_both
    red, red_photo = photo_of(studio, images, "R-1", png(RED))
    blue, _ = photo_of(studio, images, "B-1", png(BLUE))
    with studio.writing() as session:
        other = studio.storage.put(png((210, 30, 40)))
        session.add(Photo(product_id=red, sha256=other, height=80, width=64))
    assert photos_ready(studio, viewer) == vectors.Readiness(0, 3, None)
    prepare_if_due(studio)
    assert photos_ready(studio, viewer).complete
    found = search_products(studio, viewer, Brought(png((199, 22, 31))))
    assert [one.product.id for one in found.products] == [red, blue]
    assert found.products[0].photo_sha256 in (red_photo, other)
    words = search_products(studio, viewer, Words("blue"), ProductFilter(text="product"), limit=1)
    assert ([one.product.sku for one in words.products], words.more) == (["B-1"], True)
    like = search_products(studio, viewer, OfCatalogue(red_photo), ProductFilter(colour="Red"))
    assert like.products[0].likeness == pytest.approx(1, abs=0.01)
    assert search_products(studio, viewer, Words("blue"), ProductFilter(colour="Green")).products == ()
    assert len(search_products(studio, viewer, Words("blue"), ProductFilter(photos=PhotoCover.WITH)).products) == 2
    assert search_products(studio, viewer, Words("blue"), ProductFilter(photos=PhotoCover.WITHOUT)).products == ()


def test_photos_of_refused_rights_are_never_found(studio: Studio, images: Images, viewer: Actor) -> None:
    photo_of(studio, images, "R-1", png(RED), licence=LicenceState.REFUSED)
    make_some(studio)
    assert photos_ready(studio, viewer).total == 0
    _, sha256 = photo_of(studio, images, "B-1", png(BLUE))
    make_some(studio)
    assert len(search_products(studio, viewer, Words("shirt")).products) == 1
    with studio.writing() as session:
        session.execute(sa.update(Photo).where(Photo.sha256 == sha256).values(consent=LicenceState.REFUSED))
    assert search_products(studio, viewer, Words("shirt")).products == ()


def test_many_pictures_are_a_job_which_another_encoder_does_anew(
    studio_on_both: Studio, images: Images, editor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio = studio_on_both
    monkeypatch.setattr(vectors, "AT_ONCE", 2)
    images.make(editor, 5)
    prepare_if_due(studio)
    job_id = images_ready(studio, editor).job_id
    assert job_id is not None
    prepare_if_due(studio)  # one job is enough
    VectorMaker(studio, "here").body(AtOnce(), job_id)  # type: ignore[arg-type]
    done = job(studio, editor, job_id)
    assert (done.state, done.done, done.owner) == (JobState.DONE, 5, "The studio")
    object.__setattr__(studio, "meanings", Meanings(SHIPPED))
    studio.meanings.encoder.identity = "another-1"
    assert images_ready(studio, editor).ready == 0
    assert search_images(studio, editor, Words("shirt")).images == ()
    while make_some(studio).tried:
        pass
    assert len(search_images(studio, editor, Words("shirt")).images) == 5
    with studio.reading() as session:
        assert set(session.scalars(sa.select(AssetVector.encoder))) == {"another-1"}


def test_a_cancelled_job_is_left_alone_for_an_hour(
    studio: Studio, images: Images, editor: Actor, manager: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vectors, "AT_ONCE", 2)
    images.make(editor, 5)
    prepare_if_due(studio)
    job_id = images_ready(studio, editor).job_id or ""
    cancel_job(studio, manager, job_id)
    VectorMaker(studio, "here").body(AtOnce(), job_id)  # type: ignore[arg-type]
    assert images_ready(studio, editor).ready == 0
    prepare_if_due(studio)
    assert images_ready(studio, editor).job_id is None
    with studio.writing() as session:
        session.get_one(Job, job_id).finished_at = utc_now() - dt.timedelta(hours=2)
    prepare_if_due(studio)
    assert images_ready(studio, editor).job_id is not None


def test_two_workers_at_the_same_pictures_do_no_harm(
    studio_on_both: Studio, images: Images, editor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio = studio_on_both
    images.make(editor, 3)
    photo_of(studio, images, "R-1", png(RED))
    look, others = vectors._vectors, [True]

    def while_another_does_the_same(studio: Studio, hashes: Iterable[str]) -> dict[str, bytes]:
        if others.pop():
            others.append(False)
            make_some(studio)
        return look(studio, hashes)

    monkeypatch.setattr(vectors, "_vectors", while_another_does_the_same)
    assert make_some(studio).tried == 4
    assert images_ready(studio, editor).complete
    assert photos_ready(studio, editor).complete


def test_what_cannot_be_read_is_tried_once_and_never_found(studio: Studio, images: Images, viewer: Actor) -> None:
    broken, sound = images.make(viewer, 2)
    with studio.reading() as session:
        sha256 = session.get_one(Asset, broken).sha256
    for path in (studio.settings.home / "assets").rglob(f"*{sha256[-8:]}*"):
        path.write_bytes(b"damaged")
    made = make_some(studio)
    assert (made.tried, made.unreadable) == (2, 1)
    assert make_some(studio).tried == 0
    assert ids(search_images(studio, viewer, Words("shirt"))) == [sound]
    with pytest.raises(IntegrityError, match="damaged"):
        search_images(studio, viewer, OneOfOurs(broken))


def test_a_storage_that_does_not_answer_is_asked_again(
    studio: Studio, images: Images, viewer: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    images.make(viewer, 2)

    def down(sha256: str) -> bytes:
        raise StorageError("The storage does not answer.")

    with monkeypatch.context() as patch:
        patch.setattr(studio.storage, "get", down)
        with pytest.raises(StorageError):
            make_some(studio)
    assert make_some(studio) == vectors.Made(2, 0)


def test_a_picture_without_a_vector_is_looked_at_when_asked_about(
    studio: Studio, images: Images, viewer: Actor
) -> None:
    first = images.make(viewer, 2)
    make_some(studio)
    (late,) = images.make(viewer)
    assert set(ids(search_images(studio, viewer, OneOfOurs(late)))) == set(first)


@pytest.mark.parametrize("data", [b"", b"no picture", b"\x89PNG\r\n\x1a\n" + b"0" * 40])
def test_a_photo_that_is_none_is_refused(studio: Studio, viewer: Actor, data: bytes) -> None:
    with pytest.raises(InputError, match="This photo cannot be used"):
        search_images(studio, viewer, Brought(data))


def test_what_cannot_be_searched_by_is_refused(studio: Studio, viewer: Actor, tmp_path: Path) -> None:
    for text in ("", "   ", "a" * 301):
        with pytest.raises(InputError, match="1 to 300 characters"):
            Words(text)
    with pytest.raises(InputError, match="20,000,000 bytes"):
        search_images(studio, viewer, Brought(b"x" * 20_000_001))
    with pytest.raises(NotFound):
        search_images(studio, viewer, OneOfOurs(99))
    with pytest.raises(InputError, match="1 to 500 results"):
        search_products(studio, viewer, Words("shirt"), limit=501)
    for search in (search_images, search_products):
        with pytest.raises(NotSignedIn):
            search(studio, None, Words("shirt"))
    object.__setattr__(studio, "meanings", Meanings(tmp_path / "nowhere"))
    with pytest.raises(EngineError, match="export-encoder"):
        search_images(studio, viewer, Words("shirt"))


def test_vectors_of_photos_are_kept_by_their_bytes(studio: Studio, images: Images, viewer: Actor) -> None:
    one, sha256 = photo_of(studio, images, "R-1", picture(1))
    other, same = photo_of(studio, images, "R-2", picture(1))
    assert sha256 == same
    make_some(studio)
    with studio.reading() as session:
        assert session.scalars(sa.select(PhotoVector.sha256)).all() == [sha256]
    found = search_products(studio, viewer, Brought(picture(1)))
    assert {found_one.product.id for found_one in found.products} == {one, other}


@pytest.fixture
def with_words(studio: Studio, tiny_model: Path) -> None:
    from studio.models.registry import register_starter
    from studio.settings import Settings

    settings = Settings(home=studio.settings.home, model=shutil.copytree(tiny_model, studio.settings.home / "tiny"))
    register_starter(Studio(**{**vars(studio), "settings": settings}))
