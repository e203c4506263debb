"""Signatures of requests to the store of photos, checked as S3 does.

Source: "Authenticating Requests (AWS Signature Version 4)". The key is the folder's own, so that no page elsewhere and
no other program can read or write a photo.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from urllib.parse import parse_qsl, quote

from werkzeug.wrappers import Request

ALGORITHM = "AWS4-HMAC-SHA256"
SKEW = timedelta(minutes=15)
UNSIGNED = "UNSIGNED-PAYLOAD"
_AUTHORIZATION = re.compile(
    rf"{ALGORITHM} Credential=(?P<credential>[^,\s]+), ?SignedHeaders=(?P<names>[a-z0-9;-]+), ?Signature=(?P<given>\w+)"
)


class Refused(Exception):
    """A request that is refused: the status, and S3's code and words for it."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


class Key(NamedTuple):
    """The one key that signs for this store."""

    id: str
    secret: str
    region: str

    def signs(self, credential: str, date: str, text: str, given: str) -> bool:
        """Return whether it has signed a text for S3 in its region at that date. Raises Refused for another key."""
        owner, _, scope = credential.partition("/")
        if owner != self.id:
            raise Refused(403, "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist.")
        if scope != f"{date[:8]}/{self.region}/s3/aws4_request":
            raise Refused(
                400, "AuthorizationQueryParametersError", "The credential is for another date, region or service."
            )
        signing = f"AWS4{self.secret}".encode()
        for part in scope.split("/"):
            signing = hmac.digest(signing, part.encode(), "sha256")
        return hmac.compare_digest(hmac.digest(signing, text.encode(), "sha256").hex().encode(), given.encode())


def check_policy(key: Key, fields: Mapping[str, str]) -> None:
    """Check that the fields of a form carry our signature of their policy. Raises Refused."""
    if fields.get("x-amz-algorithm") != ALGORITHM:
        raise Refused(403, "AccessDenied", "The form is not signed.")
    signed = fields.get("x-amz-credential", ""), fields.get("x-amz-date", ""), fields.get("policy", "")
    if not key.signs(*signed, fields.get("x-amz-signature", "")):
        raise _not_ours()


def check_request(key: Key, request: Request, body: bytes, *, now: datetime) -> None:
    """Check that a request carries our signature, and that its body is the signed one. Raises Refused."""
    found = _AUTHORIZATION.fullmatch(request.headers.get("Authorization", ""))
    date, content = (request.headers.get(name, "") for name in ("X-Amz-Date", "X-Amz-Content-SHA256"))
    if not found or not {"host", "x-amz-date", "x-amz-content-sha256"} <= set(found["names"].split(";")):
        raise Refused(403, "AccessDenied", "The request is not signed.")
    _check_time(date, now)
    if content != UNSIGNED and content != hashlib.sha256(body).hexdigest():
        raise Refused(400, "XAmzContentSHA256Mismatch", "The body is not the one that was signed.")
    canonical = "\n".join(
        (request.method, _path(request), _query(request), *_headers(request, found["names"]), content)
    )
    scope = found["credential"].partition("/")[2]
    text = "\n".join((ALGORITHM, date, scope, hashlib.sha256(canonical.encode()).hexdigest()))
    if not key.signs(found["credential"], date, text, found["given"]):
        raise _not_ours()


def _check_time(date: str, now: datetime) -> None:
    try:
        signed_at = datetime.strptime(date, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError as error:
        raise Refused(403, "AccessDenied", "The request is not dated.") from error
    if abs(now - signed_at) > SKEW:
        raise Refused(403, "RequestTimeTooSkewed", "The request was signed too long ago, or by another clock.")


def _path(request: Request) -> str:
    return str(request.environ["RAW_URI"]).partition("?")[0]


def _query(request: Request) -> str:
    pairs = parse_qsl(request.query_string.decode("latin-1"), keep_blank_values=True)
    return "&".join(sorted(f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in pairs))


def _headers(request: Request, names: str) -> list[str]:
    lines = [f"{name}:{' '.join(request.headers.get(name, '').split())}" for name in names.split(";")]
    return [*lines, "", names]


def _not_ours() -> Refused:
    message = "The request signature we calculated does not match the signature you provided."
    return Refused(403, "SignatureDoesNotMatch", message)
