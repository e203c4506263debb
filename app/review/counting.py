"""Count what came in and what was decided in a span of time, from the day index and the audit; the newest first.

Each report and each decision belongs to one moment, so that a span counted twice gives the same number.
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from functools import partial
from typing import Generic, NamedTuple, TypeVar

from app.core import clock, dynamodb
from app.reports.entry import Entry, created_of, sort_key
from app.reports.index.keys import IndexPage, day_shards
from app.reports.models import Report
from app.review.audit_models import AuditRow
from app.review.audit_search import LAST_ID, id_at, time_of

DECIDED = ("report.verified", "report.rejected", "report.merged")
Item = TypeVar("Item")
_HISTORY = 50
_BATCH = 100


class Origin(StrEnum):
    """From whom a report came."""

    ACCOUNT = "account"
    ANONYMOUS = "anonymous"
    PARTNER = "partner"  # an organisation, with its key
    FILE = "file"


class Filed(NamedTuple):
    """A report: when it was made (ms; of a file: when it was observed), and from whom it came."""

    at_ms: int
    origin: Origin


class Decided(NamedTuple):
    """The first decision about a report: when (ms), and how many whole minutes after the report was made."""

    at_ms: int
    waited_min: int


class CountedItems(NamedTuple, Generic[Item]):
    """Items, and the moment (ms) from which on they are all that there are."""

    items: list[Item]
    whole_from_ms: int


class Span(NamedTuple):
    """A span of time in milliseconds, the end not included."""

    from_ms: int
    to_ms: int


def filed_in(span: Span, *, limit: int) -> CountedItems[Filed]:
    """Find the reports made in a span, of any status: the newest, at most twice `limit` or little more.

    Costs half a read unit for each report, and the index's pages.
    """
    whole_from_ms, entries = span.from_ms, list[Entry]()
    for day in clock.days_between(span.from_ms, span.to_ms - 1):
        before, after = sort_key(span.to_ms), sort_key(span.from_ms)
        read = partial(Report.newest_in_shard, before=before, after=after, limit=max(1, limit - len(entries)))
        pages: list[IndexPage] = dynamodb.in_one_round([partial(read, shard) for shard in day_shards(day)])
        entries += [entry for page in pages for entry in page.entries]
        if ends := [created_of(page.last_key) for page in pages if page.last_key]:
            whole_from_ms = max(ends) + 1
            break
    whole = [entry for entry in entries if entry.created_at_ms >= whole_from_ms]
    rows = _rows_of(entry.id for entry in whole)
    items = [Filed(entry.created_at_ms, _origin_of(rows[entry.id])) for entry in whole if entry.id in rows]
    return CountedItems(items, whole_from_ms)


def decided_in(span: Span, *, limit: int) -> CountedItems[Decided]:
    """Find the first decisions of a span, about reports that did not come from a file: the newest `limit` of each kind.

    Costs about a read unit for each decision.
    """
    low, high = id_at(span.from_ms), id_at(span.to_ms - 1) + LAST_ID
    read = partial(AuditRow.between, "action", low=low, high=high, limit=limit)
    lists: list[list[AuditRow]] = dynamodb.in_one_round([partial(read, action) for action in DECIDED])
    whole_from_ms = max([span.from_ms, *(time_of(rows[-1].id) + 1 for rows in lists if len(rows) == limit)])
    rows = [row for some in lists for row in some if row.is_readable and time_of(row.id) >= whole_from_ms]
    first = _first_ones([row for row in rows if "reason" not in (row.before or {})])
    reports = _rows_of(row.subject for row in first)
    items = [
        Decided(time_of(row.id), max(0, time_of(row.id) - report.created_at_ms) // clock.MINUTE_MS)
        for row in first
        if (report := reports.get(row.subject)) and _origin_of(report) != Origin.FILE
    ]
    return CountedItems(items, whole_from_ms)


def _first_ones(rows: Sequence[AuditRow]) -> list[AuditRow]:
    """Return the decisions that no other about the same report came before, not even one that was undone."""
    found = list[AuditRow]()
    for some in dynamodb.some_at_once(rows):
        firsts = dynamodb.in_one_round([partial(_first_id, row.subject) for row in some])
        found += [row for row, first in zip(some, firsts, strict=True) if row.id == first]
    return found


def _first_id(report_id: str) -> str:
    """Return the id of the first decision about a report; "" if too much has happened to it to tell."""
    history = AuditRow.newest_of(report_id, limit=_HISTORY, is_consistent=False)
    decided = [row.id for row in history if row.action in DECIDED]
    return min(decided, default="") if len(history) < _HISTORY else ""


def _rows_of(ids: Iterable[str]) -> dict[str, Report]:
    """Return the columns of reports that tell when and from whom they came, by id."""
    unique = list(dict.fromkeys(ids))
    batches = [unique[start : start + _BATCH] for start in range(0, len(unique), _BATCH)]
    rows = dict[str, Report]()
    for some in dynamodb.some_at_once(batches):
        for found in dynamodb.in_one_round([partial(Report.find_origins, batch) for batch in some]):
            rows |= {row.id: row for row in found}
    return rows


def _origin_of(row: Report) -> Origin:
    if row.source:
        return Origin.FILE
    if row.is_from_partner:
        return Origin.PARTNER
    return Origin.ACCOUNT if row.account_id else Origin.ANONYMOUS
