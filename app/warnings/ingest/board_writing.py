"""Update the boards of a source after its rows were written: only those with changed warnings, and the newest."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from math import ceil

from app.warnings import board_outlines, board_reading, boards
from app.warnings.boards import MOST_BYTES, MOST_ROWS, Board, Directory
from app.warnings.ingest.plan import Plan
from app.warnings.models import OfficialWarning, SourceDocument

Rows = dict[str, OfficialWarning]
EMPTY = Directory(0, ())
NEVER_MS = 1 << 53


def update(source: str, run: int, plan: Plan, *, last_change_ms: int, is_doubtful: bool) -> None:
    """Write the boards that a run has changed; rebuild all if they are absent, unreadable, outdated or doubtful.

    The caller holds the source's lock. If it is interrupted, its next run is doubtful.
    """
    stored = boards.read_directory(
        SourceDocument.bodies([boards.directory_key(source)]).get(boards.directory_key(source))
    )
    contents = None
    is_current = stored is not None and not is_doubtful and stored.run >= last_change_ms
    if stored is not None and is_current and not _is_sparse(stored) and _has_outlines(stored):
        if not plan.changed and not plan.removed:
            return
        contents = _changed_contents(source, stored, plan)
    if contents is None:
        contents = _all_contents(stored or EMPTY, plan)
    _write(source, run, stored or EMPTY, contents)


def _is_sparse(directory: Directory) -> bool:
    """Return whether half as many boards would hold the warnings that are left."""
    count = sum(board.size for board in directory.boards)
    return len(directory.boards) > 2 * ceil(count / MOST_ROWS) + 2


def _has_outlines(directory: Directory) -> bool:
    """Return whether outlines were written beside each board; the previous release does not write them."""
    return all(board.outlines is not None for board in directory.boards)


def _all_contents(stored: Directory, plan: Plan) -> dict[int, Rows]:
    """Return new boards of all rows, under new numbers: readers still use the old ones."""
    rows = {row.id: row for row in plan.changed}
    rows |= OfficialWarning.find_all(plan.marks.keys() - rows.keys(), consistent=True)
    following = max((board.number for board in stored.boards), default=-1) + 1
    contents: dict[int, Rows] = {board.number: {} for board in stored.boards}
    return contents | dict(enumerate(_divided(rows.values()), following))


def _changed_contents(source: str, stored: Directory, plan: Plan) -> dict[int, Rows] | None:
    """Return the boards that a run changes; None if one of them cannot be read."""
    touched = {warning_id: plan.stored[warning_id].row.listed for warning_id in _touched(plan)}
    numbers = {
        board.number
        for board in stored.boards
        if any(board.oldest <= listed <= board.newest for listed in touched.values())
    }
    last = max((board.number for board in stored.boards), default=0)
    contents = _read(source, [board for board in stored.boards if board.number in {*numbers, last}])
    if contents is None:
        return None
    new = []
    for row in plan.changed:
        home = next((rows for rows in contents.values() if row.id in rows), None)
        if home is not None and home[row.id].listed == row.listed:
            home[row.id] = row
        else:
            new.append(row)
            if home is not None:
                del home[row.id]
    for warning_id in plan.removed:
        for rows in contents.values():
            rows.pop(warning_id, None)
    if new:
        contents |= dict(enumerate(_divided([*contents.get(last, {}).values(), *new]), last))
    return contents


def _touched(plan: Plan) -> set[str]:
    return {
        warning_id for warning_id in (*(row.id for row in plan.changed), *plan.removed) if warning_id in plan.stored
    }


def _read(source: str, wanted: Sequence[Board]) -> dict[int, Rows] | None:
    """Return the rows of boards, with the outlines beside them; None if any of it cannot be read."""
    keys = {boards.board_key(source, board.number): board for board in wanted}
    drawn = {board.number: board_outlines.key_of(source, board.number) for board in wanted if _is_drawn(board)}
    bodies = SourceDocument.bodies([*keys, *drawn.values()])
    try:
        outlines = {number: board_outlines.read(bodies[key]) for number, key in drawn.items()}
        return {
            board.number: {
                row.id: board_outlines.with_outline(row, outlines.get(board.number, {}))
                for row in boards.read_rows(bodies[key])
            }
            for key, board in keys.items()
        }
    except (KeyError, boards.Unreadable):
        return None


def _is_drawn(board: Board) -> bool:
    return bool(board.outlines and board.outlines[0])


def _may_be_drawn(board: Board) -> bool:
    """Return whether there may be outlines beside a board: the previous release leaves them without naming them."""
    return board.outlines is None or _is_drawn(board)


def _divided(rows: Iterable[OfficialWarning]) -> list[Rows]:
    """Divide rows among boards, the oldest first: all boards are full except for the last."""
    ordered = sorted(rows, key=lambda row: row.listed)
    divided: list[Rows] = []
    while ordered:
        count = MOST_ROWS
        while count > 1 and len(boards.pack_rows(ordered[:count])) > MOST_BYTES:
            count //= 2
        divided.append({row.id: row for row in ordered[:count]})
        ordered = ordered[count:]
    return divided


def _write(source: str, run: int, stored: Directory, contents: dict[int, Rows]) -> None:
    """Write boards and their outlines, then the directory that names them, then remove the empty ones."""
    before = {board.number: board for board in stored.boards}
    directory = {number: board for number, board in before.items() if number not in contents}
    bodies: dict[str, bytes] = {}
    for number, rows in contents.items():
        if not rows:
            continue
        board, outlines = boards.pack_rows(rows.values()), board_outlines.pack(rows.values())
        directory[number] = _board(number, rows.values(), board, outlines)
        bodies[boards.board_key(source, number)] = board
        if outlines and (number not in before or before[number].outlines != directory[number].outlines):
            bodies[board_outlines.key_of(source, number)] = outlines
    if bodies:
        SourceDocument.write(bodies)
    ordered = tuple(directory[number] for number in sorted(directory))
    removed = [boards.board_key(source, number) for number in contents if number not in directory]
    removed += [
        board_outlines.key_of(source, number)
        for number, board in before.items()
        if _may_be_drawn(board) and not (number in directory and _is_drawn(directory[number]))
    ]
    packed = boards.pack_directory(Directory(run, ordered))
    SourceDocument.write({boards.directory_key(source): packed}, removed)
    board_reading.forget()


def _board(number: int, rows: Collection[OfficialWarning], body: bytes, outlines: bytes) -> Board:
    listed = [row.listed for row in rows]
    sent = [int(row.sent_at_ms) for row in rows]
    first_end_ms, severities = min(map(_end_of, rows)), dict(Counter(sorted(row.severity for row in rows)))
    bounds = max(listed), min(listed), len(listed), first_end_ms
    beside = len(outlines), boards.digest_of(outlines)
    return Board(number, *bounds, boards.digest_of(body), (min(sent), max(sent)), severities, beside)


def _end_of(row: OfficialWarning) -> int:
    """Return the time (ms) from which a warning is over: 0 if it is over, NEVER_MS if no end is known."""
    mark = row.mark()
    if mark.ended_at_ms is not None:
        return 0
    return NEVER_MS if mark.own_end_at_ms is None else mark.own_end_at_ms
