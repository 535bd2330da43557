"""What channels ask for, and scores that come later."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("channels", sa.Column("pack", sa.String(length=40), server_default="", nullable=False))
    op.create_table(
        "channel_packs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["created_by_id"], ["users.id"], name=op.f("fk_channel_packs_created_by_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channel_packs")),
        sa.UniqueConstraint("key", "version", name=op.f("uq_channel_packs_key")),
    )
    outcome = sa.Enum(
        "passes",
        "on_export",
        "refused",
        "unmeasured",
        name="verdictoutcome",
        native_enum=False,
        create_constraint=True,
        length=32,
    )
    op.create_table(
        "channel_verdicts",
        sa.Column("asset_id", sa.Integer(), nullable=False),
        sa.Column("pack", sa.String(length=40), nullable=False),
        sa.Column("edition", sa.String(length=40), nullable=False),
        sa.Column("outcome", outcome, nullable=False),
        sa.ForeignKeyConstraint(["asset_id"], ["assets.id"], name=op.f("fk_channel_verdicts_asset_id_assets")),
        sa.PrimaryKeyConstraint("asset_id", "pack", name=op.f("pk_channel_verdicts")),
    )
    op.create_index("ix_channel_verdicts_found", "channel_verdicts", ["pack", "edition", "outcome", "asset_id"])
    op.create_table(
        "asset_scorings",
        sa.Column("asset_id", sa.Integer(), nullable=False),
        sa.Column("job_id", sa.String(length=36), nullable=True),
        sa.Column("again", sa.Boolean(), nullable=False),
        sa.Column("edition", sa.String(length=16), nullable=False),
        sa.Column("photo_sha256", sa.String(length=64), nullable=True),
        sa.Column("fault", sa.String(length=200), nullable=False),
        sa.Column("scored_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["asset_id"], ["assets.id"], name=op.f("fk_asset_scorings_asset_id_assets")),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_asset_scorings_job_id_jobs")),
        sa.PrimaryKeyConstraint("asset_id", name=op.f("pk_asset_scorings")),
    )
    op.create_index("ix_asset_scorings_waiting", "asset_scorings", ["job_id", "asset_id"])
    op.create_index("ix_asset_scorings_edition_asset_id", "asset_scorings", ["edition", "asset_id"])
