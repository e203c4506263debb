"""Ingest the answer of a source: compare it with what is stored and write only the changes.

Calls to DynamoDB for one run: one query of the source's index for each megabyte, its ledger, one batch for each 100
outlines, 25 rows or 100 tiles, and the rows of the source itself. If nothing changed: only the index and those rows.
"""

import json
from collections.abc import Iterable
from dataclasses import replace

from app.core import clock, telemetry
from app.geo.box_circle import Box
from app.warnings import changes, source_status
from app.warnings.ingest import board_writing, ledger, outlines, tile_writing
from app.warnings.ingest.ledger import Ledger
from app.warnings.ingest.outcome import Outcome, count
from app.warnings.ingest.outlines import NOT_FETCHED_YET
from app.warnings.ingest.plan import Plan, boxes_of, is_changed
from app.warnings.ingest.supersession import Supersession, resolve
from app.warnings.marks import Mark
from app.warnings.models import OfficialWarning, SourceMemory
from app.warnings.sources.http_client import Fetcher, NotFetched
from app.warnings.sources.message import Answer
from app.warnings.sources.registry import Source

CONDITIONS = ("etag", "last_modified")
RUN_IN_PROGRESS = "another run of this source is at work"
EMPTY_UNCONFIRMED = "the answer is empty: what was in force holds until the next answer is empty too"
TILES_CHECKED_EACH_MS = 6 * clock.HOUR_MS


def ingest(source: Source, *, contact: str = "") -> Outcome:
    """Fetch a source's answer and ingest it. If the source is down, only its status changes."""
    memory = SourceMemory.of(source.name)
    try:
        with source.fetcher(contact=contact) as fetcher:
            answer = source.reader.fetch(fetcher, memory.conditional_headers(), now_ms=clock.now_ms())
            return store_answer(source, answer, memory, fetcher=fetcher)
    except NotFetched as error:
        source_status.note_failure(source.name, str(error))
        return Outcome(source.name, failure=str(error))


def store_answer(
    source: Source,
    answer: Answer,
    memory: SourceMemory,
    *,
    fetcher: Fetcher | None = None,
    has_new_outlines: bool = False,
) -> Outcome:
    """Ingest an answer. Without a fetcher no connection is opened and only stored outlines are used.

    Outlines are looked up for warnings that are new or not completely drawn; for all if there are new outlines. Two
    concurrent runs of a source would undo each other, so the second does nothing.
    """
    if _is_unreadable(answer):
        source_status.note_failure(source.name, answer.broken[0])
        return Outcome(source.name, broken=answer.broken, counts=count(answer, {}), failure=answer.broken[0])
    if answer.is_not_modified and not memory.is_pending:
        marks = [row.mark() for row in OfficialWarning.of_source(source.name)]
        return _with_status(Outcome(source.name, is_not_modified=True), answer, marks)
    if not memory.begin():
        return Outcome(source.name, failure=RUN_IN_PROGRESS)
    try:
        return _Run(source, answer, memory, fetcher).run(has_new_outlines=has_new_outlines)
    except (Exception, KeyboardInterrupt):
        memory.release()
        source_status.note_failure(source.name, "what it said could not be stored")
        raise


def _is_unreadable(answer: Answer) -> bool:
    """Return whether nothing in it can be read. A broken item that still names a warning counts as `unchanged`."""
    is_read = answer.is_not_modified or answer.messages or len(answer.unchanged) > len(answer.broken)
    return bool(answer.broken) and not is_read


class _Run:
    """One answer of one source, while no other run of it is active."""

    def __init__(self, source: Source, answer: Answer, memory: SourceMemory, fetcher: Fetcher | None) -> None:
        self.source, self.answer, self.memory, self.fetcher = source, answer, memory, fetcher
        self.changed_at_ms = memory.next_change_ms()
        self.ledger = ledger.read(source.name)

    def run(self, *, has_new_outlines: bool) -> Outcome:
        is_awaited = self._awaits_confirmation()
        supersession = self._resolve(is_awaited=is_awaited)
        plan = Plan(self.source.name, self.changed_at_ms, self.ledger.rows, supersession)
        is_drawn = self._plan(plan, supersession, has_new_outlines=has_new_outlines)
        is_logged = self._write(plan)
        self.memory.end(self._validators(is_whole=is_drawn and not is_awaited))
        outcome = Outcome(self.source.name, len(plan.changed) - plan.ended, plan.ended, len(plan.removed))
        outcome.broken, outcome.counts = self.answer.broken, count(self.answer, supersession.outcomes)
        outcome.note = EMPTY_UNCONFIRMED if is_awaited else ""
        since = None if is_logged and not self.ledger.written_elsewhere else self.changed_at_ms
        return _with_status(
            outcome, self.answer, plan.marks.values(), changes_to=self.changed_at_ms, changes_anew_from=since
        )

    def _awaits_confirmation(self) -> bool:
        """Return whether this is the first empty answer after a full one: the next answer must confirm it."""
        answer = self.answer
        if answer.is_not_modified:
            return False
        is_empty = answer.is_whole and not (answer.messages or answer.unchanged or answer.left_out or answer.broken)
        now_ms = clock.now_ms()
        holds = any(row.mark().is_in_force(now_ms) for row in self.ledger.rows.values())
        is_first = is_empty and holds and self.memory.empty_since_ms is None
        self.memory.empty_since_ms = now_ms if is_first else None
        return is_first

    def _resolve(self, *, is_awaited: bool) -> Supersession:
        if self.answer.is_not_modified:
            return Supersession(mentioned=set(self.ledger.rows))
        return resolve(
            self.source.name,
            replace(self.answer, is_whole=self.answer.is_whole and not is_awaited),
            self.ledger.rows.values(),
            now_ms=clock.now_ms(),
            ends_absent=self.source.is_snapshot,
            closers=self.ledger.cancellations,
        )

    def _plan(self, plan: Plan, supersession: Supersession, *, has_new_outlines: bool) -> bool:
        """Plan the writes; return whether all outlines that can be fetched are there."""
        rows = self.ledger.rows
        changed = {
            warning_id: placed
            for warning_id, placed in supersession.current.items()
            if has_new_outlines or is_changed(placed, rows.get(warning_id))
        }
        ends = {
            warning_id: over
            for warning_id, over in supersession.ended.items()
            if warning_id not in rows or rows[warning_id].ended_at_ms is None
        }
        placed_messages = [*changed.values(), *(over.placed_message for over in ends.values() if over.placed_message)]
        area_outlines = outlines.resolve(self.source, [place for _, place, _ in placed_messages], fetcher=self.fetcher)
        plan.put_changed(changed, area_outlines)
        plan.put_ended(ends, area_outlines)
        plan.put_chains()
        plan.remove()
        return NOT_FETCHED_YET not in area_outlines.missing.values()

    def _write(self, plan: Plan) -> bool:
        """Write the changes first (a change without its row has no effect), then rows, tiles and the ledger.

        The next run completes an interrupted one. Returns False if the changes logged earlier were lost.
        """
        memory, rows = self.memory, self.ledger.rows
        was_pending = memory.is_pending
        is_due = int(memory.tiles_checked_at_ms) < clock.now_ms() - TILES_CHECKED_EACH_MS
        is_checking = memory.is_pending or self.ledger.is_behind or is_due
        boxes: list[Box] = [
            *plan.boxes,
            *boxes_of(rows[warning_id] for warning_id in self.ledger.written_elsewhere if warning_id in rows),
        ]
        if is_checking:
            boxes += boxes_of(rows.values())
            memory.tiles_checked_at_ms = clock.now_ms()
        is_logged = True
        if not plan.is_empty:
            memory.is_pending = True
            memory.save()
            is_logged = changes.note_changes(self.source.name, self.changed_at_ms, plan.changed_boxes(), plan.removed)
            OfficialWarning.write([*plan.changed, *plan.only_chain_changed], plan.removed)
        is_doubtful = was_pending or self.ledger.is_behind or bool(self.ledger.written_elsewhere)
        if is_checking or is_doubtful or plan.changed or plan.removed:
            whose = (self.source.name, self.changed_at_ms, plan)
            last_change_ms = source_status.last_change_ms(self.source.name)
            tile_writing.update(*whose, boxes, last_change_ms=last_change_ms, is_doubtful=is_doubtful)
            board_writing.update(*whose, last_change_ms=last_change_ms, is_doubtful=is_doubtful)
        self._remember(plan)
        return is_logged

    def _remember(self, plan: Plan) -> None:
        before: Ledger = self.ledger
        read = {closer.name for closer in before.cancellations}
        closers = [
            *before.cancellations,
            *(closer for closer in plan.supersession.cancellations if closer.name not in read),
        ]
        if (
            not plan.is_empty
            or before.written_elsewhere
            or before.is_behind
            or len(closers) > len(before.cancellations)
        ):
            ledger.write(self.source.name, plan.ledger_entries, closers)

    def _validators(self, *, is_whole: bool) -> str:
        """Return the validators for the next run. While outlines are missing, it must fetch the whole answer again."""
        validators = self.answer.validators
        valid = {name: value for name, value in validators.items() if is_whole or name not in CONDITIONS}
        return json.dumps(valid, sort_keys=True)


def _with_status(
    outcome: Outcome,
    answer: Answer,
    marks: Iterable[Mark],
    *,
    changes_to: int | None = None,
    changes_anew_from: int | None = None,
) -> Outcome:
    """Record the outcome in the source's status and in the log."""
    in_force = [mark for mark in marks if mark.is_in_force(clock.now_ms())]
    outcome.in_force, outcome.drawn = len(in_force), sum(mark.box is not None for mark in in_force)
    source_status.note_answer(outcome, answer, changes_to=changes_to, changes_anew_from=changes_anew_from)
    _log(outcome)
    return outcome


def _log(outcome: Outcome) -> None:
    fields = {name: value for name, value in vars(outcome).items() if name not in ("broken", "counts")}
    counted = outcome.counts.told()
    telemetry.logger().info("warnings ingested", extra=fields | {"broken": len(outcome.broken), "messages": counted})
    if outcome.counts.uncounted:
        telemetry.logger().error("messages not accounted for", extra={"source": outcome.source, "messages": counted})
    for reason in outcome.broken[:20]:
        telemetry.logger().warning("broken item", extra={"source": outcome.source, "reason": reason[:300]})
