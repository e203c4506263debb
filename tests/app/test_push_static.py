"""`flask push-static`, as a person runs it before a deployment."""

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from click.testing import Result
from flask import Flask

from app.aws import buckets
from app.pages.frame import assets

BUCKET = "floods-example-org-static"
OLD = "static/0123456789abcdef/site.css"
Run = Callable[..., Result]


@pytest.fixture
def bucket(tables: None) -> Iterator[Any]:
    """An empty bucket, as boto3 has it."""
    made = boto3.resource("s3").create_bucket(
        Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-2"}
    )
    buckets.client.cache_clear()
    yield made
    made.objects.all().delete()
    made.delete()
    buckets.client.cache_clear()


@pytest.fixture
def push(app: Flask) -> Run:
    runner = app.test_cli_runner()
    return lambda *options, to=BUCKET: runner.invoke(args=["push-static", "--bucket", to, *options])


def keys(bucket: Any) -> set[str]:
    return {one.key for one in bucket.objects.all()}


def wanted(prefix: str = "") -> set[str]:
    return {assets.address(name, base=prefix).removeprefix("/") for name in assets.names()}


def test_every_file_lies_where_pages_look_for_it_plain_and_to_be_kept_for_ever(bucket: Any, push: Run) -> None:
    ran = push()

    assert (ran.exit_code, ran.stderr) == (0, "")
    assert keys(bucket) == wanted()
    for name in assets.names():
        stored, file = bucket.Object(assets.path_of(name)).get(), assets.find(name)
        assert file and stored["Body"].read() == file.content
        assert (stored["ContentType"], stored.get("ContentEncoding")) == (file.media_type, None)
        assert stored["CacheControl"] == "public, max-age=31536000, immutable"


def test_map_file_lies_under_an_address_of_its_own_content(bucket: Any, push: Run, tmp_path: Path) -> None:
    file = tmp_path / "town.pmtiles"
    file.write_bytes(b"PMTiles\x03 first")
    dry, first, again = push("--map", str(file), "--dry-run"), push("--map", str(file)), push("--map", str(file))
    file.write_bytes(b"PMTiles\x03 renewed")
    second = push("--map", str(file), "--prefix", "files")

    maps = sorted(key for key in keys(bucket) if "map/" in key)
    assert [key.count("/") for key in maps] == [2, 1]
    renewed, old = (bucket.Object(key).get() for key in maps)
    assert (old["Body"].read(), renewed["Body"].read()) == (b"PMTiles\x03 first", b"PMTiles\x03 renewed")
    assert (old["ContentType"], old["CacheControl"]) == (
        "application/vnd.pmtiles",
        "public, max-age=31536000, immutable",
    )
    told = f"FLOOD_PMTILES_URL: the bucket's address, then /{maps[1]}"
    assert [told in one.output for one in (dry, first, again, second)] == [True, True, True, False]
    assert [f"{maps[1]}  14 bytes" in one.output for one in (dry, first, again)] == [True, True, False]


def test_file_that_is_no_map_is_not_sent(bucket: Any, push: Run, tmp_path: Path) -> None:
    file = tmp_path / "secrets.env"
    file.write_text("SECRET=1")

    ran = push("--map", str(file))

    assert (ran.exit_code, "is no PMTiles file of version 3" in ran.stderr) == (1, True)
    assert not [key for key in keys(bucket) if "map/" in key]


def test_only_what_is_missing_is_sent_and_nothing_is_replaced_or_deleted(bucket: Any, push: Run) -> None:
    push()
    bucket.put_object(Key=OLD, Body=b"old")
    kept, missing = assets.path_of("icon.svg"), assets.path_of("site.css")
    bucket.put_object(Key=kept, Body=b"kept")
    bucket.Object(missing).delete()

    ran = push()

    assert [line.partition(" ")[0] for line in ran.stdout.splitlines()[:-1]] == [missing]
    assert ran.stdout.splitlines()[-1] == f"1 files sent, {len(assets.names()) - 1} were there."
    assert bucket.Object(kept).get()["Body"].read() == b"kept"
    assert keys(bucket) == wanted() | {OLD}


def test_bucket_with_more_than_one_page_of_old_files_is_read_to_its_end(
    bucket: Any, push: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    push()
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "3")

    assert push().stdout == f"0 files sent, {len(assets.names())} were there.\n"


@pytest.mark.parametrize("prefix", ["floods/pages", "/floods/pages/"])
def test_prefix_is_the_path_of_the_setting(bucket: Any, push: Run, prefix: str) -> None:
    push("--prefix", prefix)

    assert keys(bucket) == wanted("floods/pages")
    assert push("--prefix", prefix).stdout.startswith("0 files sent")


def test_dry_run_says_what_is_missing_and_sends_nothing(bucket: Any, push: Run) -> None:
    ran = push("--dry-run")

    assert (ran.exit_code, keys(bucket)) == (0, set())
    assert {line.partition(" ")[0] for line in ran.stdout.splitlines()[:-1]} == wanted()
    assert ran.stdout.endswith(f"\n{len(assets.names())} files would be sent, 0 were there.\n")


def test_bucket_that_does_not_exist_is_named_in_a_sentence(bucket: Any, push: Run) -> None:
    ran = push(to="floods-example-org-none")

    assert ran.exit_code == 1
    assert ran.stderr.startswith("Error: The bucket floods-example-org-none cannot be used: ")
    assert "NoSuchBucket" in ran.stderr and "Traceback" not in ran.output


def test_bucket_that_cannot_be_reached_is_said_in_a_sentence(
    bucket: Any, push: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as held:  # bound, but not listening
        held.bind(("127.0.0.1", 0))
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"http://127.0.0.1:{held.getsockname()[1]}")
        buckets.client.cache_clear()
        ran = push()

    assert ran.exit_code == 1
    assert ran.stderr.startswith(f"Error: The bucket {BUCKET} cannot be used: Could not connect")
    assert ran.stderr.count("\n") == 1


def test_bucket_that_fails_half_way_keeps_what_was_sent_and_the_next_run_goes_on(
    bucket: Any, push: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, stored = buckets.client(), []

    def fail_at_the_third(**asked: Any) -> None:
        if len(stored) == 2:
            raise buckets.ClientError({"Error": {"Code": "SlowDown", "Message": "Reduce your rate."}}, "PutObject")
        stored.append(asked["Key"])
        bucket.put_object(**{name: value for name, value in asked.items() if name != "Bucket"})

    with monkeypatch.context() as failing:
        failing.setattr(client, "put_object", fail_at_the_third)
        assert push().exit_code == 1

    assert keys(bucket) == set(stored)
    assert push().stdout.endswith(f"{len(assets.names()) - 2} files sent, 2 were there.\n")
    assert keys(bucket) == wanted()


def test_waiting_is_bounded(bucket: Any) -> None:
    config = buckets.client().meta.config

    assert (config.connect_timeout, config.read_timeout) == (1, 3)
    assert config.retries["total_max_attempts"] == 2
