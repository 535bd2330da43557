"""Second opinions, and images whose right verdict is known."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_STATES = ("draft", "checked", "in_review", "changes_requested", "approved", "published", "withdrawn")


def _words(name: str, *values: str) -> sa.Enum:
    """A column of a few fixed words, held by a check of that name."""
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    op.create_table(
        "gold_images",
        sa.Column("asset_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("verdict", _words("assetstate", *_STATES), nullable=False),
        sa.Column("reason", sa.String(length=48), nullable=True),
        sa.Column("marked_by_id", sa.Integer(), nullable=False),
        sa.Column("marked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["asset_id"], ["assets.id"], name=op.f("fk_gold_images_asset_id_assets")),
        sa.ForeignKeyConstraint(["marked_by_id"], ["users.id"], name=op.f("fk_gold_images_marked_by_id_users")),
        sa.PrimaryKeyConstraint("asset_id", name=op.f("pk_gold_images")),
    )
    op.create_table(
        "second_opinions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("asset_id", sa.Integer(), nullable=False),
        sa.Column("kind", _words("opinionkind", "second", "gold"), nullable=False),
        sa.Column("decision_id", sa.Integer(), nullable=True),
        sa.Column("for_id", sa.Integer(), nullable=True),
        sa.Column("seen_revision", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_by_id", sa.Integer(), nullable=True),
        sa.Column("verdict", _words("assetstate", *_STATES), nullable=True),
        sa.Column("reason", sa.String(length=48), nullable=True),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("idempotency_key", sa.String(length=64), nullable=True),
        sa.Column("undo_key", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["asset_id"], ["assets.id"], name=op.f("fk_second_opinions_asset_id_assets")),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decisions.id"], name=op.f("fk_second_opinions_decision_id_decisions")
        ),
        *(
            sa.ForeignKeyConstraint([column], ["users.id"], name=op.f(f"fk_second_opinions_{column}_users"))
            for column in ("for_id", "answered_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_opinions")),
        sa.UniqueConstraint("asset_id", "answered_by_id", name=op.f("uq_second_opinions_asset_id")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_second_opinions_idempotency_key")),
    )
    op.create_index(op.f("ix_second_opinions_decision_id"), "second_opinions", ["decision_id"])
    for columns in (["answered_by_id", "answered_at"], ["kind", "answered_at"], ["for_id", "answered_at"]):
        op.create_index(f"ix_second_opinions_{'_'.join(columns)}", "second_opinions", columns)
