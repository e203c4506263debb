"""Uploads, from the bucket's event to the row: made ready or refused, once each, and nothing is left behind."""

import json
from typing import Any

import boto3
import pytest
import time_machine

from app.aws import buckets
from app.core import clock
from app.photos import keys, reasons, separate_process
from app.photos.separate_process import NotMade
from handlers import clean_photo
from tests.configured import settings_of
from tests.factories import make_report
from tests.photo_files import UPRIGHT, assert_only_pixels, corners, opened, packed, picture, telling_jpeg
from tests.photographed import await_photo, cleaned_photo, content_of, judge, photo_of, stored, told, upload
from tests.photographing import event_of, keys_in


def test_upload_becomes_two_clean_files_and_is_gone(photos_bucket: str, noon: time_machine.Traveller) -> None:
    report = make_report()
    photo_id = await_photo(report)
    noon.shift(60)

    assert told(photos_bucket, upload(photos_bucket, report, photo_id, telling_jpeg(6, size=(80, 40)))) == []

    photo = photo_of(report, photo_id)
    assert (photo.state, photo.width, photo.height, photo.number) == ("ready", 80, 40, 1)
    assert photo.at_ms == clock.now_ms()
    kept = [keys.kept_key(report.id, f"{photo_id}-1", size) for size in keys.SIZES]
    assert keys_in(photos_bucket) == kept
    for key in kept:
        content = content_of(photos_bucket, key)
        assert_only_pixels(content)
        assert corners(content) == UPRIGHT
    head = boto3.client("s3").head_object(Bucket=photos_bucket, Key=kept[0])
    assert (head["ContentType"], head["CacheControl"]) == ("image/jpeg", "private, no-store")


def test_content_decides_the_kind_and_not_the_name(photos_bucket: str) -> None:
    report = make_report()
    photo_id = await_photo(report)

    assert told(photos_bucket, upload(photos_bucket, report, photo_id, packed(picture(), "PNG"))) == []

    assert photo_of(report, photo_id).state == "ready"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", reasons.NO_PHOTO),
        (b"", reasons.EMPTY),
        (telling_jpeg()[:900], reasons.BROKEN),
        (telling_jpeg() + bytes(9_000_000), reasons.TOO_LARGE),
    ],
)
def test_what_is_no_photo_is_refused_in_plain_words_and_gone(content: bytes, code: str, photos_bucket: str) -> None:
    report = make_report()
    photo_id = await_photo(report)

    assert told(photos_bucket, upload(photos_bucket, report, photo_id, content)) == []

    photo = photo_of(report, photo_id)
    assert (photo.state, photo.reason, photo.width) == ("refused", code, None)
    assert reasons.sentence(photo.reason).endswith(".")
    assert keys_in(photos_bucket) == []


def test_events_that_come_twice_and_in_any_order_change_nothing_more(photos_bucket: str) -> None:
    report = make_report()
    first, second = await_photo(report), await_photo(report)
    uploads = [upload(photos_bucket, report, one) for one in (first, second)]

    assert told(photos_bucket, uploads[1], uploads[0], uploads[1]) == []
    before, files = stored(report), keys_in(photos_bucket)
    assert told(photos_bucket, *uploads) == []

    assert stored(report).attribute_values == before.attribute_values and keys_in(photos_bucket) == files
    assert [photo.state for photo in before.photos] == ["ready", "ready"] and len(files) == 4


def test_form_that_is_used_twice_changes_nothing_the_second_time(photos_bucket: str) -> None:
    report = make_report()
    photo_id = await_photo(report)
    told(photos_bucket, upload(photos_bucket, report, photo_id))
    kept = content_of(photos_bucket, keys.kept_key(report.id, f"{photo_id}-1", "large"))

    other = upload(photos_bucket, report, photo_id, packed(picture().rotate(180)))
    assert told(photos_bucket, other) == []

    assert other not in keys_in(photos_bucket)
    assert content_of(photos_bucket, keys.kept_key(report.id, f"{photo_id}-1", "large")) == kept


def test_late_upload_is_deleted_and_changes_nothing(photos_bucket: str, noon: time_machine.Traveller) -> None:
    report = make_report()
    photo_id = await_photo(report)
    noon.shift(3601)

    assert told(photos_bucket, upload(photos_bucket, report, photo_id)) == []

    assert photo_of(report, photo_id).state == "awaiting" and keys_in(photos_bucket) == []


def test_key_of_another_report_or_of_none_is_deleted(photos_bucket: str) -> None:
    mine, other = make_report(), make_report()
    photo_id = await_photo(mine)
    strange = [upload(photos_bucket, other, photo_id), "uploads/rep_none/AAAAAAAAAAAAAAAAAAAAAA", "uploads/../x y+z"]
    for key in strange[1:]:
        boto3.client("s3").put_object(Bucket=photos_bucket, Key=key, Body=telling_jpeg())

    assert told(photos_bucket, *strange) == []

    assert keys_in(photos_bucket) == [] and stored(other).photos == []
    assert photo_of(mine, photo_id).state == "awaiting"


def test_photo_removed_while_it_is_cleaned_leaves_nothing(photos_bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    report = make_report()
    photo_id = await_photo(report)

    def clean(content: bytes, **_: Any) -> separate_process.PhotoFiles:
        from app.photos import changing

        changing.change(report.id, lambda _: [])
        return separate_process.PhotoFiles(2, 2, {"large": content, "small": content})

    monkeypatch.setattr(separate_process, "clean", clean)
    assert told(photos_bucket, upload(photos_bucket, report, photo_id)) == []

    assert stored(report).photos == [] and keys_in(photos_bucket) == []


@pytest.mark.parametrize("failing", ["get", "put", "delete"])
def test_outage_fails_the_message_and_the_next_attempt_does_it(
    failing: str, photos_bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = make_report()
    photo_id = await_photo(report)
    key = upload(photos_bucket, report, photo_id)

    def fail(*_: Any, **__: Any) -> None:
        raise buckets.BucketFailed("no answer")

    with monkeypatch.context() as outage:
        outage.setattr(buckets, failing, fail)
        assert told(photos_bucket, key) == ["m1"]
    assert told(photos_bucket, key) == []

    assert photo_of(report, photo_id).state == "ready"
    assert [key for key in keys_in(photos_bucket) if not key.startswith("kept/")] == []


def test_process_that_fails_refuses_no_photo(photos_bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    report = make_report()
    photo_id = await_photo(report)

    def fail(*_: Any, **__: Any) -> None:
        raise NotMade("It ended with 1")

    monkeypatch.setattr(separate_process, "clean", fail)
    key = upload(photos_bucket, report, photo_id)

    assert told(photos_bucket, key) == ["m1"]
    assert photo_of(report, photo_id).state == "awaiting" and keys_in(photos_bucket) == [key]


def test_poison_message_fails_alone(photos_bucket: str) -> None:
    report = make_report()
    photo_id = await_photo(report)
    event = event_of(upload(photos_bucket, report, photo_id), bucket=photos_bucket)
    foreign = event_of("uploads/x", bucket="another-bucket")["Records"]
    bodies = ["no JSON", "[]", "{}", json.dumps({"Records": [{"s3": 1}]})]
    event["Records"] += [{"messageId": body, "eventSource": "aws:sqs", "body": body} for body in bodies]
    event["Records"] += [one | {"messageId": "foreign"} for one in foreign]

    answer = clean_photo.handler(event, None)

    assert [one["itemIdentifier"] for one in answer["batchItemFailures"]] == [*bodies, "foreign"]
    assert photo_of(report, photo_id).state == "ready"


def test_events_of_other_kinds_are_taken_or_refused(photos_bucket: str) -> None:
    test_of_s3 = {"messageId": "m1", "eventSource": "aws:sqs", "body": json.dumps({"Event": "s3:TestEvent"})}

    assert clean_photo.handler({"Records": [test_of_s3]}, None) == {"batchItemFailures": []}
    for event in ({}, [], {"source": "aws.ec2"}, {"Records": [{"eventSource": "aws:s3"}]}):
        with pytest.raises(ValueError, match="batches of aws:sqs"):
            clean_photo.handler(event, None)


def test_photo_is_not_begun_without_time_for_it(photos_bucket: str) -> None:
    class Context:
        @staticmethod
        def get_remaining_time_in_millis() -> int:
            return 8_000

    report = make_report()
    photo_id = await_photo(report)
    event = event_of(upload(photos_bucket, report, photo_id), bucket=photos_bucket)

    assert clean_photo.handler(event, Context())["batchItemFailures"] == [{"itemIdentifier": "m1"}]
    assert photo_of(report, photo_id).state == "awaiting"


def test_without_a_bucket_nothing_is_done(photos_bucket: str) -> None:
    report = make_report()
    photo_id = await_photo(report)
    event = event_of(upload(photos_bucket, report, photo_id), bucket=photos_bucket)

    with settings_of(FLOOD_PHOTOS_BUCKET=""):
        assert clean_photo.handler(event, None) == {"batchItemFailures": []}
        assert clean_photo.handler({"source": "aws.events"}, None) == {}

    assert photo_of(report, photo_id).state == "awaiting"


def blur(bucket: str, report: Any, photo_id: str, places: list[list[float]], *, number: int = 1) -> str:
    """Order places of a photo to be blurred, as the API does; return the order's key."""
    judge(report, photo_id, blur=places, decision="shown")
    key = keys.order_key(report.id, f"{photo_id}-{number}")
    boto3.client("s3").put_object(Bucket=bucket, Key=key, Body=json.dumps({"blur": places}).encode())
    return key


def is_blurred(content: bytes) -> bool:
    """Whether red has become another colour where it meets green."""
    red, green, _ = opened(content).getpixel((30, 12))
    return bool(red < 230 and green > 20)


def test_blur_makes_the_next_number_and_ends_the_former(photos_bucket: str) -> None:
    report = make_report()
    photo = cleaned_photo(photos_bucket, report)
    key = blur(photos_bucket, report, photo.id, [[0, 0, 1, 1]])

    assert told(photos_bucket, key, key) == []

    after = photo_of(report, photo.id)
    assert (after.number, after.blur, after.decision, after.at_ms) == (2, None, "shown", photo.at_ms)
    kept = [keys.kept_key(report.id, after.name, size) for size in keys.SIZES]
    assert keys_in(photos_bucket) == kept
    assert is_blurred(content_of(photos_bucket, kept[0]))
    assert_only_pixels(content_of(photos_bucket, kept[0]))
    assert told(photos_bucket, key) == [] and photo_of(report, photo.id) == after


def test_places_that_changed_meanwhile_are_blurred_by_the_next_attempt(
    photos_bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = make_report()
    photo = cleaned_photo(photos_bucket, report)
    key = blur(photos_bucket, report, photo.id, [[0, 0, 0.1, 0.1]])
    made = separate_process.blur

    def slow(content: bytes, places: Any, **given: Any) -> separate_process.PhotoFiles:
        if list(places) == [[0, 0, 0.1, 0.1]]:
            judge(report, photo.id, blur=[[0, 0, 1, 1]])
        return made(content, places, **given)

    monkeypatch.setattr(separate_process, "blur", slow)
    assert told(photos_bucket, key) == ["m1"] and photo_of(report, photo.id).number == 1
    assert told(photos_bucket, key) == []

    after = photo_of(report, photo.id)
    assert after.number == 2
    assert is_blurred(content_of(photos_bucket, keys.kept_key(report.id, after.name, "large")))


def test_order_for_nothing_is_deleted(photos_bucket: str) -> None:
    report = make_report()
    photo = cleaned_photo(photos_bucket, report)
    before = keys_in(photos_bucket)
    orders = [keys.order_key(report.id, photo.name), keys.order_key("rep_none", photo.name)]
    for key in orders:
        boto3.client("s3").put_object(Bucket=photos_bucket, Key=key, Body=b"{}")

    assert told(photos_bucket, *orders) == []

    assert keys_in(photos_bucket) == before and photo_of(report, photo.id) == photo
