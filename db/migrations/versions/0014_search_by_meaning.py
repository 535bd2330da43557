"""What pictures show, as vectors by which texts and photos find them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "asset_vectors",
        sa.Column("asset_id", sa.Integer(), nullable=False),
        sa.Column("encoder", sa.String(length=40), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["asset_id"], ["assets.id"], name=op.f("fk_asset_vectors_asset_id_assets")),
        sa.PrimaryKeyConstraint("asset_id", name=op.f("pk_asset_vectors")),
    )
    op.create_index("ix_asset_vectors_encoder_asset_id", "asset_vectors", ["encoder", "asset_id"])
    op.create_table(
        "photo_vectors",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("encoder", sa.String(length=40), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_photo_vectors")),
    )
    op.create_index("ix_photo_vectors_encoder_sha256", "photo_vectors", ["encoder", "sha256"])
