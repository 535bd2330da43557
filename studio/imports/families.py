"""What only the whole of a staged file tells: which rows are variants of which, and which SKUs stand in it twice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.portions import portions
from db.tables import ImportOutcome, ImportRow, Product
from studio.bootstrap import Studio

_PARENTS = 200  # whose variants are set in one transaction
_ROWS = 1_000
_NAMED = 5  # rows that a report names of those that share their SKU

_PLACE = sa.tuple_(ImportRow.row, ImportRow.part)
_ORDER = (ImportRow.row, ImportRow.part)


def set_parents(studio: Studio, import_id: int) -> None:
    """Give the variants that other rows name the SKU of that row as their parent. Twice is the same as once."""
    after = (0, 0)
    while True:
        with studio.writing() as session:
            parents = session.execute(
                sa.select(ImportRow.row, ImportRow.part, ImportRow.sku, ImportRow.children, ImportRow.problems)
                .where(ImportRow.import_id == import_id, sa.tuple_(*after) < _PLACE, _has_items(ImportRow.children))
                .order_by(*_ORDER)
                .limit(_PARENTS)
            ).all()
            if not parents:
                break
            _set_parents(session, import_id, parents)
            after = (parents[-1].row, parents[-1].part)
    _tell_new_parents(studio, import_id)


def _set_parents(session: Session, import_id: int, parents: Sequence[sa.Row[Any]]) -> None:
    children = {child: parent.sku for parent in parents for child in parent.children if child != parent.sku}
    names = list(children)
    there: set[str] = set()
    for some in portions(names):
        these = ImportRow.sku.in_(some)
        there.update(session.scalars(sa.select(ImportRow.sku).where(ImportRow.import_id == import_id, these)))
    if there:
        session.connection().execute(
            sa.update(ImportRow)
            .where(ImportRow.import_id == import_id, ImportRow.sku == sa.bindparam("child"))
            .values(parent_sku=sa.bindparam("parent")),
            [{"child": child, "parent": children[child]} for child in names if child in there],
        )
    for parent in parents:
        absent = [child for child in parent.children if child not in there and child != parent.sku]
        if absent:
            reason = f"names {len(absent)} variants that the file lacks, the first is {absent[0]}"
            problem = {"column": "", "reason": reason, "value": parent.sku, "refused": False}
            _add_problem(session, import_id, parent, problem, warned=True)


def _tell_new_parents(studio: Studio, import_id: int) -> None:
    """Rows whose product had another parent until now are changed rows."""
    after = (0, 0)
    while True:
        with studio.writing() as session:
            rows = session.execute(
                sa.select(ImportRow.row, ImportRow.part, ImportRow.changes, ImportRow.parent_sku, Product.parent_sku)
                .join(Product, Product.id == ImportRow.product_id)
                .where(
                    ImportRow.import_id == import_id,
                    sa.tuple_(*after) < _PLACE,
                    ImportRow.outcome != ImportOutcome.REFUSED,
                    ImportRow.parent_sku.is_distinct_from(Product.parent_sku),
                )
                .order_by(*_ORDER)
                .limit(_ROWS)
            ).all()
            if not rows:
                return
            for row, part, changes, new, old in rows:
                if all(change["field"] != "parent_sku" for change in changes):
                    change = {"field": "parent_sku", "old": old or "", "new": new or ""}
                    session.execute(
                        sa.update(ImportRow)
                        .where(ImportRow.import_id == import_id, ImportRow.row == row, ImportRow.part == part)
                        .values(changes=[*changes, change], outcome=ImportOutcome.CHANGED)
                    )
            after = (rows[-1][0], rows[-1][1])


def refuse_repeated(studio: Studio, import_id: int) -> None:
    """Refuse all rows that share their SKU: nobody but the user knows which is meant. Twice is the same as once."""
    for skus in _repeated_skus(studio, import_id):
        with studio.reading() as session:
            reasons = {sku: _reason(session, import_id, sku) for sku in skus}
        after: tuple[int, int] | None = (0, 0)
        while after is not None:
            with studio.writing() as session:
                after = _refuse_some(session, import_id, reasons, after)


def _repeated_skus(studio: Studio, import_id: int) -> Iterator[list[str]]:
    after = ""
    while True:
        with studio.reading() as session:
            skus = session.scalars(
                sa.select(ImportRow.sku)
                .where(ImportRow.import_id == import_id, ImportRow.sku > after)
                .group_by(ImportRow.sku)
                .having(sa.func.count() > 1)
                .order_by(ImportRow.sku)
                .limit(_PARENTS)
            ).all()
        if not skus:
            return
        yield list(skus)
        after = skus[-1]


def _reason(session: Session, import_id: int, sku: str) -> str:
    same = (ImportRow.import_id == import_id, ImportRow.sku == sku)
    numbers = session.scalars(sa.select(ImportRow.row).where(*same).order_by(*_ORDER).limit(_NAMED)).all()
    count = session.scalar(sa.select(sa.func.count()).select_from(ImportRow).where(*same)) or 0
    more = f" and {count - _NAMED} more" if count > _NAMED else ""
    return f"the same SKU stands in rows {', '.join(map(str, numbers))}{more}"


def _refuse_some(
    session: Session, import_id: int, reasons: Mapping[str, str], after: tuple[int, int]
) -> tuple[int, int] | None:
    """Refuse the next rows with these SKUs; the place of the last one, None when there are no more."""
    rows = session.execute(
        sa.select(ImportRow.row, ImportRow.part, ImportRow.sku, ImportRow.problems)
        .where(ImportRow.import_id == import_id, ImportRow.sku.in_(list(reasons)), sa.tuple_(*after) < _PLACE)
        .order_by(*_ORDER)
        .limit(_ROWS)
    ).all()
    for row in rows:
        problem = {"column": "sku", "reason": reasons[row.sku], "value": row.sku, "refused": True}
        _add_problem(session, import_id, row, problem, outcome=ImportOutcome.REFUSED)
    return (rows[-1].row, rows[-1].part) if len(rows) == _ROWS else None


def _add_problem(session: Session, import_id: int, row: sa.Row[Any], problem: dict[str, Any], **values: Any) -> None:
    if problem in row.problems:
        return
    session.execute(
        sa.update(ImportRow)
        .where(ImportRow.import_id == import_id, ImportRow.row == row.row, ImportRow.part == row.part)
        .values(problems=[*row.problems, problem], **values)
    )


def _has_items(column: sa.ColumnElement[Any] | Any) -> sa.ColumnElement[bool]:
    return sa.cast(column, sa.Text) != "[]"
