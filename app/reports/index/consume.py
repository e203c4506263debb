"""Bring the changes of all stream shards to the tile documents, one consumer at a time.

The consumer that holds the lease rewrites the documents, for its own batch and for all that others have handed over
since. Those go on at once. So there is one writer of the documents, whatever the number of shards, and none waits for
another. The optimistic locks of the documents stay: they protect from a holder that is slower than its lease.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from functools import partial
from typing import NamedTuple

from app.core import clock, dynamodb, telemetry
from app.reports.entry import Entry
from app.reports.index import completeness, handed_over, increments, shared_state, tile_documents, whole_cells
from app.reports.index.ended import rebuild_ended
from app.reports.index.handed_over import Changes
from app.reports.index.increments import NO_FACTS, BatchFacts, Pair
from app.reports.index.models import MOST_SHARDS, ROOT
from app.reports.index.shared_state import State
from app.reports.index.tile_documents import BuiltPairs
from app.reports.models import Report

WIDE_FROM = 500  # changes in one batch
# A batch of so few changes is no storm: it heeds no pace, so that no document waits for the next batch.
FEW = 3
# Cells and entries of handed-over changes that one pass takes, beside its own; at least one item.
MOST_CELLS = 300
MOST_CHANGES = 20_000
MOST_PASSES = 3
SWEEP = "sweep"
# The minute's sweep counts what has ended. Where consumers always hold the lease, one of them does so after this time.
ENDS_MAY_WAIT_MS = clock.MINUTE_MS


class Change(NamedTuple):
    """A report before and after one write, and when the stream saw it (ms since 1970)."""

    old: Report | None
    new: Report | None
    at_ms: int


class Batch(NamedTuple):
    """Changes that one consumer brings: by cell, their oldest time, and how far its stream shard was read with them."""

    changes: Changes
    oldest_ms: int
    positions: dict[str, int]
    facts: BatchFacts = NO_FACTS


NO_BATCH = Batch({}, 0, {})


class Passed(NamedTuple):
    """Outcome of one pass: the number of cells rebuilt, and the shard positions that are still to be noted."""

    cells: int
    positions: dict[str, int]


def apply_changes(changes: Sequence[Change], *, shard: str) -> None:
    """Bring changes to the documents, or hand them over to the consumer that rewrites documents now."""
    if not changes:
        return
    for change in changes:
        if change.new is not None and not change.new.is_complete():
            change.new.complete()  # the previous release wrote it
    _widen(changes)
    times = [change.at_ms for change in changes]
    batch = Batch(_by_cell(changes), min(times), {shard: max(times)}, _facts_of(changes))
    is_storm = len(changes) > FEW
    holder = shared_state.holder_name(shard)
    state = shared_state.take_lease(holder, shard, is_paced=is_storm)
    if state is None:
        for cell, entries in batch.changes.items():
            whole_cells.check(cell, entries)  # the next holder could not say which record was to blame
        marked = shared_state.hand_over(batch.changes, oldest_ms=batch.oldest_ms, positions=batch.positions)
        # A holder of the lease at that moment looks for more before it ends.
        is_free = marked.is_free(shard, is_paced=is_storm)
        state, batch = shared_state.take_lease(holder, shard, is_paced=is_storm) if is_free else None, NO_BATCH
    if state is not None:
        _make_passes(holder, shard, state, batch)


def sweep() -> int:
    """Bring what waits and what has expired to the documents; return the number of cells rebuilt.

    0 while a consumer holds the lease: it does the same.
    """
    holder = shared_state.holder_name(SWEEP)
    state = shared_state.take_lease(holder, SWEEP, is_paced=False)
    return _make_passes(holder, SWEEP, state, NO_BATCH) if state is not None else 0


def _widen(changes: Iterable[Change]) -> None:
    """Let the changes of a day use all shards if very many of its reports change."""
    days = Counter(change.new.changed_day for change in changes if change.new is not None and change.new.changed_day)
    for day, change_count in days.items():
        if change_count >= WIDE_FROM and day == clock.day_of(clock.now_ms()):
            completeness.widen(day)


def _by_cell(changes: Iterable[Change]) -> Changes:
    """Return the latest entry of each changed report, by each cell that it lies in now or lay in before."""
    recent: Changes = defaultdict(dict)
    for change in changes:
        latest = change.new or change.old
        for image in (change.old, change.new):
            if latest is not None and image is not None and image.cell:
                entry = latest.entry_with_unknown()
                recent[image.cell][latest.id] = entry if change.new else increments.gone(entry)
    return recent


def _facts_of(changes: Iterable[Change]) -> BatchFacts:
    """Return which changes are neutral, and when each report's latest change was written."""
    now_ms = clock.now_ms()
    counted: set[str] = set()
    neutral: set[str] = set()
    written_ms: dict[str, int] = {}
    for change in changes:
        latest = change.new or change.old
        if latest is None:
            continue
        is_neutral = change.old and change.new and increments.is_neutral(change.old.entry(), change.new.entry(), now_ms)
        (neutral if is_neutral else counted).add(latest.id)
        written_ms[latest.id] = max(change.at_ms, written_ms.get(latest.id, 0))
    return BatchFacts(neutral - counted, written_ms)


def _make_passes(holder: str, shard: str, state: State, batch: Batch) -> int:
    """Bring everything that waits to the documents, and what comes meanwhile; return the number of cells rebuilt.

    Between passes it rests, so that those of many shards with a few changes each become one.
    """
    rebuilt = 0
    passed_by = shard if shard != SWEEP else None
    rested: State | None = shared_state.rest(holder, state, shard) if passed_by else state
    if rested is None:
        _hand_over(batch)
        return 0
    for number in range(MOST_PASSES):
        try:
            passed = _make_pass(holder, rested, batch)
        except Exception:
            _end_lease_if_possible(holder)
            raise
        rebuilt += passed.cells
        after = shared_state.end_lease(holder, passed.positions, passed_by=passed_by)
        if after is None and passed.positions:
            shared_state.note_done([], passed.positions)
        if after is None or not after.waiting or number == MOST_PASSES - 1:
            break
        again = shared_state.take_lease(holder, shard, is_paced=after.size > FEW)
        rested = shared_state.rest(holder, again, None) if again is not None else None
        if rested is None:
            break
        batch = NO_BATCH
    return rebuilt


def _hand_over(batch: Batch) -> None:
    """Leave a batch to the next holder of the lease."""
    if batch.positions:
        shared_state.hand_over(batch.changes, oldest_ms=batch.oldest_ms, positions=batch.positions)


def _end_lease_if_possible(holder: str) -> None:
    """Give the lease back after a failure; if this fails too, the lease ends by itself."""
    try:
        shared_state.end_lease(holder)
    except dynamodb.FAILURES:
        telemetry.logger().warning("lease not given back")


def _make_pass(holder: str, state: State, batch: Batch) -> Passed:
    """Bring a batch and what waits to the documents.

    If another consumer has taken the lease meanwhile, the batch is handed over to it.
    """
    taken = shared_state.take_oldest(state.waiting, most_cells=MOST_CELLS, most_changes=MOST_CHANGES)
    facts = _without_others(batch.facts, taken.changes)
    changes = taken.changes
    handed_over.add_all(changes, batch.changes)
    built_pairs: BuiltPairs = {}
    lost = _build_cells(holder, changes, batch.changes, facts, built_pairs)
    if lost is None:
        _hand_over(batch)
        return Passed(0, {})
    noted: dict[str, int] = {}
    if taken.marks or batch.positions:
        coarsest, lost_above = tile_documents.build_between(changes.keys() - lost, built_pairs)
        lost |= lost_above
        done_positions = shared_state.later_of(taken.positions, batch.positions)
        in_documents = [one.oldest_ms for one in taken.marks] + ([batch.oldest_ms] if batch.positions else [])
        left = [one.oldest_ms for one in taken.left]
        positions = shared_state.later_of(state.positions, done_positions)
        vouched = _capped(positions, left if not lost else [*left, *in_documents])
        if not tile_documents.build_root(coarsest, vouched, built_pairs):
            lost = {*changes}
        if lost:
            _hand_over_again({cell: changes[cell] for cell in lost}, oldest_ms=min(in_documents))
        noted = {shard: positions[shard] for shard in done_positions}
        if taken.marks:
            shared_state.note_done(taken.marks, noted)
            noted = {}
    _forget_closed(state.positions)
    ended = rebuild_ended() if holder.startswith(f"{SWEEP}#") or _are_ends_overdue(built_pairs.get(ROOT)) else 0
    return Passed(len(changes) - len(lost) + ended, noted)


def _are_ends_overdue(root: Pair | None) -> bool:
    """Return whether the next end in the root has passed for long; also true if this pass has made no root."""
    return root is None or root.new.next_end_ms <= clock.now_ms() - ENDS_MAY_WAIT_MS


def _without_others(facts: BatchFacts, others: Changes) -> BatchFacts:
    """Remove the reports that another consumer has changed too: the changes in between are not known."""
    ids = {report_id for entries in others.values() for report_id in entries}
    if not ids:
        return facts
    return BatchFacts(facts.neutral - ids, {one: at_ms for one, at_ms in facts.written_ms.items() if one not in ids})


def _build_cells(
    holder: str, changes: Changes, own: Changes, facts: BatchFacts, built_pairs: BuiltPairs
) -> set[str] | None:
    """Rebuild cells; return those at which other writers were faster each time, or None if the lease is lost."""
    lost: set[str] = set()
    extended_ms = clock.now_ms()
    for some in dynamodb.some_at_once(sorted(changes)):
        built = dynamodb.in_one_round(
            [partial(_build_cell, cell, changes[cell], own.get(cell), facts, built_pairs) for cell in some]
        )
        lost |= {cell for cell, is_built in zip(some, built, strict=True) if not is_built}
        if clock.now_ms() - extended_ms > shared_state.LEASE_MS // 4:
            if shared_state.extend_lease(holder) is None:
                return None
            extended_ms = clock.now_ms()
    return lost


def _build_cell(
    cell: str, recent: dict[str, Entry], own: dict[str, Entry] | None, facts: BatchFacts, built_pairs: BuiltPairs
) -> bool:
    """Rebuild a cell. Handed-over changes that break it are left out and counted: they stop no other change."""
    try:
        return tile_documents.build_cell(cell, recent, built_pairs, facts)
    except Exception as error:
        if dynamodb.is_outage(error) or recent == own:
            raise
        telemetry.measure("UnreadableDocuments", 1, "Count")
        telemetry.logger().error("handed-over changes left out", extra={"tile": cell, "error": type(error).__name__})
    whole_cells.check(cell, own or {})
    sound = {entry.id: entry for entry in recent.values() if _is_sound(cell, entry)}
    return tile_documents.build_cell(cell, sound, built_pairs, facts)


def _is_sound(cell: str, entry: Entry) -> bool:
    try:
        whole_cells.check(cell, {entry.id: entry})
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        return False
    return True


def _hand_over_again(changes: Changes, *, oldest_ms: int) -> None:
    """Hand over the changes of cells whose documents could not be stored, even if MOST_WAITING items wait already."""
    shared_state.hand_over(changes, oldest_ms=oldest_ms, positions={}, spare=shared_state.MOST_WAITING)


def _capped(positions: dict[str, int], not_in_documents: Sequence[int]) -> dict[str, int]:
    """Return positions of which none passes a change (ms) that is not in the documents."""
    if not not_in_documents:
        return positions
    oldest_ms = min(not_in_documents) - 1
    return {shard: min(at_ms, oldest_ms) for shard, at_ms in positions.items()}


def _forget_closed(positions: dict[str, int]) -> None:
    """Remove the positions of shards that were closed long ago: a stream keeps its records for a day."""
    if len(positions) > MOST_SHARDS:
        two_days_ago = clock.now_ms() - 2 * clock.DAY_MS
        shared_state.forget(shard for shard, at_ms in positions.items() if at_ms < two_days_ago)
