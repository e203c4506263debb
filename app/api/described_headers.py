"""Describe the headers of answers: those of every answer, of every GET, of lists, of limits, and a route's own."""

from typing import Any

from app.api.csv_table import MEDIA_TYPE as TABLE

IDEMPOTENCY_REPLAYED = "Idempotency-Replayed"
_EVERY = ("X-Request-ID", "Cache-Control")
_LIMITS = ("RateLimit", "RateLimit-Policy")
_OF_STATUS = {
    "401": ("WWW-Authenticate",),
    "403": ("WWW-Authenticate",),
    "429": ("Retry-After",),
    "503": ("Retry-After",),
}
# What has no room for members names here what lacks. Tables name their sources, too.
_OF_MEDIA_TYPES = {
    TABLE: ("X-Missing", "X-Sources"),
    "application/atom+xml": ("X-Missing",),
    "application/rss+xml": ("X-Missing",),
}
_OF_OLD = ("Deprecation", "Link")
# Each header of an answer: a sentence, an example, and whether an answer that names it always has it.
HEADERS: dict[str, tuple[str, str, bool]] = {
    "X-Request-ID": ("The id of this request, for questions: yours if you sent a good one.", "req_01kb9v3q8d5w", True),
    "Cache-Control": ("Which caches may keep the answer, and how long.", "public, max-age=15", True),
    "ETag": ("The version of the answer, for If-None-Match and, where it is taken, If-Match.", '"v3"', True),
    "Link": (
        'The next page (rel="next"), where the changes go on (rel="next-delta"), what follows a deprecated path.',
        '</v1/reports?cursor=abc>; rel="next"',
        False,
    ),
    "Location": ("The path of what was made.", "/v1/reports/01kb9v3q8d5w7x2ya4zc6e0fgh", True),
    IDEMPOTENCY_REPLAYED: ("`true`: it was stored before, under this key.", "true", True),
    "Content-Language": ("The language of our words in the answer, by Accept-Language.", "en", False),
    "RateLimit": (
        "What is left of each limit, and after how many seconds it is whole again.",
        '"x";r=29;t=3600',
        False,
    ),
    "RateLimit-Policy": ("The limits that count here, each with its seconds.", '"x";q=30;w=3600', False),
    "Retry-After": ("After how many seconds to send it again.", "60", False),
    "X-Missing": ("What could not be read now, as `missing` of the JSON form names it.", "reports", False),
    "X-Sources": ("The sources asked, each with its state and age.", "ea; state=ok; age_s=12; stale=false", False),
    "WWW-Authenticate": ("The accepted kind of credentials, and the missing scope.", "Bearer", False),
    "Deprecation": ("Since when the path is deprecated: RFC 9745.", "@1795219200", False),
}


def headers_of(operation: dict[str, Any], method: str, status: str) -> dict[str, Any]:
    """Return the headers of one answer of an operation, as references."""
    answer = operation["responses"][status]
    names = [*_EVERY, *_OF_STATUS.get(status, ()), *answer.get("headers", ())]
    parameters = {parameter["name"] for parameter in operation.get("parameters", ())}
    names += _OF_OLD if operation.get("deprecated") else ()
    names += ["Content-Language"] if "content" in answer else []
    if method == "get" and status in ("200", "304"):
        content = operation["responses"]["200"].get("content", {})
        names += [name for media_type in content for name in _OF_MEDIA_TYPES.get(media_type, ())]
    if method != "get":
        names += _LIMITS
        names += ["ETag"] if "If-Match" in parameters and "content" in answer and status < "300" else []
    elif status in ("200", "304"):
        names += ["ETag"]
        names += ["Link"] if "cursor" in parameters else []
    return references(names)


def references(names: list[str]) -> dict[str, Any]:
    """Return references to headers by their names."""
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def headers_of_problem(status: int) -> dict[str, Any]:
    """Return the headers of a problem of this status, as references."""
    return references([*_EVERY, *_LIMITS, *_OF_STATUS.get(str(status), ())])


def components() -> dict[str, Any]:
    """Return every header, described, by its name."""
    return {
        name: {"description": sentence, "required": is_always, "schema": {"type": "string"}, "example": example}
        for name, (sentence, example, is_always) in HEADERS.items()
    }
