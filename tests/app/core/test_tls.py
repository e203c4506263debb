"""Root certificates are read once, and connections are as strict as botocore makes them."""

import ssl
from pathlib import Path

from botocore.httpsession import URLLib3Session, where

from app.core import tls


def made() -> ssl.SSLContext:
    tls.share()
    return URLLib3Session()._get_ssl_context()


def test_every_client_gets_the_same_context() -> None:
    assert made() is made() is tls.shared_context()


def test_file_of_certificates_is_read_once(tmp_path: Path) -> None:
    context = made()
    roots = tmp_path / "roots.pem"
    roots.write_bytes(Path(where()).read_bytes())
    context.load_verify_locations(str(roots))

    roots.unlink()
    context.load_verify_locations(str(roots), None, None)

    assert context.cert_store_stats()["x509_ca"] > 100


def test_unread_file_is_an_error_still(tmp_path: Path) -> None:
    try:
        made().load_verify_locations(str(tmp_path / "absent.pem"))
    except FileNotFoundError:
        return
    raise AssertionError("a file that is not there was taken for read")


def test_context_is_as_strict_as_botocores_own() -> None:
    ours, theirs = made(), tls._make()

    for name in ("options", "verify_mode", "check_hostname", "minimum_version", "verify_flags"):
        assert getattr(ours, name) == getattr(theirs, name)
