"""Block an account, or the network that a report came from, for some hours: each act with its audit row.

A block refuses nothing. What its sender files while it lasts is taken and marked, so that it is shown together with the
others and waits after them; what they vote and flag is stored and counts for nothing. What was stored before the block
stays as it is, and what was marked under it stays marked until a responder verifies it.
"""

import re
from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

from app.accounts import persons
from app.accounts.models import Account, Role
from app.core import clock, retries
from app.core.errors import Conflict, Invalid, Mistake, NotFound, Unavailable
from app.reports.models import Report
from app.review import admin_acts, audit
from app.review.audit import By
from app.review.block_models import ID, Block, new_id
from app.review.vote_models import REPORTER, VoteRow
from app.switches import blocks
from app.switches.blocks import InForce
from app.switches.models import BLOCKS, SwitchesRow

MOST_HOURS = 72
# Reasons of a block. Codes only, as in every row of the audit.
REASONS = ("false_reports", "abuse", "spam", "exercise", "other")
_TRIES = 4


class TooManyBlocks(Conflict):
    """Error: as many blocks are in force as there can be."""


class Subject(NamedTuple):
    """The account that is blocked, or the report whose network is, with that network and the month of its key."""

    account_id: str = ""
    report_id: str = ""
    month: str = ""
    network: str = ""


class BlockResult(NamedTuple):
    """A block in force, and whether it is new: otherwise there was one, and its end was changed."""

    block: Block
    is_new: bool


def account(account_id: str) -> Subject:
    """Return an account to be blocked. Raises Invalid for none, Conflict for staff."""
    found = Account.find(account_id)
    if found is None:
        raise _unknown("/account", "There is no such account.")
    if found.role != Role.RESIDENT:
        raise Conflict("This is an account of staff. Change its role or suspend it: PATCH /v1/admin/accounts/{id}.")
    return Subject(account_id=found.id)


def account_of(report_id: str) -> Subject:
    """Return the account that filed a report, to be blocked. Raises Invalid for no report, Conflict if none did."""
    report = _find(report_id)
    if not report.account_id:
        raise Conflict("It was filed without an account, or its account was deleted.")
    return account(str(report.account_id))


def network_of(report_id: str) -> Subject:
    """Return the network that a report came from, to be blocked. Raises Invalid for no report, Conflict if not known.

    A decision makes the report itself forget it; then the row of its reporter's own vote has it for a week.
    """
    report = _find(report_id)
    own = None if report.network else VoteRow.find(report.id, REPORTER)
    network = report.network or (own.network if own else None)
    if not network:
        raise Conflict(
            "From which network it came is not known, or not any more: that is kept for 7 days, and while it is active."
        )
    return Subject(report_id=report.id, month=persons.month_of(report.created_at_ms), network=str(network))


def _find(report_id: str) -> Report:
    report = Report.find(report_id, consistent=True)
    if report is None:
        raise _unknown("/report", "There is no such report.")
    return report


def _unknown(pointer: str, sentence: str) -> Invalid:
    return Invalid([Mistake(pointer, "unknown", sentence)])


def make(subject: Subject, ends_at_ms: int, reason: str, *, by: By) -> BlockResult:
    """Block an account or a network until a moment (ms). One that is blocked already gets this end and reason.

    Everybody follows within seconds. Raises Conflict if very many are in force, Forbidden if the caller is no admin any
    more, Unavailable if others were faster each time or nothing can be stored.
    """
    for attempt in range(_TRIES):
        row = SwitchesRow.read(BLOCKS, consistent=True)
        standing = blocks.still(blocks.read(row))
        wanted = InForce("", ends_at_ms, subject.account_id, subject.month, subject.network)
        known = next((one for one in standing if one.is_about_same(wanted)), None)
        if known is None and len(standing) >= blocks.MOST:
            raise TooManyBlocks(
                f"{blocks.MOST} blocks are in force, which is the most there can be. End one, or turn reports without "
                "an account off in an area: PUT /v1/admin/switches."
            )
        block = _block(subject, known, reason, by)
        before = {"ends_at": known.ends_at_ms} if known else None
        block.end_at(ends_at_ms)
        noted = audit.row(block.id, "block.made", by=by, reason=reason, before=before, after=_codes(block))
        others = [one for one in standing if one != known]
        following = [*others, wanted._replace(id=block.id)]
        if admin_acts.is_stored(noted, by, partial(_put_in_force, row, following), block.put_in):
            blocks.forget()
            return BlockResult(block, is_new=known is None)
        retries.pause(attempt)
    raise Unavailable("The block could not be made just now. Try again.", retry_after_s=2)


def find(block_id: str) -> Block:
    """Return a block in force or recently ended. Raises NotFound."""
    block = Block.find(block_id) if re.fullmatch(ID, block_id) else None
    if block is None or not block.is_listed:
        raise NotFound("There is no such block, or it ended more than a week ago.")
    return block


def end(block_id: str, *, by: By) -> None:
    """End a block now. Safe to repeat. Raises NotFound, and what `make` raises."""
    for attempt in range(_TRIES):
        block = find(block_id)
        if not block.is_in_force:
            return
        row = SwitchesRow.read(BLOCKS, consistent=True)
        others = [one for one in blocks.still(blocks.read(row)) if one.id != block_id]
        before = {"ends_at": int(block.ends_at_ms)}
        block.end_at(clock.now_ms())
        block.ended_by = by.actor
        noted = audit.row(block.id, "block.ended", by=by, before=before, after=_codes(block))
        if admin_acts.is_stored(noted, by, partial(_put_in_force, row, others), block.put_in):
            blocks.forget()
            return
        retries.pause(attempt)
    raise Unavailable("The block could not be ended just now. Try again.", retry_after_s=2)


def _block(subject: Subject, known: InForce | None, reason: str, by: By) -> Block:
    """Return the row of the block in force of a subject, or a new one, with the reason and the admin."""
    block = Block.find(known.id) if known else None
    if block is None:
        block = Block(id=known.id if known else new_id(), made_at_ms=clock.now_ms())
    block.account_id, block.report_id = subject.account_id or None, subject.report_id or None
    block.reason, block.made_by = reason, by.actor
    return block


def _put_in_force(row: SwitchesRow, in_force: Sequence[InForce], transaction: Any) -> None:
    """Add to a transaction the row of all blocks in force. Those that have ended leave it, with their networks."""
    last_ms = max((one.ends_at_ms for one in in_force), default=clock.now_ms())
    row.purge_at_s = last_ms // 1000 + 1
    row.replace_in(transaction, row.readable_members() | blocks.members_of(in_force))


def _codes(block: Block) -> dict[str, Any]:
    """Say in codes whom a block is about; of a network the report that it was found by."""
    who = {"account": block.account_id} if block.account_id else {"report": block.report_id}
    return {"kind": block.kind, "ends_at": int(block.ends_at_ms)} | who
