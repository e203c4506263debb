"""A stand-in for S3 that keeps one bucket as files: `python -m infra.local.photo_store PORT FOLDER [ORIGIN ..]`.

It does what the product asks of S3 (app/aws/buckets.py) and refuses all else, listens on this machine only, and answers
forms of pages of the origins. The key that signs requests comes from the environment, as for every client.
"""

import base64
import hashlib
import logging
import os
import re
import sys
import zlib
from collections.abc import Callable, Collection, Iterable
from datetime import UTC, datetime
from email.utils import formatdate
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.sax.saxutils import escape

from werkzeug.exceptions import HTTPException
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from infra.local.data_folder import PHOTOS_BUCKET
from infra.local.photo_files import About, BadKey, PhotoFiles
from infra.local.photo_form import MOST_BYTES, PIECE_BYTES, check_form, read_form, redirect_of
from infra.local.photo_signatures import Key, Refused, check_request
from infra.local.processes import LOOPBACK

PAGE_KEYS = 1000
_WHOLE = re.compile(r"[0-9]{1,9}")
XML = "application/xml"
_LIST = {"list-type", "prefix", "max-keys", "encoding-type", "continuation-token", "start-after"}
LOGGER = logging.getLogger("photo store")


class PhotoStore:
    """The application: one bucket, one key, and the origins whose pages may send forms."""

    def __init__(
        self, files: PhotoFiles, key: Key, *, bucket: str = PHOTOS_BUCKET, origins: Collection[str] = ()
    ) -> None:
        self.files, self.key, self.bucket, self.origins = files, key, bucket, origins
        self._objects: dict[str, Callable[[Request, str, bytes], Response]] = {
            "PUT": self._put,
            "GET": self._get,
            "HEAD": self._get,
            "DELETE": self._delete,
        }

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        request = Request(environ)
        try:
            answer = self._answer(request)
        except Refused as refused:
            answer = _error(refused.status, refused.code, refused.message)
        except BadKey:
            answer = _error(400, "InvalidURI", "This store takes keys of letters, digits and -_. between slashes.")
        except HTTPException as error:
            answer = _error(error.code or 400, "InvalidRequest", "The request cannot be read.")
        except Exception:  # our own fault is told to the caller as S3 does it, and in full here
            LOGGER.exception("the request failed")
            answer = _error(500, "InternalError", "We encountered an internal error. Please try again.")
        self._allow_pages(request, answer)
        return answer(environ, start_response)

    def _answer(self, request: Request) -> Response:
        bucket, _, key = unquote(str(request.environ["RAW_URI"]).partition("?")[0])[1:].partition("/")
        if bucket != self.bucket:
            raise Refused(404, "NoSuchBucket", "The specified bucket does not exist")
        if request.method == "OPTIONS":
            return self._preflight(request)
        if request.method == "POST" and not key and not request.query_string:
            return self._form(request)
        body = _body(request)
        check_request(self.key, request, body, now=_now())
        if key:
            return self._object(request, key, body)
        if request.method == "HEAD":
            return Response(status=200)
        return self._list(request)

    def _object(self, request: Request, key: str, body: bytes) -> Response:
        if request.method not in self._objects or set(request.args) - {"x-id"}:
            raise _not_done()
        return self._objects[request.method](request, key, body)

    def _form(self, request: Request) -> Response:
        form = read_form(request)
        check_form(form, self.bucket, self.key, now=_now())
        media_type = form.fields.get("content-type", "binary/octet-stream")
        about = self.files.put(form.fields.get("key", ""), form.content, media_type=media_type)
        assert about
        if redirect := redirect_of(form, bucket=self.bucket, etag=about.etag):
            return Response(status=303, headers={"Location": redirect, "ETag": f'"{about.etag}"'})
        location = f"{request.host_url}{self.bucket}/{about.key}"
        headers = {"ETag": f'"{about.etag}"', "Location": location}
        status = form.fields.get("success_action_status")
        if status != "201":
            return Response(status=200 if status == "200" else 204, headers=headers)
        told = {"Location": location, "Bucket": self.bucket, "Key": about.key, "ETag": f'"{about.etag}"'}
        return Response(_xml("PostResponse", _elements(told)), 201, headers, mimetype=XML)

    def _put(self, request: Request, key: str, body: bytes) -> Response:
        if source := request.headers.get("x-amz-copy-source"):
            return self._copy(request, key, source)
        _check_sums(request, body)
        given = {"media_type": request.headers.get("Content-Type", "binary/octet-stream")}
        given["cache_control"] = request.headers.get("Cache-Control", "")
        is_first = request.headers.get("If-None-Match") == "*"
        about = self.files.put(key, body, **given, is_first=is_first)
        if about is None:
            raise Refused(412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold")
        return Response(status=200, headers={"ETag": f'"{about.etag}"'})

    def _copy(self, request: Request, key: str, source: str) -> Response:
        bucket, _, source_key = unquote(source).removeprefix("/").partition("/")
        found = self.files.get(source_key) if bucket == self.bucket else None
        if found is None:
            raise _no_such_key()
        about, content = found
        media_type, cache_control = about.media_type, about.cache_control
        if request.headers.get("x-amz-metadata-directive") == "REPLACE":
            media_type = request.headers.get("Content-Type", "binary/octet-stream")
            cache_control = request.headers.get("Cache-Control", "")
        copied = self.files.put(key, content, media_type=media_type, cache_control=cache_control)
        assert copied
        told = {"LastModified": _moment(copied), "ETag": f'"{copied.etag}"'}
        return Response(_xml("CopyObjectResult", _elements(told)), mimetype=XML)

    def _get(self, request: Request, key: str, body: bytes) -> Response:
        found = self.files.get(key)
        if found is None:
            raise _no_such_key()
        about, content = found
        headers = {"ETag": f'"{about.etag}"', "Last-Modified": formatdate(about.written_at_s, usegmt=True)}
        if about.cache_control:
            headers["Cache-Control"] = about.cache_control
        return Response(content, 200, headers, content_type=about.media_type)

    def _delete(self, request: Request, key: str, body: bytes) -> Response:
        self.files.delete(key)
        return Response(status=204)

    def _list(self, request: Request) -> Response:
        asked = request.args
        most = asked.get("max-keys", str(PAGE_KEYS))
        if request.method != "GET" or asked.get("list-type") != "2" or set(asked) - _LIST or not _WHOLE.fullmatch(most):
            raise _not_done()
        prefix, limit = asked.get("prefix", ""), min(int(most), PAGE_KEYS)
        after = asked.get("continuation-token") or asked.get("start-after", "")
        keys = [key for key in self.files.keys(prefix) if key > after]
        page = keys[:limit]
        told = {"Name": self.bucket, "Prefix": prefix, "MaxKeys": limit, "KeyCount": len(page)}
        has_more = 0 < len(page) < len(keys)
        told |= {"IsTruncated": str(has_more).lower()} | ({"NextContinuationToken": page[-1]} if has_more else {})
        found = (about for key in page if (about := self.files.about(key)))
        items = (
            _elements({"Key": one.key, "LastModified": _moment(one), "ETag": f'"{one.etag}"', "Size": one.size})
            for one in found
        )
        listed = "".join(f"<Contents>{item}</Contents>" for item in items)
        return Response(_xml("ListBucketResult", _elements(told) + listed), mimetype=XML)

    def _preflight(self, request: Request) -> Response:
        is_ours = request.headers.get("Origin") in self.origins
        if not is_ours or request.headers.get("Access-Control-Request-Method") != "POST":
            raise Refused(403, "AccessForbidden", "CORSResponse: This CORS request is not allowed.")
        headers = {"Access-Control-Allow-Methods": "POST", "Access-Control-Max-Age": "600"}
        if wanted := request.headers.get("Access-Control-Request-Headers"):
            headers["Access-Control-Allow-Headers"] = wanted
        return Response(status=200, headers=headers)

    def _allow_pages(self, request: Request, answer: Response) -> None:
        origin = request.headers.get("Origin", "")
        answer.headers["Vary"] = "Origin"
        answer.headers["X-Content-Type-Options"] = "nosniff"
        if origin in self.origins:
            answer.headers["Access-Control-Allow-Origin"] = origin
            answer.headers["Access-Control-Expose-Headers"] = "ETag, Location"


def _body(request: Request) -> bytes:
    """Read a whole body. Raises Refused for one that is too long, once it was read and dropped."""
    body, size = bytearray(), 0
    while piece := request.stream.read(PIECE_BYTES):
        size += len(piece)
        if size <= MOST_BYTES:
            body += piece
    if size > MOST_BYTES:
        raise Refused(400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size")
    return bytes(body)


def _check_sums(request: Request, body: bytes) -> None:
    sums = {
        "Content-MD5": hashlib.md5(body, usedforsecurity=False).digest(),
        "x-amz-checksum-crc32": zlib.crc32(body).to_bytes(4, "big"),
    }
    for name, computed in sums.items():
        if request.headers.get(name, base64.b64encode(computed).decode()) != base64.b64encode(computed).decode():
            raise Refused(400, "BadDigest", f"The {name} you specified did not match what we received.")


def _now() -> datetime:
    return datetime.now(UTC)


def _moment(about: About) -> str:
    return datetime.fromtimestamp(about.written_at_s, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _not_done() -> Refused:
    return Refused(501, "NotImplemented", "This stand-in for S3 does only what the product asks of S3.")


def _no_such_key() -> Refused:
    return Refused(404, "NoSuchKey", "The specified key does not exist.")


def _elements(told: dict[str, Any]) -> str:
    return "".join(f"<{name}>{escape(str(value))}</{name}>" for name, value in told.items())


def _xml(name: str, content: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{name}>{content}</{name}>'


def _error(status: int, code: str, message: str) -> Response:
    return Response(_xml("Error", _elements({"Code": code, "Message": message})), status, mimetype=XML)


def main() -> None:
    logging.basicConfig(format="%(name)s: %(message)s")
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # it would print each request
    port, folder, *origins = sys.argv[1:]
    files = PhotoFiles(Path(folder))
    files.make()
    key = Key(*(os.environ[name] for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION")))
    store = PhotoStore(files, key, bucket=os.environ["FLOOD_PHOTOS_BUCKET"], origins=origins)
    make_server(LOOPBACK, int(port), store, threaded=True).serve_forever()


if __name__ == "__main__":
    main()
