"""The catalogue's words in the model's words: a category path, a colour or a usage, as people confirmed them."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.tables import Product, Role, User, ValueMapping, utc_now
from ecomgan.text import Vocabulary
from studio.activity import record
from studio.bootstrap import Studio
from studio.errors import InputError
from studio.making.briefs import ARTICLE, COLOUR, USAGE, articles_named, values_named
from studio.models.in_use import champion, vocabulary
from studio.roles import Actor, require

FIELDS = (ARTICLE, COLOUR, USAGE)
"""What is mapped: the category of a product to a kind of article, its colour, its usage."""
MOST_LETTERS = 120
SURE = 0.9
"""Likeness from which on a suggestion needs a glance only."""

_COLUMNS = {ARTICLE: Product.category, COLOUR: Product.colour, USAGE: Product.usage}
_TITLES = 40  # of a category that are read for a suggestion
_MAJORITY = 0.5
_CLOSE = 60.0  # likeness of spellings, 0-100, from which on something is suggested


@dataclass(frozen=True)
class WordView:
    """A word of the catalogue. value: what a person confirmed, None for "the model has no word for it"; it means
    nothing until `confirmed_at` is set. suggestion, likeness (0-1): what seems right, whether confirmed or not.
    """

    source: str
    products: int
    value: str | None
    confirmed_by: str | None
    confirmed_at: dt.datetime | None
    suggestion: str | None
    likeness: float


def mapping(session: Session, field: str) -> dict[str, str | None]:
    """What people confirmed of one field: word of the catalogue -> value, None where the model has no word for it.

    A value may be new: not in any model's vocabulary yet, to be taught by fine-tuning.
    """
    rows = sa.select(ValueMapping.source, ValueMapping.value).where(
        ValueMapping.field == field, ValueMapping.confirmed_at.is_not(None)
    )
    return dict(session.execute(rows).all())


def mappings(session: Session) -> dict[str, dict[str, str | None]]:
    """What people confirmed, of all fields."""
    return {field: mapping(session, field) for field in FIELDS}


def suggest(studio: Studio, actor: Actor | None, field: str) -> list[WordView]:
    """Every word of the catalogue in this field, those of most products first, with what the model in production
    would call it. Raises InputError for another field, NotReady without a model.
    """
    require(actor, Role.VIEWER)
    column = _column(field)
    words = vocabulary(champion(studio))
    with studio.reading() as session:
        used = sa.select(column, sa.func.count()).where(column.is_not(None), column != "").group_by(column)
        numbers = {source: number for source, number in session.execute(used) if source is not None}
        known = {row.source: (row, name) for row, name in session.execute(_confirmed(field))}
        titles = _titles(session) if field == ARTICLE else {}
    return [
        _view(source, number, known.get(source), _suggestion(source, field, words, titles.get(source, ())))
        for source, number in sorted(numbers.items(), key=lambda item: (-item[1], item[0]))
    ]


def known_values(studio: Studio, actor: Actor | None, field: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The values that may be chosen: those of the model in production, and the new ones that people named already."""
    require(actor, Role.VIEWER)
    _column(field)
    taught = vocabulary(champion(studio)).get(field, ())
    with studio.reading() as session:
        named = {value for value in mapping(session, field).values() if value is not None}
    return taught, tuple(sorted(named - set(taught)))


def confirm(studio: Studio, actor: Actor | None, field: str, chosen: Mapping[str, str | None]) -> int:
    """Confirm what the model calls these words of the catalogue; returns the number of those that changed.

    None: it has no word for this. A value that the model was not taught is new, and waits for a fine-tuning.
    Raises InputError for a value or word that cannot be kept.
    """
    person = require(actor, Role.EDITOR)
    _column(field)
    taught = {value.casefold(): value for value in vocabulary(champion(studio)).get(field, ())}
    values = {source: _checked(value, taught) for source, value in chosen.items()}
    if any(not source or len(source) > 200 for source in values):
        raise InputError("A word of the catalogue has 1 to 200 characters.")
    changed: dict[str, str | None] = {}
    with studio.writing() as session:
        rows = sa.select(ValueMapping).where(ValueMapping.field == field).with_for_update()
        known = {row.source: row for row in session.scalars(rows)}
        for source, value in values.items():
            row = known.get(source)
            if row is not None and row.confirmed_at is not None and row.value == value:
                continue
            if row is None:
                row = ValueMapping(field=field, source=source)
                session.add(row)
            row.value, row.confirmed_by_id, row.confirmed_at = value, person.id, utc_now()
            changed[source] = value
        if changed:
            told = "; ".join(f"{source} = {value or 'no word'}" for source, value in list(changed.items())[:5])
            more = f" and {len(changed) - 5} more" if len(changed) > 5 else ""
            text = f"confirmed what the model calls {len(changed)} words of the catalogue: {told}{more}"
            record(session, person, "confirmed", "value_mapping", field, text, values=changed)
    return len(changed)


def forget(studio: Studio, actor: Actor | None, field: str, sources: Sequence[str]) -> int:
    """Take back what was confirmed of these words; returns their number."""
    person = require(actor, Role.EDITOR)
    _column(field)
    with studio.writing() as session:
        rows = sa.delete(ValueMapping).where(ValueMapping.field == field, ValueMapping.source.in_(sources))
        gone = list(session.scalars(rows.returning(ValueMapping.source)))
        if gone:
            text = f"took back what the model calls {', '.join(sorted(gone)[:5])}"
            record(session, person, "took back", "value_mapping", field, text, sources=sorted(gone))
        return len(gone)


def _column(field: str) -> sa.orm.InstrumentedAttribute[str] | sa.orm.InstrumentedAttribute[str | None]:
    if field not in _COLUMNS:
        raise InputError(f"Words are mapped in {', '.join(FIELDS)}; got {field!r}.")
    return _COLUMNS[field]


def _confirmed(field: str) -> sa.Select[ValueMapping, str]:
    query = sa.select(ValueMapping, User.name).outerjoin(User, User.id == ValueMapping.confirmed_by_id)
    return query.where(ValueMapping.field == field, ValueMapping.confirmed_at.is_not(None))


def _titles(session: Session) -> dict[str, list[str]]:
    """Some titles of each category, each style once: its variants would only repeat it."""
    place = sa.func.row_number().over(partition_by=Product.category, order_by=Product.id)
    ranked = sa.select(Product.category, Product.title, place.label("place")).subquery()
    query = sa.select(ranked.c.category, ranked.c.title).where(ranked.c.place <= _TITLES * 20)
    found: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for category, title in session.execute(query):
        style = title.split("-")[0].strip() or title
        if len(found[category]) < _TITLES:
            found[category][style] = None
    return {category: list(titles) for category, titles in found.items()}


def _view(
    source: str, products: int, known: tuple[ValueMapping, str] | None, suggestion: tuple[str | None, float]
) -> WordView:
    row, name = known or (None, None)
    return WordView(
        source=source,
        products=products,
        value=row.value if row else None,
        confirmed_by=name,
        confirmed_at=row.confirmed_at if row else None,
        suggestion=suggestion[0],
        likeness=suggestion[1],
    )


def _suggestion(source: str, field: str, words: Vocabulary, titles: Sequence[str]) -> tuple[str | None, float]:
    """The value that a word most likely means, and how sure that is (0-1); nothing where all are unlike."""
    if field not in words:
        return None, 0.0
    last, *above = reversed(source.split(" > "))
    if field != ARTICLE:
        plain = values_named(source, words).get(field)
        return (plain, 1.0) if plain else _nearest(source, field, words)
    named, general = articles_named(last, words)
    if named:
        return named, 1.0
    told = Counter(kind for title in titles if (kind := articles_named(title, words)[0]))
    if told:
        kind, number = told.most_common(1)[0]
        if number / len(titles) >= _MAJORITY:
            return kind, 0.95 * number / len(titles)
    if general:
        return general, 0.5
    for level in above:
        kinds = [kind for kind in articles_named(level, words) if kind]
        if kinds:
            return kinds[0], 0.4
    return _nearest(last, field, words)


def _nearest(text: str, field: str, words: Vocabulary) -> tuple[str | None, float]:
    ranked = words.ranked(field, text)
    if not ranked or ranked[0][1] < _CLOSE:
        return None, 0.0
    return ranked[0][0], 0.7 * ranked[0][1] / 100  # letters alone never make it sure


def _checked(value: str | None, taught: Mapping[str, str]) -> str | None:
    if value is None:
        return None
    cleaned = " ".join(value.split())
    if not cleaned or len(cleaned) > MOST_LETTERS or not cleaned.isprintable():
        raise InputError(f"A word for the model has 1 to {MOST_LETTERS} readable characters, got {value[:80]!r}.")
    return taught.get(cleaned.casefold(), cleaned)
