"""The list for old clients: the newest active reports, in the old words, numbers and time format."""

import hashlib
from typing import Any

from app.core import clock
from app.core.severity import Severity
from app.legacy import bodies
from app.reports.entry import NEWER_THAN_ALL, Entry
from app.reports.index.merge import Budget
from app.reports.index.search import ReportQuery, find_active
from app.reports.index.view import View
from app.reports.models import Report

MOST = 500
MOST_UNITS, MOST_ROUNDS = 26, 10
# Lists hold no descriptions. One batch read gets those of the newest: at most 100 items, about 50 read units.
DESCRIBED = 100
_ID_BITS = 53  # fits in a 64-bit integer, and in the floats of simple JSON readers


def list_floods() -> list[dict[str, Any]]:
    """List up to 500 active reports, newest first, without names and at their public place."""
    question = ReportQuery(None, frozenset(Severity), MOST, before_key=NEWER_THAN_ALL)  # more than documents hold
    entries = find_active(question, View(None, Budget(units=MOST_UNITS, rounds=MOST_ROUNDS))).entries
    reports = Report.find_all(_ids(entries[:DESCRIBED]))
    described = {report.id: report.description for report in reports if not report.is_disputed}
    return [_form(entry, described.get(entry.id) or "") for entry in entries]


def _ids(entries: list[Entry]) -> list[str]:
    return [entry.id for entry in entries]


def _form(entry: Entry, description: str) -> dict[str, Any]:
    """Return all ten members, none null: a missing one makes a client lose its whole list."""
    return {
        "flood_id": flood_id(entry.id),
        "user_id": 0,
        "gps_longitude": float(entry.lon),
        "gps_latitude": float(entry.lat),
        "radius": float(entry.radius_m),
        "severity": bodies.number_of(entry.severity),
        "time_reported": f"{clock.from_ms(clock.minute_of(entry.created_at_ms)):%Y-%m-%d %H:%M:%S}",
        "username": "resident",
        "title": entry.title or "",
        "description": description,
    }


def flood_id(report_id: str) -> int:
    """Return a report's old number: 53 bits of the hash of its id, so the same in every answer."""
    return int.from_bytes(hashlib.sha256(report_id.encode()).digest()[:8]) >> (64 - _ID_BITS)
