"""Figures of quality kept ready by day."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# Days that a change touches, as a query over the rows of the change (`{rows}`), in the words of each database
# (`{day(...)}` below). A decision moves the verdict that stood before, so all days of its image count.
_TOUCHED = {
    "decisions": "SELECT {day} AS day FROM decisions AS t WHERE t.asset_id IN (SELECT asset_id FROM {rows})",
    "scores": "SELECT {created} AS day FROM assets AS t WHERE t.id IN (SELECT asset_id FROM {rows})",
    "assets": (
        "SELECT {created} AS day FROM {rows} AS t UNION SELECT {created} FROM jobs AS t WHERE t.id IN {families} "
        "OR t.retry_of_id IN {families}"
    ),
}
_FAMILIES = "(SELECT b.job_id FROM briefs AS b WHERE b.id IN (SELECT brief_id FROM {rows}))"


def upgrade() -> None:
    _make_tables()
    if op.get_bind().dialect.name == "sqlite":
        _mark_on_sqlite()
    else:
        _mark_on_postgresql()
    _mark_what_there_is()


def _make_tables() -> None:
    op.create_table(
        "rollup_marks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("marked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rollup_marks")),
    )
    op.create_index(op.f("ix_rollup_marks_day"), "rollup_marks", ["day"])
    _make_rollup(
        "quality_days",
        sa.Column("images", sa.Integer(), nullable=False),
        sa.Column("compute_seconds", sa.Double(), nullable=False),
        sa.Column("waits", sa.LargeBinary(), nullable=False),
    )
    numbers = ("given", "taken_back", "first", "standing")
    _make_rollup(
        "quality_verdicts",
        sa.Column("reason", sa.String(length=48), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in numbers),
        key="reason",
    )
    _make_rollup(
        "quality_reviewers",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("verdicts", sa.Integer(), nullable=False),
        sa.Column("approved", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_quality_reviewers_user_id_users")),
        key="user_id",
    )
    values = ("total", "squares", "least", "most", "best", "worst")
    _make_rollup(
        "quality_scores",
        sa.Column("metric", sa.String(length=48), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Double(), nullable=False) for name in values),
        sa.Column("counts", sa.LargeBinary(), nullable=False),
        key="metric",
    )
    op.create_index("ix_quality_scores_metric_day", "quality_scores", ["metric", "day"])


def _make_rollup(name: str, *parts: sa.Column[Any] | sa.Constraint, key: str = "") -> None:
    """A table by day, category and model version, and by one more column of `parts`."""
    op.create_table(
        name,
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("category", sa.String(length=200), nullable=False),
        sa.Column("model_version_id", sa.Integer(), nullable=False),
        *parts,
        sa.ForeignKeyConstraint(
            ["model_version_id"], ["model_versions.id"], name=op.f(f"fk_{name}_model_version_id_model_versions")
        ),
        sa.PrimaryKeyConstraint("day", "category", "model_version_id", *filter(None, [key]), name=op.f(f"pk_{name}")),
    )


def _mark_on_sqlite() -> None:
    """One mark a day suffices: only one transaction writes at a time, so none can be counting it just now."""

    def trigger(name: str, when: str, touched: str) -> None:
        op.execute(
            f"CREATE TRIGGER rollup_marks_{name} AFTER {when} BEGIN INSERT INTO rollup_marks (day, marked_at) "
            f"SELECT DISTINCT day, strftime('%Y-%m-%d %H:%M:%f', 'now') || '000' FROM ({touched}) "
            "WHERE day IS NOT NULL AND day NOT IN (SELECT day FROM rollup_marks); END"
        )

    of_asset = "SELECT date(t.created_at) AS day FROM assets AS t WHERE t.id = {row}.asset_id"
    trigger(
        "decisions",
        "INSERT ON decisions",
        "SELECT date(t.at) AS day FROM decisions AS t WHERE t.asset_id = NEW.asset_id",
    )
    trigger("scores", "INSERT ON scores", of_asset.format(row="NEW"))
    trigger("scores_changed", "UPDATE ON scores", of_asset.format(row="NEW"))
    trigger("scores_gone", "DELETE ON scores", of_asset.format(row="OLD"))
    first = "(SELECT b.job_id FROM briefs AS b WHERE b.id = NEW.brief_id)"
    jobs = f"SELECT date(t.created_at) FROM jobs AS t WHERE t.id = {first} OR t.retry_of_id = {first}"
    trigger("assets", "INSERT ON assets", f"SELECT date(NEW.created_at) AS day UNION {jobs}")
    trigger("jobs", "UPDATE OF compute_seconds ON jobs WHEN NEW.kind = 'images'", "SELECT date(NEW.created_at) AS day")
    trigger("opinions", "UPDATE OF answered_at ON second_opinions", "SELECT date(NEW.answered_at) AS day")


def _mark_on_postgresql() -> None:
    """A mark for each statement and day: whoever counts a day takes away only the marks that were there before."""

    def function(name: str, touched: str) -> None:
        op.execute(
            f"CREATE FUNCTION rollup_mark_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "INSERT INTO rollup_marks (day, marked_at) SELECT found.day, statement_timestamp() "
            f"FROM (SELECT DISTINCT day FROM ({touched}) AS touched WHERE day IS NOT NULL) AS found; "
            "RETURN NULL; END $$"
        )

    words = {"day": _utc_day("t.at"), "created": _utc_day("t.created_at"), "rows": "changed"}
    families = _FAMILIES.format(**words)
    for table, touched in _TOUCHED.items():
        function(table, touched.format(families=families, **words))
        for event in ("INSERT", "UPDATE", "DELETE") if table == "scores" else ("INSERT",):
            side = "OLD" if event == "DELETE" else "NEW"
            op.execute(
                f"CREATE TRIGGER rollup_marks_{table}_{event.lower()} AFTER {event} ON {table} "
                f"REFERENCING {side} TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION rollup_mark_{table}()"
            )
    function("jobs", f"SELECT {_utc_day('NEW.created_at')} AS day")
    op.execute(
        "CREATE TRIGGER rollup_marks_jobs AFTER UPDATE OF compute_seconds ON jobs FOR EACH ROW "
        "WHEN (NEW.kind = 'images' AND OLD.compute_seconds <> NEW.compute_seconds) EXECUTE FUNCTION rollup_mark_jobs()"
    )
    function("opinions", f"SELECT {_utc_day('NEW.answered_at')} AS day")
    op.execute(
        "CREATE TRIGGER rollup_marks_opinions AFTER UPDATE OF answered_at ON second_opinions FOR EACH ROW "
        "EXECUTE FUNCTION rollup_mark_opinions()"
    )


def _mark_what_there_is() -> None:
    """Everything from before this revision is counted by the first worker that comes."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    days = {"decisions": "at", "assets": "created_at", "jobs": "created_at"}
    found = " UNION ".join(
        f"SELECT {f'date({column})' if sqlite else _utc_day(column)} AS day FROM {table}"
        for table, column in days.items()
    )
    op.execute(
        f"INSERT INTO rollup_marks (day, marked_at) SELECT day, CURRENT_TIMESTAMP FROM ({found}) AS found "
        "WHERE day IS NOT NULL"
    )


def _utc_day(moment: str) -> str:
    return f"({moment} AT TIME ZONE 'UTC')::date"
