"""How a category's images stand in their frame, and what waits for a photographer."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def _time(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _share(name: str) -> sa.Column[float]:
    return sa.Column(name, sa.Double(), nullable=True)


def _points(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}_{target}"))


def upgrade() -> None:
    op.create_table(
        "placements",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        *(_share(name) for name in ("top", "left", "bottom", "right", "whiteness")),
        sa.Column("fault", sa.String(length=300), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_placements")),
    )
    op.create_table(
        "house_styles",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("images", "photos", "cut")),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("locked", sa.JSON(), nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=True),
        sa.Column("job_id", sa.String(length=36), nullable=True),
        _time("created_at"),
        _points("house_styles", "changed_by_id", "users"),
        _points("house_styles", "job_id", "jobs"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_house_styles")),
        sa.UniqueConstraint("category", "version", name=op.f("uq_house_styles_category")),
    )
    op.create_table(
        "shots",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("angle", sa.String(length=120), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        _share("expected"),
        sa.Column("ordered", sa.Integer(), nullable=True),
        sa.Column("added_by_id", sa.Integer(), nullable=False),
        _time("added_at"),
        sa.Column("ticked_by_id", sa.Integer(), nullable=True),
        _time("ticked_at", nullable=True),
        sa.Column("removed_by_id", sa.Integer(), nullable=True),
        _time("removed_at", nullable=True),
        _points("shots", "product_id", "products"),
        *(_points("shots", f"{who}_by_id", "users") for who in ("added", "ticked", "removed")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shots")),
    )
    op.create_index("ix_shots_added_at", "shots", ["added_at"])
    op.create_index("ix_shots_product_id_removed_at", "shots", ["product_id", "removed_at"])
