"""How far scores are trusted, and what raises an alarm."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_STATES = ("draft", "checked", "in_review", "changes_requested", "approved", "published", "withdrawn")
_ALERTS = ("queue_age", "approval_rate", "calibration", "reason_mix", "score_mean", "automatic_off")


def _words(name: str, *values: str) -> sa.Enum:
    """A column of a few fixed words, held by a check of that name."""
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def _time(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _points(table: str, column: str, target: str, key: str = "id") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.{key}"], name=op.f(f"fk_{table}_{column}_{target}"))


def upgrade() -> None:
    _let_opinions_audit()
    _make_calibrations()
    _make_automatic_rules()
    _make_alerts()


def _let_opinions_audit() -> None:
    kind, verdict = op.f("ck_second_opinions_kind_opinionkind"), op.f("ck_second_opinions_verdict_assetstate")
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(kind, "second_opinions", type_="check")
        op.create_check_constraint(kind, "second_opinions", sa.column("kind").in_(("second", "gold", "audit")))
        return
    with op.batch_alter_table("second_opinions") as table:  # the table is copied, which leaves its checks behind
        table.create_check_constraint(kind, sa.column("kind").in_(("second", "gold", "audit")))
        table.create_check_constraint(verdict, sa.column("verdict").in_(_STATES))


def _make_calibrations() -> None:
    op.create_table(
        "calibrations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("job_id", sa.String(length=36), nullable=False),
        _time("fitted_at"),
        _time("first_at"),
        _time("last_at"),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("model", sa.JSON(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        _points("calibrations", "job_id", "jobs"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calibrations")),
        sa.UniqueConstraint("version", name=op.f("uq_calibrations_version")),
        sa.UniqueConstraint("job_id", name=op.f("uq_calibrations_job_id")),
    )
    op.create_table(
        "calibration_cases",
        sa.Column("calibration_id", sa.Integer(), nullable=False),
        sa.Column("asset_id", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(length=200), nullable=False),
        _time("at"),
        sa.Column("probability", sa.Double(), nullable=False),
        sa.Column("approved", sa.Boolean(), nullable=False),
        _points("calibration_cases", "calibration_id", "calibrations"),
        _points("calibration_cases", "asset_id", "assets"),
        sa.PrimaryKeyConstraint("calibration_id", "asset_id", name=op.f("pk_calibration_cases")),
    )
    op.create_index(op.f("ix_calibration_cases_asset_id"), "calibration_cases", ["asset_id"])
    place = ["calibration_id", "category", "probability"]
    op.create_index("ix_calibration_cases_place", "calibration_cases", place)
    op.create_table(
        "chances",
        sa.Column("asset_id", sa.Integer(), nullable=False),
        sa.Column("calibration_id", sa.Integer(), nullable=False),
        sa.Column("probability", sa.Double(), nullable=False),
        sa.Column("last_score_id", sa.Integer(), nullable=False),
        _points("chances", "asset_id", "assets"),
        _points("chances", "calibration_id", "calibrations"),
        sa.PrimaryKeyConstraint("asset_id", "calibration_id", name=op.f("pk_chances")),
    )
    by_probability = ["calibration_id", "probability"]
    op.create_index("ix_chances_calibration_id_probability", "chances", by_probability)


def _make_automatic_rules() -> None:
    op.create_table(
        "automatic_rules",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(length=200), nullable=False),
        sa.Column("open_category", sa.String(length=200), nullable=True),
        sa.Column("escape_rate", sa.Double(), nullable=False),
        sa.Column("audit_share", sa.Double(), nullable=False),
        sa.Column("calibration_id", sa.Integer(), nullable=False),
        sa.Column("threshold", sa.Double(), nullable=False),
        sa.Column("proof", sa.JSON(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        _time("created_at"),
        _time("ended_at", nullable=True),
        sa.Column("ended_by_id", sa.Integer(), nullable=True),
        sa.Column("ended_why", sa.JSON(), nullable=True),
        sa.CheckConstraint("escape_rate > 0 AND escape_rate <= 0.2", name=op.f("ck_automatic_rules_escape_rate")),
        sa.CheckConstraint("audit_share >= 0.05 AND audit_share <= 1", name=op.f("ck_automatic_rules_audit_share")),
        _points("automatic_rules", "calibration_id", "calibrations"),
        _points("automatic_rules", "created_by_id", "users"),
        _points("automatic_rules", "ended_by_id", "users"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_automatic_rules")),
        sa.UniqueConstraint("open_category", name=op.f("uq_automatic_rules_open_category")),
    )
    for column in ("category", "calibration_id"):
        op.create_index(op.f(f"ix_automatic_rules_{column}"), "automatic_rules", [column])
    op.create_table(
        "automatic_approvals",
        sa.Column("decision_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("rule_id", sa.Integer(), nullable=False),
        sa.Column("probability", sa.Double(), nullable=False),
        sa.Column("opinion_id", sa.Integer(), nullable=True),
        _points("automatic_approvals", "decision_id", "decisions"),
        _points("automatic_approvals", "rule_id", "automatic_rules"),
        _points("automatic_approvals", "opinion_id", "second_opinions"),
        sa.PrimaryKeyConstraint("decision_id", name=op.f("pk_automatic_approvals")),
        sa.UniqueConstraint("opinion_id", name=op.f("uq_automatic_approvals_opinion_id")),
    )
    of_rule = ["rule_id", "decision_id"]
    op.create_index("ix_automatic_approvals_rule_id_decision_id", "automatic_approvals", of_rule)


def _make_alerts() -> None:
    op.create_table(
        "alert_rules",
        sa.Column("kind", _words("alertkind", *_ALERTS), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("threshold", sa.Double(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=False),
        _time("changed_at"),
        _points("alert_rules", "changed_by_id", "users"),
        sa.PrimaryKeyConstraint("kind", name=op.f("pk_alert_rules")),
    )
    op.create_table(
        "alerts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", _words("alertkind", *_ALERTS), nullable=False),
        sa.Column("cause", sa.String(length=300), nullable=False),
        sa.Column("open_cause", sa.String(length=300), nullable=True),
        sa.Column("values", sa.JSON(), nullable=False),
        _time("since"),
        _time("ended_at", nullable=True),
        sa.Column("acknowledged_by_id", sa.Integer(), nullable=True),
        _time("acknowledged_at", nullable=True),
        _points("alerts", "acknowledged_by_id", "users"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts")),
        sa.UniqueConstraint("open_cause", name=op.f("uq_alerts_open_cause")),
    )
    for column in ("cause", "since"):
        op.create_index(op.f(f"ix_alerts_{column}"), "alerts", [column])
    op.create_table(
        "alert_targets",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", _words("targetkind", "email", "webhook"), nullable=False),
        sa.Column("address", sa.String(length=500), nullable=False),
        sa.Column("secret", sa.String(length=64), nullable=False),
        sa.Column("added_by_id", sa.Integer(), nullable=False),
        _time("added_at"),
        _time("removed_at", nullable=True),
        _points("alert_targets", "added_by_id", "users"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_targets")),
    )
    op.create_table(
        "alert_deliveries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("alert_id", sa.Integer(), nullable=True),
        sa.Column("target_id", sa.Integer(), nullable=False),
        sa.Column("event", _words("alertevent", "began", "ended", "test"), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        _time("created_at"),
        _time("next_at", nullable=True),
        _time("delivered_at", nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        _points("alert_deliveries", "alert_id", "alerts"),
        _points("alert_deliveries", "target_id", "alert_targets"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_deliveries")),
    )
    for column in ("alert_id", "next_at"):
        op.create_index(op.f(f"ix_alert_deliveries_{column}"), "alert_deliveries", [column])
    op.create_index("ix_alert_deliveries_target_id_id", "alert_deliveries", ["target_id", "id"])
    op.create_table(
        "rounds",
        sa.Column("name", sa.String(length=48), nullable=False),
        _time("at"),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_rounds")),
    )
