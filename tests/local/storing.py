"""A store of photos in the test's own process, and requests as the product, a browser and curl send them."""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from werkzeug.serving import make_server

from infra.local.photo_files import PhotoFiles
from infra.local.photo_signatures import Key
from infra.local.photo_store import PhotoStore
from tests.local.calling import Answer, call
from tests.local.local_run import HANGS_S, REPORT, LocalRun, await_true

BUCKET, REGION, SECRET = "photos-of-tests", "eu-west-2", "a secret of tests"
ORIGIN = "http://localhost:5000"
EDGE = "----geckoformboundary7MA4YWxkTrZu0gW"


@contextmanager
def running_store(folder: Path) -> Iterator[str]:
    """Yield the address of a store over a folder."""
    files = PhotoFiles(folder)
    files.make()
    store = PhotoStore(files, Key("local", SECRET, REGION), bucket=BUCKET, origins=[ORIGIN])
    server = make_server("127.0.0.1", 0, store, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def s3_client(
    address: str, *, secret: str = SECRET, region: str = REGION, key: str = "local", checksums: str = "when_supported"
) -> Any:
    config = Config(request_checksum_calculation=checksums)
    keys = {"aws_access_key_id": key, "aws_secret_access_key": secret, "aws_session_token": None}
    return boto3.session.Session(**keys, region_name=region).client("s3", endpoint_url=address, config=config)


def multipart(fields: Mapping[str, str], content: bytes | None, *, name: str = "file", after: str = "") -> bytes:
    """The body that Firefox makes of a form whose last field is the file; `after` is a field behind it."""
    text = "".join(
        f'--{EDGE}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'
        for field, value in fields.items()
    ).encode()
    if content is not None:
        head = f'Content-Disposition: form-data; name="{name}"; filename="IMG_0001.HEIC"\r\nContent-Type: image/heic'
        text += f"--{EDGE}\r\n{head}\r\n\r\n".encode() + content + b"\r\n"
    if after:
        text += f'--{EDGE}\r\nContent-Disposition: form-data; name="{after}"\r\n\r\nx\r\n'.encode()
    return text + f"--{EDGE}--\r\n".encode()


def post(form: Mapping[str, Any], body: bytes, *, origin: str = ORIGIN) -> Answer:
    """Send a form as a browser does, from one of our pages."""
    said = [("Content-Type", f"multipart/form-data; boundary={EDGE}"), *([("Origin", origin)] if origin else [])]
    return call(form["url"], "", "POST", body=body, headers=said)


def signed(address: str, conditions: Sequence[Any], *, expiration: str = "2100-01-01T00:00:00Z", **fields: str) -> Any:
    """A form with a policy of the test's own, truly signed."""
    scope = f"20261201/{REGION}/s3/aws4_request"
    policy = base64.b64encode(json.dumps({"expiration": expiration, "conditions": conditions}).encode()).decode()
    key = f"AWS4{SECRET}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    own = {"x-amz-algorithm": "AWS4-HMAC-SHA256", "x-amz-credential": f"local/{scope}", "policy": policy}
    own |= {
        "x-amz-date": "20261201T000000Z",
        "x-amz-signature": hmac.new(key, policy.encode(), hashlib.sha256).hexdigest(),
    }
    return {"url": f"{address}/{BUCKET}", "fields": fields | own}


def add_photo(run: LocalRun, report: Any, content: bytes) -> str:
    """Take a ticket and send its form; gives the id of the photo."""
    ticket = ticket_of(run, report)
    assert send_photo(ticket, content).status == 204
    return str(ticket["id"])


def ticket_of(run: LocalRun, report: Any) -> Any:
    asked = {"content_type": "image/png", "size_bytes": 1}
    status, ticket = run.request(f"/v1/reports/{report['id']}/photos", asked, **bearer(report))
    assert status == 201, ticket
    return ticket


def send_photo(ticket: Any, content: bytes) -> Answer:
    form = ticket["upload"]
    return post(form, multipart(form["fields"], content), origin="")


def photo_of(run: LocalRun, report: Any, photo_id: str) -> Any:
    """The photo as its reporter sees it."""
    _, told = run.request(f"/v1/reports/{report['id']}", **bearer(report))
    return next((photo for photo in told["photos"] if photo["id"] == photo_id), None)


def pixels_of(run: LocalRun, report: Any, photo_id: str) -> bytes:
    """The large one, as its reporter gets it, once it is ready."""
    await_true(lambda: photo_of(run, report, photo_id)["state"] == "ready", HANGS_S)
    url = str(photo_of(run, report, photo_id)["urls"]["large"])
    answer = call(run.url, url, headers=[("Authorization", f"Bearer {report['edit_token']}")])
    assert (answer.status, answer.header("content-type")) == (200, ["image/jpeg"])
    return answer.body


def file_own(run: LocalRun, key: str) -> Any:
    """A report with its edit token."""
    status, report = run.request("/v1/reports", REPORT, Idempotency_Key=f"a-report-with-photos-{key}")
    assert status == 201, report
    return report


def bearer(report: Any) -> dict[str, str]:
    return {"Authorization": f"Bearer {report['edit_token']}"}
