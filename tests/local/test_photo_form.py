"""The form that puts a photo into the local store: only what its policy says goes through, as in S3."""

import random
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from werkzeug.test import Client

from app.aws import buckets
from infra.local.photo_files import PhotoFiles
from infra.local.photo_signatures import Key
from infra.local.photo_store import PhotoStore
from tests.local.calling import call
from tests.local.local_run import HANGS_S
from tests.local.storing import BUCKET, EDGE, ORIGIN, REGION, SECRET, multipart, post, running_store, s3_client, signed

KEY = "uploads/rep_1/aaaaaaaaaaaaaaaaaaaaaa"
BACK = f"{ORIGIN}/reports/rep_1?sent=1"
PIXELS = b"\xff\xd8\xff\xe0" + b"\r\n--\r\n" * 20
MOST = len(PIXELS)


@pytest.fixture
def address(tmp_path: Path, cloud: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with running_store(tmp_path / "photos") as at:
        monkeypatch.setattr(buckets, "client", lambda: client)
        client = s3_client(at)
        yield at


@pytest.fixture
def form(address: str) -> dict[str, Any]:
    return buckets.upload_form(BUCKET, KEY, media_type="image/jpeg", most_bytes=MOST)


def stored(address: str) -> list[str]:
    return sorted(buckets.keys(BUCKET, prefix=""))


def test_photo_arrives_as_it_was_sent_with_the_type_of_its_ticket(form: Any, address: str) -> None:
    answer = post(form, multipart(form["fields"], PIXELS))

    assert (answer.status, answer.body) == (204, b"")
    assert answer.header("access-control-allow-origin") == [ORIGIN]
    assert buckets.get(BUCKET, KEY) == PIXELS
    assert s3_client(address).head_object(Bucket=BUCKET, Key=KEY)["ContentType"] == "image/jpeg"


def test_browser_without_scripts_is_led_back_to_its_page(address: str) -> None:
    form = buckets.upload_form(BUCKET, KEY, media_type="image/jpeg", most_bytes=MOST, redirect=BACK)

    answer = post(form, multipart(form["fields"], PIXELS))

    [location] = answer.header("location")
    assert (answer.status, location.startswith(f"{BACK}&bucket=")) == (303, True)
    etag = buckets.digests(BUCKET, prefix="")[KEY]
    told = {"sent": ["1"], "bucket": [BUCKET], "key": [KEY], "etag": [f'"{etag}"']}
    assert parse_qs(urlsplit(location).query) == told


def test_curl_sends_it_too(form: Any, tmp_path: Path, address: str) -> None:
    (tmp_path / "photo.jpg").write_bytes(PIXELS)
    given = [part for name, value in form["fields"].items() for part in ("-F", f"{name}={value}")]

    done = subprocess.run(
        ["curl", "-s", "-w", "%{http_code}", *given, "-F", f"file=@{tmp_path / 'photo.jpg'}", form["url"]],
        capture_output=True,
        text=True,
        timeout=HANGS_S,
        check=True,
    )

    assert (done.stdout, buckets.get(BUCKET, KEY)) == ("204", PIXELS)


def test_wanted_status_201_tells_where_it_lies(address: str) -> None:
    fields = {"key": KEY, "success_action_status": "201"}
    form = signed(address, [{name: value} for name, value in (fields | {"bucket": BUCKET}).items()] + POLICY, **fields)

    answer = post(form, multipart(form["fields"], PIXELS))

    assert answer.status == 201
    assert f"<Key>{KEY}</Key>".encode() in answer.body


# What every form names: the signed fields, whatever their values.
POLICY = [["starts-with", f"$x-amz-{name}", ""] for name in ("algorithm", "credential", "date")]
OTHER_KEY = "uploads/rep_2/aaaaaaaaaaaaaaaaaaaaaa"


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"key": OTHER_KEY}, 403, "AccessDenied"),
        ({"key": KEY + "x"}, 403, "AccessDenied"),
        ({"key": "${filename}"}, 403, "AccessDenied"),
        ({"Content-Type": "text/html"}, 403, "AccessDenied"),
        ({"success_action_status": "201"}, 403, "AccessDenied"),
        ({"x-amz-signature": "0" * 64}, 403, "SignatureDoesNotMatch"),
        ({"x-amz-signature": "ü"}, 403, "SignatureDoesNotMatch"),
        ({"x-amz-date": "20000101T000000Z"}, 400, "AuthorizationQueryParametersError"),
        ({"x-amz-credential": "another/x"}, 403, "InvalidAccessKeyId"),
        ({"x-amz-algorithm": "none"}, 403, "AccessDenied"),
        ({"policy": "e30="}, 403, "SignatureDoesNotMatch"),
        ({"acl": "public-read"}, 403, "AccessDenied"),
        ({"x-amz-meta-note": "x"}, 403, "AccessDenied"),
        ({"x-ignore-note": "x"}, 204, ""),
    ],
)
def test_changed_field_is_refused(form: Any, address: str, changed: Any, status: int, code: str) -> None:
    answer = post(form, multipart(form["fields"] | changed, PIXELS))

    assert (answer.status, code.encode() in answer.body) == (status, True)
    assert stored(address) == ([KEY] if status == 204 else [])


@pytest.mark.parametrize("name", ["key", "Content-Type", "policy", "x-amz-signature", "x-amz-date", "x-amz-credential"])
def test_field_that_is_missing_is_refused(form: Any, address: str, name: str) -> None:
    fields = {field: value for field, value in form["fields"].items() if field != name}

    assert post(form, multipart(fields, PIXELS)).status in (400, 403)
    assert stored(address) == []


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (PIXELS + b"x", 400, "EntityTooLarge"),
        (bytes(17 * 1024 * 1024), 400, "EntityTooLarge"),
        (b"", 400, "EntityTooSmall"),
        (None, 400, "InvalidArgument"),
        (PIXELS, 204, ""),
        (b"x", 204, ""),
    ],
)
def test_length_is_bounded_and_told(form: Any, address: str, content: bytes | None, status: int, code: str) -> None:
    answer = post(form, multipart(form["fields"], content))

    assert (answer.status, code.encode() in answer.body) == (status, True)
    assert answer.header("access-control-allow-origin") == [ORIGIN]
    assert stored(address) == ([KEY] if status == 204 else [])


@pytest.mark.parametrize(("expiration", "status"), [("2026-11-30T00:00:00Z", 403), ("2100-01-01T00:00:00Z", 204)])
def test_expired_form_is_refused(address: str, expiration: str, status: int) -> None:
    form = signed(address, [{"key": KEY}, {"bucket": BUCKET}, *POLICY], key=KEY, expiration=expiration)

    answer = post(form, multipart(form["fields"], PIXELS))

    assert (answer.status, b"expired" in answer.body) == (status, status == 403)


@pytest.mark.parametrize(
    "condition",
    [
        ["eq", "$key", "other"],
        ["in", "$key", KEY],
        ["content-length-range", "1", "9"],
        {},
        5,
        {"bucket": "other"},
        None,
    ],
)
def test_condition_that_fails_or_is_unknown_is_refused(address: str, condition: Any) -> None:
    form = signed(address, [{"key": KEY}, condition, *POLICY], key=KEY)

    assert post(form, multipart(form["fields"], PIXELS)).status == 403
    assert stored(address) == []


@pytest.mark.parametrize("key", ["../secrets.env", "uploads/../../a", "/etc/passwd", "", "uploads/ü", ".parts/a"])
def test_signed_key_outside_the_folder_is_refused(address: str, key: str) -> None:
    form = signed(address, [["starts-with", "$key", ""], {"bucket": BUCKET}, *POLICY], key=key)

    assert post(form, multipart(form["fields"], PIXELS)).status == 400
    assert stored(address) == []


@pytest.mark.parametrize(
    "body", [b"", b"x", b"--", b"\x00" * 99, multipart({}, PIXELS)[:-9], multipart({"a": "b"}, None)]
)
def test_broken_form_is_refused_in_words(form: Any, address: str, body: bytes) -> None:
    answer = post(form, body)

    assert answer.status in (400, 403)
    assert b"<Code>" in answer.body
    assert stored(address) == []


def test_of_300_damaged_forms_each_is_refused_or_stored_where_its_policy_says(form: Any, tmp_path: Path) -> None:
    chance, whole = random.Random(20140206), multipart(form["fields"], PIXELS)
    files = PhotoFiles(tmp_path / "damaged")
    files.make()
    browser = Client(PhotoStore(files, Key("local", SECRET, REGION), bucket=BUCKET))
    statuses = set()
    for _ in range(300):
        body = bytearray(whole)
        for _ in range(chance.randrange(1, 4)):
            at, length = chance.randrange(len(body)), chance.randrange(40)
            odd = [bytes([chance.randrange(256)]), b"", b"\r\n", f"--{EDGE}".encode(), body[: chance.randrange(60)]]
            body[at : at + length] = chance.choice(odd)
        answer = browser.post(f"/{BUCKET}", data=bytes(body), content_type=f"multipart/form-data; boundary={EDGE}")
        statuses.add(answer.status_code)

    assert statuses == {204, 400, 403}
    assert files.keys() == [KEY]


def test_form_of_another_coding_is_refused(form: Any) -> None:
    answer = call(
        form["url"], "", "POST", body=b"key=x", headers=[("Content-Type", "application/x-www-form-urlencoded")]
    )

    assert (answer.status, b"multipart/form-data" in answer.body) == (412, True)


def test_file_is_the_field_of_that_name_and_what_follows_is_ignored(form: Any, address: str) -> None:
    assert post(form, multipart(form["fields"], PIXELS, name="photo")).status == 400
    for name in ("acl", "file", "key"):
        assert post(form, multipart(form["fields"], PIXELS, after=name)).status == 204
        assert (stored(address), buckets.get(BUCKET, KEY)) == ([KEY], PIXELS)


def test_field_that_is_there_twice_is_refused(form: Any, address: str) -> None:
    body = multipart(form["fields"] | {"Key": OTHER_KEY}, PIXELS)

    assert post(form, body).status == 400
    assert stored(address) == []


@pytest.mark.parametrize(
    ("origin", "method", "status"), [(ORIGIN, "POST", 200), (ORIGIN, "PUT", 403), ("null", "POST", 403)]
)
def test_only_our_own_pages_may_send_by_script(form: Any, origin: str, method: str, status: int) -> None:
    asked = [("Origin", origin), ("Access-Control-Request-Method", method), ("Access-Control-Request-Headers", "x-a")]

    answer = call(form["url"], "", "OPTIONS", headers=asked)

    assert answer.status == status
    assert answer.header("access-control-allow-origin") == ([ORIGIN] if origin == ORIGIN else [])
    if status == 200:
        assert answer.header("access-control-allow-methods") == ["POST"]
