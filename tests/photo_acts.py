"""Acts on photos in tests: what reporters, responders and the function that cleans photos do."""

from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.core import clock
from app.photos import keys
from app.photos.keys import SIZES
from app.reports.photo_column import Photo, PhotoState
from tests.factories import sign_in_as
from tests.photo_rows import alter_photo
from tests.photographing import s3
from tests.reporting import bearer, filed

Headers = dict[str, str]
JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffd9")
CAR = {"x": 0.1, "y": 0.2, "width": 0.3, "height": 0.15}


def begin(client: FlaskClient, report_id: str, headers: Headers, *, address: str = "", **wanted: Any) -> TestResponse:
    """Ask for a ticket; `wanted` goes into the body."""
    body = {"content_type": "image/jpeg", "size_bytes": 200_000} | wanted
    environment = {"REMOTE_ADDR": address} if address else {}
    return client.post(f"/v1/reports/{report_id}/photos", json=body, headers=headers, environ_base=environment)


def begun(client: FlaskClient, report_id: str, headers: Headers, **wanted: Any) -> str:
    """The id of a photo that is awaited."""
    answer = begin(client, report_id, headers, **wanted)
    assert answer.status_code == 201, answer.text
    return str(answer.json["id"])


def come(bucket: str, report_id: str, photo_id: str, **members: Any) -> Photo:
    """Let the photo of a ticket come: it is clean, and its pixels are kept."""
    photo = alter_photo(
        report_id, photo_id, state=PhotoState.READY, at_ms=clock.now_ms(), width=1600, height=1200, **members
    )
    for size in SIZES:
        put(bucket, keys.kept_key(report_id, photo.name, size))
    return photo


def put(bucket: str, key: str, content: bytes = JPEG) -> None:
    s3().put_object(Bucket=bucket, Key=key, Body=content, ContentType="image/jpeg")


def judge(client: FlaskClient, report_id: str, photo_id: str, headers: Headers, **said: Any) -> TestResponse:
    return client.put(f"/v1/reports/{report_id}/photos/{photo_id}", json=said, headers=headers)


def removal(client: FlaskClient, report_id: str, photo_id: str, headers: Headers) -> TestResponse:
    return client.delete(f"/v1/reports/{report_id}/photos/{photo_id}", headers=headers)


class Scene:
    """A report of a reporter without an account, and a responder of its area."""

    def __init__(self, client: FlaskClient, bucket: str, **wanted: Any) -> None:
        self.client, self.bucket = client, bucket
        report = filed(client, **wanted)
        self.id, self.own = str(report["id"]), bearer(report["edit_token"])
        self.staff = sign_in_as("responder")

    def photo(self, **members: Any) -> str:
        """The id of a photo that has come."""
        photo_id = begun(self.client, self.id, self.own)
        come(self.bucket, self.id, photo_id, **members)
        return photo_id

    def judge(self, photo_id: str, headers: Headers | None = None, **said: Any) -> TestResponse:
        return judge(self.client, self.id, photo_id, headers or self.staff, **said)

    def show(self, photo_id: str) -> dict[str, Any]:
        answer = self.judge(photo_id, decision="shown")
        assert answer.status_code == 200, answer.text
        return dict(answer.json)

    def report(self, headers: Headers | None = None) -> dict[str, Any]:
        answer = self.client.get(f"/v1/reports/{self.id}", headers=headers or {})
        assert answer.status_code == 200, answer.text
        return dict(answer.json)

    def photos(self, headers: Headers | None = None) -> list[dict[str, Any]]:
        return list(self.report(headers)["photos"])

    def etag(self, headers: Headers | None = None) -> str:
        return str(self.client.get(f"/v1/reports/{self.id}", headers=headers or {}).headers["ETag"])
