"""Read the responders' queue: the most urgent rows of some tiles, merged from their shards within a fixed cost."""

from collections.abc import Callable, Sequence
from functools import partial
from math import ceil
from typing import NamedTuple

from app.core import dynamodb
from app.geo.tiles import tile_from_key
from app.reports.index.models import ROOT, TileDocument
from app.review.queue_models import QueueRow
from app.review.small_areas import FirstLooks, TwoKeys
from app.review.urgency import SHARDS, ZOOM, State, shard_of

MOST_QUERIES = 16
MOST_UNITS = 12.0  # of rows; documents that name the tiles cost up to four more
KEYS_AT_ONCE = 8
UNITS_BY_KEY = 14.5  # where first looks are read by their keys, with what it took to know these
TILES_AT_ONCE = MOST_QUERIES // SHARDS
MOST_TILES = 64
COARSER = 4
MOST_COARSER = 6
_UNIT_BYTES = 8192  # an eventually consistent read
_ROW_BYTES = 570  # measured with five neighbours (bench/queue.py)
_ROWS_IN_HALF = 4096 // _ROW_BYTES  # read for half a unit: fewer cost as much
_TILE = r"[0-9]{1,2}/[0-9]{1,2}"
# The tiles that are left, the first ones in hand, and the sort key after which these go on.
POSITION = rf"{_TILE}(,{_TILE}){{0,{MOST_TILES - 1}}}\|([0-2][0-9]{{14}}#rep_[A-Za-z0-9_-]+)?"


class QueueQuery(NamedTuple):
    """Rows to read: of these tiles, for one state or for all, of those that are wanted.

    `first_looks`: all that waits for a first look there, if it is known and little: this alone is read.
    """

    tiles: Sequence[str]
    state: State | None
    limit: int
    is_wanted: Callable[[QueueRow], bool]
    after: str = ""  # sort key
    first_looks: FirstLooks | None = None


class QueuePage(NamedTuple):
    """Rows, the most urgent first, and the position at which the next page begins; "" at the end."""

    rows: list[QueueRow]
    position: str


class _Shard:
    """One partition: the rows that were read and not yet taken."""

    def __init__(self, partition: str, after: str, *, is_by_state: bool) -> None:
        self.partition, self.after, self.is_by_state = partition, after, is_by_state
        self.rows: list[QueueRow] = []
        self.is_over = False

    def read(self, limit: int) -> float:
        """Read the next rows; return about how many units that cost."""
        rows = QueueRow.next_in(self.partition, after=self.after, limit=limit, is_by_state=self.is_by_state)
        self.is_over = len(rows) < limit
        self.rows = rows
        if rows:
            self.after = rows[-1].sort
        return max(1, ceil(sum(row.size_bytes for row in rows) / _UNIT_BYTES * 2)) / 2


class _Keys(_Shard):
    """Rows that are read by their keys, some at once."""

    def __init__(self, keys: Sequence[TwoKeys], after: str) -> None:
        super().__init__("", after, is_by_state=False)
        self.keys = sorted((pair for pair in keys if pair.likely.sort > after), key=lambda pair: pair.likely.sort)
        self.is_over = not self.keys

    def read(self, limit: int) -> float:
        """Read the next rows; a row at its other key stands where it is going to be. Half a unit for each key."""
        number, units = min(max(1, limit // _ROWS_IN_HALF), KEYS_AT_ONCE), 0.0
        while self.keys and not self.rows:
            some, self.keys = self.keys[:number], self.keys[number:]
            found = QueueRow.find_all(pair.likely for pair in some)
            others = {pair.other: pair.likely for pair in some if pair.likely not in found}
            for key, row in QueueRow.find_all(others).items():
                row.sort = others[key].sort
                found[others[key]] = row
            self.rows = [found[pair.likely] for pair in some if pair.likely in found]
            units += (len(some) + len(others)) / 2
        self.is_over = not self.keys
        return units


class _Budget:
    def __init__(self, units: float) -> None:
        self.queries, self.units = MOST_QUERIES, units

    def rows_for(self, shards: int, wanted: int) -> int:
        """Return how many rows each of these shards may be asked for; 0 if another page has to."""
        if shards > self.queries:
            return 0
        return max(0, min(wanted, int(self.units * _UNIT_BYTES / shards / _ROW_BYTES)))


def read_page(query: QueueQuery) -> QueuePage:
    """Return a page, the most urgent rows first: at most 16 queries and about 16 units, however many rows wait.

    More than four tiles are read four at a time. A page may be short, even empty, with more behind it.
    """
    by_key = query.first_looks
    budget = _Budget(MOST_UNITS if by_key is None else UNITS_BY_KEY - by_key.units)
    rows = list[QueueRow]()
    tiles, after = list(query.tiles), query.after
    at_once = TILES_AT_ONCE if query.state in (None, State.WAITING) else MOST_QUERIES
    while tiles:
        reached = _read_group(query, tiles[:at_once], after, budget, rows)
        if reached is not None:
            return QueuePage(rows, position_of(tiles, reached))
        tiles, after = tiles[at_once:], ""
        if tiles and len(rows) >= query.limit:
            return QueuePage(rows, position_of(tiles, ""))
    return QueuePage(rows, "")


def position_of(tiles: Sequence[str], after: str) -> str:
    """Write a position: tiles without their zoom, and a sort key."""
    return f"{','.join(tile.partition('/')[2] for tile in tiles)}|{after}"


def read_position(position: str) -> tuple[list[str], str]:
    """Return the tiles and the sort key of a position."""
    tiles, _, after = position.partition("|")
    return [f"{ZOOM}/{tile}" for tile in tiles.split(",")], after


def _read_group(
    query: QueueQuery, tiles: Sequence[str], after: str, budget: _Budget, rows: list[QueueRow]
) -> str | None:
    """Add the wanted rows of some tiles; return the sort key at which the page is full, or None at their end."""
    shards, size, seen = _shards(query, tiles, after), 0, after
    while True:
        if empty := [shard for shard in shards if not shard.rows and not shard.is_over]:
            size = max(2 * size, _ROWS_IN_HALF, ceil(2 * (query.limit - len(rows)) / len(shards)) + 3)
            number = budget.rows_for(len(empty), size)
            if not number:
                return seen
            budget.queries -= len(empty)
            budget.units -= sum(dynamodb.in_one_round([partial(shard.read, number) for shard in empty]))
        shards = [shard for shard in shards if shard.rows or not shard.is_over]
        if not shards:
            return None
        if len(rows) >= query.limit:
            return seen
        row = min(shards, key=lambda shard: shard.rows[0].sort).rows.pop(0)
        seen = row.sort
        if query.is_wanted(row):
            rows.append(row)


def _shards(query: QueueQuery, tiles: Sequence[str], after: str) -> list[_Shard]:
    if query.state not in (None, State.WAITING):
        return [_Shard(f"{tile}#{query.state}", after, is_by_state=True) for tile in tiles]
    if query.first_looks is None:
        return [_Shard(shard_of(tile, shard), after, is_by_state=False) for tile in tiles for shard in range(SHARDS)]
    rare = [state for state in State if query.state is None and state != State.WAITING]
    if query.state == State.WAITING:
        rare = [State.PHOTOS]  # some of those wait for a first look as well
    in_states = [_Shard(f"{tile}#{state}", after, is_by_state=True) for tile in tiles for state in rare]
    here = [pair for pair in query.first_looks.keys if pair.likely.shard.partition("#")[0] in tiles]
    return [_Keys(here, after), *in_states]


def busy_tiles(is_in: Callable[[str], bool]) -> list[str]:
    """Return the tiles with active reports among those that are wanted, the ones with most reports first.

    Named by the documents of the map, at most 15 seconds late; at most 64 tiles.
    """
    root = TileDocument.read([ROOT]).get(ROOT)
    coarser = [key for key in (root.children if root else []) if is_in(key)]
    documents = TileDocument.read(coarser) if coarser else {}
    busiest = sorted(documents.items(), key=lambda pair: -sum(pair[1].counts.values()))
    found: list[str] = []
    for _, document in busiest:
        found += [key for key in document.children if tile_from_key(key).z == ZOOM and is_in(key)]
    return found[:MOST_TILES]
