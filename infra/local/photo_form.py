"""Forms that put one object into the store of photos, judged as S3 does: "Browser-Based Uploads Using POST"."""

import base64
import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple
from urllib.parse import quote

from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.sansio.multipart import NEED_DATA, Data, Epilogue, Event, Field, File, MultipartDecoder
from werkzeug.wrappers import Request

from infra.local.photo_signatures import Key, Refused, check_policy

MOST_BYTES = 16 * 1024 * 1024  # of a file that is kept while it is read; a policy allows less
FIELD_BYTES = 20_000
MOST_FIELDS = 40
PIECE_BYTES = 65_536
# Fields that need no condition: "Each form field that you specify in a form (except x-amz-signature, file, policy, and
# field names that have an x-ignore- prefix) must appear in the list of conditions."
_UNCONDITIONED = ("x-amz-signature", "policy")


class Form(NamedTuple):
    """The fields before the file, by their names in small letters, and the file. What follows it is ignored."""

    fields: Mapping[str, str]
    content: bytes
    size: int  # the content has fewer bytes if it is larger than any that is kept


def read_form(request: Request) -> Form:
    """Read a multipart form to its end. Raises Refused for one that no browser makes, or without a file."""
    boundary = request.mimetype_params.get("boundary", "")
    if request.mimetype != "multipart/form-data" or not boundary:
        raise Refused(412, "PreconditionFailed", "Bucket POST must be of the enclosure-type multipart/form-data.")
    fields: dict[str, str] = {}
    file: tuple[bytes, int] | None = None
    try:
        for name, content, size in _parts(request, boundary):
            if file is None and name == "file":
                file = content, size
            elif file is None:
                _add_field(fields, name, content, size)
    except (ValueError, AttributeError, RequestEntityTooLarge) as error:
        raise _malformed() from error
    if file is None:
        raise Refused(400, "InvalidArgument", "POST requires exactly one file upload per request.")
    return Form(fields, *file)


def _add_field(fields: dict[str, str], name: str, content: bytes, size: int) -> None:
    if size > FIELD_BYTES:
        raise Refused(400, "MaxPostPreDataLengthExceeded", "The fields before the file are too long.")
    if name.lower() in fields:
        raise Refused(400, "InvalidArgument", f"The field {name} is there twice.")
    fields[name.lower()] = content.decode()


def _parts(request: Request, boundary: str) -> Iterator[tuple[str, bytes, int]]:
    """Yield name, content and size of each part, in their order."""
    name, content, size = "", bytearray(), 0
    for event in _events(request, boundary):
        if isinstance(event, Field | File):
            name, content, size = str(event.name), bytearray(), 0
        elif isinstance(event, Data):
            size += len(event.data)
            if size <= MOST_BYTES:
                content += event.data
            if not event.more_data:
                yield name, bytes(content), size


def _events(request: Request, boundary: str) -> Iterator[Event]:
    decoder = MultipartDecoder(boundary.encode("latin-1"), max_parts=MOST_FIELDS)
    while True:
        event = decoder.next_event()
        if event is NEED_DATA:
            decoder.receive_data(request.stream.read(PIECE_BYTES) or None)
        elif isinstance(event, Epilogue):
            return
        else:
            yield event


def check_form(form: Form, bucket: str, key: Key, *, now: datetime) -> None:
    """Check signature, expiry and every condition of a form's policy. Raises Refused."""
    check_policy(key, form.fields)
    try:
        policy = json.loads(base64.b64decode(form.fields["policy"], validate=True))
        expires_at = datetime.strptime(policy["expiration"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        conditions = list(policy["conditions"])
    except (ValueError, KeyError, TypeError) as error:
        raise Refused(400, "InvalidPolicyDocument", "The policy cannot be read.") from error
    if expires_at <= now:
        raise _denied("Policy expired.")
    values = {**form.fields, "bucket": bucket}
    named = {name for condition in conditions for name in _check_condition(condition, values, form.size)}
    extra = [name for name in form.fields if name not in named and not _needs_no_condition(name)]
    if extra:
        raise _denied(f"Extra input fields: {', '.join(extra)}")


def _needs_no_condition(name: str) -> bool:
    return name in _UNCONDITIONED or name.startswith("x-ignore-")


def _check_condition(condition: Any, values: Mapping[str, str], size: int) -> list[str]:
    """Check a condition; return the fields that it names. Raises Refused."""
    match condition:
        case dict() if len(condition) == 1:
            [(name, value)] = condition.items()
            return _check_equal(str(name).lower(), value, values, condition)
        case ["eq", str() as name, value] if name.startswith("$"):
            return _check_equal(name[1:].lower(), value, values, condition)
        case ["starts-with", str() as name, str() as value] if name.startswith("$"):
            if not values.get(name[1:].lower(), "").startswith(value):
                raise _failed(condition)
            return [name[1:].lower()]
        case ["content-length-range", int() as least, int() as most]:
            if size > most:
                raise Refused(400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size")
            if size < least:
                raise Refused(400, "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size")
            return []
    raise _failed(condition)


def _check_equal(name: str, value: Any, values: Mapping[str, str], condition: Any) -> list[str]:
    if values.get(name) != value:
        raise _failed(condition)
    return [name]


def redirect_of(form: Form, *, bucket: str, etag: str) -> str | None:
    """Return where the browser goes after a success: the wanted address with the object; None without a good one."""
    wanted = form.fields.get("success_action_redirect", "")
    if not re.fullmatch(r"https?://[^\s#]+", wanted):
        return None
    return f"{wanted}{'&' if '?' in wanted else '?'}{_query(bucket, form.fields['key'], etag)}"


def _query(bucket: str, key: str, etag: str) -> str:
    told = {"bucket": bucket, "key": key, "etag": f'"{etag}"'}
    return "&".join(f"{name}={quote(value, safe='')}" for name, value in told.items())


def _denied(why: str) -> Refused:
    return Refused(403, "AccessDenied", f"Invalid according to Policy: {why}")


def _failed(condition: Any) -> Refused:
    return _denied(f"Policy Condition failed: {json.dumps(condition)}")


def _malformed() -> Refused:
    return Refused(400, "MalformedPOSTRequest", "The body of your POST request is not well-formed multipart/form-data.")
