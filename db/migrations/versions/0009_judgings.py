"""Two models judged on the same held-out photos."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "judgings",
        sa.Column("job_id", sa.String(length=36), nullable=False),
        sa.Column("champion_id", sa.Integer(), nullable=False),
        sa.Column("challenger_id", sa.Integer(), nullable=False),
        sa.Column("photos", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_judgings_job_id_jobs")),
        *(
            sa.ForeignKeyConstraint([column], ["model_versions.id"], name=op.f(f"fk_judgings_{column}_model_versions"))
            for column in ("champion_id", "challenger_id")
        ),
        sa.PrimaryKeyConstraint("job_id", name=op.f("pk_judgings")),
    )
    for column in ("champion_id", "challenger_id"):
        op.create_index(op.f(f"ix_judgings_{column}"), "judgings", [column])
