"""Queue of the bucket's events, and a schedule -> clean photos. Safe to repeat, to skip and to run twice at once.

Nothing is written to a disk. What cannot be done now comes again; after some attempts its message is a dead letter.
"""

import json
from functools import partial
from typing import Any
from urllib.parse import unquote_plus

from app.core import telemetry
from app.core.config import settings
from app.photos import publishing, separate_process
from app.photos.sweep import finish, sweep
from handlers.batches import SCHEDULES, Record, handle_each, has_time

# Time for the bucket and the row beside the process that makes the pixels; a photo is not begun with less than LEAST_S.
BESIDE_S, LEAST_S = 3, 6


def handler(event: Any, context: Any) -> dict[str, Any]:
    """Handle a batch of SQS, and name the failed messages, or the schedule's event. Raises ValueError otherwise."""
    if isinstance(event, dict) and event.get("source") in SCHEDULES:
        done = sweep(partial(has_time, context))
        telemetry.logger().info("photos swept", extra=done)
        return done
    return handle_each(event, partial(_clean, context), failure="photo not cleaned", done="photos cleaned")


def _clean(context: Any, record: Record) -> None:
    """Handle one message: an event of our bucket, or a report whose photos wait to be published.

    Raises ValueError for any other.
    """
    told = json.loads(record["body"])
    if told.get("Event") == "s3:TestEvent":
        return  # S3 sends one when the bucket learns where its events go
    if publishing.PUBLISH in told:
        publishing.publish(*publishing.Job.read(told))
        return
    for one in told["Records"]:
        bucket, key = one["s3"]["bucket"]["name"], unquote_plus(one["s3"]["object"]["key"])
        if not settings().photos.bucket:
            continue  # no photos are taken any more
        if bucket != settings().photos.bucket:
            raise ValueError("The event is of another bucket.")
        if one["eventName"].startswith("ObjectCreated:"):
            finish(bucket, key, within_s=_time_for_pixels(context))


def _time_for_pixels(context: Any) -> float:
    """Return the seconds that making the pixels may take. Raises TimeoutError if they are too few."""
    if context is None:
        return separate_process.WITHIN_S
    left_s = float(context.get_remaining_time_in_millis()) / 1000 - BESIDE_S
    if left_s < LEAST_S:
        raise TimeoutError("no time is left")
    return min(left_s, separate_process.WITHIN_S)
