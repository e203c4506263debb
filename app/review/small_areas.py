"""Find what waits for a first look in a small area by the documents of its cells, not among all that waits around."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from app.core import clock, dynamodb
from app.reports.entry import STORED_COLUMNS, Entry, Status
from app.reports.index.models import ROOT, TileDocument
from app.reports.models import Report
from app.review.urgency import Key, State, key_of, state_of
from app.warnings.covering import find_covering_if_readable

MOST_CELLS = 9
MOST_WAITING = 200
MOST_READ = 16  # reports of which more than the short form decides their key: what others say, a block of staff


class TwoKeys(NamedTuple):
    """The key at which a report's row must be, and the one of before a warning began or ended."""

    likely: Key
    other: Key


class FirstLooks(NamedTuple):
    """The keys of all that wait for a first look in a small area, and about how many read units these have cost."""

    keys: list[TwoKeys]
    units: float


def first_looks_in(cells: Sequence[str], is_in: Callable[[float, float], bool]) -> FirstLooks | None:
    """Return what waits for a first look in some cells, as far as it is in an area.

    None if it is too much to be read by its keys, or not all of it is known. Ten documents and sixteen reports are read
    at most, and the warnings over them.
    """
    if len(cells) > MOST_CELLS:
        return None
    now_ms = clock.now_ms()
    try:
        documents = TileDocument.read([ROOT, *cells])
        root = documents.pop(ROOT, None)
        if root is None or not root.is_readable or any(one.low_watermark_at(now_ms) for one in documents.values()):
            return None
        entries = [row for one in documents.values() for row in (*one.rows, *one.grave)]
        waiting = [one for one in entries if _may_wait(one, now_ms) and is_in(float(one.lat), float(one.lon))]
        touched = [one.id for one in waiting if one.touches or one.connection]
        if len(waiting) > MOST_WAITING or len(touched) > MOST_READ:
            return None
        known = {row.id: row for row in Report.find_all_readable(touched)}
    except dynamodb.FAILURES:
        return None
    reports = [known.get(one.id) or _as_filed(one) for one in waiting]
    keys = _keys_of([row for row in reports if state_of(row) == State.WAITING])
    return FirstLooks(keys, (len(cells) + 1 + len(touched)) / 2 + 1)


def _may_wait(entry: Entry, now_ms: int) -> bool:
    return entry.status == Status.PENDING and entry.is_active(now_ms) and not entry.is_disputed


def _as_filed(entry: Entry) -> Report:
    """Return a report about which nothing has been said, with all that its short form tells."""
    own = Report.get_attributes()
    values = {name: getattr(entry, name) for name in STORED_COLUMNS.values() if name in own}
    return Report(entry.id, sort=entry.sort, **values)


def _keys_of(reports: Sequence[Report]) -> list[TwoKeys]:
    over = find_covering_if_readable([row.entry().spot for row in reports]) if reports else []
    found = list[TwoKeys]()
    for report, above in zip(reports, over, strict=True):
        is_warned = bool(above and above.certain)
        likely, other = (key_of(report, is_warned=warned) for warned in (is_warned, not is_warned))
        found.append(TwoKeys(likely, other))
    return found
