"""List, store, read and remove objects in S3. Each function has the rights for what it does alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, BinaryIO

import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from app.core.config import settings

_ABSENT = ("NoSuchKey", "404")
UPLOAD_S = 300  # how long a form for an upload may be used
# Virtual: the bucket's host is that of its region. Forms would lead to the host of all regions, which sends browsers on
# to another one for the first hours of a bucket, and that no page may be asked for. Version 4: by itself botocore signs
# forms for us-east-1 by version 2, which S3 takes for no new bucket.
SETTINGS = Config(
    connect_timeout=1,
    read_timeout=3,
    retries={"total_max_attempts": 2, "mode": "standard"},
    signature_version="s3v4",
    s3={"addressing_style": "virtual"},
)


class BucketFailed(Exception):
    """The bucket could not be read or written. The message is S3's own reason."""

    @property
    def is_outage(self) -> bool:
        """Whether S3 was not reached, or failed itself: the same call may succeed later."""
        answer = getattr(self.__cause__, "response", None) or {}
        return int(answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 500)) >= 500


@contextmanager
def _told() -> Iterator[None]:
    """Raise BucketFailed for whatever S3 or the way to it refuses."""
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise BucketFailed(str(error).rstrip(".")) from error


@contextmanager
def _unless(*codes: str) -> Iterator[list[str]]:
    """Pass over an answer of S3 with one of these codes, which is then in the list."""
    met = list[str]()
    with _told():
        try:
            yield met
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            if code not in codes:
                raise
            met.append(code)


def keys(bucket: str, *, prefix: str) -> set[str]:
    """Return the keys of all objects with a prefix. Raises BucketFailed."""
    return {item["Key"] for item in _listed(bucket, prefix)}


def digests(bucket: str, *, prefix: str) -> dict[str, str]:
    """Return the MD5 (hexadecimal) of all objects with a prefix, by key. Raises BucketFailed.

    S3's ETag is the MD5 of an object that was stored in one piece and is encrypted by S3's own keys.
    """
    return {item["Key"]: item["ETag"].strip('"') for item in _listed(bucket, prefix)}


def _listed(bucket: str, prefix: str) -> Iterator[dict[str, Any]]:
    after = dict[str, str]()
    while True:  # functions are deployed without botocore's own paginators
        with _told():
            page = client().list_objects_v2(Bucket=bucket, Prefix=prefix, **after)
        yield from page.get("Contents", ())
        if not page.get("IsTruncated"):
            return
        after = {"ContinuationToken": page["NextContinuationToken"]}


def put(bucket: str, key: str, content: bytes | BinaryIO, *, media_type: str, cache_control: str) -> None:
    """Store one object, completely or not at all. Raises BucketFailed."""
    with _told():
        client().put_object(Bucket=bucket, Key=key, Body=content, ContentType=media_type, CacheControl=cache_control)


def put_once(bucket: str, key: str, content: bytes, *, media_type: str) -> bool:
    """Store one object unless there is one under its key; return whether it was stored. Raises BucketFailed."""
    with _unless("PreconditionFailed") as met:
        client().put_object(Bucket=bucket, Key=key, Body=content, ContentType=media_type, IfNoneMatch="*")
    return not met


def get(bucket: str, key: str, *, most_bytes: int | None = None) -> bytes | None:
    """Return an object's content up to a limit in bytes, or None if there is none. Raises BucketFailed."""
    content = b""
    with _unless(*_ABSENT) as met:
        content = client().get_object(Bucket=bucket, Key=key)["Body"].read(most_bytes)
    return None if met else content


def copy(bucket: str, key: str, to: str, *, cache_control: str) -> bool:
    """Copy a JPEG within a bucket, with this `Cache-Control`; False if there is none. Raises BucketFailed."""
    given = {"MetadataDirective": "REPLACE", "ContentType": "image/jpeg", "CacheControl": cache_control}
    with _unless(*_ABSENT) as met:
        client().copy_object(Bucket=bucket, Key=to, CopySource={"Bucket": bucket, "Key": key}, **given)
    return not met


def delete(bucket: str, key: str) -> None:
    """Delete an object; no error if there is none. Raises BucketFailed."""
    with _told():
        client().delete_object(Bucket=bucket, Key=key)


def upload_form(bucket: str, key: str, *, media_type: str, most_bytes: int, redirect: str = "") -> dict[str, Any]:
    """Return `url` and `fields` of a form that puts one object of this key and type there, of 1 to `most_bytes`.

    Source: S3, "Browser-Based Uploads Using POST (AWS Signature Version 4)". Nothing is sent to S3 here. `redirect`:
    where the browser goes afterwards; else the answer is a 204.
    """
    fields = {"Content-Type": media_type}
    fields |= {"success_action_redirect": redirect} if redirect else {"success_action_status": "204"}
    conditions = [["content-length-range", 1, most_bytes], *({name: value} for name, value in fields.items())]
    form: dict[str, Any] = client().generate_presigned_post(
        bucket, key, Fields=fields, Conditions=conditions, ExpiresIn=UPLOAD_S
    )
    return form


@cache
def client() -> Any:
    """Return the client of this process, with the shell's rights; dynamodb.session() has none for a local database."""
    return botocore.session.get_session().create_client("s3", region_name=settings().region, config=SETTINGS)
