"""Images are found by filters, words and scores, page by page, the same on both databases."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from db.tables import Asset, AssetState, Purpose
from studio.bootstrap import Studio
from studio.errors import InputError, NotSignedIn
from studio.images.library import COUNTED, LibraryFilter, ScoreRange, count_images, facets, find_images
from studio.review.verdicts import Days
from studio.roles import Actor
from tests.studio.conftest import Images


def found(studio: Studio, actor: Actor, wanted: LibraryFilter | None = None, **more: object) -> list[int]:
    return [view.id for view in find_images(studio, actor, wanted, **more).assets]  # type: ignore[arg-type]


def test_every_filter_narrows(studio_on_both: Studio, images: Images, editor: Actor, reviewer: Actor) -> None:
    studio = studio_on_both
    product = images.product("SH-1")
    (one,) = images.make(
        editor,
        category="Shirts",
        colour="Blue",
        state=AssetState.APPROVED,
        product_id=product,
        purpose=Purpose.AD,
        model="second",
    )
    images.make(reviewer, 2)
    model_id = images.model("second")
    today = dt.datetime.now(dt.UTC).date()
    for wanted in (
        LibraryFilter(state=AssetState.APPROVED),
        LibraryFilter(category="Shirts"),
        LibraryFilter(colour="Blue"),
        LibraryFilter(model_version_id=model_id),
        LibraryFilter(purpose=Purpose.AD),
        LibraryFilter(made_by_id=editor.id),
        LibraryFilter(product_id=product),
    ):
        assert found(studio, editor, wanted) == [one], wanted
        assert count_images(studio, editor, wanted) == 1
    assert len(found(studio, editor, LibraryFilter(made=Days(today - dt.timedelta(1), today)))) == 3
    assert found(studio, editor, LibraryFilter(made=Days(None, today - dt.timedelta(5)))) == []


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("SUMMER", True),
        ("linen", True),
        ("sh-7", True),
        ("dress", True),
        ("连衣裙", True),
        ("summer linen dress navy", True),
        ("winter", False),
        ("summer winter", False),
        ("%", False),
    ],
)
def test_words_are_sought_in_brief_product_category_and_colour(
    studio_on_both: Studio, images: Images, editor: Actor, text: str, fits: bool
) -> None:
    product = images.product("SH-7", "Linen gown")
    (one,) = images.make(editor, prompt="summer party", category="Dresses", colour="Navy Blue", product_id=product)
    images.make(editor, prompt="grey watch", category="Watches", colour="Grey")
    assert found(studio_on_both, editor, LibraryFilter(text=text)) == ([one] if fits else [])


def test_pages_follow_each_other_without_gap_or_repetition(
    studio_on_both: Studio, images: Images, editor: Actor
) -> None:
    ids = images.make(editor, 7)
    first = find_images(studio_on_both, editor, limit=3)
    second = find_images(studio_on_both, editor, after=first.after, limit=3)
    third = find_images(studio_on_both, editor, after=second.after, limit=3)
    assert [view.id for page in (first, second, third) for view in page.assets] == ids[::-1]
    assert third.after is None


@pytest.mark.parametrize(("metric", "best_first"), [("sharpness", [2.5, 2.0, 2.0, 1.0]), ("centring", [0.1, 0.2, 0.2])])
def test_a_score_orders_best_first_and_pages_go_on_among_equals(
    studio_on_both: Studio, images: Images, editor: Actor, metric: str, best_first: list[float]
) -> None:
    for value in (*sorted(best_first), 9.0 if metric == "centring" else 0.1, None):
        images.make(editor, scores={metric: value})
    wanted = LibraryFilter(score=ScoreRange(metric, *((0.5, None) if metric == "sharpness" else (None, 1.0))))
    values: list[float | None] = []
    after = None
    while True:
        page = find_images(studio_on_both, editor, wanted, after=after, limit=1)
        values += [view.scores[metric] for view in page.assets]
        after = page.after
        if after is None:
            break
    assert values == best_first
    assert count_images(studio_on_both, editor, wanted) == len(best_first)


def test_facets_name_what_is_in_use(studio_on_both: Studio, images: Images, editor: Actor, reviewer: Actor) -> None:
    assert facets(studio_on_both, editor).categories == ()
    images.make(editor, category="Shirts", colour=None)
    images.make(reviewer, category="Dresses", colour="Red")
    images.make(reviewer, category="Shirts", colour="Blue")
    known = facets(studio_on_both, editor)
    assert (known.categories, known.colours) == (("Dresses", "Shirts"), ("Blue", "Red"))
    assert list(known.people.values()) == ["Edda", "Rune"]
    assert list(known.models.values()) == ["starter"]


def test_images_made_from_one_are_found(studio: Studio, images: Images, editor: Actor) -> None:
    parent, child = images.make(editor), images.make(editor)
    with studio.writing() as session:
        session.execute(sa.update(Asset).where(Asset.id == child[0]).values(parent_id=parent[0]))
    assert found(studio, editor, LibraryFilter(parent_id=parent[0])) == child


def test_counting_words_ends_somewhere(studio: Studio, images: Images, editor: Actor) -> None:
    images.make(editor, 2)
    assert count_images(studio, editor, LibraryFilter(text="shirt")) == 2
    assert COUNTED >= 1_000


def test_what_cannot_be_asked_is_refused(studio: Studio, viewer: Actor) -> None:
    with pytest.raises(NotSignedIn):
        find_images(studio, None)
    with pytest.raises(InputError, match="1 to 500"):
        find_images(studio, viewer, limit=501)
    with pytest.raises(InputError, match="no score 'beauty'"):
        ScoreRange("beauty")
