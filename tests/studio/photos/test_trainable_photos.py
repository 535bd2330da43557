"""Which photos a model may be taught with, and by which words."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from db.tables import LicenceState, Photo, Role, User, ValueMapping, utc_now
from ecomgan.text import Vocabulary
from studio.errors import InputError
from studio.photos.rights import Rights, acknowledge
from studio.photos.trainable import PhotoFilter, count_trainable, trainable

WORDS = Vocabulary(
    {"article_type": ["Tshirts", "Sweatshirts"], "colour": ["Red", "Blue", "Grey"], "usage": ["Casual", "Sports"]}
)
GRANTED, UNCONFIRMED, REFUSED = LicenceState.GRANTED, LicenceState.UNCONFIRMED, LicenceState.REFUSED


@pytest.fixture
def shop(studio_on_both, images):
    """A family of a hoodie in two colours with a parent, and a lamp that no word stands for."""
    hoodies = {"category": "Men > Tops > Hoodies & Sweatshirts", "parent_sku": "MH01"}
    products = {
        "MH01": images.product("MH01", "Chaz Hoodie", category="Men > Tops > Hoodies & Sweatshirts", colour=None),
        "MH01-XS-Gray": images.product("MH01-XS-Gray", "Chaz Hoodie XS Gray", colour="Gray", **hoodies),
        "MH01-S-Gray": images.product("MH01-S-Gray", "Chaz Hoodie S Gray", colour="Gray", **hoodies),
        "LAMP": images.product("LAMP", "Desk lamp", category="Home > Lamps", colour="Red"),
    }
    with studio_on_both.writing() as session:
        for sku, digit in (("MH01", "a"), ("MH01-XS-Gray", "a"), ("MH01-S-Gray", "a"), ("MH01", "b"), ("LAMP", "c")):
            session.add(Photo(product_id=products[sku], sha256=digit * 64, height=80, width=64))
    return studio_on_both


def confirm(studio, field: str, source: str, value: str | None) -> None:
    with studio.writing() as session:
        session.add(ValueMapping(field=field, source=source, value=value, confirmed_at=utc_now()))


def settle(studio, digit: str, licence: LicenceState, consent: LicenceState = GRANTED) -> None:
    with studio.writing() as session:
        rows = sa.update(Photo).where(Photo.sha256 == digit * 64)
        session.execute(rows.values(licence=licence, consent=consent))


def found(studio, **wanted):
    with studio.reading() as session:
        return trainable(session, PhotoFilter(**wanted), WORDS)


def counted(studio, **wanted):
    with studio.reading() as session:
        return count_trainable(session, PhotoFilter(**wanted), WORDS)


def test_a_picture_of_many_products_comes_once_in_the_words_of_the_one_that_says_most(shop) -> None:
    first, second = found(shop)
    assert (first.sha256[0], first.article_type, first.colour, first.family) == ("a", "Sweatshirts", "Grey", "MH01")
    assert first.sku == "MH01-XS-Gray"
    assert (second.sha256[0], second.colour) == ("b", None)


def test_a_colour_counts_only_where_the_products_of_a_picture_agree(shop) -> None:
    with shop.writing() as session:
        session.execute(sa.text("UPDATE products SET colour = 'Blue' WHERE sku = 'MH01-S-Gray'"))
    assert found(shop)[0].colour is None


def test_things_without_a_word_are_left_out_and_counted(shop) -> None:
    count = counted(shop)
    assert (count.trainable, count.open, count.unnamed, count.refused) == (2, 2, 1, 0)


def test_a_confirmed_word_comes_first_even_one_to_be_taught(shop) -> None:
    confirm(shop, "article_type", "Men > Tops > Hoodies & Sweatshirts", "Hoodies")
    confirm(shop, "article_type", "Home > Lamps", "Lamps")
    confirm(shop, "colour", "Gray", None)
    assert [(photo.article_type, photo.colour) for photo in found(shop)] == [
        ("Hoodies", None),
        ("Hoodies", None),
        ("Lamps", "Red"),
    ]


def test_a_confirmed_none_leaves_a_thing_out(shop) -> None:
    confirm(shop, "article_type", "Men > Tops > Hoodies & Sweatshirts", None)
    assert found(shop) == []
    assert counted(shop).unnamed == 3


@pytest.mark.parametrize(("licence", "consent"), [(REFUSED, GRANTED), (GRANTED, REFUSED), (REFUSED, UNCONFIRMED)])
def test_a_refused_photo_is_never_trained_on(shop, licence, consent) -> None:
    settle(shop, "a", licence, consent)
    assert [photo.sha256[0] for photo in found(shop)] == ["b"]
    assert counted(shop).refused == 1


def test_a_refusal_at_one_product_holds_for_the_picture_at_every_other(shop) -> None:
    with shop.writing() as session:
        session.scalars(sa.select(Photo).order_by(Photo.id)).first().licence = REFUSED
    assert [photo.sha256[0] for photo in found(shop, text="XS")] == []


def test_rights_are_told_apart_and_counted(shop) -> None:
    settle(shop, "a", GRANTED)
    assert {photo.sha256[0]: photo.rights for photo in found(shop)} == {"a": Rights.SETTLED, "b": Rights.OPEN}
    with shop.writing() as session:
        user = User(name="Ada", role=Role.ADMIN)
        session.add(user)
        session.flush()
        ids = list(session.scalars(sa.select(Photo.id)))
        assert acknowledge(session, user.id, ids, "ours since 2019") == 2
    assert {photo.sha256[0]: photo.rights for photo in found(shop)} == {"a": Rights.SETTLED, "b": Rights.ACKNOWLEDGED}
    count = counted(shop)
    assert (count.settled, count.acknowledged, count.open, count.trainable) == (1, 1, 0, 2)
    assert [photo.sha256[0] for photo in found(shop, rights=Rights.SETTLED)] == ["a"]


def test_filters_narrow_and_a_most_caps(shop) -> None:
    assert [photo.sha256[0] for photo in found(shop, text="Gray")] == ["a"]
    assert [photo.sha256[0] for photo in found(shop, category="Men")] == ["a", "b"]
    assert [photo.sha256[0] for photo in found(shop, colour="Gray")] == ["a"]
    assert len(found(shop, most=1)) == counted(shop, most=1).trainable == 1
    with pytest.raises(InputError, match="At least 1"):
        PhotoFilter(most=0)


def test_a_filter_survives_json() -> None:
    wanted = PhotoFilter(text="tee", category="Men", rights=Rights.SETTLED, most=40)
    assert PhotoFilter.from_json(wanted.as_json()) == wanted
    assert PhotoFilter.from_json({}) == PhotoFilter()
