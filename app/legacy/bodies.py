"""Read bodies of the old clients, checked in the order of the first server; only the first mistake is shown."""

import json
from collections.abc import Iterable, Mapping
from math import inf
from typing import Any, NamedTuple

from app.api.report_schemas import NewReportSchema
from app.core.errors import Invalid, Malformed, Mistake
from app.core.severity import Severity
from app.http import strict_json
from app.http.fields import QueryNumber
from app.http.schemas import load
from app.legacy import fitting

CREDENTIALS = "Username and password are required"
MISSING = "Missing required fields"
SEVERITY = "Severity must be between 1 and 5"
TYPES = "Incorrect data types in request"
_SIZES = ("gps_latitude", "gps_longitude", "radius")
_NUMBERS = (*_SIZES, "severity")
_TEXTS = ("title", "description")
_WORDS = tuple(Severity)  # 1 is unknown, 5 is extreme


def read(body: bytes) -> dict[str, Any]:
    """Parse a body; one that is not a JSON object lacks user name and password."""
    try:
        # NaN and 1e999 are numbers here, and refused with the sentence of their field.
        body_members = strict_json.parse(body, read_number=float)
    except Malformed as error:
        raise Malformed(CREDENTIALS) from error
    except Invalid as error:
        raise Malformed(error.mistakes[0].detail) from error
    if not isinstance(body_members, dict):
        raise Malformed(CREDENTIALS)
    return body_members


def credentials(body: Mapping[str, Any]) -> dict[str, str]:
    """Return `username` and `password`, which must be non-empty text."""
    credential_values = {name: body.get(name) for name in ("username", "password")}
    if not all(isinstance(value, str) and value for value in credential_values.values()):
        raise Malformed(CREDENTIALS)
    return {name: str(value) for name, value in credential_values.items()}


class Flood(NamedTuple):
    """The values of a report, as `/v1` would have read them, and sentences about what was fitted to its bounds."""

    values: dict[str, Any]
    changes: list[str]


def read_flood(body: Mapping[str, Any]) -> Flood:
    """Convert a body to the values of a report. Raises Malformed."""
    if any(body.get(name) is None for name in (*_NUMBERS, *_TEXTS)):
        raise Malformed(MISSING)
    severity = body["severity"]
    if _is_number(severity) and not 1 <= severity <= 5:
        raise Malformed(SEVERITY)
    lat, lon, radius_m = (_number(body[name]) for name in _SIZES)
    is_typed = _is_number(severity) and all(isinstance(body[name], str) for name in _TEXTS)
    if not is_typed or severity % 1 or not 0 <= radius_m <= fitting.EARTH_M:
        raise Malformed(TYPES)
    changes: list[str] = []
    title, description = fitting.fit_texts(body, changes)
    values = {
        "location": {"lat": lat, "lon": lon},
        "radius_m": fitting.fit_radius(radius_m, changes),
        "severity": _WORDS[int(severity) - 1].value,
        "title": title,
        "description": description,
    }
    return Flood(_load(values), changes)


def _number(value: Any) -> float:
    """Read a number, or its decimal notation in text, which the first server took for places and radii."""
    if isinstance(value, str) and QueryNumber.reads(value.strip()):
        value = float(value)
    if not _is_number(value):
        raise Malformed(TYPES)
    number: float = value  # a whole one may be too large for a float
    return number


def _is_number(value: Any) -> bool:
    """Return whether it is a finite number; text and booleans are not."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < inf


def _load(report: dict[str, Any]) -> dict[str, Any]:
    try:
        return load(NewReportSchema(), report)
    except Invalid as problem:
        is_text = all(mistake.pointer.strip("/") in _TEXTS for mistake in problem.mistakes)
        raise Malformed(in_words(problem.mistakes) if is_text else TYPES) from problem


def in_words(mistakes: Iterable[Mistake]) -> str:
    """Join all mistakes into one text, since these clients show one text and decode no list."""
    return " ".join(f"{mistake.pointer.strip('/').capitalize()}: {mistake.detail}" for mistake in mistakes)


def fingerprint(values: Mapping[str, Any]) -> str:
    """Return the same text for the same values, whatever their order."""
    return json.dumps(values, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def number_of(severity: str) -> int:
    """Return the old number of a severity."""
    return _WORDS.index(Severity(severity)) + 1
