"""Photos that everyone may see, from the stream of reports to the public part of the bucket."""

from collections.abc import Callable
from functools import cache
from typing import Any

import boto3
import pytest
import time_machine
from botocore.exceptions import ClientError, EndpointConnectionError

from app import reactions
from app.aws import buckets
from app.aws import queues as queue_client
from app.core import clock
from app.photos import keys
from app.reports.models import Report
from app.reports.replace import try_touch
from handlers import clean_photo, report_changed
from tests.factories import make_report, stream_record
from tests.followed import Stream
from tests.photographed import cleaned_photo, content_of, judge, publish, stored
from tests.photographing import keys_in


def change(report: Report, **values: Any) -> Report:
    """Store a change of a report's row, as a decision does."""
    now = stored(report)
    for name, value in values.items():
        setattr(now, name, value)
    assert try_touch(now, is_shown=True)
    return now


def public(bucket: str) -> list[str]:
    """Return the keys that everyone is served; while photos are held back, never more."""
    found = [key for key in keys_in(bucket) if key.startswith(keys.PUBLIC)]
    held = {key.removeprefix(keys.HELD) for key in found if key.startswith(keys.HELD)}
    served = [key for key in found if not key.startswith(keys.HELD)]
    assert held <= {*served}
    return served


def copies(name: str) -> list[str]:
    return [keys.public_key(name, size) for size in keys.SIZES]


def test_photo_is_public_while_it_is_shown_and_no_longer(photos_bucket: str) -> None:
    report, stream = make_report(), Stream()
    photo = cleaned_photo(photos_bucket, report)
    stream.run()
    assert public(photos_bucket) == []

    judge(report, photo.id, decision="shown")
    stream.run()
    assert public(photos_bucket) == copies(photo.name)
    [large, _] = copies(photo.name)
    assert content_of(photos_bucket, large) == content_of(photos_bucket, keys.kept_key(report.id, photo.name, "large"))
    head = boto3.client("s3").head_object(Bucket=photos_bucket, Key=large)
    assert (head["ContentType"], head["CacheControl"]) == ("image/jpeg", "public, max-age=60")

    judge(report, photo.id, decision="hidden")
    stream.run()
    assert public(photos_bucket) == [] and len(keys_in(photos_bucket)) == 2


def test_verified_report_shows_what_was_ready_and_hides_it_when_that_is_undone(
    photos_bucket: str, noon: time_machine.Traveller
) -> None:
    report, stream = make_report(), Stream()
    before = cleaned_photo(photos_bucket, report)
    noon.shift(1)
    change(report, status="verified", decided_at_ms=clock.now_ms())
    noon.shift(1)
    cleaned_photo(photos_bucket, report)

    stream.run()
    assert public(photos_bucket) == copies(before.name)

    change(report, status="pending", decided_at_ms=None)
    stream.run()
    assert public(photos_bucket) == []


@pytest.mark.parametrize("after", [{"status": "rejected"}, {"is_disputed": True}])
def test_rejected_and_folded_reports_show_none_and_keep_them(after: dict[str, Any], photos_bucket: str) -> None:
    report, stream = make_report(), Stream()
    photo = cleaned_photo(photos_bucket, report)
    judge(report, photo.id, decision="shown")
    stream.run()

    change(report, **after)
    stream.run()

    assert public(photos_bucket) == [] and len(keys_in(photos_bucket)) == 2


def test_blurred_photo_is_public_under_its_next_number_only(photos_bucket: str) -> None:
    from tests.photographed import told

    report, stream = make_report(), Stream()
    photo = cleaned_photo(photos_bucket, report)
    judge(report, photo.id, decision="shown")
    stream.run()

    judge(report, photo.id, blur=[[0, 0, 1, 1]])
    stream.run()
    assert public(photos_bucket) == []
    key = keys.order_key(report.id, photo.name)
    boto3.client("s3").put_object(Bucket=photos_bucket, Key=key, Body=b"{}")
    assert told(photos_bucket, key) == []
    stream.run()

    assert public(photos_bucket) == copies(f"{photo.id}-2")


def test_merged_report_shows_its_photos_where_it_went_and_takes_them_back(photos_bucket: str) -> None:
    target, merged, stream = make_report(), make_report(), Stream()
    photo = cleaned_photo(photos_bucket, merged)
    judge(merged, photo.id, decision="shown")
    change(target, duplicates=[merged.id])
    change(merged, status="merged", merged_into=target.id)
    stream.run()
    assert public(photos_bucket) == copies(photo.name)

    change(target, is_disputed=True)
    stream.run()
    assert public(photos_bucket) == []

    change(target, is_disputed=None, duplicates=[])
    change(merged, status="pending", merged_into=None)
    stream.run()
    assert public(photos_bucket) == copies(photo.name)


def withdraw(report: Report) -> None:
    change(report, status="withdrawn", photos=[])


def expire(report: Report) -> None:
    stored(report).delete()


@pytest.mark.parametrize("end", [withdraw, expire])
def test_files_end_with_their_report_and_stay_gone(end: Callable[[Report], None], photos_bucket: str) -> None:
    report, stream = make_report(), Stream()
    photo = cleaned_photo(photos_bucket, report)
    judge(report, photo.id, decision="shown")
    stream.run()
    last = stored(report)

    end(report)
    stream.run()
    assert keys_in(photos_bucket) == []

    again = stream_record(old=last, new=last)
    again["dynamodb"].pop("OldImage")
    report_changed.handler({"Records": [again, again]}, None)
    assert keys_in(photos_bucket) == []


def test_photo_that_is_hidden_while_it_is_copied_does_not_stay(
    photos_bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = make_report()
    photo = cleaned_photo(photos_bucket, report)
    before, shown = stored(report), judge(report, photo.id, decision="shown")
    copy, other = buckets.copy, Stream()

    def slow_copy(*given: Any, **more: Any) -> bool:
        monkeypatch.setattr(buckets, "copy", copy)
        judge(report, photo.id, decision="hidden")
        other.run()  # another function, which finds no copy to delete
        return copy(*given, **more)

    monkeypatch.setattr(buckets, "copy", slow_copy)
    report_changed.handler({"Records": [stream_record(old=before, new=shown)]}, None)

    assert public(photos_bucket) == []


@cache
def call(*_: Any, **__: Any) -> None:
    raise AssertionError("called")


def test_reports_without_photos_cost_no_call(photos_bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    report = make_report()
    after = change(report, status="verified", decided_at_ms=1)
    monkeypatch.setattr(buckets, "client", call)
    for name in ("find", "find_all"):
        monkeypatch.setattr(Report, name, call)

    changed = report_changed._changes(stream_record(old=report, new=after))
    publish([*changed, *report_changed._changes(stream_record(old=after))])


def test_change_that_concerns_no_photo_costs_no_call(photos_bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    report = make_report()
    cleaned_photo(photos_bucket, report)
    before = stored(report)
    after = change(report, flooded_votes=3)
    monkeypatch.setattr(buckets, "client", call)
    monkeypatch.setattr(Report, "find", call)

    publish(report_changed._changes(stream_record(old=before, new=after)))


def failed(error: Exception) -> buckets.BucketFailed:
    made = buckets.BucketFailed("failed")
    made.__cause__ = error
    return made


def answered(status: int, code: str) -> ClientError:
    return ClientError({"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}, "CopyObject")


@pytest.mark.parametrize("error", [EndpointConnectionError(endpoint_url="s3"), answered(503, "SlowDown")])
def test_while_the_bucket_is_away_photos_wait_in_their_queue_and_no_report_does(
    error: Exception, photos_bucket: str, queues: Callable[[str], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    records = [shown_record(photos_bucket), shown_record(photos_bucket), stream_record(new=make_report())]
    calls = list[str]()
    monkeypatch.setattr(reactions, "AGAIN_AFTER_S", 0)

    def fail(*_: Any, **__: Any) -> None:
        calls.append("copy")
        raise failed(error)

    with monkeypatch.context() as outage:
        outage.setattr(buckets, "copy", fail)
        answer = report_changed.handler({"Records": records}, None)
    messages = queues("photo-uploads")
    came = {"Records": [{"messageId": text, "eventSource": "aws:sqs", "body": text} for text in messages]}

    assert (answer, len(messages), calls) == ({"batchItemFailures": []}, 2, ["copy"])
    assert clean_photo.handler(came, None) == clean_photo.handler(came, None) == {"batchItemFailures": []}
    assert len(public(photos_bucket)) == 4


def test_without_queues_the_batch_comes_again(photos_bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    record = shown_record(photos_bucket)

    def fail(*_: Any, **__: Any) -> None:
        raise failed(EndpointConnectionError(endpoint_url="s3"))

    monkeypatch.setattr(queue_client, "are_there", lambda: False)
    with monkeypatch.context() as outage:
        outage.setattr(buckets, "copy", fail)
        with pytest.raises(buckets.BucketFailed):
            report_changed.handler({"Records": [record]}, None)
    report_changed.handler({"Records": [record]}, None)

    assert len(public(photos_bucket)) == 2


def test_bucket_that_refuses_holds_up_no_other_report(
    photos_bucket: str, queues: Callable[[str], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    record = shown_record(photos_bucket)

    def refuse(*_: Any, **__: Any) -> None:
        raise failed(answered(403, "AccessDenied"))

    monkeypatch.setattr(buckets, "copy", refuse)
    answer = report_changed.handler({"Records": [stream_record(new=make_report()), record]}, None)

    assert answer == {"batchItemFailures": []}
    [letter] = queues("report-changes-dead-letters")
    assert '"AccessDenied"' not in letter and "BucketFailed" in letter


def shown_record(bucket: str) -> dict[str, Any]:
    """The record of a report whose photo has just been shown."""
    report = make_report()
    photo = cleaned_photo(bucket, report)
    before = stored(report)
    return stream_record(old=before, new=judge(report, photo.id, decision="shown"))
