"""Find out over which areas official warnings have begun, ended or changed since the last look.

What is seen of each warning is remembered and compared, so that nothing is missed: neither what a message changed nor
what its own times did, nor what happened between two looks. A source is read only if something in it has changed, or
is due to begin or end.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from app.core import clock
from app.geo.box_circle import Box
from app.review.unrated_models import SeenDocument
from app.warnings import source_status
from app.warnings.marks import FLOOD, Mark, box_of
from app.warnings.models import KNOWN, OfficialWarning, SourceStates

SOURCE = "warned/1/"  # with the number of the format
NEVER_MS = 1 << 53


class SeenWarning(NamedTuple):
    """A warning at the last look. Its stamp differs when anything in it may have changed."""

    id: str
    stamp: str
    edges: list[float] | None  # of the box around it: west, south, east, north
    drawn: int | None  # a number of its outline
    begins_at_ms: int
    ends_at_ms: int
    is_of_flood: bool

    def counts_at(self, now_ms: int) -> tuple[Any, ...]:
        """Return what reports under it see of it at a moment; nothing while it is not in force."""
        if self.edges is None or self.ends_at_ms <= now_ms:
            return ()
        return (*self.edges, self.drawn, self.is_of_flood and self.begins_at_ms <= now_ms)


MEMBERS = len(SeenWarning._fields)  # a later release may store more


class News(NamedTuple):
    """The areas of what has changed, and what is to be remembered: by source, of each source its warnings."""

    areas: list[Box]
    sources: dict[str, Any]
    rows: list[tuple[SeenDocument, Any]]

    def remember(self) -> None:
        """Remember what was seen. A row that another run has written meanwhile stays: both have seen the same."""
        for row, content in self.rows:
            row.replace(content)


def warns_of_flood(row: OfficialWarning, mark: Mark) -> bool:
    """Return whether a warning is about flooding that is not past, and no test of the issuer."""
    from app.warnings.sources.drills import is_drill  # imported here because few reports have a warning over them
    from app.warnings.sources.message import Text

    is_test = any(is_drill(Text("", "", text.get("headline", ""))) for text in row.words)
    return mark.hazard == FLOOD and row.urgency != "past" and not is_test


def look(known: Mapping[str, Any]) -> News:
    """Compare the warnings of each source with what is known of them. `known`: what the last look has returned."""
    now_ms, news = clock.now_ms(), News([], dict(known), [])
    for source, changed in source_status.changed(SourceStates.read(consistent=True).by_name()).items():
        before = known.get(source) or {}
        if before.get("changed") == changed and now_ms < before.get("next", 0):
            continue
        row = SeenDocument.of(SOURCE + source)
        stored = row.content() or {"at": 0, "seen": []}
        seen_before = {one.id: one for one in (SeenWarning(*values[:MEMBERS]) for values in stored["seen"])}
        seen = {one.id: one for one in _seen(source, seen_before)}
        news.areas.extend(_differing(seen_before, int(stored["at"]), seen, now_ms))
        news.sources[source] = {"changed": changed, "next": _next_change_ms(seen.values(), now_ms)}
        news.rows.append((row, {"at": now_ms, "seen": list(seen.values())}))
    return news


def _seen(source: str, before: Mapping[str, SeenWarning]) -> Iterator[SeenWarning]:
    """Yield the warnings of a source that are not over; whole rows are read only of those that have changed."""
    listed = {row.id: row.version(KNOWN) for row in OfficialWarning.of_source(source) if row.ended_at_ms is None}
    changed = [warning_id for warning_id, stamp in listed.items() if _stamp(before.get(warning_id)) != stamp]
    rows = OfficialWarning.find_all(changed, consistent=True)
    for warning_id, stamp in listed.items():
        if row := rows.get(warning_id):
            yield _as_seen(row, stamp)
        elif warning_id in before:
            yield before[warning_id]


def _stamp(seen: SeenWarning | None) -> str | None:
    return seen.stamp if seen else None


def _as_seen(row: OfficialWarning, stamp: str) -> SeenWarning:
    mark, box = row.mark(), box_of(row.box)
    return SeenWarning(
        id=row.id,
        stamp=stamp,
        edges=list(box) if box else None,
        drawn=None if row.drawn is None else int(row.drawn),
        begins_at_ms=mark.onset_at_ms or 0,
        ends_at_ms=NEVER_MS if mark.own_end_at_ms is None else mark.own_end_at_ms,
        is_of_flood=warns_of_flood(row, mark),
    )


def _differing(
    before: Mapping[str, SeenWarning], at_ms: int, after: Mapping[str, SeenWarning], now_ms: int
) -> list[Box]:
    """Return the boxes, before and now, of warnings that count differently for reports than at the last look."""
    boxes = dict[Box, None]()
    for warning_id in {**before, **after}:
        images = ((before.get(warning_id), at_ms), (after.get(warning_id), now_ms))
        counted = [seen.counts_at(moment_ms) if seen else () for seen, moment_ms in images]
        if counted[0] != counted[1]:
            boxes |= {Box(*counts[:4]): None for counts in counted if counts}
    return list(boxes)


def _next_change_ms(seen: Iterable[SeenWarning], now_ms: int) -> int:
    """Return when the next of these warnings begins or ends by its own times."""
    times = (at_ms for one in seen for at_ms in (one.begins_at_ms, one.ends_at_ms) if at_ms > now_ms)
    return min(times, default=NEVER_MS)
