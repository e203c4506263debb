"""Find warnings: lists, near a place, or covering it. The cost depends on what is found.

A search area that touches few tiles reads those tiles and the whole rows of the warnings whose box meets it; a larger
one reads the sources' index, newest first, until the page is full.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from heapq import merge
from itertools import islice
from typing import NamedTuple

from app.core import clock, dynamodb
from app.core.errors import Invalid, mistake_in_parameter
from app.geo.box_circle import Box, Circle
from app.warnings import board_reading, boards, changes, kept, source_status
from app.warnings.marks import Mark
from app.warnings.models import MOST_TILES, TILE_ZOOM, OfficialWarning

MOST_ROWS_AT_ONCE, FEWEST_ROWS_AT_ONCE = 100, 5
NEWEST_OF_ALL = "~"
# Packed outlines on one page, beyond its first warning: as text they are six to eight times as long, and an answer of a
# function has at most 6 MB.
MOST_OUTLINE_BYTES = 500_000
MOST_COUNTED = 4 * MOST_TILES  # the tiles of a polar row are merged to one afterwards
# Position at which a list of warnings continues: the sort key of one.
POSITION = r"[0-9]{15}#wrn_[A-Za-z0-9_-]+"
Candidate = tuple[Mark, OfficialWarning | None]


class WarningQuery(NamedTuple):
    """Filter of a list of warnings. Both ends of the time are included; the list continues below `before_key`."""

    sources: tuple[str, ...]
    severities: frozenset[str]
    search_area: Box | Circle | None = None
    in_force: bool | None = None
    sent_since_ms: int | None = None
    sent_until_ms: int | None = None
    limit: int = 50
    before_key: str = NEWEST_OF_ALL
    needs_outlines: bool = True  # else rows may come without, which costs less
    area_id: str | None = None  # only those that name this official area

    def accepts(self, mark: Mark, now_ms: int, *, with_past: bool = False) -> bool:
        """Check a mark; of the shape only the box. `with_past`: accept also warnings ended more than a day ago."""
        return (
            (with_past or mark.is_shown(now_ms))
            and mark.order < self.before_key
            and mark.source in self.sources
            and mark.severity in self.severities
            and (self.in_force is None or mark.is_in_force(now_ms) == self.in_force)
            and (self.sent_since_ms is None or mark.sent_at_ms >= self.sent_since_ms)
            and (self.sent_until_ms is None or mark.sent_at_ms <= self.sent_until_ms)
            and (self.search_area is None or (mark.box is not None and mark.box.intersects(self.search_area)))
        )


class WarningHit(NamedTuple):
    """A warning and its distance from the circle's centre in km: 0 if it covers it, None without a circle."""

    warning: OfficialWarning
    distance_km: float | None


class WarningPage(NamedTuple):
    """A page, newest first, and the sort key to continue below; None at the end."""

    hits: Sequence[WarningHit] = ()
    next_key: str | None = None


class WarningChange(NamedTuple):
    """A changed warning; without `hits` it is gone: removed a day after its end."""

    changed_at_ms: int
    id: str
    hit: WarningHit | None

    @property
    def order(self) -> str:
        """Sort key of deltas, latest first."""
        return changes.order_of(self.changed_at_ms, self.id)


class WarningChangePage(NamedTuple):
    """A page of changes, latest first, the sort key to continue below, and the safe time for the next delta."""

    changes: Sequence[WarningChange]
    next_key: str | None
    low_watermark_ms: int


def find_changed(query: WarningQuery, since: int, states: dict[str, source_status.SourceState]) -> WarningChangePage:
    """Return one page of the changes at or after a moment; `known` are the sources' states, read before.

    A warning that no longer passes a filter is not listed as gone, as with reports: a client that mirrors a part must
    reload it now and then. Raises Invalid if the changes are not known that far back.
    """
    now_ms = clock.now_ms()
    low_watermark_ms = max(since, source_status.low_watermark_ms(states, query.sources, now_ms))
    if (reach := source_status.changes_known_since_ms(states, query.sources)) > since:
        raise _too_far_back(reach)
    try:
        logged = changes.changes_since(query.sources, since, now_ms)
    except changes.ChangesUnknown as unknown:
        raise _too_far_back(unknown.until_ms) from unknown
    ordered = merge(*logged, key=lambda change: change.order, reverse=True)
    page_changes: list[WarningChange] = []
    last = ""
    waiting = (change for change in ordered if change.order < query.before_key and _may_be_in(change, query))
    while chunk := list(islice(waiting, _rows_at_once(query.limit - len(page_changes)))):
        rows = OfficialWarning.find_all((change.id for change in chunk), consistent=True)
        for change in chunk:
            warning_change = _change_of(change, rows.get(change.id), query, now_ms)
            if warning_change is None:
                continue
            if len(page_changes) == query.limit:
                return WarningChangePage(page_changes, last, low_watermark_ms)
            page_changes.append(warning_change)
            last = change.order
    return WarningChangePage(page_changes, None, low_watermark_ms)


def _may_be_in(change: changes.Change, query: WarningQuery) -> bool:
    """Return whether its row must be read: what has changed outside the search area surely does not pass."""
    if query.search_area is None or change.is_gone:
        return True
    return not change.is_undrawn and (change.box is None or change.box.intersects(query.search_area))


def _change_of(
    change: changes.Change, row: OfficialWarning | None, query: WarningQuery, now_ms: int
) -> WarningChange | None:
    """Compare a change with the row: only the latest change of a warning counts."""
    if row is None:
        return WarningChange(change.at_ms, change.id, None) if change.is_gone else None
    if change.is_gone or int(row.updated_at_ms) != change.at_ms:
        return None
    is_asked = query._replace(before_key=NEWEST_OF_ALL).accepts(row.mark(), now_ms, with_past=True)
    hit = _hit_of(row, query) if is_asked else None
    return WarningChange(change.at_ms, change.id, hit) if hit else None


def _too_far_back(reach: int) -> Invalid:
    earliest = clock.rfc3339(reach)
    detail = f"Changes are known since {earliest}. Ask without it once, and go on from that answer's `as_of`."
    return Invalid([mistake_in_parameter("updated_since", "too-far-back", detail)])


def find_page(
    query: WarningQuery,
    states: Mapping[str, source_status.SourceState] | None = None,
    *,
    meanwhile: Callable[[set[str]], object] | None = None,
) -> WarningPage:
    """Return one page of the warnings of a query; `states` are the sources' states, if they were read before.

    `meanwhile` is called beside the first rows near a place, as by `find_near`.
    """
    now_ms = clock.now_ms()
    candidates = (found for found in _candidates(query, states or {}) if query.accepts(found[0], now_ms))
    hits: list[WarningHit] = []
    last, size = "", 0
    while chunk := list(islice(candidates, _rows_at_once(query.limit - len(hits)))):
        rows = _rows_of([mark for mark, row in chunk if row is None or not _is_enough(row, query)], meanwhile)
        meanwhile = None
        for mark, listed_row in chunk:
            row = rows.get(mark.id) if listed_row is None or not _is_enough(listed_row, query) else listed_row
            # A tile may be a moment behind the row.
            if row is None or not query.accepts(row.mark(), now_ms) or not (hit := _hit_of(row, query)):
                continue
            size += len(row.shape or b"")
            if len(hits) == query.limit or hits and size > MOST_OUTLINE_BYTES:
                return WarningPage(hits, last)
            hits.append(hit)
            last = mark.order
    return WarningPage(hits)


def _is_enough(row: OfficialWarning, query: WarningQuery) -> bool:
    """Return whether a row of a board has what is asked for: its outline, or without it whether it is in the area."""
    is_whole = bool(row.shape) or not row.box
    is_found = query.search_area is None or _is_surely_in(row, query.search_area)
    return is_whole or (is_found and not query.needs_outlines)


def _is_surely_in(row: OfficialWarning, search_area: Box | Circle) -> bool:
    """Return whether the box around a warning lies in a search box, so that its outline does."""
    box = row.mark().box
    return isinstance(search_area, Box) and box is not None and search_area.includes(box)


def _rows_at_once(missing: int) -> int:
    """Return how many rows to read: one more than the page lacks, to see whether another follows, within limits."""
    return min(MOST_ROWS_AT_ONCE, max(FEWEST_ROWS_AT_ONCE, missing + 1))


def _candidates(query: WarningQuery, states: Mapping[str, source_status.SourceState]) -> Iterator[Candidate]:
    """Return the marks to check, newest first, with their rows where these are at hand."""
    if keys := _few_tiles(query.search_area):
        return ((mark, None) for mark in sorted(kept.in_tiles(keys), key=lambda mark: mark.order, reverse=True))
    changed = source_status.changed(states)
    asked = {source: changed[source] for source in query.sources if source in changed}
    on_boards = board_reading.open_boards(asked, _board_filter(query), query.limit + 1) if asked else {}
    others = [source for source in query.sources if source not in on_boards]
    if others:
        dynamodb.in_one_round([partial(kept.page, source, query.before_key, changed.get(source)) for source in others])
    listed = [_listed(source, query.before_key, changed.get(source)) for source in others]
    listed += [_on_boards(source, rows, query.before_key, changed[source]) for source, rows in on_boards.items()]
    return merge(*listed, key=lambda candidate: candidate[0].order, reverse=True)


def _board_filter(query: WarningQuery) -> boards.BoardFilter:
    over_at_ms = clock.now_ms() if query.in_force is False else None
    filters = query.severities, query.sent_since_ms, query.sent_until_ms
    return boards.BoardFilter(query.before_key, over_at_ms, *filters, with_outlines=query.needs_outlines)


def _listed(source: str, before: str, changed: str | None) -> Iterator[Candidate]:
    return ((mark, None) for mark in kept.listed(source, before, changed))


def _on_boards(source: str, rows: Iterator[OfficialWarning | None], before: str, changed: str) -> Iterator[Candidate]:
    """Yield rows of boards; from one that cannot be read on, what the index has."""
    for row in rows:
        if row is None:
            yield from _listed(source, before, changed)
            return
        before = row.listed
        yield row.mark(), row


def _few_tiles(search_area: Box | Circle | None) -> list[str]:
    """Return the tiles to read; empty for a shape that touches too many."""
    if search_area is None or search_area.count_tiles(TILE_ZOOM) > MOST_COUNTED:
        return []
    keys = kept.tile_keys(search_area)
    return keys if len(keys) <= MOST_TILES else []


def find_near(circle: Circle, *, meanwhile: Callable[[set[str]], object] | None = None) -> list[WarningHit]:
    """Find every warning in force that covers or touches a circle, nearest first. Two rounds.

    `meanwhile` is called beside the second one with the sources of what may be found; it must not read in two parts.
    """
    now_ms = clock.now_ms()
    marks = kept.in_tiles(kept.tile_keys(circle))
    hit = [mark for mark in marks if mark.is_in_force(now_ms) and mark.box and mark.box.intersects(circle)]
    rows = [row for row in _rows_of(hit, meanwhile).values() if row.mark().is_in_force(now_ms)]
    hits = [near_hit for row in rows if (near_hit := _hit_in(row, circle))]
    return sorted(hits, key=lambda near_hit: (near_hit.distance_km or 0.0, near_hit.warning.id))


def _rows_of(
    marks: Sequence[Mark], meanwhile: Callable[[set[str]], object] | None = None
) -> dict[str, OfficialWarning]:
    if not marks or meanwhile is None:
        return kept.rows_of(marks)
    _, read = dynamodb.at_once(partial(meanwhile, {mark.source for mark in marks}), partial(kept.rows_of, marks))
    return read


def is_near_a_place(query: WarningQuery) -> bool:
    """Return whether its search area touches so few tiles that these are read."""
    return bool(_few_tiles(query.search_area))


def _hit_of(row: OfficialWarning, query: WarningQuery) -> WarningHit | None:
    """Check the row's areas and its outline against the query."""
    is_of_area = query.area_id is None or query.area_id in row.codes
    return _hit_in(row, query.search_area) if is_of_area else None


def _hit_in(row: OfficialWarning, search_area: Box | Circle | None) -> WarningHit | None:
    """Check the row's outline against the search area."""
    if search_area is None or _is_surely_in(row, search_area):
        return WarningHit(row, None)
    outline = row.outline()
    if outline is None:
        return None
    from app.geo.distance import shape_distance_km  # imported here, as in `_covering`: only rows found need it
    from app.geo.polygon import contains, touches_box

    if isinstance(search_area, Box):
        return WarningHit(row, None) if touches_box(outline, search_area) else None
    if search_area.radius_km == 0:
        return WarningHit(row, 0.0) if contains(outline, lat=search_area.lat, lon=search_area.lon) else None
    away = shape_distance_km(outline, lat=search_area.lat, lon=search_area.lon, at_most_km=search_area.radius_km)
    return WarningHit(row, away) if away <= search_area.radius_km else None
