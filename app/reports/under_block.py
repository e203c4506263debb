"""Say whether who sends this request stands under a block of staff: of their account, or of their network.

A block of a network must not silence a town behind one address of a carrier, so it does not hold for those who have
what a stranger cannot make: a report that a responder has verified, of their account or of their visitor's token.
"""

from app.accounts import persons
from app.accounts.models import Account, Role
from app.core import dynamodb, telemetry
from app.reports.entry import Status
from app.reports.models import Report
from app.reports.vouched_models import Vouched
from app.switches import blocks
from app.switches.blocks import InForce

NEWEST_OF_ACCOUNT = 10


def block_over(account_id: str | None, visitor_id: str) -> InForce | None:
    """Return the block over the sender of this request, or None. Costs no call unless a block of the network holds.

    What cannot be read then speaks for the sender: a victim's report must not be taken for the attacker's.
    """
    if not blocks.in_force():
        return None
    if account_id and (own := blocks.of_account(account_id)):
        return own
    block = blocks.of_network(persons.network_in)
    if block is None:
        return None
    try:
        return None if _is_vouched_for(account_id, visitor_id) else block
    except dynamodb.FAILURES as error:
        telemetry.logger().error("block not checked", extra={"error": type(error).__name__})
        return None


def _is_vouched_for(account_id: str | None, visitor_id: str) -> bool:
    """Return whether a responder has verified one of the person's reports, or they are staff or a partner."""
    if account_id:
        account = Account.find(account_id)
        is_chosen = account is not None and (account.role != Role.RESIDENT or bool(account.is_partner))
        return is_chosen or _has_verified(account_id)
    return bool(visitor_id) and Vouched.is_there(persons.filer_of(visitor_id))


def _has_verified(account_id: str) -> bool:
    """Return whether one of an account's newest reports is verified. Two rounds, some five read units."""
    reports, _ = Report.page_of_account(account_id, limit=NEWEST_OF_ACCOUNT)
    return any(report.status == Status.VERIFIED for report in reports)


def block_of(report: Report) -> InForce | None:
    """Return the block in force of the account or the network that a report came from, as far as it is known."""
    if report.account_id and (own := blocks.of_account(str(report.account_id))):
        return own
    month = persons.month_of(report.created_at_ms)
    network: str | None = report.network
    return blocks.of_network(lambda wanted: network if wanted == month else None) if network else None
