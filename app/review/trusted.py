"""Say whether the account that filed a report is trusted, and rate its reports again after a suspension or its end."""

from collections.abc import Iterator

from ulid import ULID

from app.accounts.models import Account
from app.core import clock, dynamodb, telemetry
from app.reports.entry import NEWER_THAN_ALL, Status, created_of
from app.reports.models import Report
from app.reports.observation import AHEAD_MS
from app.review.tally import LONGEST_LIFE_MS
from app.review.unrated_models import Unrated

KNOWN_FOR_MS = 7 * clock.DAY_MS
MOST_OWN_REPORTS = 50
MOST_ACCOUNTS = 20  # in one run, a page of each
PAGE = 50


def is_known_account(report: Report) -> bool:
    """Return whether an account filed it that was a week old then. Its id says since when it exists."""
    try:
        since_ms = ULID.from_str(str(report.account_id or "").partition("_")[2].upper()).milliseconds
    except ValueError:
        return False
    return bool(report.created_at_ms - since_ms >= KNOWN_FOR_MS)


def is_trusted(account_id: str) -> bool:
    """Return whether an account is not suspended, and one of its newest reports is verified. Up to three rounds."""
    if Account.is_suspended_now(account_id):
        return False
    reports, _ = Report.page_of_account(account_id, limit=MOST_OWN_REPORTS)
    return any(report.status == Status.VERIFIED for report in reports)


def note_account(account_id: str) -> None:
    """Note that an account was changed: it may have been suspended, or restored."""
    if not Unrated.add_account(account_id):
        telemetry.measure("UnratedReports", 1, "Count")


def read_noted() -> Iterator[list[Report]]:
    """Yield the active reports of noted accounts that wait for a responder, a page of each of some accounts in a run.

    A suspension, or the end of a partner's mark, is an act of staff: it may change the level of any of them, like a
    decision. A page that was yielded is noted as done when the next one is asked for, so that it comes again if it
    fails.
    """
    for mark in Unrated.read_accounts()[:MOST_ACCOUNTS]:
        account_id, _, before = mark.partition("@")
        waiting, before = _page(account_id, before or NEWER_THAN_ALL)
        if waiting and (Account.is_suspended_now(account_id) or _is_partner_no_more(waiting, account_id)):
            for row in waiting:
                row.ratings = row.rated_at_ms = None
        yield waiting
        if before and created_of(before) > clock.now_ms() - LONGEST_LIFE_MS - AHEAD_MS:
            Unrated.add_account(f"{account_id}@{before}")
        Unrated.remove_account(mark)


def _is_partner_no_more(waiting: list[Report], account_id: str) -> bool:
    """Return whether an account that has sent reports as a partner is none now: that too is an act of staff."""
    return any(row.is_from_partner for row in waiting) and not Account.is_partner_now(account_id)


def _page(account_id: str, before: str) -> tuple[list[Report], str]:
    """Return a page of an account's reports that wait, and the next position; none from one that cannot be read."""
    now_ms = clock.now_ms()
    try:
        reports, before = Report.page_of_account(account_id, before=before, limit=PAGE)
    except Exception as error:
        if dynamodb.is_outage(error):
            raise
        telemetry.measure("UnratedReports", 1, "Count")
        telemetry.logger().error("report not rated", extra={"error": type(error).__name__})
        return [], ""
    return [row for row in reports if row.status == Status.PENDING and row.is_active(now_ms)], before
