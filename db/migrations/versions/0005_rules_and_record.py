"""The rules of review, the sealed record of decisions, and images whose bytes are damaged."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def _words(name: str, *values: str) -> sa.Enum:
    """A column of a few fixed words, held by a check of that name."""
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    op.execute("ALTER TABLE decisions ADD COLUMN scores JSON")
    op.add_column("assets", sa.Column("damaged_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "decision_seals",
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("decision_id", sa.Integer(), nullable=False),
        sa.Column("mac", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_decision_seals")),
        sa.UniqueConstraint("decision_id", name=op.f("uq_decision_seals_decision_id")),
    )
    head = op.create_table(
        "seal_heads",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("mac", sa.String(length=64), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seal_heads")),
    )
    op.bulk_insert(head, [{"id": 1, "position": 0, "mac": "", "key_id": ""}])
    op.create_table(
        "review_rules",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(length=200), nullable=False),
        sa.Column("purpose", _words("purpose", "concept", "placeholder", "ad", "listing"), nullable=True),
        sa.Column("cause", _words("rulecause", "people", "regulated", "house"), nullable=False),
        sa.Column("approvals", sa.Integer(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("approvals BETWEEN 2 AND 5", name=op.f("ck_review_rules_approvals")),
        sa.ForeignKeyConstraint(["created_by_id"], ["users.id"], name=op.f("fk_review_rules_created_by_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_rules")),
        sa.UniqueConstraint("category", "purpose", name=op.f("uq_review_rules_category")),
    )
