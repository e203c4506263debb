"""The store of photos as the product's own client uses it: what it keeps, and what it refuses."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine
from botocore.exceptions import ClientError

from app.aws import buckets
from infra.local.photo_files import SUFFIX, BadKey, PhotoFiles
from tests.local.calling import call
from tests.local.storing import BUCKET, running_store, s3_client

KEPT = "kept/rep_1/aaaaaaaaaaaaaaaaaaaaaa-1/large.jpg"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "photos"


@pytest.fixture
def address(folder: Path, cloud: None) -> Iterator[str]:
    with running_store(folder) as at:
        yield at


@pytest.fixture
def store(address: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The product's door to buckets leads to this store."""
    client = s3_client(address)
    monkeypatch.setattr(buckets, "client", lambda: client)
    return client


def test_object_comes_back_as_it_was_stored(store: Any) -> None:
    content = bytes(range(256)) * 2000
    buckets.put(BUCKET, KEPT, content, media_type="image/jpeg", cache_control="no-store")

    got = store.get_object(Bucket=BUCKET, Key=KEPT)
    head = store.head_object(Bucket=BUCKET, Key=KEPT)

    assert buckets.get(BUCKET, KEPT) == content
    for told in (got, head):
        assert (told["ContentType"], told["CacheControl"]) == ("image/jpeg", "no-store")
        assert told["ContentLength"] == len(content)
    assert got["ETag"].strip('"') == buckets.digests(BUCKET, prefix="")[KEPT]


def test_copy_has_its_own_headers_and_outlives_the_original(store: Any) -> None:
    buckets.put(BUCKET, KEPT, b"pixels", media_type="image/png", cache_control="no-store")

    assert buckets.copy(BUCKET, KEPT, "photos/a-1/large.jpg", cache_control="public, max-age=60")
    buckets.delete(BUCKET, KEPT)

    copied = store.get_object(Bucket=BUCKET, Key="photos/a-1/large.jpg")
    assert (copied["ContentType"], copied["CacheControl"]) == ("image/jpeg", "public, max-age=60")
    assert buckets.get(BUCKET, "photos/a-1/large.jpg") == b"pixels"
    assert not buckets.copy(BUCKET, KEPT, "photos/b-1/large.jpg", cache_control="")


def test_what_is_not_there_is_none_and_is_deleted_without_complaint(store: Any) -> None:
    buckets.delete(BUCKET, KEPT)

    assert buckets.get(BUCKET, KEPT) is None
    assert buckets.get(BUCKET, f"{KEPT}/below") is None


def test_first_of_two_who_store_once_wins(store: Any) -> None:
    assert buckets.put_once(BUCKET, KEPT, b"first", media_type="image/jpeg")
    assert not buckets.put_once(BUCKET, KEPT, b"second", media_type="image/jpeg")
    assert buckets.get(BUCKET, KEPT) == b"first"


def test_list_names_all_with_a_prefix_over_its_pages(store: Any) -> None:
    names = {f"kept/rep_{number}/a-1/small.jpg" for number in range(7)}
    for name in {*names, "uploads/rep_1/a", "kep", "kept-not/a"}:
        buckets.put(BUCKET, name, b"x", media_type="image/jpeg", cache_control="")

    pages = [
        *store.get_paginator("list_objects_v2").paginate(
            Bucket=BUCKET, Prefix="kept/", PaginationConfig={"PageSize": 3}
        )
    ]

    assert buckets.keys(BUCKET, prefix="kept/") == names
    assert [len(page["Contents"]) for page in pages] == [3, 3, 1]
    assert {item["Key"] for page in pages for item in page["Contents"]} == names
    assert buckets.keys(BUCKET, prefix="kept/rep_1/") == {"kept/rep_1/a-1/small.jpg"}
    assert buckets.keys(BUCKET, prefix="../") == buckets.keys(BUCKET, prefix="kept/../") == set()


@pytest.mark.parametrize(
    "key",
    [
        "../secrets.env",
        "kept/../../secrets.env",
        "kept/./a",
        "/etc/passwd",
        "kept//a",
        "kept/a/",
        ".parts/a",
        "kept/ü",
        "kept/a b",
        "kept/a\\b",
        "kept/a\x00b",
        "kept/a.object",
        "kept/a.object/b",
        "a/" * 9 + "a",
        "a" * 300,
        "..",
        "~/a",
    ],
)
def test_odd_key_reaches_no_file(store: Any, folder: Path, key: str) -> None:
    (folder.parent / "secrets.env").write_text("outside")

    for act in (store.get_object, store.put_object, store.delete_object):
        with pytest.raises(ClientError) as refused:
            act(Bucket=BUCKET, Key=key, **({"Body": b"x"} if act == store.put_object else {}))
        assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] in (400, 403, 404)

    assert (folder.parent / "secrets.env").read_text() == "outside"
    assert [*folder.rglob(f"*{SUFFIX}")] == []


def test_what_lies_behind_a_link_is_not_listed(store: Any, folder: Path) -> None:
    outside = folder.parent / "outside"
    outside.mkdir()
    PhotoFiles(outside).make()
    PhotoFiles(outside).put("a", b"x", media_type="text/plain")
    (folder / "kept").symlink_to(outside)

    assert buckets.keys(BUCKET, prefix="") == set()


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"secret": "another secret"}, "SignatureDoesNotMatch"),
        ({"key": "another"}, "InvalidAccessKeyId"),
        ({"region": "us-east-1"}, "AuthorizationQueryParametersError"),
    ],
)
def test_other_keys_open_nothing(address: str, given: dict[str, str], code: str) -> None:
    client = s3_client(address, **given)

    for act in (
        lambda: client.list_objects_v2(Bucket=BUCKET),
        lambda: client.put_object(Bucket=BUCKET, Key=KEPT, Body=b"x"),
        lambda: client.get_object(Bucket=BUCKET, Key=KEPT),
    ):
        with pytest.raises(ClientError) as refused:
            act()
        assert refused.value.response["Error"]["Code"] == code


def test_requests_that_none_can_read_are_refused_like_unsigned_ones(store: Any, address: str) -> None:
    for path in (f"/{BUCKET}/%ff", f"/{BUCKET}/%00%2e%2e", f"/{BUCKET}?list-type=%ff&max-keys=x", f"/{BUCKET}/a?acl"):
        assert [call(address, path, method).status for method in ("GET", "PUT", "DELETE")] == [403, 403, 403]
    with pytest.raises(ClientError) as refused:
        store.list_objects_v2(Bucket=BUCKET, MaxKeys=10**12)
    assert refused.value.response["Error"]["Code"] == "NotImplemented"


def test_requests_without_a_signature_get_nothing(store: Any, address: str) -> None:
    buckets.put(BUCKET, KEPT, b"x", media_type="image/jpeg", cache_control="")

    for path, method in (
        (f"/{BUCKET}/{KEPT}", "GET"),
        (f"/{BUCKET}/{KEPT}", "DELETE"),
        (f"/{BUCKET}?list-type=2", "GET"),
    ):
        assert call(address, path, method).status == 403
    assert buckets.get(BUCKET, KEPT) == b"x"


def recorded(address: str, key: str, content: bytes) -> list[tuple[str, str]]:
    """Store an object without a checksum of its own; gives the signed headers, as one who has overheard them."""
    taken: list[Any] = []
    client = s3_client(address, checksums="when_required")
    client.meta.events.register("before-send.s3.PutObject", lambda request, **_: taken.append(request))
    client.put_object(Bucket=BUCKET, Key=key, Body=content)
    headers = [
        (name, str(value, "ascii") if isinstance(value, bytes) else value) for name, value in taken[0].headers.items()
    ]
    return [pair for pair in headers if pair[0] not in ("Content-Length", "Expect")]


def test_signature_is_good_for_its_body_its_object_and_a_quarter_of_an_hour(store: Any, address: str) -> None:
    headers = recorded(address, KEPT, b"first")

    def again(key: str, body: bytes) -> int:
        return call(address, f"/{BUCKET}/{key}", "PUT", body=body, headers=headers).status

    assert [again(KEPT, b"first"), again(KEPT, b"other"), again("kept/other", b"first")] == [200, 400, 403]
    with time_machine.travel(time.time() + 1200):
        assert again(KEPT, b"first") == 403
    assert buckets.keys(BUCKET, prefix="") == {KEPT}
    assert buckets.get(BUCKET, KEPT) == b"first"


@pytest.mark.parametrize("wrong", [{"ChecksumCRC32": "AAAAAA=="}, {"ContentMD5": "AAAAAAAAAAAAAAAAAAAAAA=="}])
def test_body_that_arrives_damaged_is_not_stored(store: Any, wrong: dict[str, str]) -> None:
    with pytest.raises(ClientError) as refused:
        store.put_object(Bucket=BUCKET, Key=KEPT, Body=b"x", **wrong)

    assert refused.value.response["Error"]["Code"] == "BadDigest"
    assert buckets.get(BUCKET, KEPT) is None


def test_what_the_product_does_not_ask_is_not_done(store: Any) -> None:
    for act in (store.get_bucket_acl, store.list_objects, store.list_object_versions, store.delete_bucket):
        with pytest.raises(ClientError) as refused:
            act(Bucket=BUCKET)
        assert refused.value.response["Error"]["Code"] == "NotImplemented"
    with pytest.raises(ClientError, match="bucket does not exist"):
        store.list_objects_v2(Bucket="another-bucket")


def test_objects_outlive_the_store(folder: Path, cloud: None) -> None:
    with running_store(folder) as address:
        s3_client(address).put_object(Bucket=BUCKET, Key=KEPT, Body=b"x")
    (folder / ".parts" / "begun").write_bytes(b"half")  # a write that a crash has ended

    with running_store(folder) as address:
        assert s3_client(address).get_object(Bucket=BUCKET, Key=KEPT)["Body"].read() == b"x"
        assert [one["Key"] for one in s3_client(address).list_objects_v2(Bucket=BUCKET)["Contents"]] == [KEPT]
    assert [*(folder / ".parts").iterdir()] == []


def test_files_are_their_owners_alone_and_folders_end_with_their_last(folder: Path) -> None:
    files = PhotoFiles(folder)
    files.make()
    files.put("kept/rep_1/a", b"x", media_type="image/jpeg")
    [file] = folder.rglob(f"*{SUFFIX}")

    assert (folder.stat().st_mode & 0o777, file.stat().st_mode & 0o777) == (0o700, 0o600)
    files.delete("kept/rep_1/a")
    assert [one.name for one in folder.iterdir()] == [".parts"]
    with pytest.raises(BadKey):
        files.get("")
