"""Count the active reports inside all official warnings, and store the numbers: the only ones that are shown.

The minute's function does it. What has not changed since this process counted it last is not counted again: a warning
with its outline, as long as the documents of the tiles that it touches are the same. In between the consumer of the
reports' stream counts what it has changed itself (`inside_following.py`).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import NamedTuple

from app.core import clock, telemetry
from app.geo.box_circle import Box
from app.geo.encode import unpack as unpack_shape
from app.geo.polygon import MultiPolygon
from app.geo.tiles import Tile, tile_at
from app.reports.index import changed_tiles, count_inside, settled
from app.reports.index.models import IN_FLIGHT_MS
from app.situation import inside, inside_reading
from app.situation.grouping import text_of
from app.situation.inside import UNKNOWN, Numbers
from app.situation.models import InsideDocument
from app.warnings import source_status
from app.warnings.marks import box_of
from app.warnings.models import OfficialWarning, SourceStates

AT_ONCE = 200  # outlines that are counted together, neighbours first
MOST_PAIRS = 300  # of warnings with one text that may share reports, in a run
MOST_TILES = 64  # to compare warnings with
MOST_SHAPES = 10_000  # kept; half a kilobyte each
TRIES = 3
_ORDER_ZOOM = 9
Count = Callable[[Sequence[MultiPolygon]], list[int]]


class Shape(NamedTuple):
    """A warning with its outline. Warnings of one group are shown as one."""

    digest: str
    key: str
    group: tuple[str, ...]
    box: Box
    packed: bytes

    @classmethod
    def of(cls, row: OfficialWarning) -> "Shape | None":
        """Return that of a whole row; None without an outline."""
        box = box_of(row.box)
        if box is None or not row.shape:
            return None
        return cls(row.digest, inside.key_of(row), text_of(row), box, row.shape)

    def outline(self) -> MultiPolygon | None:
        """Return the outline; None if this release cannot read it."""
        try:
            return unpack_shape(self.packed)
        except ValueError:
            return None

    @property
    def place(self) -> str:
        """Return a word in the order of which neighbours follow each other."""
        return tile_at(lat=self.box.south, lon=self.box.west, z=_ORDER_ZOOM).quadkey


@dataclass
class _Memory:
    """Numbers that this process has counted, by key, the documents that they were counted in; outlines by warning."""

    numbers: Numbers = field(default_factory=Numbers)
    states: dict[str, str] = field(default_factory=dict)
    shapes: dict[str, Shape] = field(default_factory=dict)


_memory = _Memory()


def forget() -> None:
    """Forget what this process has counted, for tests."""
    vars(_memory).update(vars(_Memory()))


def renew(goes_on: Callable[[], bool] = lambda: True) -> int:
    """Count the reports inside every warning that is shown, and store the numbers; return how many were counted.

    Safe to repeat, to skip and to run twice at the same time. `goes_on` is asked before each two hundred whether there
    is time for more: what is left is unknown until the next run. Raises what the database raises.
    """
    now_ms = clock.now_ms()
    listed = _listed(now_ms)
    if not listed:
        return 0
    documents = InsideDocument.read(listed, consistent=True)
    as_of_ms = settled.true_as_of_ms(now_ms)
    try:
        if as_of_ms is None:
            as_of_ms = now_ms - IN_FLIGHT_MS
            _memory.numbers, _memory.states = Numbers(), {}
            counted = _count_rest(listed, count_inside.count_by_index, goes_on)
        else:
            _forget_changed(listed, now_ms)
            counted = _count_rest(listed, count_inside.count_active, goes_on)
    except count_inside.TooMany:
        return 0  # the numbers grow old, and readers leave them out
    for source, rows in listed.items():
        keys = {inside.key_of(row) for row in rows} & _memory.numbers.inside.keys()
        _store(InsideDocument.of(source, documents), _part(_memory.numbers, keys), as_of_ms)
    return counted


def _listed(now_ms: int) -> dict[str, list[OfficialWarning]]:
    """Return the warnings with an outline that are shown, by source, from the index."""
    states = SourceStates.read().by_name()
    listed: dict[str, list[OfficialWarning]] = {}
    for source in source_status.known_sources(states):
        rows = [row for row in OfficialWarning.of_source(source) if row.box and row.mark().is_shown(now_ms)]
        if rows:
            listed[source] = rows
    return listed


def _forget_changed(listed: dict[str, list[OfficialWarning]], now_ms: int) -> None:
    """Forget the numbers of warnings that touch a tile in which reports have changed, and of those that are gone."""
    changed = changed_tiles.find(_memory.states, now_ms)
    boxes = [Box(*tile.bounds()) for tile in _few(changed.tiles)]
    same = {
        inside.key_of(row)
        for rows in listed.values()
        for row in rows
        if (box := box_of(row.box)) and not any(box.intersects(other) for other in boxes)
    }
    _memory.numbers = _part(_memory.numbers, same & _memory.numbers.inside.keys())
    _memory.states = changed.states


def _few(tiles: Sequence[Tile]) -> set[Tile]:
    """Return a few tiles that hold all of these."""
    few = {*tiles}
    while len(few) > MOST_TILES:
        few = {tile.parent(max(0, tile.z - 1)) for tile in few}
    return few


def _part(numbers: Numbers, keys: set[str]) -> Numbers:
    """Return the numbers of some warnings."""
    shared = {pair: number for pair, number in numbers.shared.items() if keys.issuperset(pair)}
    return Numbers({key: numbers.inside[key] for key in keys}, shared)


def _count_rest(listed: dict[str, list[OfficialWarning]], count: Count, goes_on: Callable[[], bool]) -> int:
    """Count the reports inside warnings that have no number yet; return how many warnings were counted."""
    rows = [row for some in listed.values() for row in some]
    shapes = _shapes(rows, {row.id for row in rows if inside.key_of(row) not in _memory.numbers.inside})
    ordered = sorted(shapes.values(), key=lambda shape: shape.place)
    left = [shape for shape in ordered if shape.key not in _memory.numbers.inside]
    counted: set[str] = set()
    for start in range(0, len(left), AT_ONCE):
        if not goes_on():
            break
        numbers = count_each(left[start : start + AT_ONCE], count)
        _memory.numbers.inside |= numbers
        counted |= numbers.keys()
    pairs = [pair for pair in pairs_of(ordered, _memory.numbers) if not counted.isdisjoint(one.key for one in pair)]
    _memory.numbers.shared |= count_shared(pairs, _memory.numbers, count)
    return len(counted)


def _shapes(rows: Iterable[OfficialWarning], wanted: set[str]) -> dict[str, Shape]:
    """Return the outlines of warnings, by id: those that are known, and the wanted ones."""
    digests = {row.id: row.digest for row in rows}
    known = {one: shape for one, shape in _memory.shapes.items() if digests.get(one) == shape.digest}
    read = OfficialWarning.find_all(wanted - known.keys())
    known |= {one: shape for one, row in read.items() if (shape := Shape.of(row))}
    _memory.shapes = known if len(known) <= MOST_SHAPES else {}
    return known


def count_each(shapes: Iterable[Shape], count: Count) -> dict[str, int]:
    """Return the number of reports inside each warning, by key; not of outlines that cannot be read."""
    outlines = {shape.key: outline for shape in shapes if (outline := shape.outline())}
    return dict(zip(outlines, count([*outlines.values()]), strict=True)) if outlines else {}


def pairs_of(shapes: Iterable[Shape], numbers: Numbers) -> list[tuple[Shape, Shape]]:
    """Return the pairs of warnings with one text that may share reports: both have some, and their boxes meet."""
    groups: dict[tuple[str, ...], list[Shape]] = defaultdict(list)
    for shape in shapes:
        if numbers.inside.get(shape.key):
            groups[shape.group].append(shape)
    return [
        (first, second)
        for group in groups.values()
        for first, second in combinations(sorted(group, key=lambda shape: shape.key), 2)
        if first.box.intersects(second.box)
    ]


def count_shared(pairs: Sequence[tuple[Shape, Shape]], numbers: Numbers, count: Count) -> dict[tuple[str, str], int]:
    """Return how many reports two warnings share: half of what their numbers lack of those in exactly one of them.

    With two outlines in one shape, what is inside both counts as outside (even-odd). UNKNOWN for very many pairs, and
    where a report lies on both rims or a number is an estimate.
    """
    shared = {(first.key, second.key): UNKNOWN for first, second in pairs[MOST_PAIRS:]}
    looked_at = pairs[:MOST_PAIRS]
    together = [
        MultiPolygon(unpack_shape(first.packed).polygons + unpack_shape(second.packed).polygons)
        for first, second in looked_at
    ]
    for (first, second), in_one in zip(looked_at, count(together) if together else [], strict=True):
        twice = numbers.inside[first.key] + numbers.inside[second.key] - in_one
        is_possible = 0 <= twice <= 2 * min(numbers.inside[one.key] for one in (first, second)) and twice % 2 == 0
        shared[first.key, second.key] = twice // 2 if is_possible else UNKNOWN
    return shared


def _store(document: InsideDocument, numbers: Numbers, as_of_ms: int) -> None:
    """Store the numbers of a source. What another has stored since the document was read is newer and stays."""
    before = inside.read_or_none(document.body)
    for _ in range(TRIES):
        if document.replace(inside.pack(numbers), as_of_ms=as_of_ms):
            inside_reading.forget()
            return
        document = InsideDocument.of(document.source, InsideDocument.read([document.source], consistent=True))
        numbers = _with_news(numbers, before, inside.read_or_none(document.body))
    telemetry.logger().warning("numbers not stored", extra={"source": document.source})


def _with_news(numbers: Numbers, before: Numbers, stored: Numbers) -> Numbers:
    news = {key: number for key, number in stored.inside.items() if number != before.inside.get(key)}
    shared = {pair: number for pair, number in stored.shared.items() if not news.keys().isdisjoint(pair)}
    return Numbers(numbers.inside | news, numbers.shared | shared)
