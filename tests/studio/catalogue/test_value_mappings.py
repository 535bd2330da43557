"""What the catalogue's words are called by the model: suggested by likeness, confirmed by people, used by orders."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from db.tables import Activity, Product
from ecomgan.text import Vocabulary
from studio.catalogue.value_mappings import confirm, forget, known_values, mapping, suggest
from studio.errors import Forbidden, InputError, NotReady
from studio.making.briefs import ProductText, attributes_of_product
from studio.making.order_requests import OrderRequest, draft_briefs
from studio.models.in_use import register_starter

WORDS = Vocabulary({"article_type": ["Tshirts", "Shirts"], "colour": ["Red", "Blue"], "usage": ["Casual"]})


@pytest.fixture
def shop(studio, images, tiny_model, monkeypatch):
    monkeypatch.setattr(type(studio.settings), "model", tiny_model, raising=False)
    register_starter(
        type(studio)(**{**vars(studio), "settings": studio.settings.model_copy(update={"model": tiny_model})})
    )
    images.product("A-1", "Ridge tee", category="Men > Tops > Tees", colour="Azure")
    images.product("A-2", "Ridge tee two", category="Men > Tops > Tees", colour="Red")
    images.product("B-1", "Trail dress", category="New arrivals", colour="Blue")
    images.product("B-2", "Lake dress", category="New arrivals", colour=None)
    images.product("C-1", "Thing", category="Zzyx", colour="Crimson red")
    return studio


def words(studio, actor, field):
    return {view.source: view for view in suggest(studio, actor, field)}


def test_suggestions_come_from_the_word_its_titles_or_nothing(shop, viewer) -> None:
    found = words(shop, viewer, "article_type")
    assert (found["Men > Tops > Tees"].suggestion, found["Men > Tops > Tees"].likeness) == ("Tshirts", 1.0)
    assert found["New arrivals"].suggestion == "Dresses"
    assert 0.5 < found["New arrivals"].likeness < 1
    assert found["Zzyx"].suggestion is None
    assert list(found)[-1] == "Zzyx"  # the fewest products come last
    assert words(shop, viewer, "colour")["Red"].suggestion == "Red"
    with pytest.raises(InputError, match="got 'size'"):
        suggest(shop, viewer, "size")


def test_without_a_model_there_is_nothing_to_map_to(studio, viewer) -> None:
    with pytest.raises(NotReady):
        suggest(studio, viewer, "article_type")


def test_a_confirmation_is_kept_with_its_person_and_can_be_taken_back(shop, editor) -> None:
    chosen = {"Zzyx": "Lamps", "Men > Tops > Tees": "tshirts", "New arrivals": None}
    assert confirm(shop, editor, "article_type", chosen) == 3
    assert confirm(shop, editor, "article_type", chosen) == 0
    with shop.reading() as session:
        assert mapping(session, "article_type") == {**chosen, "Men > Tops > Tees": "Tshirts"}
        told = sa.select(Activity.verb).where(Activity.subject == "value_mapping")
        assert session.scalars(told).all() == ["confirmed"]
    assert words(shop, editor, "article_type")["Zzyx"].confirmed_by == editor.name
    assert known_values(shop, editor, "article_type")[1] == ("Lamps",)
    assert forget(shop, editor, "article_type", ["Zzyx", "unknown"]) == 1
    assert words(shop, editor, "article_type")["Zzyx"].confirmed_at is None


@pytest.mark.parametrize("value", ["", "  ", "x" * 121, "a\x07b"])
def test_values_that_cannot_be_kept_are_refused(shop, editor, value) -> None:
    with pytest.raises(InputError, match="1 to 120"):
        confirm(shop, editor, "article_type", {"Zzyx": value})


def test_a_viewer_confirms_nothing(shop, viewer) -> None:
    with pytest.raises(Forbidden):
        confirm(shop, viewer, "article_type", {"Zzyx": None})


def test_orders_go_by_what_was_confirmed(shop, editor) -> None:
    with shop.reading() as session:
        ids = tuple(session.scalars(sa.select(Product.id).where(Product.sku.in_(["A-1", "C-1"])).order_by(Product.id)))
        assert len(draft_briefs(session, OrderRequest(product_ids=ids), WORDS)[1]) == 1
    confirm(shop, editor, "article_type", {"Zzyx": "Shirts"})
    confirm(shop, editor, "colour", {"Azure": "Blue"})
    with shop.reading() as session:
        drafts, unknown = draft_briefs(session, OrderRequest(product_ids=ids), WORDS)
    assert not unknown
    assert [draft.attributes.get("article_type") for draft in drafts] == ["Tshirts", "Shirts"]
    assert drafts[0].attributes["colour"] == "Blue"


def test_a_word_to_be_taught_counts_for_training_only() -> None:
    product = ProductText("Chaz", "Men > Tees", "Lime", None)
    confirmed = {"article_type": {"Men > Tees": "Hoodies"}, "colour": {"Lime": "Lime"}}
    assert attributes_of_product(product, {}, WORDS, confirmed) == {"article_type": "Tshirts"}
    taught = attributes_of_product(product, {}, WORDS, confirmed, new_words=True)
    assert taught == {"article_type": "Hoodies", "colour": "Lime"}
    none = {"article_type": {"Men > Tees": None}}
    assert attributes_of_product(product, {}, WORDS, none) is None
