"""Find warnings: lists, near a place, or covering it. The cost depends on what is found.

A search area that touches few tiles reads those tiles and the whole rows of the warnings whose box meets it; a larger
one reads the sources' index, newest first, until the page is full.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from heapq import merge
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from app.core import clock, dynamodb, telemetry
from app.core.errors import Invalid, Mistake
from app.geo.box_circle import Box, Circle
from app.geo.tiles import tile_at
from app.warnings import changes, kept, source_status
from app.warnings.marks import Mark
from app.warnings.models import MOST_TILES, TILE_ZOOM, OfficialWarning

if TYPE_CHECKING:
    from app.geo.polygon import Shape

MOST_ROWS_AT_ONCE, FEWEST_ROWS_AT_ONCE = 100, 5
NEWEST_OF_ALL = "~"
# Position at which a list of warnings continues: the sort key of one.
POSITION = r"[0-9]{15}#wrn_[A-Za-z0-9_-]+"


class Question(NamedTuple):
    """Filter of a list of warnings. Both ends of the time are included; the list continues below `before`."""

    sources: tuple[str, ...]
    severities: frozenset[str]
    shape: Box | Circle | None = None
    in_force: bool | None = None
    since: int | None = None
    until: int | None = None
    limit: int = 50
    before: str = NEWEST_OF_ALL

    def accepts(self, mark: Mark, now_ms: int, *, with_past: bool = False) -> bool:
        """Check a mark; of the shape only the box. `with_past`: accept also warnings ended more than a day ago."""
        return (
            (with_past or mark.is_shown(now_ms))
            and mark.order < self.before
            and mark.source in self.sources
            and mark.severity in self.severities
            and (self.in_force is None or mark.is_in_force(now_ms) == self.in_force)
            and (self.since is None or mark.sent >= self.since)
            and (self.until is None or mark.sent <= self.until)
            and (self.shape is None or (mark.box is not None and _meet(mark.box, self.shape)))
        )


class Met(NamedTuple):
    """A warning and its distance from the circle's centre in km: 0 if it covers it, None without a circle."""

    warning: OfficialWarning
    away_km: float | None


class Found(NamedTuple):
    """A page, newest first, and the sort key to continue below; None at the end."""

    met: Sequence[Met] = ()
    following: str | None = None


class Changed(NamedTuple):
    """A changed warning; without `met` it is gone: removed a day after its end."""

    at: int
    id: str
    met: Met | None


class Changes(NamedTuple):
    """A page of changes, latest first, the sort key to continue below, and the safe time for the next delta."""

    changed: Sequence[Changed]
    following: str | None
    as_of: int


def find_changed(question: Question, since: int, known: dict[str, source_status.State]) -> Changes:
    """Return one page of the changes at or after a moment; `known` are the sources' states, read before.

    A warning that no longer passes a filter is not listed as gone, as with reports: a client that mirrors a part must
    reload it now and then. Raises Invalid if the changes are not known that far back.
    """
    now_ms = clock.now_ms()
    as_of = max(since, source_status.safe_moment(known, question.sources, now_ms))
    if (reach := source_status.changes_reach(known, question.sources)) > since:
        raise _too_far_back(reach)
    try:
        logged = [changes.since(source, since, now_ms) for source in question.sources]
    except changes.Unknown as unknown:
        raise _too_far_back(unknown.until) from unknown
    ordered = merge(*logged, key=lambda change: change.order, reverse=True)
    found: list[Changed] = []
    last = ""
    waiting = (change for change in ordered if change.order < question.before)
    while chunk := list(islice(waiting, _rows_at_once(question.limit - len(found)))):
        rows = OfficialWarning.find_all((change.id for change in chunk), consistent=True)
        for change in chunk:
            told = _changed(change, rows.get(change.id), question, now_ms)
            if told is None:
                continue
            if len(found) == question.limit:
                return Changes(found, last, as_of)
            found.append(told)
            last = change.order
    return Changes(found, None, as_of)


def _changed(change: changes.Change, row: OfficialWarning | None, question: Question, now_ms: int) -> Changed | None:
    """Compare a change with the row: only the latest change of a warning counts."""
    if row is None:
        return Changed(change.at, change.id, None) if change.is_gone else None
    if change.is_gone or int(row.updated) != change.at:
        return None
    is_asked = question._replace(before=NEWEST_OF_ALL).accepts(row.mark(), now_ms, with_past=True)
    met = _met(row, question.shape) if is_asked else None
    return Changed(change.at, change.id, met) if met else None


def _too_far_back(reach: int) -> Invalid:
    earliest = clock.rfc3339(reach)
    detail = f"Changes are known since {earliest}. Ask without it once, and go on from that answer's `as_of`."
    return Invalid([Mistake("updated_since", "too-far-back", detail)])


def find(question: Question, known: Mapping[str, source_status.State] | None = None) -> Found:
    """Return one page of the warnings of a query; `known` are the sources' states, if they were read before."""
    now_ms = clock.now_ms()
    marks = (mark for mark in _marks(question, known or {}) if question.accepts(mark, now_ms))
    met: list[Met] = []
    last = ""
    while chunk := list(islice(marks, _rows_at_once(question.limit - len(met)))):
        rows = kept.rows_of(chunk)
        for mark in chunk:
            row = rows.get(mark.id)
            # A tile may be a moment behind the row.
            if row is None or not question.accepts(row.mark(), now_ms) or not (found := _met(row, question.shape)):
                continue
            if len(met) == question.limit:
                return Found(met, last)
            met.append(found)
            last = mark.order
    return Found(met)


def _rows_at_once(missing: int) -> int:
    """Return how many rows to read: one more than the page lacks, to see whether another follows, within limits."""
    return min(MOST_ROWS_AT_ONCE, max(FEWEST_ROWS_AT_ONCE, missing + 1))


def _marks(question: Question, known: Mapping[str, source_status.State]) -> Iterator[Mark]:
    """Return the marks to check, newest first."""
    if question.shape is not None and question.shape.count_tiles(TILE_ZOOM) <= MOST_TILES:
        return iter(sorted(kept.in_tiles(_keys_around(question.shape)), key=lambda mark: mark.order, reverse=True))
    changed = source_status.changed(known)
    first = [partial(kept.page, source, question.before, changed.get(source)) for source in question.sources]
    dynamodb.in_one_round(first)
    listed = [kept.listed(source, question.before, changed.get(source)) for source in question.sources]
    return merge(*listed, key=lambda mark: mark.order, reverse=True)


def _keys_around(shape: Box | Circle) -> list[str]:
    return [f"tile#{tile.key}" for tile in shape.tiles(TILE_ZOOM)]


def near(circle: Circle) -> list[Met]:
    """Find every warning in force that covers or touches a circle, nearest first. Two rounds."""
    now_ms = clock.now_ms()
    marks = kept.in_tiles(_keys_around(circle))
    hit = [mark for mark in marks if mark.is_in_force(now_ms) and mark.box and _meet(mark.box, circle)]
    rows = [row for row in kept.rows_of(hit).values() if row.mark().is_in_force(now_ms)]
    met = [found for row in rows if (found := _met(row, circle))]
    return sorted(met, key=lambda found: (found.away_km or 0.0, found.warning.id))


class Over(NamedTuple):
    """The warnings in force over a report, by id: those that cover all of its place, those that may cover it."""

    surely: Sequence[OfficialWarning] = ()
    maybe: Sequence[OfficialWarning] = ()


def over_if_read(spots: Sequence[Circle]) -> Sequence[Over | None]:
    """Like `over`; None for each spot if warnings cannot be read and the caller has more important things to answer."""
    try:
        return over(spots)
    except dynamodb.FAILURES as error:
        telemetry.logger().warning("warnings not read", extra={"error": type(error).__name__})
        return [None] * len(spots)


def over(spots: Sequence[Circle]) -> Sequence[Over]:
    """Find for each spot the warnings in force over it. Two rounds for all.

    A place that is known to kilometres only is a circle of that radius: a warning covers it only if its outline
    contains the whole circle.
    """
    now_ms = clock.now_ms()
    marks = kept.in_tiles({key for spot in spots for key in _keys_of(spot)})
    hit = [mark for mark in marks if mark.is_in_force(now_ms) and any(_may_hold(mark, spot) for spot in spots)]
    if not hit:
        return [Over()] * len(spots)
    rows = sorted(kept.rows_of(hit).values(), key=lambda row: row.id)
    drawn = [
        (row, outline) for row in rows if row.mark().is_in_force(now_ms) and (outline := row.outline()) is not None
    ]
    return [_over(spot, drawn) for spot in spots]


def _over(spot: Circle, drawn: "Sequence[tuple[OfficialWarning, Shape]]") -> Over:
    from app.geo.distance import holds_circle, touches_circle  # here: few places have a warning
    from app.geo.polygon import contains

    if not spot.radius_km:
        return Over([row for row, outline in drawn if contains(outline, lat=spot.lat, lon=spot.lon)])
    around = {"lat": spot.lat, "lon": spot.lon, "radius_km": spot.radius_km}
    surely = [row for row, outline in drawn if holds_circle(outline, **around)]
    maybe = [row for row, outline in drawn if row not in surely and touches_circle(outline, **around)]
    return Over(surely, maybe)


def _keys_of(spot: Circle) -> list[str]:
    """Return one tile for a point, even on a tile's edge."""
    return _keys_around(spot) if spot.radius_km else [f"tile#{tile_at(lat=spot.lat, lon=spot.lon, z=TILE_ZOOM).key}"]


def _may_hold(mark: Mark, spot: Circle) -> bool:
    if mark.box is None:
        return False
    return _meet(mark.box, spot) if spot.radius_km else mark.box.contains(lat=spot.lat, lon=spot.lon)


def _meet(box: Box, shape: Box | Circle) -> bool:
    other = shape.box() if isinstance(shape, Circle) else shape
    is_level = box.south <= other.north and other.south <= box.north
    return is_level and any(
        west <= other_east and other_west <= east
        for west, east in box.spans()
        for other_west, other_east in other.spans()
    )


def _met(row: OfficialWarning, shape: Box | Circle | None) -> Met | None:
    """Check the row's outline against the search area."""
    if shape is None:
        return Met(row, None)
    outline = row.outline()
    if outline is None:
        return None
    from app.geo.distance import distance_km  # imported here, as in `_over`: only rows found need it
    from app.geo.polygon import contains, touches_box

    if isinstance(shape, Box):
        return Met(row, None) if touches_box(outline, shape) else None
    if shape.radius_km == 0:
        return Met(row, 0.0) if contains(outline, lat=shape.lat, lon=shape.lon) else None
    away = distance_km(outline, lat=shape.lat, lon=shape.lon, at_most_km=shape.radius_km)
    return Met(row, away) if away <= shape.radius_km else None
