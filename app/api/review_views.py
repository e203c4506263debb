"""Answers about the queue for responders: rows of a list, and one report with all that a decision needs."""

from collections.abc import Sequence
from typing import Any

from app.api import exact_places
from app.api.photo_views import photo_forms
from app.api.report_schemas import full_form, short_form
from app.core import clock
from app.core.severity import EVERY
from app.http.answers import accepted_language
from app.photos.standing import OF_STAFF
from app.reports.index.nearest import find_nearest
from app.reports.index.search import ReportQuery
from app.reports.models import Report
from app.reports.under_block import block_of
from app.review import holds, urgency
from app.review.queue_models import Content, QueueRow
from app.review.surroundings import MOST_NAMED, circle_around, nearby
from app.review.tally import count_flags
from app.review.vote_models import VoteRow
from app.warnings.covering import find_covering_if_readable

NEWEST_OF_REPORTER = 100
MOST_NEIGHBOURS = 100


def list_items(
    rows: Sequence[tuple[QueueRow, Content]], account_id: str, *, has_places: bool = True
) -> list[dict[str, Any]]:
    """Return the items of a list. Exact places of others' homes are noted first; without the note, public ones.

    `has_places`: whether the places are shown; otherwise nothing is noted, and the public ones are returned.
    """
    apart = [content.entry.id for _, content in rows if content.place]
    is_exact = has_places and (not apart or exact_places.note(apart))
    return [_list_item(row, content, account_id, is_exact=is_exact) for row, content in rows]


def _list_item(row: QueueRow, content: Content, account_id: str, *, is_exact: bool) -> dict[str, Any]:
    form = short_form(content.entry)
    if content.place and is_exact:
        lat, lon = content.place
        form |= {"location": {"lat": lat, "lon": lon}, "location_precision": "exact"}
    count, ids = content.neighbours
    holder = row.holder_at(clock.now_ms())
    return {
        "report": form,
        "state": content.state,
        "priority": _priority(content.reasons),
        "neighbours": {"count": count, "ids": list(ids)},
        "similar": list(content.similar),
        "flags": {"count": content.flags.number, "reasons": dict(content.flags.reasons)},
        "photos_waiting": content.photos,
        "hold": _hold(holder, int(row.held_until_ms or 0), account_id) if holder else None,
    }


def _priority(reasons: Sequence[tuple[str, int]]) -> dict[str, Any]:
    return {"reasons": [{"code": code, "hours": hours} for code, hours in reasons]}


def _hold(holder: str, until_ms: int, account_id: str) -> dict[str, Any]:
    return {"until": clock.rfc3339(until_ms), "by_you": holder == account_id}


def one_item(report: Report, account_id: str) -> dict[str, Any]:
    """Return one report with its flags, all neighbours, and how its reporter's other reports were judged."""
    entry, rows, held = report.entry(), VoteRow.about(report.id), holds.holder_of(report.id)
    (over,) = find_covering_if_readable([entry.spot])
    is_hidden = report.exact_place() != {"lat": report.lat, "lon": report.lon}
    is_exact = not is_hidden or exact_places.note([report.id])
    language = accepted_language()
    photos = photo_forms(report, OF_STAFF, language=language)
    form = full_form(report, is_exact=is_exact, photos=photos, is_staff=True, over=over, language=language)
    flags, decided_at_ms = count_flags(report, rows, clock.now_ms()), _decided_at_ms(report)
    notes = [str(row.note) for row in rows if row.is_flag and row.note and int(row.at_ms) > decided_at_ms]
    neighbours, similar = _neighbours(report)
    return {
        "report": form,
        "state": str(urgency.state_of(report)),
        "priority": _priority(urgency.reasons_of(report, is_warned=bool(over and over.certain))),
        "neighbours": neighbours,
        "similar": similar,
        "flags": {"count": flags.number, "reasons": flags.reasons, "notes": notes},
        "photos_waiting": urgency.count_photos(report),
        "hold": _hold(held.account_id, held.until_ms, account_id) if held else None,
        "reporter": reporter_form(report),
    }


def _decided_at_ms(report: Report) -> int:
    return report.verdict.decided_at_ms if report.verdict else 0


def _neighbours(report: Report) -> tuple[dict[str, Any], list[str]]:
    entry = report.entry()
    found = find_nearest(ReportQuery(circle_around(entry), EVERY, MOST_NEIGHBOURS))
    near = nearby(entry, found.entries)
    form = {
        "count": len(near.entries),
        "ids": [other.id for other in near.entries[:MOST_NAMED]],
        "items": [short_form(other) for other in near.entries],
        "is_whole": found.next_key is None,
    }
    return form, near.similar


def reporter_form(report: Report) -> dict[str, Any]:
    """Return who filed a report, without a name, whether they are blocked, and how their newest reports were judged."""
    block = {"is_blocked": block_of(report) is not None}
    if report.source:  # from a file
        return {"kind": "partner", "filed": None, "verified": None, "rejected": None} | block
    if not report.account_id:
        return {"kind": "anonymous", "filed": None, "verified": None, "rejected": None} | block
    own, _ = Report.page_of_account(report.account_id, limit=NEWEST_OF_REPORTER)
    statuses = [str(one.status) for one in own]
    counts = {word: statuses.count(word) for word in ("verified", "rejected")}
    kind = "partner" if report.is_from_partner else "account"
    return {"kind": kind, "filed": len(own)} | counts | block
