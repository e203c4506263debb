"""List and store objects in S3. A function may store them only; the rest is for commands of the operator."""

from functools import cache
from typing import Any, BinaryIO

import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from app.core.config import settings

TIMES = Config(connect_timeout=1, read_timeout=3, retries={"total_max_attempts": 2, "mode": "standard"})


class BucketFailed(Exception):
    """The bucket could not be read or written. The message is S3's own reason."""


def keys(bucket: str, *, prefix: str) -> set[str]:
    """Return the keys of all objects with a prefix. Raises BucketFailed."""
    try:
        pages = client().get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        return {item["Key"] for page in pages for item in page.get("Contents", ())}
    except (BotoCoreError, ClientError) as error:
        raise BucketFailed(str(error).rstrip(".")) from error


def put(bucket: str, key: str, content: bytes | BinaryIO, *, media_type: str, cache_control: str) -> None:
    """Store one object, completely or not at all. Raises BucketFailed."""
    try:
        client().put_object(Bucket=bucket, Key=key, Body=content, ContentType=media_type, CacheControl=cache_control)
    except (BotoCoreError, ClientError) as error:
        raise BucketFailed(str(error).rstrip(".")) from error


def put_once(bucket: str, key: str, content: bytes, *, media_type: str) -> bool:
    """Store one object unless there is one under its key; return whether it was stored. Raises BucketFailed."""
    try:
        client().put_object(Bucket=bucket, Key=key, Body=content, ContentType=media_type, IfNoneMatch="*")
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") == "PreconditionFailed":
            return False
        raise BucketFailed(str(error).rstrip(".")) from error
    except BotoCoreError as error:
        raise BucketFailed(str(error).rstrip(".")) from error
    return True


def digests(bucket: str, *, prefix: str) -> dict[str, str]:
    """Return the MD5 (hexadecimal) of all objects with a prefix, by key. Raises BucketFailed.

    S3's ETag is the MD5 of an object that was stored in one piece and is encrypted by S3's own keys.
    """
    try:
        pages = client().get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        return {item["Key"]: item["ETag"].strip('"') for page in pages for item in page.get("Contents", ())}
    except (BotoCoreError, ClientError) as error:
        raise BucketFailed(str(error).rstrip(".")) from error


@cache
def client() -> Any:
    """Return the client of this process, with the shell's rights; dynamodb.session() has none for a local database."""
    return botocore.session.get_session().create_client("s3", region_name=settings().region, config=TIMES)
