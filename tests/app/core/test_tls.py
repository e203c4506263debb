"""Root certificates are read once, and connections are as strict as botocore makes them."""

import socket
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from queue import Queue

import pytest
from botocore.httpsession import URLLib3Session, where

from app.core import tls

HANGS_S = 60  # only what hangs takes so long


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

    assert context.cert_store_stats()["x509_ca"] in (5, 6)  # the youngest bundles have left the oldest out


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


def certify(folder: Path) -> Path:
    """A file with a key and the certificate of a `localhost` that is its own root."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "we")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    folder.joinpath("public.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    folder.joinpath("own.pem").write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return folder / "own.pem"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[int, "Queue[bool]"]]:
    """A server with a root of its own: its port, and for each connection whether it was accepted by the client."""
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    theirs.load_cert_chain(certify(tmp_path))
    opened: Queue[bool] = Queue()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    one, _ = listening.accept()
                except OSError:
                    return
                try:
                    with theirs.wrap_socket(one, server_side=True) as secure:
                        secure.sendall(b"hello")
                    opened.put(True)
                except OSError:
                    opened.put(False)

        thread = threading.Thread(target=serve)
        thread.start()
        yield listening.getsockname()[1], opened
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()


def context_with(roots: Path) -> ssl.SSLContext:
    context = tls._ReadingOnce(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(str(roots))
    return context


def greeted(context: ssl.SSLContext, port: int) -> bytes:
    plain = socket.create_connection(("127.0.0.1", port))
    with context.wrap_socket(plain, server_hostname="localhost") as secure:
        return secure.recv(5)


def test_refused_certificate_brings_all_roots_and_a_second_connection_once(
    server: tuple[int, "Queue[bool]"], tmp_path: Path
) -> None:
    """As an endpoint whose root is none of Amazon's, but in the bundle."""
    roots = tmp_path / "roots.pem"
    roots.write_bytes(Path(where()).read_bytes() + tmp_path.joinpath("public.pem").read_bytes())
    context = context_with(roots)

    assert [greeted(context, server[0]) for _ in range(2)] == [b"hello"] * 2
    assert context.cert_store_stats()["x509_ca"] > 100
    assert [server[1].get(timeout=HANGS_S) for _ in range(3)] == [False, True, True]


def test_certificate_that_no_root_knows_is_refused(server: tuple[int, "Queue[bool]"]) -> None:
    context = context_with(Path(where()))

    for _ in range(2):
        with pytest.raises(ssl.SSLCertVerificationError):
            greeted(context, server[0])
    assert [server[1].get(timeout=HANGS_S) for _ in range(2)] == [False, False]


def test_bundle_that_names_no_root_of_amazon_is_read_whole(tmp_path: Path) -> None:
    certify(tmp_path)

    assert context_with(tmp_path / "public.pem").cert_store_stats()["x509_ca"] == 1
