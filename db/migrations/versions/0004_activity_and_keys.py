"""What images start from and look like, the record of activity, keys of integrators, quotas."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _widen_briefs()
    _widen_users()
    op.create_table(
        "asset_looks",
        sa.Column("asset_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["asset_id"], ["assets.id"], name=op.f("fk_asset_looks_asset_id_assets")),
        sa.PrimaryKeyConstraint("asset_id", name=op.f("pk_asset_looks")),
    )
    op.create_index("ix_asset_looks_version_asset_id", "asset_looks", ["version", "asset_id"])
    op.create_table(
        "photo_looks",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_photo_looks")),
    )
    _make_reproductions()
    op.create_index("ix_assets_created_by_id_state", "assets", ["created_by_id", "state"])
    op.drop_index("ix_scores_metric_value", "scores")
    op.create_index("ix_scores_metric_version_value_asset_id", "scores", ["metric", "version", "value", "asset_id"])
    op.create_table(
        "api_keys",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_api_keys_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_api_keys_token_hash")),
    )
    op.create_index(op.f("ix_api_keys_user_id"), "api_keys", ["user_id"])
    op.create_table(
        "activities",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("verb", sa.String(length=48), nullable=False),
        sa.Column("subject", sa.String(length=32), nullable=False),
        sa.Column("subject_id", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_activities_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activities")),
    )
    op.create_index(op.f("ix_activities_at"), "activities", ["at"])
    op.create_index("ix_activities_subject_subject_id", "activities", ["subject", "subject_id"])
    op.create_index("ix_activities_subject_at", "activities", ["subject", "at"])
    op.create_index("ix_activities_user_id_at", "activities", ["user_id", "at"])
    _make_activities_append_only()


def _widen_briefs() -> None:
    for column in (
        "parent_asset_id INTEGER CONSTRAINT fk_briefs_parent_asset_id_assets REFERENCES assets (id)",
        "settings JSON NOT NULL DEFAULT '{}'",
    ):
        op.execute(f"ALTER TABLE briefs ADD COLUMN {column}")
    op.create_index("ix_briefs_parent_asset_id", "briefs", ["parent_asset_id"])


def _make_reproductions() -> None:
    op.execute("ALTER TABLE assets ADD COLUMN made_with JSON NOT NULL DEFAULT '{}'")
    outcomes = ("same", "same_pixels", "different", "impossible")
    outcome = sa.Enum(*outcomes, name="reproductionoutcome", native_enum=False, create_constraint=True, length=32)
    op.create_table(
        "reproductions",
        sa.Column("job_id", sa.String(length=36), nullable=False),
        sa.Column("asset_id", sa.Integer(), nullable=False),
        sa.Column("outcome", outcome, nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("made_with", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_reproductions_job_id_jobs")),
        sa.ForeignKeyConstraint(["asset_id"], ["assets.id"], name=op.f("fk_reproductions_asset_id_assets")),
        sa.PrimaryKeyConstraint("job_id", name=op.f("pk_reproductions")),
    )
    op.create_index(op.f("ix_reproductions_asset_id"), "reproductions", ["asset_id"])


def _widen_users() -> None:
    op.create_index("ix_jobs_owner_id_finished_at", "jobs", ["owner_id", "finished_at"])
    for column in ("identity VARCHAR(400)", "compute_seconds_a_day INTEGER"):
        op.execute(f"ALTER TABLE users ADD COLUMN {column}")
    op.create_index("ix_users_identity", "users", ["identity"], unique=True)


def _make_activities_append_only() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER activities_refuse_{verb.lower()} BEFORE {verb} ON activities "
                "BEGIN SELECT RAISE(ABORT, 'activities are only ever added'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION activities_refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'activities are only ever added' USING ERRCODE = '23000'; END $$"
    )
    op.execute(
        "CREATE TRIGGER activities_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON activities "
        "FOR EACH STATEMENT EXECUTE FUNCTION activities_refuse_change()"
    )
