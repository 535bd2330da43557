"""Recalls by cause, and what decisions teach."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def _words(name: str, *values: str) -> sa.Enum:
    """A column of a few fixed words, held by a check of that name."""
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    _make_recalls()
    _make_recall_images()
    _make_training_images()


def _make_recalls() -> None:
    op.create_table(
        "recalls",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("job_id", sa.String(length=36), nullable=False),
        sa.Column("cause", sa.JSON(), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("reason", sa.String(length=48), nullable=True),
        sa.Column("images", sa.Integer(), nullable=False),
        sa.Column("replacing", sa.JSON(), nullable=False),
        sa.Column("notes", sa.JSON(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_recalls_job_id_jobs")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_recalls_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recalls")),
        sa.UniqueConstraint("job_id", name=op.f("uq_recalls_job_id")),
    )
    op.create_index(op.f("ix_recalls_user_id"), "recalls", ["user_id"])


def _make_recall_images() -> None:
    states = ("draft", "checked", "in_review", "changes_requested", "approved", "published", "withdrawn")
    op.create_table(
        "recall_images",
        sa.Column("recall_id", sa.Integer(), nullable=False),
        sa.Column("asset_id", sa.Integer(), nullable=False),
        sa.Column("from_state", _words("assetstate", *states), nullable=False),
        sa.Column("outcome", _words("recalloutcome", "waiting", "withdrawn", "earlier"), nullable=False),
        sa.Column("decision_id", sa.Integer(), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("order_id", sa.String(length=36), nullable=True),
        sa.ForeignKeyConstraint(["recall_id"], ["recalls.id"], name=op.f("fk_recall_images_recall_id_recalls")),
        sa.ForeignKeyConstraint(["asset_id"], ["assets.id"], name=op.f("fk_recall_images_asset_id_assets")),
        sa.ForeignKeyConstraint(["decision_id"], ["decisions.id"], name=op.f("fk_recall_images_decision_id_decisions")),
        sa.ForeignKeyConstraint(["order_id"], ["jobs.id"], name=op.f("fk_recall_images_order_id_jobs")),
        sa.PrimaryKeyConstraint("recall_id", "asset_id", name=op.f("pk_recall_images")),
    )
    op.create_index(op.f("ix_recall_images_asset_id"), "recall_images", ["asset_id"])
    op.create_index(op.f("ix_recall_images_order_id"), "recall_images", ["order_id"])
    op.create_index(
        "ix_recall_images_recall_id_outcome_asset_id", "recall_images", ["recall_id", "outcome", "asset_id"]
    )
    op.create_index("ix_recall_images_recall_id_told_at", "recall_images", ["recall_id", "told_at"])


def _make_training_images() -> None:
    op.create_table(
        "training_images",
        sa.Column("training_id", sa.Integer(), nullable=False),
        sa.Column("asset_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("split", sa.String(length=16), nullable=False),
        sa.Column("attributes", sa.JSON(), nullable=False),
        sa.Column("decision_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["training_id"], ["trainings.id"], name=op.f("fk_training_images_training_id_trainings")
        ),
        sa.ForeignKeyConstraint(["asset_id"], ["assets.id"], name=op.f("fk_training_images_asset_id_assets")),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decisions.id"], name=op.f("fk_training_images_decision_id_decisions")
        ),
        sa.PrimaryKeyConstraint("training_id", "asset_id", name=op.f("pk_training_images")),
    )
    op.create_index(op.f("ix_training_images_asset_id"), "training_images", ["asset_id"])
