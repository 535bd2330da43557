"""Photos with their rights, words of the catalogue in the words of a model, staged imports."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def _words(name: str, *values: str) -> sa.Enum:
    """A column of a few fixed words, held by a check of that name."""
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    op.create_table(
        "value_mappings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(length=32), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("value", sa.String(length=120), nullable=True),
        sa.Column("confirmed_by_id", sa.Integer(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["confirmed_by_id"], ["users.id"], name=op.f("fk_value_mappings_confirmed_by_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_value_mappings")),
        sa.UniqueConstraint("field", "source", name=op.f("uq_value_mappings_field")),
    )
    op.create_table(
        "catalogue_imports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("job_id", sa.String(length=36), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("layout", sa.String(length=32), nullable=False),
        sa.Column("mapping", sa.JSON(), nullable=False),
        sa.Column("notes", sa.JSON(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("new", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("warnings", sa.Integer(), nullable=False),
        sa.Column("photos", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("staged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("references_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_catalogue_imports_job_id_jobs")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_catalogue_imports_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalogue_imports")),
    )
    op.create_index(op.f("ix_catalogue_imports_created_at"), "catalogue_imports", ["created_at"])
    op.create_index(op.f("ix_catalogue_imports_job_id"), "catalogue_imports", ["job_id"])
    op.create_index(op.f("ix_catalogue_imports_user_id"), "catalogue_imports", ["user_id"])
    op.create_table(
        "import_rows",
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("row", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("part", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("outcome", _words("importoutcome", "new", "changed", "unchanged", "refused"), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=True),
        sa.Column("product_updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sku", sa.String(length=64), nullable=False),
        sa.Column("parent_sku", sa.String(length=64), nullable=True),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("category", sa.String(length=200), nullable=False),
        sa.Column("colour", sa.String(length=64), nullable=True),
        sa.Column("usage", sa.String(length=64), nullable=True),
        sa.Column("size", sa.String(length=64), nullable=True),
        sa.Column("attributes", sa.JSON(), nullable=False),
        sa.Column("photos", sa.JSON(), nullable=False),
        sa.Column("children", sa.JSON(), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("problems", sa.JSON(), nullable=False),
        sa.Column("warned", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["catalogue_imports.id"], name=op.f("fk_import_rows_import_id_catalogue_imports")
        ),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_import_rows_product_id_products")),
        sa.PrimaryKeyConstraint("import_id", "row", "part", name=op.f("pk_import_rows")),
    )
    op.create_index("ix_import_rows_import_id_outcome_row", "import_rows", ["import_id", "outcome", "row"])
    op.create_index("ix_import_rows_import_id_sku", "import_rows", ["import_id", "sku"])
    _widen_photos()
    _add_uploads()
    _add_edits()


def _widen_photos() -> None:
    """Columns are added in SQL that both databases read: on SQLite, Alembic would copy the table without its checks."""
    for column in (
        "file_name VARCHAR(255) NOT NULL DEFAULT ''",
        "fingerprint VARCHAR(16)",
        "consent VARCHAR(32) NOT NULL DEFAULT 'unconfirmed' CONSTRAINT ck_photos_consent_licencestate "
        "CHECK (consent IN ('granted', 'unconfirmed', 'refused'))",
        "licence_note VARCHAR(300) NOT NULL DEFAULT ''",
        "acknowledged_by_id INTEGER CONSTRAINT fk_photos_acknowledged_by_id_users REFERENCES users (id)",
    ):
        op.execute(f"ALTER TABLE photos ADD COLUMN {column}")
    op.add_column("photos", sa.Column("colour_grid", sa.LargeBinary(), nullable=True))
    for name in ("fingerprint", "licence", "consent"):
        op.create_index(f"ix_photos_{name}", "photos", [name])


def _add_uploads() -> None:
    op.create_table(
        "photo_uploads",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("job_id", sa.String(length=36), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("archive_sha256", sa.String(length=64), nullable=True),
        sa.Column("licence", _words("licencestate", "granted", "unconfirmed", "refused"), nullable=False),
        sa.Column("consent", _words("licencestate", "granted", "unconfirmed", "refused"), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_photo_uploads_job_id_jobs")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_photo_uploads_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_photo_uploads")),
    )
    for name in ("created_at", "job_id", "user_id"):
        op.create_index(op.f(f"ix_photo_uploads_{name}"), "photo_uploads", [name])
    outcomes = ("waiting", "added", "present", "unmatched", "refused")
    op.create_table(
        "photo_files",
        sa.Column("upload_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("path", sa.String(length=500), nullable=False),
        sa.Column("entry", sa.Integer(), nullable=True),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("fingerprint", sa.String(length=16), nullable=True),
        sa.Column("colour_grid", sa.LargeBinary(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("outcome", _words("photooutcome", *outcomes), nullable=False),
        sa.Column("matched_by", sa.String(length=16), nullable=False),
        sa.Column("products", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["upload_id"], ["photo_uploads.id"], name=op.f("fk_photo_files_upload_id_photo_uploads")
        ),
        sa.PrimaryKeyConstraint("upload_id", "number", name=op.f("pk_photo_files")),
    )
    op.create_index("ix_photo_files_upload_id_outcome", "photo_files", ["upload_id", "outcome"])
    op.create_table(
        "photo_references",
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("path", sa.String(length=500), nullable=False),
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_photo_references_product_id_products")),
        sa.PrimaryKeyConstraint("product_id", "path", name=op.f("pk_photo_references")),
    )
    op.create_index(op.f("ix_photo_references_file_name"), "photo_references", ["file_name"])
    op.create_index("ix_photo_references_sha256_path", "photo_references", ["sha256", "path"])


def _add_edits() -> None:
    op.create_table(
        "product_edits",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("products", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_product_edits_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_edits")),
    )
    for name in ("created_at", "user_id"):
        op.create_index(op.f(f"ix_product_edits_{name}"), "product_edits", [name])
    op.create_table(
        "product_edit_rows",
        sa.Column("edit_id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["edit_id"], ["product_edits.id"], name=op.f("fk_product_edit_rows_edit_id_product_edits")
        ),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_product_edit_rows_product_id_products")),
        sa.PrimaryKeyConstraint("edit_id", "product_id", name=op.f("pk_product_edit_rows")),
    )
    op.create_index(op.f("ix_product_edit_rows_product_id"), "product_edit_rows", ["product_id"])
