"""An HTTPS server that answers like DynamoDB with one stored report, always the same, and like the parameter store.

For measuring the caller: `with fixed_database(folder) as server`, then resolve any name to 127.0.0.1:`server.port` and
give the caller `server.bundle` as its bundle of roots. It runs in a process of its own.
"""

import contextlib
import json
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from zlib import crc32

from bench import environment

ENDPOINT = "dynamodb.eu-west-2.amazonaws.com"
STORE = "ssm.eu-west-2.amazonaws.com"
STORED_UNDER = "/" + environment.PREFIX.replace("-", "/", 1) + "/"
REPORT_ID = "rep_bench00000000000000000000"
ITEM: dict[str, Any] = {
    "id": {"S": REPORT_ID},
    "sort": {"S": f"063930859200000#{REPORT_ID}"},
    "day_lane": {"S": "2026-11-21#0"},
    "body_hash": {"S": "0123456789abcdef0123456789abcdef"},
    "lat": {"N": "51.5"},
    "lon": {"N": "-0.12"},
    "place": {"S": "public"},
    "radius": {"N": "50"},
    "severity": {"S": "severe"},
    "title": {"S": "Underpass closed, cars stuck"},
    "description": {"S": "Seen from the bridge; the water stands at the kerb and comes nearer."},
    "status": {"S": "pending"},
    "condition": {"S": "flooded"},
    "observed": {"N": "1795262400000"},
    "updated": {"N": "1795262400000"},
    "expires": {"N": "4102444800000"},
    "version": {"N": "1"},
}
GAZETTEER: dict[str, Any] = {"key": {"S": "current/1"}, "version": {"S": "bench"}}
ANSWERS: dict[str, Any] = {
    "GetItem": {"Item": ITEM},
    "PutItem": {},
    "Query": {"Items": [], "Count": 0, "ScannedCount": 0},
    "GetParameters": {
        "Parameters": [
            {"Name": f"{STORED_UNDER}{name}", "Value": f"{environment.KEY}-{name}"} for name in ("secret", "id-key")
        ]
    },
    "UpdateItem": {"Attributes": {"id": {"S": "x"}, "taken": {"N": "1"}, "purge_at": {"N": "1"}}},
}
UNITS = {"TableName": "bench", "CapacityUnits": 1.0}


@dataclass
class Server:
    """Address of the server, and the roots that its callers must trust: all of certifi's and its own."""

    port: int
    bundle: Path


class _Answerer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        operation = self.headers["X-Amz-Target"].partition(".")[2]
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        is_batch = operation == "BatchGetItem"
        units = {"ConsumedCapacity": [UNITS] if is_batch else UNITS} if "ReturnConsumedCapacity" in asked else {}
        body = json.dumps((_batch(asked) if is_batch else ANSWERS[operation]) | units).encode()
        self.send_response(200)
        self.send_header("x-amzn-RequestId", "BENCH")
        self.send_header("x-amz-crc32", str(crc32(body)))
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def handle(self) -> None:
        with contextlib.suppress(ConnectionError):  # a caller that has ended
            super().handle()

    def log_message(self, *_: Any) -> None:
        """Log nothing."""


def _batch(asked: dict[str, Any]) -> dict[str, Any]:
    """Answer a batch: a gazetteer is loaded, as in a deployment, and no table holds anything else that is asked for."""
    wanted = asked["RequestItems"].items()
    responses = {table: [GAZETTEER] if {"key": GAZETTEER["key"]} in one["Keys"] else [] for table, one in wanted}
    return {"Responses": responses, "UnprocessedKeys": {}}


@contextmanager
def fixed_database(folder: Path) -> Iterator[Server]:
    """Run the server while the block lasts; its certificate and the bundle are made in `folder`."""
    certificate, bundle = _certify(folder)
    command = [sys.executable, "-m", "bench.fixed_database", str(certificate)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield Server(int(process.stdout.readline()), bundle)
    finally:
        process.terminate()
        process.wait(10)


def _certify(folder: Path) -> tuple[Path, Path]:
    import certifi
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, ENDPOINT)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(ENDPOINT), x509.DNSName(STORE)]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public = made.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    folder.mkdir(parents=True, exist_ok=True)
    certificate, bundle = folder / "server.pem", folder / "roots.pem"
    certificate.write_bytes(private + public)
    # It stands for AWS, so its root stands for one of Amazon's, which the product reads first.
    bundle.write_bytes(Path(certifi.where()).read_bytes() + b'\n# Label: "Amazon Root CA 1"\n' + public)
    return certificate, bundle


def serve(certificate: str) -> None:
    """Listen on a free loopback port, print it, and answer until ended."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Answerer)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    print(server.server_address[1], flush=True)
    server.serve_forever()


if __name__ == "__main__":
    serve(sys.argv[1])
