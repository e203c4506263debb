"""Take what a source says, compare it with what is stored, write only what changed.

Calls to DynamoDB for one run, whatever the answer holds: one query of the source's index for each megabyte, one batch
for each 100 outlines, 25 rows or 100 tiles, and the rows of the source itself. Nothing but those when nothing changed.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from app import clock, telemetry
from app.areas import outlines
from app.areas.outlines import ASK_LATER, Known
from app.clients.fetching import Fetcher, NotFetched
from app.clients.message import Answer
from app.clients.sources import Source
from app.geo import Box
from app.warnings import states, tiles
from app.warnings.marks import KEPT_MS, Mark, box_of
from app.warnings.models import OfficialWarning, SourceMemory
from app.warnings.rows import digest_of, row_of
from app.warnings.supersession import Held, Settled, settle

CONDITIONS = ("etag", "last_modified")
AT_WORK = "another run of this source is at work"
OVER = "over:"  # before the digest of what no longer holds: if it comes back, that is news


@dataclass
class Outcome:
    """What one run has done."""

    source: str
    changed: int = 0  # new, updated or in force again
    ended: int = 0
    removed: int = 0  # over for more than a day
    in_force: int = 0
    drawn: int = 0  # of those in force
    broken: tuple[str, ...] = ()
    is_not_modified: bool = False
    failure: str = ""  # why nothing could be read; what is stored holds


@dataclass
class _Plan:
    """What to write, and what will then be stored."""

    marks: dict[str, Mark]
    changed: list[OfficialWarning] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    ended: int = 0
    boxes: list[Box] = field(default_factory=list)

    def put(self, row: OfficialWarning, before: OfficialWarning | None) -> None:
        row.updated = clock.now_ms()
        if before is not None and (before.ended is None or row.ended is not None):
            row.listed = before.listed  # an update stays where it was; what comes back after its end is new
        self.changed.append(row)
        self.marks[row.id] = row.mark()
        self.note(before)
        self.note(row)

    def note(self, row: OfficialWarning | None) -> None:
        """The tiles over this row must follow."""
        if row is not None and (box := box_of(row.box)):
            self.boxes.append(box)


def ingest(source: Source, *, contact: str = "") -> Outcome:
    """Ask a source and take what it says. A source that is down changes nothing but its own state."""
    memory = SourceMemory.of(source.name)
    try:
        with source.fetcher(contact=contact) as fetcher:
            answer = source.reader.fetch(fetcher, memory.known(), now_ms=clock.now_ms())
            return take(source, answer, memory, fetcher=fetcher)
    except NotFetched as error:
        states.note_failure(source.name, str(error))
        return Outcome(source.name, failure=str(error))


def take(
    source: Source,
    answer: Answer,
    memory: SourceMemory,
    *,
    fetcher: Fetcher | None = None,
    has_new_outlines: bool = False,
) -> Outcome:
    """Take an answer. Without a fetcher no connection is opened: outlines are those that are stored.

    Outlines are looked up for what is new or was not wholly drawn; for all when there are new ones. Two runs of a
    source at once would undo each other: the second does nothing.
    """
    if _says_nothing(answer):
        states.note_failure(source.name, answer.broken[0])
        return Outcome(source.name, broken=answer.broken, failure=answer.broken[0])
    if answer.is_not_modified and not memory.is_pending:
        marks = [row.mark() for row in OfficialWarning.of_source(source.name)]
        return _noted(Outcome(source.name, is_not_modified=True), answer, marks)
    if not memory.begin():
        return Outcome(source.name, failure=AT_WORK)
    try:
        return _take(source, answer, memory, fetcher, has_new_outlines=has_new_outlines)
    except (Exception, KeyboardInterrupt):
        memory.let_go()
        states.note_failure(source.name, "what it said could not be stored")
        raise


def _says_nothing(answer: Answer) -> bool:
    """Is there nothing in it that can be read? What is broken, but still names a warning, is `unchanged`."""
    is_read = answer.is_not_modified or answer.messages or len(answer.unchanged) > len(answer.broken)
    return bool(answer.broken) and not is_read


def _take(
    source: Source, answer: Answer, memory: SourceMemory, fetcher: Fetcher | None, *, has_new_outlines: bool
) -> Outcome:
    stored = {row.id: row for row in OfficialWarning.of_source(source.name)}
    settled = Settled() if answer.is_not_modified else settle(source.name, answer, stored.values())
    news = {one: held for one, held in settled.held.items() if has_new_outlines or _is_news(held, stored.get(one))}
    ends = {one: said for one, said in settled.over.items() if one not in stored or stored[one].ended is None}
    places = [place for _, place, _ in (*news.values(), *(said for one, said in ends.items() if said))]
    known = outlines.resolve(source, places, fetcher=fetcher)
    plan = _Plan({one: row.mark() for one, row in stored.items()})
    _plan_news(plan, source.name, news, stored, known)
    _plan_ends(plan, source.name, ends, stored, known)
    if not answer.is_not_modified:
        _plan_removals(plan, settled, stored)
    _write(source.name, plan, stored, memory)
    memory.end(_validators(answer, is_drawn=ASK_LATER not in known.missing.values()))
    changed = len(plan.changed) - plan.ended
    outcome = Outcome(source.name, changed, plan.ended, len(plan.removed), broken=answer.broken)
    return _noted(outcome, answer, plan.marks.values())


def _noted(outcome: Outcome, answer: Answer, marks: Iterable[Mark]) -> Outcome:
    """Say how the source does, in its state and in the log."""
    in_force = [mark for mark in marks if mark.is_in_force(clock.now_ms())]
    outcome.in_force, outcome.drawn = len(in_force), sum(mark.box is not None for mark in in_force)
    states.note_answer(outcome.source, answer, in_force=len(in_force), undrawn=len(in_force) - outcome.drawn)
    _log(outcome)
    return outcome


def _is_news(held: Held, before: OfficialWarning | None) -> bool:
    """Is it new, does it say another thing than before, or is it not wholly drawn yet?"""
    return before is None or before.digest != digest_of(*held) or bool(before.geometry_reason)


def _plan_news(
    plan: _Plan, source: str, news: Mapping[str, Held], stored: Mapping[str, OfficialWarning], known: Known
) -> None:
    for one, held in news.items():
        row, before = row_of(source, *held, one, known), stored.get(one)
        if before is None or _told(before) != _told(row):
            plan.put(row, before)


def _told(row: OfficialWarning) -> tuple[str | float | None, ...]:
    return row.digest, row.geometry_status, row.geometry_reason, row.drawn


def _plan_ends(
    plan: _Plan,
    source: str,
    ends: Mapping[str, Held | None],
    stored: Mapping[str, OfficialWarning],
    known: Known,
) -> None:
    """What is over is shown for a day as such; also what was never stored, for somebody may have heard of it."""
    whole = OfficialWarning.find_all(one for one in ends if one in stored)
    for one, said in ends.items():
        row = _ending(source, said, whole.get(one), one, known)
        if row is not None:
            row.ended = clock.now_ms()
            row.digest = OVER + row.digest
            plan.put(row, stored.get(one))
            plan.ended += 1


def _ending(
    source: str, said: Held | None, row: OfficialWarning | None, one: str, known: Known
) -> OfficialWarning | None:
    """In the words of the message that ends it, if there is one. What ended keeps its severity and its outline."""
    if said is None:
        return row
    if row is None:
        return row_of(source, *said, one, known)
    message, place, root = said
    last = row_of(source, replace(message, severity=row.severity), place, root, one, Known())
    last.shape, last.box, last.drawn = row.shape, row.box, row.drawn
    last.geometry_status, last.geometry_reason = row.geometry_status, row.geometry_reason
    return last


def _plan_removals(plan: _Plan, settled: Settled, stored: Mapping[str, OfficialWarning]) -> None:
    # What the issuer still lists as over stays stored, though it is no longer shown: else it would come anew.
    listed = {*settled.held, *settled.untouched, *(one for one, said in settled.over.items() if said)}
    for one, row in stored.items():
        if row.ended is not None and row.ended <= clock.now_ms() - KEPT_MS and one not in listed:
            plan.removed.append(one)
            del plan.marks[one]
            plan.note(row)


def _write(source: str, plan: _Plan, stored: Mapping[str, OfficialWarning], memory: SourceMemory) -> None:
    """Rows first, then the tiles over them. A run that was cut off between the two is made good by the next."""
    boxes: Iterable[Box] = plan.boxes
    if memory.is_pending:
        boxes = [*plan.boxes, *(box for row in stored.values() if (box := box_of(row.box)))]
    if not plan.changed and not plan.removed and not memory.is_pending:
        return
    memory.is_pending = True
    memory.save()
    OfficialWarning.write(plan.changed, plan.removed)
    tiles.rewrite(source, plan.marks.values(), boxes)


def _validators(answer: Answer, *, is_drawn: bool) -> str:
    """What the next run sends. While outlines are still to be had it asks for the whole answer, to draw them then."""
    kept = {name: value for name, value in answer.validators.items() if is_drawn or name not in CONDITIONS}
    return json.dumps(kept, sort_keys=True)


def _log(outcome: Outcome) -> None:
    told = {name: value for name, value in vars(outcome).items() if name != "broken"}
    telemetry.logger().info("warnings ingested", extra=told | {"broken": len(outcome.broken)})
    for reason in outcome.broken[:20]:
        telemetry.logger().warning("broken item", extra={"source": outcome.source, "reason": reason[:300]})
