"""The order of the queue, claims, saved views, comments, the inbox."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# A walk through either index answers all filters that look at the image alone, without reading the image.
_LOOKED_AT = ["category", "model_version_id", "purpose", "created_by_id", "assignee_id", "created_at"]


def upgrade() -> None:
    _widen_assets()
    op.create_table(
        "review_claims",
        sa.Column("asset_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["asset_id"], ["assets.id"], name=op.f("fk_review_claims_asset_id_assets")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_review_claims_user_id_users")),
        sa.PrimaryKeyConstraint("asset_id", name=op.f("pk_review_claims")),
    )
    op.create_index("ix_review_claims_user_id_until", "review_claims", ["user_id", "until"])
    op.create_index(op.f("ix_review_claims_until"), "review_claims", ["until"])
    op.create_table(
        "saved_views",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("query", sa.JSON(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_saved_views_owner_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_views")),
        sa.UniqueConstraint("owner_id", "name", name=op.f("uq_saved_views_owner_id")),
    )
    op.create_index(op.f("ix_saved_views_shared"), "saved_views", ["shared"])
    _make_words_between_people()


def _widen_assets() -> None:
    moment = "DATETIME" if op.get_bind().dialect.name == "sqlite" else "TIMESTAMP WITH TIME ZONE"
    for column in (
        "priority INTEGER NOT NULL DEFAULT 0",
        "assignee_id INTEGER CONSTRAINT fk_assets_assignee_id_users REFERENCES users (id)",
        f"state_since {moment} NOT NULL DEFAULT '1970-01-01 00:00:00.000000'",
    ):
        op.execute(f"ALTER TABLE assets ADD COLUMN {column}")
    op.execute(
        "UPDATE assets SET state_since = coalesce((SELECT max(decisions.at) FROM decisions WHERE "
        "decisions.asset_id = assets.id AND decisions.from_state <> decisions.to_state), created_at)"
    )
    op.create_index("ix_assets_queue", "assets", ["state", "priority", "state_since", "id", *_LOOKED_AT])
    op.create_index("ix_assets_queue_of_all", "assets", ["priority", "state_since", "id", "state", *_LOOKED_AT])
    op.create_index("ix_assets_assignee_id_state", "assets", ["assignee_id", "state"])


def _make_words_between_people() -> None:
    op.create_table(
        "comments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("asset_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("mentions", sa.JSON(), nullable=False),
        sa.Column("idempotency_key", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["asset_id"], ["assets.id"], name=op.f("fk_comments_asset_id_assets")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_comments_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comments")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_comments_idempotency_key")),
    )
    op.create_index("ix_comments_asset_id_id", "comments", ["asset_id", "id"])
    op.create_index(op.f("ix_comments_user_id"), "comments", ["user_id"])
    op.create_table(
        "inbox_items",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("from_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("asset_id", sa.Integer(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_inbox_items_user_id_users")),
        sa.ForeignKeyConstraint(["from_id"], ["users.id"], name=op.f("fk_inbox_items_from_id_users")),
        sa.ForeignKeyConstraint(["asset_id"], ["assets.id"], name=op.f("fk_inbox_items_asset_id_assets")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox_items")),
    )
    op.create_index("ix_inbox_items_user_id_id", "inbox_items", ["user_id", "id"])
    op.create_index("ix_inbox_items_user_id_read_at_id", "inbox_items", ["user_id", "read_at", "id"])
    op.create_index(op.f("ix_inbox_items_asset_id"), "inbox_items", ["asset_id"])
