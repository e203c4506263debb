"""Photos of reports for tests: awaited, sent, cleaned and judged, without the API."""

from collections.abc import Sequence
from typing import Any

import boto3

from app.core import clock
from app.photos import keys, publishing
from app.reports.index.consume import Change
from app.reports.models import Report
from app.reports.photo_column import Photo
from handlers import clean_photo
from tests.photo_files import telling_jpeg
from tests.photo_rows import add_photo, alter_photo, photos_of
from tests.photographing import event_of


def await_photo(report: Report, *, at_ms: int | None = None) -> str:
    """Give a report a photo whose upload is awaited; return its id."""
    begun_ms = clock.now_ms() if at_ms is None else at_ms
    return add_photo(report.id, state="awaiting", at_ms=begun_ms, width=None, height=None).id


def upload(bucket: str, report: Report, photo_id: str, content: bytes | None = None) -> str:
    """Put a file where the form of a ticket puts it; return its key."""
    key = keys.upload_key(report.id, photo_id)
    boto3.client("s3").put_object(Bucket=bucket, Key=key, Body=telling_jpeg() if content is None else content)
    return key


def told(bucket: str, *uploaded: str) -> list[str]:
    """Tell the function of objects that have come; return the messages that failed."""
    answer = clean_photo.handler(event_of(*uploaded, bucket=bucket), None)
    return [one["itemIdentifier"] for one in answer["batchItemFailures"]]


def cleaned_photo(bucket: str, report: Report) -> Photo:
    """Give a report a photo that is ready; return it."""
    photo_id = await_photo(report)
    assert told(bucket, upload(bucket, report, photo_id)) == []
    return photo_of(report, photo_id)


def photo_of(report: Report, photo_id: str) -> Photo:
    return next(photo for photo in photos_of(report.id) if photo.id == photo_id)


def stored(report: Report) -> Report:
    found = Report.find(report.id, consistent=True)
    assert found is not None
    return found


def judge(report: Report, photo_id: str, **said: Any) -> Report:
    """Change a photo in its row, as a decision does; return the report as it is then."""
    alter_photo(report.id, photo_id, **said)
    return stored(report)


def publish(changes: Sequence[Change]) -> None:
    """Publish what follows from changes of reports, as the function of the stream does while S3 is there."""
    for job in publishing.jobs_of(changes):
        publishing.publish(*job)


def content_of(bucket: str, key: str) -> bytes:
    content: bytes = boto3.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    return content
