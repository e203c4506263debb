"""Each hour's sweep of the bucket: what events have missed is done, and what belongs to no photo is deleted."""

from typing import Any

import boto3
import pytest
import time_machine

from app.photos import changing, keys, separate_process, sweep
from app.reports.models import Report
from app.reports.photo_column import Photo
from handlers import clean_photo
from tests.factories import make_report
from tests.photographed import await_photo, cleaned_photo, judge, photo_of, stored, upload
from tests.photographing import keys_in

HOURLY = {"source": "aws.scheduler", "detail-type": "Scheduled Event"}
SOME_ID = "AAAAAAAAAAAAAAAAAAAAAA"


def hour() -> dict[str, int]:
    """The numbers of what waited, and of wrong public and kept files."""
    told: dict[str, int] = clean_photo.handler(HOURLY, None)
    return told


def put(bucket: str, *wanted: str) -> None:
    for key in wanted:
        boto3.client("s3").put_object(Bucket=bucket, Key=key, Body=b"pixels")


def files(report: Report, name: str) -> list[str]:
    return [keys.kept_key(report.id, name, size) for size in keys.SIZES]


def test_upload_whose_event_got_lost_is_cleaned(photos_bucket: str) -> None:
    report = make_report()
    photo_id = await_photo(report)
    upload(photos_bucket, report, photo_id)

    assert hour()["waiting"] == 1

    assert photo_of(report, photo_id).state == "ready"
    assert keys_in(photos_bucket) == files(report, f"{photo_id}-1")


def test_order_that_was_not_stored_is_followed(photos_bucket: str) -> None:
    report = make_report()
    photo = cleaned_photo(photos_bucket, report)
    judge(report, photo.id, blur=[[0, 0, 1, 1]], decision="hidden")

    hour()

    assert (photo_of(report, photo.id).number, photo_of(report, photo.id).blur) == (2, None)
    assert keys_in(photos_bucket) == files(report, f"{photo.id}-2")


def test_files_without_their_photo_are_deleted(photos_bucket: str) -> None:
    report = make_report()
    photo = cleaned_photo(photos_bucket, report)
    right = keys_in(photos_bucket)
    orphans = [
        *files(report, f"{photo.id}-2"),
        *files(report, f"{SOME_ID}-1"),
        "kept/rep_none/x/large.jpg",
        *(keys.public_key(f"{SOME_ID}-{number}", size) for size in keys.SIZES for number in (1, 2)),
        *("uploads/x", f"uploads/rep_none/{SOME_ID}", "orders/x.json", f"orders/rep_none/{SOME_ID}-1.json"),
    ]
    put(photos_bucket, *orphans)

    assert hour() == {"waiting": 4, "public": 2, "kept": 5}

    assert keys_in(photos_bucket) == right
    assert hour() == {"waiting": 0, "public": 0, "kept": 0}


def test_public_copies_are_made_right(photos_bucket: str) -> None:
    shown, hidden = make_report(), make_report()
    photos = {one.id: cleaned_photo(photos_bucket, one) for one in (shown, hidden)}
    judge(shown, photos[shown.id].id, decision="shown")
    put(photos_bucket, keys.public_key(photos[hidden.id].name, "large"))

    hour()

    public = [key for key in keys_in(photos_bucket) if key.startswith(keys.PUBLIC)]
    name = photos[shown.id].name
    assert public == sorted(keys.public_key(name, size, is_held=held) for size in keys.SIZES for held in (False, True))


def test_photos_awaited_too_long_leave_the_row(photos_bucket: str, noon: time_machine.Traveller) -> None:
    report = make_report()
    photo = cleaned_photo(photos_bucket, report)
    await_photo(report)
    noon.shift(3601)

    hour()

    assert [one.id for one in stored(report).photos] == [photo.id]


def test_all_files_are_compared_in_turn(
    photos_bucket: str, noon: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep, "PAGE", 2)
    put(photos_bucket, *(f"kept/rep_none{number}/{SOME_ID}-1/large.jpg" for number in range(6)))
    left = []
    for _ in range(3):
        hour()
        left.append(len(keys_in(photos_bucket)))
        noon.shift(3600)

    assert left[0] == 4 and left[-1] < 4


def test_photo_that_cannot_be_made_now_holds_up_no_other(photos_bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = sorted((make_report(), make_report()), key=lambda one: one.id)
    ids = [await_photo(one) for one in (first, second)]
    for report, photo_id in zip((first, second), ids, strict=True):
        upload(photos_bucket, report, photo_id)
    clean, failures = separate_process.clean, [separate_process.NotMade("It ended with 1")]

    def failing(content: bytes, **given: Any) -> separate_process.PhotoFiles:
        if failures:
            raise failures.pop()
        return clean(content, **given)

    monkeypatch.setattr(separate_process, "clean", failing)
    hour()

    assert [photo_of(first, ids[0]).state, photo_of(second, ids[1]).state] == ["awaiting", "ready"]


def test_sweep_ends_in_time(photos_bucket: str) -> None:
    class Context:
        @staticmethod
        def get_remaining_time_in_millis() -> int:
            return 1_000

    put(photos_bucket, "uploads/x", keys.public_key(f"{SOME_ID}-1", "large"), "kept/rep_none/x/large.jpg")

    assert clean_photo.handler(HOURLY, Context()) == {"waiting": 0, "public": 0, "kept": 0}
    assert len(keys_in(photos_bucket)) == 3


def test_photo_that_is_being_cleaned_keeps_its_files(photos_bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    report = make_report()
    photo_id = await_photo(report)
    change = changing.change

    def slow_change(*given: Any, **more: Any) -> Report | None:
        monkeypatch.setattr(changing, "change", change)
        upload_key = keys.upload_key(report.id, photo_id)
        boto3.client("s3").delete_object(Bucket=photos_bucket, Key=upload_key)
        hour()
        return change(*given, **more)

    monkeypatch.setattr(changing, "change", slow_change)
    upload(photos_bucket, report, photo_id)
    hour()

    ready: Photo = photo_of(report, photo_id)
    assert ready.state == "ready" and keys_in(photos_bucket) == files(report, ready.name)
