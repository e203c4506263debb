"""Update the sheets of a source before its tiles, which name them: only those of changed warnings, and new ones."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from app.geo.box_circle import Box
from app.warnings import sheets
from app.warnings.ingest.plan import Plan
from app.warnings.ingest.sheet_division import Drawn, divided, edges_of, growth, is_fitting, joined
from app.warnings.marks import Mark, box_of
from app.warnings.models import OfficialWarning, SourceDocument
from app.warnings.sheets import MOST_BYTES, MOST_SLOTS, NOWHERE, Directory, Edges, Sheet, Slot, Unreadable, place_of

EMPTY = Directory(0, 1, ())
_ROOM = 3 * MOST_BYTES // 4  # a sheet below it may take another warning
_SPARSE = 0.4  # sheets that are emptier on average are made new when all tiles are compared


@dataclass
class Placed:
    """The places of a source's warnings after an update, the tiles that must tell them, and what may go after that."""

    places: dict[str, int]
    boxes: list[Box] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)  # keys of sheets that the tiles will not name any more
    directory: Mapping[str, bytes] = field(default_factory=dict)  # the one without them, by its key

    def remove_unused(self) -> None:
        """Remove the sheets that no tile names any more. If it is interrupted, the next run makes all of them new."""
        if self.unused:
            SourceDocument.write(self.directory, self.unused)


class _Doubt(Exception):
    """Error: the stored sheets are not as the directory or the tiles say."""


def update(
    source: str, run: int, plan: Plan, stored: Iterable[Mark], needed: set[str], *, believed_from_ms: float
) -> Placed:
    """Write what a run has changed. Makes all sheets new if they are absent, unreadable, behind or doubtful.

    `stored`: the source's marks in the tiles that will be rewritten. `needed`: the ids of those that these will hold.
    `believed_from_ms`: the last run that changed anything; infinite if what is stored is in doubt.
    The caller holds the source's lock. If it is interrupted, its next run is doubtful.
    """
    key = sheets.directory_key(source)
    directory = sheets.read_directory(SourceDocument.bodies([key]).get(key))
    places = {mark.id: mark.sheet for mark in stored if mark.sheet is not None}
    if directory is not None and directory.run >= believed_from_ms:
        try:
            return _Changed(source, run, plan, directory, places).update(needed)
        except _Doubt:
            pass
    return _all_new(source, run, plan, directory or EMPTY)


def _all_new(source: str, run: int, plan: Plan, stored: Directory) -> Placed:
    """Write all sheets under new numbers: readers still use the old ones."""
    rows = {row.id: row for row in plan.changed}
    ids = [warning_id for warning_id, mark in plan.marks.items() if mark.box]
    rows |= OfficialWarning.find_all((one for one in ids if one not in rows), consistent=True)
    drawn, places = _drawn(rows[one] for one in ids if one in rows)
    contents = dict(enumerate(divided(drawn), stored.following))
    listed = [_sheet(number, [one.slot for one in group], _around(group)) for number, group in contents.items()]
    following = stored.following + len(contents)
    # The old ones stay listed until they are removed, so that the run after an interrupted one removes both.
    _write_directory(source, Directory(run, following, (*stored.sheets, *listed)))
    _write(source, {number: [one.slot for one in group] for number, group in contents.items()})
    places |= {one.id: place_of(number, slot) for number, group in contents.items() for slot, one in enumerate(group)}
    unused = [sheets.sheet_key(source, sheet.number) for sheet in stored.sheets]
    directory = {sheets.directory_key(source): sheets.pack_directory(Directory(run, following, tuple(listed)))}
    return Placed(places, [mark.box for mark in plan.marks.values() if mark.box], unused, directory)


class _Changed:
    """An update of sheets that are as their directory says."""

    def __init__(self, source: str, run: int, plan: Plan, directory: Directory, places: dict[str, int]) -> None:
        self.source, self.run, self.plan, self.directory, self.places = source, run, plan, directory, places
        self.listed = {sheet.number: sheet for sheet in directory.sheets}
        self.contents: dict[int, list[Slot]] = {}  # of the sheets that are read or new
        self.following = directory.following

    def update(self, needed: set[str]) -> Placed:
        changed = {row.id: row for row in self.plan.changed}
        kept = needed - changed.keys()
        if any(not self._is_listed(self.places.get(one)) for one in kept) or self._is_sparse():
            raise _Doubt
        gone = [one for one in (*changed, *self.plan.removed) if self.places.get(one)]
        before = {one: self.places[one] for one in gone if self._is_listed(self.places[one])}
        self._read({place // MOST_SLOTS for place in before.values()})
        touched = set(self.contents)
        for place in before.values():
            self._set(place, None)
        drawn, alone = _drawn(changed.values())
        self.places |= alone
        self._put(drawn, before)
        return self._finish(touched)

    def _is_listed(self, place: int | None) -> bool:
        return place is not None and (place == NOWHERE or place // MOST_SLOTS in self.listed)

    def _is_sparse(self) -> bool:
        sizes = [sheet.size for sheet in self.directory.sheets]
        return len(sizes) > 8 and sum(sizes) < _SPARSE * MOST_BYTES * len(sizes)

    def _read(self, numbers: set[int]) -> None:
        absent = {sheets.sheet_key(self.source, number): number for number in numbers - self.contents.keys()}
        bodies = SourceDocument.bodies(absent) if absent else {}
        try:
            self.contents |= {number: sheets.read(bodies[key]) for key, number in absent.items()}
        except (KeyError, Unreadable) as error:
            raise _Doubt from error

    def _set(self, place: int, slot: Slot) -> None:
        slots, number = self.contents[place // MOST_SLOTS], place % MOST_SLOTS
        slots += [None] * (number + 1 - len(slots))
        slots[number] = slot

    def _put(self, drawn: Sequence[Drawn], before: Mapping[str, int]) -> None:
        """Put each into its slot of before if it still fits, else into new sheets; few go where there is room."""
        homeless = [one for one in drawn if one.id not in before or not self._is_put(one, before[one.id])]
        for group in divided(homeless):
            if len(sheets.pack([one.slot for one in group])) >= _ROOM:
                self._open(group)
                continue
            rest = [one for one in group if not self._is_put_with_others(one)]
            if rest:
                self._open(rest)

    def _is_put(self, one: Drawn, place: int) -> bool:
        number = place // MOST_SLOTS
        self._set(place, one.slot)
        if not is_fitting(self.contents[number]):
            self._set(place, None)
            return False
        self.places[one.id] = place
        is_alone = sum(slot is not None for slot in self.contents[number]) == 1
        self._note(number, one.edges if is_alone else joined([self.listed[number].edges, one.edges]))
        return True

    def _is_put_with_others(self, one: Drawn) -> bool:
        """Put it into the nearest sheet with room; only one sheet is tried."""
        size = len(sheets.pack([one.slot]))
        with_room = [sheet for sheet in self.listed.values() if sheet.size < _ROOM and sheet.size + size <= MOST_BYTES]
        if not with_room:
            return False
        number = min(with_room, key=lambda sheet: growth(sheet.edges, one.edges)).number
        self._read({number})
        slots = self.contents[number]
        slot = slots.index(None) if None in slots else len(slots)
        return slot < MOST_SLOTS and self._is_put(one, place_of(number, slot))

    def _open(self, group: Sequence[Drawn]) -> None:
        number, self.following = self.following, self.following + 1
        self.contents[number] = [one.slot for one in group]
        self.places |= {one.id: place_of(number, slot) for slot, one in enumerate(group)}
        self._note(number, _around(group))

    def _note(self, number: int, edges: Edges) -> None:
        self.listed[number] = _sheet(number, self.contents[number], edges)

    def _finish(self, touched: set[int]) -> Placed:
        """Write them. An empty one stays for warnings to come, until all are made new."""
        for number in touched:
            self._note(number, self.listed[number].edges)
        if self.plan.changed or self.plan.removed:
            _write_directory(self.source, Directory(self.run, self.following, tuple(self.listed.values())))
        _write(self.source, self.contents)
        return Placed(self.places)


def _drawn(rows: Iterable[OfficialWarning]) -> tuple[list[Drawn], dict[str, int]]:
    """Return the rows that sheets hold, and the places of those that are too large for one."""
    drawn, alone = [], {}
    for row in rows:
        if not (box := box_of(row.box)):
            continue
        if (slot := sheets.slot_of(row)) and is_fitting([slot]):
            drawn.append(Drawn(row.id, edges_of(box), slot))
        else:
            alone[row.id] = NOWHERE
    return drawn, alone


def _around(group: Sequence[Drawn]) -> Edges:
    return joined([one.edges for one in group])


def _sheet(number: int, slots: Sequence[Slot], edges: Edges) -> Sheet:
    west, south, east, north = (round(edge, 2) for edge in edges)
    return Sheet(number, len(sheets.pack(slots)), (west, south, east, north))


def _write(source: str, contents: Mapping[int, Sequence[Slot]]) -> None:
    if contents:
        SourceDocument.write({sheets.sheet_key(source, number): sheets.pack(one) for number, one in contents.items()})


def _write_directory(source: str, directory: Directory) -> None:
    SourceDocument.write({sheets.directory_key(source): sheets.pack_directory(directory)})
