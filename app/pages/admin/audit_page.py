"""Show admins what staff did, by subject, actor, kind and days; the same as a table for spreadsheets."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask import Response, request, url_for

from app.accounts.models import Account
from app.api import csv_table
from app.api.audit_schemas import COLUMNS, LONGEST_CODE, act_form, table_row
from app.core import clock
from app.core.config import settings
from app.http import cursors
from app.http.headers import PRIVATE
from app.pages.admin import words
from app.pages.admin.frame import admin_page
from app.pages.frame.language import gettext as _
from app.review import audit_search
from app.review.audit import ACTIONS, COMMAND, AuditRow
from app.review.audit_search import AuditPage, AuditQuery

LIMIT = 50
TABLE_HOLDS = 1000
MOST_PAGES = 8  # that are read for one that is not empty, and for a table
FEW = 3  # values of a list that are shown at once
_FIELDS = ("subject", "actor", "action", "since", "until")
_DAY = "%Y-%m-%d"


class Filters(NamedTuple):
    """Filters as they were typed, what they mean, and the names of those that mean nothing."""

    typed: dict[str, str]
    query: AuditQuery
    unknown: list[str]

    @property
    def bound(self) -> dict[str, str]:
        """Return what a cursor of this list is bound to."""
        return {"list": "audit page"} | self.typed


def show() -> Response:
    """Show a page of the audit. A bad cursor counts as the beginning; of filters that mean nothing the page says so."""
    filters = _read_filters()
    before = _position(filters)
    found = AuditPage([], None, None) if filters.unknown else _find(filters.query._replace(before=before))
    following = cursors.write(found.next_before, filters=filters.bound) if found.next_before else ""
    return admin_page(
        "audit.html",
        filters=filters,
        kinds=sorted(((action, _kind(action)) for action in ACTIONS), key=lambda kind: kind[1].casefold()),
        acts=[_shown(row) for row in found.rows],
        complete_to_ms=found.complete_to_ms,
        following=following,
        is_first=before is None,
        zone=settings().zone,
        few=FEW,
        holds=TABLE_HOLDS,
        command=COMMAND,
        address_of=address_of,
    )


def send_table() -> Response:
    """Send the newest acts that match as a table; `Link` leads to the rest, if they are more than it holds."""
    filters = _read_filters()
    query = filters.query._replace(before=_position(filters), limit=100)
    rows, next_before = list[AuditRow](), query.before
    for _times in () if filters.unknown else range(TABLE_HOLDS // query.limit):
        found = audit_search.find(query._replace(before=next_before))
        rows += found.rows
        next_before = found.next_before
        if not next_before:
            break
    table = csv_table.write(COLUMNS, (table_row(act_form(row)) for row in rows))
    name = f"floodmanager-audit-{clock.day_of(clock.now_ms())}.csv"
    headers = {"Cache-Control": PRIVATE, "Content-Disposition": f'attachment; filename="{name}"'}
    if rows and next_before:
        cursor = cursors.write(next_before, filters=filters.bound)
        address = f"{url_for('pages.send_audit_table')}?{urlencode(filters.typed | {'cursor': cursor})}"
        headers["Link"] = f'<{address}>; rel="next"'
    return Response(table, mimetype=csv_table.MEDIA_TYPE, headers=headers)


def _position(filters: Filters) -> str | None:
    cursor = request.args.get("cursor", "")
    return cursors.read_or_begin(cursor, filters=filters.bound, position=audit_search.POSITION, start="") or None


def _find(query: AuditQuery) -> AuditPage:
    """Return the next page with rows: empty ones on the way are skipped, up to `MOST_PAGES`."""
    found = audit_search.find(query)
    for _times in range(MOST_PAGES - 1):
        if found.rows or not found.next_before:
            break
        found = audit_search.find(query._replace(before=found.next_before))
    return found


def _read_filters() -> Filters:
    given = ((name, request.args.get(name, "").strip()[:LONGEST_CODE]) for name in _FIELDS)
    typed = {name: text for name, text in given if text}
    actor = _account_id(typed.get("actor"))
    since, until = (_day_begin(typed.get(name)) for name in ("since", "until"))
    unknown = ["actor"] if "actor" in typed and actor is None else []
    unknown += ["action"] if typed.get("action", next(iter(ACTIONS))) not in ACTIONS else []
    unknown += [name for name, begin in (("since", since), ("until", until)) if name in typed and begin is None]
    query = AuditQuery(
        subject=typed.get("subject"),
        actor=actor,
        action=typed.get("action"),
        since_ms=clock.to_ms(since) if since else None,
        until_ms=clock.to_ms(_next_day(until)) - 1 if until else None,
        limit=LIMIT,
    )
    return Filters(typed, query, unknown)


def _account_id(text: str | None) -> str | None:
    """Return the id of an account by its id or user name; None for none."""
    if not text or text == COMMAND or text.startswith("acc_"):
        return text or None
    account = Account.named(text)
    return account.id if account else None


def _day_begin(text: str | None) -> datetime | None:
    """Return the first moment of a day in the deployment's time zone; None for what is no day."""
    try:
        return datetime.strptime(text or "", _DAY).replace(tzinfo=ZoneInfo(settings().zone))
    except ValueError:
        return None


def _next_day(begin: datetime) -> datetime:
    """Return the first moment of the day after, which may be 23 or 25 hours later."""
    return begin + timedelta(days=1)  # of the wall clock, since both have the zone


def _kind(action: str) -> str:
    return _(words.ACTIONS[action]) if action in words.ACTIONS else action


def _shown(row: AuditRow) -> dict[str, Any]:
    """Return what the page shows of an act; lists of codes as lists, everything else as one value."""
    before, after = row.before or {}, row.after or {}
    changes = [(name, _values(before.get(name)), _values(after.get(name))) for name in dict.fromkeys([*before, *after])]
    return {
        "id": row.id,
        "at_ms": int(row.at_ms),
        "kind": _kind(row.action),
        "actor": row.actor,
        "subject": row.subject,
        "reason": row.reason,
        "changes": changes,
    }


def _values(value: Any) -> list[str]:
    many = value if isinstance(value, list) else [] if value is None else [value]
    return [str(one).lower() if isinstance(one, bool) else str(one) for one in many]


def address_of(code: str) -> str:
    """Return the page about an id: a report's own, an account's acts; "" for any other code."""
    if code.startswith("rep_"):
        return url_for("pages.show_report", report_id=code)
    return f"{url_for('pages.list_acts')}?{urlencode({'actor': code})}" if code.startswith("acc_") else ""
