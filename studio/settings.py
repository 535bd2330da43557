"""The settings of one installation, all read from the environment (`ECOMGAN_PORT=9000 make run`)."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import URL, make_url

PROJECT = Path(__file__).resolve().parent.parent
"""The folder that holds `app.py`, `pages/` and `models/`."""


class Settings(BaseSettings):
    """Every setting with its default; nothing needs to be set. A relative path given here counts from the working
    directory, the defaults count from the project's folder.
    """

    # Errors never repeat a value: it may be a secret, or hold a password.
    model_config = SettingsConfigDict(env_prefix="ECOMGAN_", frozen=True, extra="forbid", hide_input_in_errors=True)

    home: Path = Field(
        default=PROJECT / "var", description="Folder of everything that is written: database, images, logs."
    )
    host: str = Field(default="127.0.0.1", description="Address to listen on. 0.0.0.0 opens the studio to the network.")
    port: int = Field(default=8501, ge=1, le=65535, description="Port of the web server.")
    public_url: str = Field(
        default="", description="URL that browsers use, where it is not http://HOST:PORT (a proxy, https)."
    )
    database_url: str = Field(
        default="", description="Database; empty is SQLite at HOME/studio.db, else postgresql://..."
    )
    database_busy_seconds: float = Field(default=10.0, gt=0, description="How long a write waits for another one.")
    assets_url: str = Field(
        default="", description="Image bytes; empty is HOME/assets, else any fsspec URL (s3://...)."
    )
    seal_key: Path | None = Field(
        default=None, description="Key that seals decisions; empty is HOME/seal_key. The same file for all machines."
    )
    seal_anchor: Path | None = Field(
        default=None, description="File that tells the end of the sealed decisions; empty is HOME/seal_anchor."
    )
    model: Path = Field(
        default=PROJECT / "models" / "starter", description="Checkpoint folder registered at the first start."
    )
    encoder: Path = Field(
        default=PROJECT / "models" / "encoder",
        description="Encoder that search by meaning goes by: ours or any CLIP or SigLIP folder, after export-encoder.",
    )
    threads: int = Field(default=0, ge=0, description="CPU threads of the worker; 0 leaves it to torch.")
    session_days: int = Field(default=14, ge=1, le=365, description="Days until a browser must sign in again.")
    oidc_metadata_url: str = Field(
        default="", description="Single sign-on: the provider's https://.../.well-known/openid-configuration."
    )
    oidc_client_id: str = Field(default="", description="Single sign-on: the client's id at the provider.")
    oidc_client_secret: SecretStr = Field(
        default=SecretStr(""), description="Single sign-on: the client's secret; never logged."
    )
    oidc_domain: str = Field(
        default="", description="Verified e-mail addresses of this domain may join as viewers; empty: by invitation."
    )
    smtp_host: str = Field(default="", description="Mail server that sends alarms; empty sends no e-mails.")
    smtp_port: int = Field(default=587, ge=1, le=65535, description="Port of the mail server.")
    smtp_security: Literal["starttls", "tls", "none"] = Field(
        default="starttls", description="How the mail server is spoken to: starttls (587), tls (465) or none."
    )
    smtp_user: str = Field(default="", description="Name at the mail server; empty signs in nowhere.")
    smtp_password: SecretStr = Field(default=SecretStr(""), description="Password at the mail server; never logged.")
    smtp_from: str = Field(default="", description="Address that e-mails come from.")
    alerts_private: bool = Field(
        default=False, description="Whether webhooks may lead into the own network, and go by plain http."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="How much the logs tell."
    )

    @field_validator("home", "model", "encoder", "seal_key", "seal_anchor")
    @classmethod
    def _absolute(cls, value: Path | None) -> Path | None:
        return None if value is None else value.expanduser().resolve()

    @field_validator("public_url")
    @classmethod
    def _web_address(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError(f"a public URL starts with http:// or https://, got {value!r}")
        return value.rstrip("/")

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        if value.startswith("postgres://"):  # the short scheme of hosted databases, which SQLAlchemy refuses
            value = value.replace("postgres://", "postgresql://", 1)
        if value and not value.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
            # Only the scheme is told back: the rest may hold a password.
            raise ValueError(f"a database URL starts with sqlite:/// or postgresql://, got {value.split(':')[0]!r}")
        return value

    @model_validator(mode="after")
    def _whole_single_sign_on(self) -> Settings:
        given = (self.oidc_metadata_url, self.oidc_client_id, self.oidc_client_secret.get_secret_value())
        if any(given) and not all(given):
            raise ValueError(
                "single sign-on needs ECOMGAN_OIDC_METADATA_URL, ECOMGAN_OIDC_CLIENT_ID and ECOMGAN_OIDC_CLIENT_SECRET"
            )
        if self.oidc_metadata_url and not self.oidc_metadata_url.startswith(("https://", "http://")):
            raise ValueError(f"ECOMGAN_OIDC_METADATA_URL is an https:// address, got {self.oidc_metadata_url!r}")
        return self

    @model_validator(mode="after")
    def _whole_mail(self) -> Settings:
        if self.smtp_host and "@" not in self.smtp_from:
            raise ValueError(
                "e-mails need ECOMGAN_SMTP_HOST and ECOMGAN_SMTP_FROM, an address such as studio@example.com"
            )
        return self

    @property
    def has_single_sign_on(self) -> bool:
        """Whether people can sign in with a company account."""
        return bool(self.oidc_metadata_url)

    @property
    def resolved_database_url(self) -> URL:
        """The database's URL with the default filled in and the driver named (psycopg for PostgreSQL)."""
        url = make_url(self.database_url or f"sqlite:///{self.home / 'studio.db'}")
        return url.set(drivername="postgresql+psycopg") if url.get_backend_name() == "postgresql" else url

    @property
    def resolved_assets_url(self) -> str:
        """The fsspec URL of the image bytes with the default filled in."""
        return self.assets_url or (self.home / "assets").as_uri()

    @property
    def resolved_seal_key(self) -> Path:
        """The file of the key that seals decisions."""
        return self.seal_key or self.home / "seal_key"

    @property
    def resolved_seal_anchor(self) -> Path:
        """The file that tells the end of the sealed decisions."""
        return self.seal_anchor or self.home / "seal_anchor"

    @property
    def resolved_public_url(self) -> str:
        """Where a browser reaches the studio, without a slash at the end."""
        if self.public_url:
            return self.public_url
        return f"http://{'localhost' if self.host in ('127.0.0.1', '0.0.0.0', '::') else self.host}:{self.port}"

    @property
    def logs(self) -> Path:
        """Folder of the logs of server and worker."""
        return self.home / "logs"
