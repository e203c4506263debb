"""Decide about reports: verify, reject, merge, correct. Each decision is one transaction with its audit row.

The reporter's own words stay beside a correction, and are erased with the person. Of several responders one wins; the
others get PreconditionFailed.
"""

from collections.abc import Container, Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from app.accounts.auth import Caller
from app.core import clock, dynamodb
from app.core.errors import Conflict, Forbidden, PreconditionFailed, Unavailable
from app.reports import edit
from app.reports.create import fill
from app.reports.entry import PUBLIC, Condition, Status
from app.reports.judged import Decision
from app.reports.models import Report
from app.reports.replace import RACED
from app.review import audit, holds, merging
from app.review.audit import By
from app.review.decided_rows import Change, is_stored, restore_reporter
from app.review.queue_models import QueueRow
from app.review.rating import rate_decided
from app.review.settle import settle
from app.review.tally import revive
from app.review.urgency import Key, keys_of, may_wait
from app.review.verdicts import Verdict

TRIES = 5
UNDONE_WITHIN_MS = 7 * clock.DAY_MS
VERIFIED = ("seen_by_staff", "photo", "corroborated", "trusted_source")
REJECTED = ("not_flooding", "wrong_place", "offensive", "personal_data", "test", "spam")
SAME_FLOOD = "same_flood"
CORRECTED = ("location", "radius_m", "severity", "depth_cm", "title", "description")


REASONS = {Verdict.VERIFIED: VERIFIED, Verdict.REJECTED: REJECTED, Verdict.MERGED: (SAME_FLOOD,)}


class Deciding(NamedTuple):
    """A decision to be made: with the note for responders, the report it is merged into, and corrected fields.

    `photos_seen`: names of the photos that the responder had before them; None if that is not known.
    """

    verdict: str
    reason: str
    note: str | None = None
    into: str | None = None
    corrections: Mapping[str, Any] = {}
    photos_seen: Container[str] | None = None


def find(report_id: str, caller: Caller) -> Report:
    """Return a report that this responder may decide about, read consistently.

    Raises NotFound for one that the caller does not see, Forbidden for a public one outside the caller's areas.
    """
    report = Report.find(report_id, consistent=True)
    if report is None:
        raise edit.not_there(None)
    if edit.may_judge(report, caller):
        return report
    if report.status not in PUBLIC:
        raise edit.not_there(report)
    raise Forbidden("This report lies outside the areas of your account.")


def check_open(report: Report, seen_versions: Container[int]) -> None:
    """Raise PreconditionFailed for a report that has changed since it was seen, Conflict for one that was withdrawn."""
    if report.public_version not in seen_versions:
        raise PreconditionFailed(f"The report is at version {report.public_version} now. Read it again, then decide.")
    if report.status == Status.WITHDRAWN:
        raise Conflict("The report was withdrawn by its reporter.")
    if report.status == Status.MERGED:
        raise Conflict("The report was merged into another one. Undo that first.")


def decide(report_id: str, decided: Deciding, *, caller: Caller, by: By, seen_versions: Container[int]) -> Report:
    """Store a decision and its audit row; return the report as it then is.

    A hold of one's own ends with it. Raises what `find` and `check_open` raise, Conflict while another holds the report
    or for a merge that cannot be, Invalid for one with a wrong target, and PreconditionFailed if another decision or
    edit was first. Votes that come in between do no harm.
    """
    for _ in range(TRIES):
        report = find(report_id, caller)
        check_open(report, seen_versions)
        is_held = holds.check_free(report.id, by.actor)
        seen_version, before = int(report.version), _codes(report)
        queued = keys_of(report) if may_wait(report) else []
        changes = [Change(report, seen_version)]
        if decided.verdict == Verdict.MERGED:
            target = merging.target_of(report, str(decided.into))
            _check_area(target, caller)
            changes.append(merging.merge(report, target))
        corrected = _correct(report, decided.corrections)
        _check_area(report, caller)
        _put(report, decided, by)
        if is_stored(changes, _rows(report, decided, by, before, corrected)):
            if is_held:
                holds.let_go(report.id, by.actor)
            _leave_queue(queued)
            return _counted_again(report, changes)
    raise PreconditionFailed(RACED)


def _check_area(report: Report, caller: Caller) -> None:
    """Raise Forbidden for a report, as it would be, outside the caller's areas."""
    if not edit.may_judge(report, caller):
        raise Forbidden("That lies outside the areas of your account.")


def _leave_queue(keys: Sequence[Key]) -> None:
    """Take a decided report out of the queue at once; if that fails, the stream's consumer does it within seconds.

    Deleting a row that is not there would cost as much as a write.
    """
    with suppress(*dynamodb.FAILURES):
        for key in QueueRow.present(keys):
            QueueRow.take_out(key)


def _put(report: Report, decided: Deciding, by: By) -> None:
    report.status = Status(decided.verdict)
    report.verdict = Decision(decided.verdict, decided.reason, clock.now_ms(), by.actor, decided.note)
    report.is_disputed = report.flags_waiting = None
    if decided.verdict == Verdict.VERIFIED and decided.photos_seen is not None:
        report.leave_unseen(decided.photos_seen)
    if report.condition == Condition.MAY_BE_OVER:
        report.condition = Condition.FLOODED
    if decided.verdict == Verdict.VERIFIED and report.ended_by in ("votes", "staff"):
        revive(report)
    rate_decided(report)


def _rows(
    report: Report, decided: Deciding, by: By, before: Mapping[str, Any], corrected: list[str]
) -> list[audit.AuditRow]:
    after = _codes(report) | ({"into": report.merged_into} if report.merged_into else {})
    rows = [audit.row(report.id, f"report.{decided.verdict}", by=by, reason=decided.reason, before=before, after=after)]
    if corrected:
        rows.append(audit.row(report.id, "report.corrected", by=by, after={"fields": corrected}))
    return rows


def _codes(report: Report) -> dict[str, Any]:
    """Say in codes how a report is judged, so that a decision can be undone."""
    codes: dict[str, Any] = {"status": str(report.status)}
    if report.verdict:
        codes |= {"reason": report.verdict.reason, "decided_at": report.verdict.decided_at_ms}
        codes |= {"decided_by": report.verdict.decided_by}
    return codes


def _correct(report: Report, corrections: Mapping[str, Any]) -> list[str]:
    """Put corrected values into a report; the reporter's own are kept beside them. Returns the names of the fields."""
    own = {"location": report.exact_place()} | {name: getattr(report, name) for name in CORRECTED if name != "location"}
    corrected = {name: value for name, value in corrections.items() if value != own[name]}
    if corrected:
        words = report.own_words
        report.own_words = {name: own[name] for name in corrected} | words
        fill(report, corrected)
    return sorted(corrected)


def _counted_again(report: Report, changes: list[Change]) -> Report:
    """Count the votes about the changed reports again, as far as they are public; return the decided one as it is then.

    If this is cut short, the consumer of the stream does it: the decision is stored, and stays.
    """
    with suppress(Unavailable, *dynamodb.FAILURES):
        for change in changes[1:]:
            settle(change.report.id)
        if report.status in PUBLIC and (settled := settle(report.id)):
            return settled.report
    return report


def can_be_undone(report: Report) -> bool:
    """Return whether the decision about a report is there and not too old to be undone."""
    return report.verdict is not None and clock.now_ms() - report.verdict.decided_at_ms <= UNDONE_WITHIN_MS


def undo(report_id: str, *, caller: Caller, by: By, seen_versions: Container[int]) -> Report:
    """Undo the decision about a report, with its corrections; return the report as it then is.

    Raises what `find` raises, PreconditionFailed if it has changed, Conflict if there is nothing to undo any more.
    """
    for _ in range(TRIES):
        report = find(report_id, caller)
        if report.public_version not in seen_versions:
            raise PreconditionFailed(f"The report is at version {report.public_version} now. Read it again, then undo.")
        verdict = report.verdict
        if verdict is None or report.status == Status.WITHDRAWN:
            raise Conflict("There is no decision to undo.")
        if not can_be_undone(report):
            raise Conflict("The decision is older than 7 days and stays.")
        changes = [Change(report, int(report.version))]
        if report.status == Status.MERGED:
            changes += merging.part(report)
        before = _codes(report)
        _restore(report)
        row = audit.row(report.id, "report.undone", by=by, reason=verdict.reason, before=before, after=_codes(report))
        if is_stored(changes, [row]):
            return _counted_again(report, changes)
    raise PreconditionFailed(RACED)


def _tells_of(row: audit.AuditRow, verdict: Decision) -> bool:
    """Return whether this row is that of the decision in force: the same may have been decided several times."""
    decided_at_ms = (row.after or {}).get("decided_at")
    return row.action == f"report.{verdict.decision}" and decided_at_ms == verdict.decided_at_ms


def _restore(report: Report) -> None:
    """Put a report back to how it was judged before the decision in force, as the audit row of that one says."""
    verdict = report.verdict
    rows = audit.decisions_about(report.id, is_consistent=True)
    told = next((row for row in rows if verdict and _tells_of(row, verdict)), None)
    before: Mapping[str, Any] = (told.before if told else None) or {"status": Status.PENDING}
    if (words := report.own_words) and "reason" not in before:  # else an earlier decision has made the corrections
        fill(report, words)
        report.own_words = {}
    restore_reporter(report)
    report.status, report.merged_into, report.verdict = Status(before["status"]), None, None
    if "reason" in before:
        at_ms, who = int(before["decided_at"]), before["decided_by"]
        report.verdict = Decision(str(before["status"]), before["reason"], at_ms, who, None)
    rate_decided(report)
