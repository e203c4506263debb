"""Audit rows are copied once each, whatever comes doubled, late or in another order; nothing is overwritten or lost."""

import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest
import time_machine
from botocore.exceptions import EndpointConnectionError

from app.aws import buckets
from app.aws.buckets import BucketFailed
from app.aws.dead_letters import read
from app.cli.redrive import redrive
from app.review import audit, audit_copy
from app.review.audit_models import AuditRow
from handlers.audit_changed import DEAD_LETTERS, handler
from tests.handlers.test_vote_changed import Clock

Taking = Callable[[str], list[str]]
STAFF, FLOOD = f"acc_{'1' * 26}", f"rep_{'a' * 26}"


def made(number: int = 0) -> AuditRow:
    after = {"status": "verified", "fields": ["title", "depth_cm"], "version": number}
    return audit.note(FLOOD, "report.verified", by=audit.By(STAFF, "req_1"), reason="photo", after=after)


def added(row: AuditRow, *, number: int = 1, event: str = "INSERT", **changed: Any) -> dict[str, Any]:
    """The record of the audit table's stream for one row."""
    image = AuditRow.image_of(row.subject, row.id) or {}
    keys = {name: image[name] for name in ("subject", "id")}
    change = {"Keys": keys, "NewImage": image | changed, "SequenceNumber": str(number)}
    return {"eventSource": "aws:dynamodb", "eventName": event, "dynamodb": change}


def batch(*records: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"Records": list(records), "shardId": "shard-1"} | more


def copies(bucket: str) -> dict[str, Any]:
    """The objects of a bucket, by key; each may have one version only."""
    client = boto3.client("s3")
    versions = [one["Key"] for one in client.list_object_versions(Bucket=bucket).get("Versions", [])]
    assert len(versions) == len(set(versions)), "an object was overwritten"
    return {key: json.load(client.get_object(Bucket=bucket, Key=key)["Body"]) for key in versions}


def test_copy_has_the_whole_row_under_its_day_and_keys(audit_bucket: str, noon: time_machine.Traveller) -> None:
    row = made()

    assert handler(batch(added(row)), None) == {"batchItemFailures": []}

    ((key, copy),) = copies(audit_bucket).items()
    assert key == f"2026-11-21/{row.id}/{FLOOD}.json"
    assert copy.keys() == {"subject", "id", "actor", "action", "reason", "after", "at", "request_id", "purge_at"}
    assert (copy["actor"], copy["at"], json.loads(copy["after"])) == (STAFF, row.at_ms, row.after)


def test_doubled_late_and_shuffled_records_store_each_row_once(audit_bucket: str) -> None:
    rows = [made(number) for number in range(20)]
    records = [added(row, number=number) for number, row in enumerate(rows)]

    handler(batch(*records, *records[::-1]), None)
    handler(batch(*records[5:]), None)

    assert len(copies(audit_bucket)) == 20


def test_changed_row_does_not_change_its_copy(audit_bucket: str) -> None:
    row = made()
    handler(batch(added(row)), None)
    before = copies(audit_bucket)

    handler(batch(added(row, actor={"S": "acc_9"}), added(row, event="MODIFY", actor={"S": "acc_9"})), None)

    assert copies(audit_bucket) == before


@pytest.mark.parametrize(
    "error", [BucketFailed("away"), EndpointConnectionError(endpoint_url="https://s3"), KeyError("a broken library")]
)
def test_bucket_that_is_away_brings_the_batch_again_from_the_first_row_left(
    audit_bucket: str, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    records = [added(made(number), number=number) for number in range(12)]
    put, fails = buckets.put_once, {"09"}

    def put_or_fail(bucket: str, key: str, content: bytes, **rest: Any) -> bool:
        if b'\\"version\\": 9' in content and fails:
            raise error
        return put(bucket, key, content, **rest)

    monkeypatch.setattr(buckets, "put_once", put_or_fail)
    answer = handler(batch(*records), None)
    fails.clear()
    handler(batch(*records[9:]), None)

    assert answer == {"batchItemFailures": [{"itemIdentifier": "9"}]}
    assert len(copies(audit_bucket)) == 12


def test_poison_is_set_aside_by_its_keys_and_blocks_no_other(audit_bucket: str, queues: Taking) -> None:
    poison, sound = made(1), made(2)

    bare = added(poison)
    del bare["dynamodb"]["NewImage"]
    answer = handler(batch(added(poison, id={"S": "aud_not-a-time"}), added(sound, number=2), bare), None)

    letter, _ = queues(DEAD_LETTERS)
    noted = read(json.loads(letter))
    assert answer == {"batchItemFailures": []}
    assert noted and (noted.subject, noted.row_id) == (FLOOD, poison.id)
    assert STAFF not in letter
    assert len(copies(audit_bucket)) == 1


def test_letter_is_brought_back_with_its_row(
    audit_bucket: str, queues: Taking, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = made()
    handler(batch(added(row, id={"S": "aud_not-a-time"})), None)
    monkeypatch.setattr("app.aws.functions.invoke", lambda name, event: handler(event, None))

    tally = redrive(DEAD_LETTERS)

    assert (tally.done, tally.failed, queues(DEAD_LETTERS)) == (1, [], [])
    assert list(copies(audit_bucket)) == [audit_copy.copy_of(added(row)["dynamodb"]["NewImage"]).key]


def test_what_does_not_fit_into_the_time_of_one_call_comes_again(audit_bucket: str) -> None:
    records = [added(made(number), number=number) for number in range(30)]

    (left,) = handler(batch(*records), Clock(looks=1))["batchItemFailures"]

    assert left == {"itemIdentifier": "8"} and len(copies(audit_bucket)) == 8


def test_without_a_bucket_nothing_counts_as_copied(tables: None) -> None:
    assert handler(batch(added(made())), None) == {"batchItemFailures": [{"itemIdentifier": "1"}]}


@pytest.mark.parametrize("event", [{}, {"Records": [{"eventSource": "aws:sqs"}]}, None])
def test_other_events_are_refused(event: Any) -> None:
    with pytest.raises(ValueError, match="aws:dynamodb"):
        handler(event, None)
