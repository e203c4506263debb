"""Find audit rows by subject, actor, action and time, newest first, in pages of bounded cost.

A page reads from one subject, one actor or one action, or from all actions side by side, since every row has one of a
known few. Other filters are applied to what was read. A page that has read as much as it may ends early and says so.
"""

from collections import deque
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

from ulid import ULID

from app.core import dynamodb
from app.review.audit_models import ACTIONS, AuditRow

POSITION = r"[a-z0-9_.#:-]{1,64}"  # the id of a row
MOST_BYTES = 128 * 1024  # what a page reads, about; one more query of each source may go over it
MOST_QUERIES = 96
_ROW_BYTES = 300  # of a row without what it says of before and after
_FIRST_OF_MANY, _FIRST_OF_ONE, _MOST_AT_ONCE = 3, 26, 100
# The time in an id and the time of the act are of the same moment, but read in turn.
_APART_MS = 2_000
_FIRST_ID, LAST_ID = "!", "~"
_LATEST_MS = (1 << 48) - 1  # that an id can hold


class AuditQuery(NamedTuple):
    """Filters of audit rows, None for all; `before`: the id at which the page before has ended."""

    subject: str | None = None
    actor: str | None = None
    action: str | None = None
    since_ms: int | None = None
    until_ms: int | None = None
    before: str | None = None
    limit: int = 50

    def accepts(self, row: AuditRow) -> bool:
        """Return whether a row matches all filters."""
        texts = ((self.subject, row.subject), (self.actor, row.actor), (self.action, row.action))
        is_late_enough = self.since_ms is None or row.at_ms >= self.since_ms
        is_early_enough = self.until_ms is None or row.at_ms <= self.until_ms
        return is_late_enough and is_early_enough and all(wanted in (None, present) for wanted, present in texts)

    def bounds(self) -> tuple[str, str]:
        """Return the lowest and the highest id that a matching row may have."""
        low = _FIRST_ID if self.since_ms is None else id_at(self.since_ms - _APART_MS)
        high = LAST_ID if self.until_ms is None else id_at(self.until_ms + _APART_MS) + LAST_ID
        return low, min(high, _just_before(self.before)) if self.before else high


class AuditPage(NamedTuple):
    """Rows, newest first; the position of the next page or None; if it ended early, the time down to which it is whole.

    A page that ended early may be empty.
    """

    rows: list[AuditRow]
    next_before: str | None
    complete_to_ms: int | None


@dataclass
class _Source:
    """Rows with one subject, actor or action. `rows` are read and not yet used; `high`: the id from which to go on."""

    key: str
    value: str
    low: str
    high: str
    size: int
    rows: deque[AuditRow] = field(default_factory=deque)
    is_over: bool = False

    def read(self, size: int) -> int:
        """Read the next rows; return about how many bytes they have."""
        if self.high < self.low:  # a range that DynamoDB would refuse
            self.is_over = True
            return 0
        rows = AuditRow.between(self.key, self.value, low=self.low, high=self.high, limit=size)
        self.is_over = len(rows) < size
        self.rows.extend(rows)
        if rows:
            self.high = _just_before(rows[-1].id)
        return sum(_bytes_of(row) for row in rows)


def find(query: AuditQuery) -> AuditPage:
    """Return a page of the rows that match. Raises what the database raises: no part is taken for the whole."""
    sources, spent, queries = _sources(query), 0, 0
    found: list[AuditRow] = []
    last: AuditRow | None = None
    while True:
        if dry := [source for source in sources if not source.rows and not source.is_over]:
            if last and (spent > MOST_BYTES or queries > MOST_QUERIES):
                return AuditPage(found, last.id, int(last.at_ms))
            spent += _refill(dry)
            queries += len(dry)
            continue
        newest = max((source for source in sources if source.rows), key=lambda source: source.rows[0].id, default=None)
        if newest is None:
            return AuditPage(found, None, None)
        row = newest.rows.popleft()
        if not row.is_readable or not query.accepts(row):
            last = row
            continue
        if len(found) == query.limit:
            return AuditPage(found, found[-1].id, None)
        found.append(row)
        last = row


def _sources(query: AuditQuery) -> list[_Source]:
    low, high = query.bounds()
    one = next(((key, value) for key in ("subject", "actor", "action") if (value := getattr(query, key))), None)
    if one:
        return [_Source(*one, low, high, min(query.limit + 1, _FIRST_OF_ONE))]
    return [_Source("action", action, low, high, _FIRST_OF_MANY) for action in sorted(ACTIONS)]


def _refill(sources: list[_Source]) -> int:
    """Read on in sources side by side, twice as many rows as the time before; return about how many bytes."""
    sizes = [source.size for source in sources]
    for source in sources:
        source.size = min(2 * source.size, _MOST_AT_ONCE)
    return sum(dynamodb.in_one_round([partial(source.read, size) for source, size in zip(sources, sizes, strict=True)]))


def _bytes_of(row: AuditRow) -> int:
    return _ROW_BYTES + sum(len(str(part)) for part in (row.before, row.after) if part)


def id_at(milliseconds: int) -> str:
    """Return the beginning of all ids of a moment."""
    return f"aud_{str(ULID.from_timestamp(min(max(milliseconds, 0), _LATEST_MS)))[:10]}".lower()


def time_of(row_id: str) -> int:
    """Return the milliseconds since 1970 in the id of a row. Raises ValueError for a text that is no id."""
    return int(ULID.from_str(row_id.partition("_")[2].upper()).milliseconds)


def _just_before(row_id: str) -> str:
    """Return a text that sorts after all ids lower than this one, and before it."""
    return f"{row_id[:-1]}{chr(ord(row_id[-1]) - 1)}{LAST_ID}"
