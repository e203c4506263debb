"""Note in the audit that a member of staff has signed in, before the answer leaves."""

from app.accounts.models import STAFF, Account
from app.accounts.session_models import RefreshFamily
from app.api import exact_places
from app.core import dynamodb, telemetry
from app.review import audit
from app.review.audit import By


def note(account: Account, _: RefreshFamily) -> None:
    """Note a sign-in of staff. One that cannot be noted is let in, logged, and rings an alarm.

    In a flood the audit's table must not lock staff out: a sign-in changes nothing, and whatever staff decide or see of
    exact places afterwards needs a row of its own.
    """
    if account.role not in STAFF:
        return
    by = By(account.id, exact_places.by().request_id)
    try:
        audit.note(account.id, "staff.signed_in", by=by, after={"role": account.role})
    except dynamodb.FAILURES as error:
        telemetry.measure("StaffSignInsNotNoted", 1, "Count")
        telemetry.logger().error(
            "staff sign-in not noted", extra={"account": account.id, "error": type(error).__name__}
        )
