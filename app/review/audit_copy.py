"""Copy audit rows to a bucket, one object for each row, and compare a day of the audit with its copy.

An object's key comes from the row's own keys, and an object is never overwritten: repeated, doubled and late changes
store nothing twice. Its content is the row, as JSON in one spelling, so that a listing with its digests is enough to
compare.
"""

import json
from collections.abc import Iterator, Mapping
from hashlib import md5
from typing import Any, NamedTuple

from app.aws import buckets
from app.core import clock
from app.core.config import settings
from app.review.audit_models import ACTIONS, AuditRow, is_code
from app.review.audit_search import LAST_ID, id_at, time_of

MEDIA_TYPE = "application/json"
# A row may be so long on its way: the stream's window, retries of an outage, the index.
ON_THE_WAY_MS = 15 * clock.MINUTE_MS


class NoAuditRow(ValueError):
    """Error: what should be copied is no audit row. Says nothing of its content."""


class NoBucket(Exception):
    """The settings name no bucket for the copy."""


class Copy(NamedTuple):
    """The object of a row."""

    key: str
    content: bytes

    @property
    def digest(self) -> str:
        """Return the MD5, as S3 tells it of an object. It detects accidents and later changes; the lock protects."""
        return md5(self.content, usedforsecurity=False).hexdigest()


class Comparison(NamedTuple):
    """A day's rows beside their copies: how many rows, and the keys of those that are not as they should be."""

    rows: int
    missing: list[str]
    differing: list[str]
    without_row: list[str]

    @property
    def is_right(self) -> bool:
        """Return whether every row has its copy, the same, and every copy its row."""
        return not (self.missing or self.differing or self.without_row)


def bucket() -> str:
    """Return the name of the bucket. Raises NoBucket."""
    if not settings().audit_bucket:
        raise NoBucket("FLOOD_AUDIT_BUCKET is not set.")
    return settings().audit_bucket


def store(image: Any) -> bool:
    """Store the copy of a row as the table holds it, unless there is one; return whether it was stored.

    Raises NoAuditRow, NoBucket, and BucketFailed.
    """
    copy = copy_of(image)
    return buckets.put_once(bucket(), copy.key, copy.content, media_type=MEDIA_TYPE)


def copy_of(image: Any) -> Copy:
    """Return the object of a row as the table holds it, whatever that is. Raises NoAuditRow."""
    try:
        plain = {name: _plain(value) for name, value in image.items()}
        at_ms = time_of(str(plain["id"]))
        subject, row_id = plain["subject"], plain["id"]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise NoAuditRow(f"It is no audit row: {type(error).__name__}.") from None
    if not is_code(subject) or not is_code(row_id):
        raise NoAuditRow("It has not the keys of an audit row.")
    content = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    return Copy(f"{clock.day_of(at_ms)}/{row_id}/{subject}.json", content)


def compare(day: str) -> Comparison:
    """Compare the rows of a UTC day, `2026-01-05`, with their copies, except for what may still be on its way.

    Raises what the database raises, NoBucket and BucketFailed.
    """
    copies = {copy.key: copy.digest for copy in copies_wanted(day)}
    stored = buckets.digests(bucket(), prefix=f"{day}/")
    settled = f"{day}/{id_at(clock.now_ms() - ON_THE_WAY_MS)}"
    return Comparison(
        rows=len(copies),
        missing=sorted(key for key in copies.keys() - stored.keys() if key < settled),
        differing=sorted(key for key in copies.keys() & stored.keys() if copies[key] != stored[key]),
        without_row=sorted(key for key in stored.keys() - copies.keys() if key < settled),
    )


def copies_wanted(day: str) -> Iterator[Copy]:
    """Yield the copies that the rows of a day should have."""
    first_ms = clock.midnight_of(day)
    low, high = id_at(first_ms), id_at(first_ms + clock.DAY_MS - 1) + LAST_ID
    for action in sorted(ACTIONS):
        for image in AuditRow.images_between(action, low=low, high=high):
            yield copy_of(image)


def mend(day: str) -> int:
    """Store the copies that a day lacks; return how many. None is overwritten. Raises as `compare` does."""
    return sum(buckets.put_once(bucket(), copy.key, copy.content, media_type=MEDIA_TYPE) for copy in copies_wanted(day))


def _plain(value: Mapping[str, Any]) -> Any:
    """Return a value without DynamoDB's type. A number is a whole one; what else there may be stays as it is."""
    ((kind, content),) = value.items()
    if kind == "N":
        return int(content) if str(content).lstrip("-").isdigit() else content
    return content if kind in ("S", "BOOL") else None if kind == "NULL" else dict(value)
