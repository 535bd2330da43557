"""Alarms over TLS: to a receiver whose certificate is trusted, and to no other."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from studio.alerts.mail import send_mail
from studio.alerts.webhook import post
from studio.settings import Settings
from tests.e2e.running import free_port
from tests.studio.alerts.receiving import mail_server, web_server


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with a key and a certificate for 127.0.0.1 that vouches for itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("certificate") / "both.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return file


@pytest.fixture
def tls(certificate: Path) -> ssl.SSLContext:
    """What a server shows."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine trusts the certificate, as it would one of its own authority."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))


def mail_settings(tmp_path: Path, security: str) -> Settings:
    mail = {"smtp_host": "127.0.0.1", "smtp_port": free_port(), "smtp_from": "s@example.com"}
    return Settings(home=tmp_path, smtp_security=security, **mail)


@pytest.mark.usefixtures("trusted")
def test_a_webhook_is_sent_over_tls(tls: ssl.SSLContext) -> None:
    with web_server(tls) as received:
        post(received.url, b"{}", secret="s", delivery="1", private=True)
    assert [body for _, _, body in received.requests] == [b"{}"]


def test_a_webhook_whose_certificate_nobody_vouches_for_gets_nothing(tls: ssl.SSLContext) -> None:
    with web_server(tls) as received, pytest.raises(OSError, match="certificate verify failed"):
        post(received.url, b"{}", secret="s", delivery="1", private=True)
    assert received.requests == []


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_an_e_mail_is_sent_over_tls(tls: ssl.SSLContext, tmp_path: Path, security: str) -> None:
    settings = mail_settings(tmp_path, security)
    with mail_server(settings.smtp_port, **{security: tls}) as mailbox:
        send_mail(settings, "mona@example.com", "Test", "Here it is.")
    assert [one.rcpt_tos for one in mailbox.messages] == [["mona@example.com"]]


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_mail_server_whose_certificate_nobody_vouches_for_gets_nothing(
    tls: ssl.SSLContext, tmp_path: Path, security: str
) -> None:
    settings = mail_settings(tmp_path, security)
    with mail_server(settings.smtp_port, **{security: tls}) as mailbox:
        with pytest.raises(OSError, match="certificate verify failed"):
            send_mail(settings, "mona@example.com", "Test", "Here it is.")
        assert mailbox.messages == []


def test_a_mail_server_without_tls_gets_nothing_in_clear(tmp_path: Path) -> None:
    settings = mail_settings(tmp_path, "starttls")
    with mail_server(settings.smtp_port) as mailbox:
        with pytest.raises(OSError, match="STARTTLS"):
            send_mail(settings, "mona@example.com", "Test", "Here it is.")
        assert mailbox.messages == []
