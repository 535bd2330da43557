"""Settings come from the environment, each checked; and the command line that reads them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import ValidationError

from studio.__main__ import main
from studio.settings import PROJECT, Settings


def test_nothing_needs_to_be_set() -> None:
    settings = Settings()
    assert settings.home == PROJECT / "var"
    assert settings.resolved_database_url.render_as_string() == f"sqlite:///{PROJECT}/var/studio.db"
    assert settings.resolved_assets_url == f"file://{PROJECT}/var/assets"
    assert settings.resolved_public_url == "http://localhost:8501"


def test_each_setting_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ECOMGAN_HOME", "here")
    monkeypatch.setenv("ECOMGAN_PORT", "9000")
    monkeypatch.setenv("ECOMGAN_DATABASE_URL", "postgres://me:pass@db.example/studio")
    monkeypatch.setenv("ECOMGAN_ASSETS_URL", "s3://bucket/images")
    monkeypatch.setenv("ECOMGAN_PUBLIC_URL", "https://images.example/")
    settings = Settings()
    assert settings.home == tmp_path / "here"
    url = settings.resolved_database_url.render_as_string(hide_password=False)
    assert url == "postgresql+psycopg://me:pass@db.example/studio"
    assert settings.resolved_assets_url == "s3://bucket/images"
    assert settings.resolved_public_url == "https://images.example"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "0"),
        ("PORT", "x"),
        ("DATABASE_URL", "mysql://x/y"),
        ("DATABASE_URL", "nonsense"),
        ("PUBLIC_URL", "images.example"),
        ("SESSION_DAYS", "0"),
        ("LOG_LEVEL", "loud"),
        ("THREADS", "-1"),
    ],
)
def test_a_value_that_cannot_be_used_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, value: str
) -> None:
    monkeypatch.setenv(f"ECOMGAN_{name}", value)
    with pytest.raises(ValidationError):
        Settings()
    assert main(["link", "--user", "admin"]) == 1
    assert f"ECOMGAN_{name}: " in capsys.readouterr().err


def test_single_sign_on_is_set_up_whole_or_not_at_all_and_its_secret_stays_untold(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ECOMGAN_OIDC_CLIENT_SECRET", "tell-nobody")
    with pytest.raises(ValidationError) as half:
        Settings()
    assert main(["link", "--user", "admin"]) == 1
    printed = capsys.readouterr().err
    assert "single sign-on needs ECOMGAN_OIDC_METADATA_URL" in printed
    assert "tell-nobody" not in printed + str(half.value)
    monkeypatch.setenv("ECOMGAN_OIDC_CLIENT_ID", "studio")
    monkeypatch.setenv("ECOMGAN_OIDC_METADATA_URL", "https://id.example/.well-known/openid-configuration")
    assert Settings().has_single_sign_on
    assert "tell-nobody" not in repr(Settings())


def test_every_setting_is_described() -> None:
    assert all(field.description for field in Settings.model_fields.values())


def test_link_prints_a_fresh_link_on_an_empty_home(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    empty_database: Callable[[Path], str],
) -> None:
    monkeypatch.setenv("ECOMGAN_HOME", str(tmp_path / "new"))
    monkeypatch.setenv("ECOMGAN_DATABASE_URL", empty_database(tmp_path / "new"))
    monkeypatch.setenv("ECOMGAN_PROT", "9000")
    assert main(["link", "--user", "admin"]) == 0
    printed = capsys.readouterr()
    assert printed.out.startswith("http://localhost:8501/signin/link#")
    assert "ECOMGAN_PROT is no setting and changes nothing; did you mean ECOMGAN_PORT?" in printed.err
    assert main(["link", "--user", "Rune"]) == 1
    assert "Nobody is named 'Rune'" in capsys.readouterr().err
    assert main(["link", "--user", "Rune", "--role", "reviewer"]) == 0


@pytest.mark.sqlite(reason="it looks at the file of the default database")
def test_migrate_may_run_again_and_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ECOMGAN_HOME", str(tmp_path / "new"))
    assert main(["migrate"]) == 0
    assert main(["migrate"]) == 0
    assert (tmp_path / "new" / "studio.db").exists()
