"""Copies and rights of models, fine-tuning, blind votes; jobs that pause."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def _words(name: str, *values: str) -> sa.Enum:
    """A column of a few fixed words, held by a check of that name."""
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    _let_jobs_pause()
    _widen_model_versions()
    op.create_table(
        "trainings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("job_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("base_model_id", sa.Integer(), nullable=False),
        sa.Column("model_version_id", sa.Integer(), nullable=True),
        sa.Column("preset", sa.String(length=32), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("photo_filter", sa.JSON(), nullable=False),
        sa.Column("images", sa.Integer(), nullable=False),
        sa.Column("wish", _words("trainingwish", "run", "pause", "keep", "discard"), nullable=False),
        sa.Column("alarm", sa.Text(), nullable=True),
        sa.Column("progress", sa.JSON(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["base_model_id"], ["model_versions.id"], name=op.f("fk_trainings_base_model_id_model_versions")
        ),
        sa.ForeignKeyConstraint(["created_by_id"], ["users.id"], name=op.f("fk_trainings_created_by_id_users")),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_trainings_job_id_jobs")),
        sa.ForeignKeyConstraint(
            ["model_version_id"], ["model_versions.id"], name=op.f("fk_trainings_model_version_id_model_versions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trainings")),
        sa.UniqueConstraint("job_id", name=op.f("uq_trainings_job_id")),
        sa.UniqueConstraint("model_version_id", name=op.f("uq_trainings_model_version_id")),
    )
    op.create_index(op.f("ix_trainings_base_model_id"), "trainings", ["base_model_id"])
    op.create_index(op.f("ix_trainings_created_by_id"), "trainings", ["created_by_id"])
    op.create_table(
        "training_photos",
        sa.Column("training_id", sa.Integer(), nullable=False),
        sa.Column("photo_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("split", sa.String(length=16), nullable=False),
        sa.Column("attributes", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["photo_id"], ["photos.id"], name=op.f("fk_training_photos_photo_id_photos")),
        sa.ForeignKeyConstraint(
            ["training_id"], ["trainings.id"], name=op.f("fk_training_photos_training_id_trainings")
        ),
        sa.PrimaryKeyConstraint("training_id", "photo_id", name=op.f("pk_training_photos")),
    )
    op.create_index(op.f("ix_training_photos_photo_id"), "training_photos", ["photo_id"])
    op.create_table(
        "training_points",
        sa.Column("training_id", sa.Integer(), nullable=False),
        sa.Column("metric", sa.String(length=64), nullable=False),
        sa.Column("images", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["training_id"], ["trainings.id"], name=op.f("fk_training_points_training_id_trainings")
        ),
        sa.PrimaryKeyConstraint("training_id", "metric", "images", name=op.f("pk_training_points")),
    )
    op.create_table(
        "training_pictures",
        sa.Column("training_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("images", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["training_id"], ["trainings.id"], name=op.f("fk_training_pictures_training_id_trainings")
        ),
        sa.PrimaryKeyConstraint("training_id", "kind", "images", name=op.f("pk_training_pictures")),
    )
    op.create_table(
        "comparisons",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("job_id", sa.String(length=36), nullable=False),
        sa.Column("champion_id", sa.Integer(), nullable=False),
        sa.Column("challenger_id", sa.Integer(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["challenger_id"], ["model_versions.id"], name=op.f("fk_comparisons_challenger_id_model_versions")
        ),
        sa.ForeignKeyConstraint(
            ["champion_id"], ["model_versions.id"], name=op.f("fk_comparisons_champion_id_model_versions")
        ),
        sa.ForeignKeyConstraint(["created_by_id"], ["users.id"], name=op.f("fk_comparisons_created_by_id_users")),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_comparisons_job_id_jobs")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comparisons")),
        sa.UniqueConstraint("job_id", name=op.f("uq_comparisons_job_id")),
    )
    op.create_index(op.f("ix_comparisons_challenger_id"), "comparisons", ["challenger_id"])
    op.create_index(op.f("ix_comparisons_champion_id"), "comparisons", ["champion_id"])
    op.create_table(
        "comparison_pairs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("comparison_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("prompt", sa.Text(), nullable=False),
        sa.Column("attributes", sa.JSON(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("challenger_left", sa.Boolean(), nullable=False),
        sa.Column("champion_sha256", sa.String(length=64), nullable=True),
        sa.Column("challenger_sha256", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["comparison_id"], ["comparisons.id"], name=op.f("fk_comparison_pairs_comparison_id_comparisons")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comparison_pairs")),
        sa.UniqueConstraint("comparison_id", "number", name=op.f("uq_comparison_pairs_comparison_id")),
    )
    op.create_table(
        "votes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pair_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("choice", _words("votechoice", "left", "right", "neither"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["pair_id"], ["comparison_pairs.id"], name=op.f("fk_votes_pair_id_comparison_pairs")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_votes_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_votes")),
        sa.UniqueConstraint("pair_id", "user_id", name=op.f("uq_votes_pair_id")),
    )
    op.create_index(op.f("ix_votes_user_id"), "votes", ["user_id"])
    op.create_table(
        "engine_additions",
        sa.Column("job_id", sa.String(length=36), nullable=False),
        sa.Column("source", sa.String(length=500), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("model_version_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_engine_additions_job_id_jobs")),
        sa.ForeignKeyConstraint(
            ["model_version_id"],
            ["model_versions.id"],
            name=op.f("fk_engine_additions_model_version_id_model_versions"),
        ),
        sa.PrimaryKeyConstraint("job_id", name=op.f("pk_engine_additions")),
    )


def _let_jobs_pause() -> None:
    states = ("queued", "running", "cancelling", "cancelled", "paused", "done", "failed")
    name = op.f("ck_jobs_state_jobstate")
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(name, "jobs", type_="check")
    with op.batch_alter_table("jobs") as jobs:  # on SQLite the table is copied, which leaves its old check behind
        jobs.create_check_constraint(name, sa.column("state").in_(states))


def _widen_model_versions() -> None:
    """Columns are added in SQL that both databases read: on SQLite, Alembic would copy the table without its checks."""
    time = "TIMESTAMP WITH TIME ZONE" if op.get_bind().dialect.name == "postgresql" else "DATETIME"
    for column in (
        "licence_note VARCHAR(300) NOT NULL DEFAULT ''",
        "licence_acknowledged_by_id INTEGER "
        "CONSTRAINT fk_model_versions_licence_acknowledged_by_id_users REFERENCES users (id)",
        f"licence_acknowledged_at {time}",
        "source VARCHAR(32) NOT NULL DEFAULT 'shipped'",
        "manifest JSON NOT NULL DEFAULT '{}'",
        "vocabulary JSON NOT NULL DEFAULT '{}'",
        "settings JSON NOT NULL DEFAULT '{}'",
        "card TEXT NOT NULL DEFAULT ''",
        "samples_sha256 VARCHAR(64)",
        "registered_by_id INTEGER CONSTRAINT fk_model_versions_registered_by_id_users REFERENCES users (id)",
    ):
        op.execute(f"ALTER TABLE model_versions ADD COLUMN {column}")
