"""Note who sees the exact places of other people's reports, before they are shown."""

from collections.abc import Sequence

from flask import g

from app.accounts.auth import caller
from app.core import dynamodb, telemetry
from app.review import audit


def by() -> audit.By:
    """Return who acts in this request, for its audit rows: an account."""
    return audit.By(str(caller().account_id), g.get("request_id", ""))


def note(report_ids: Sequence[str]) -> bool:
    """Note that this request shows exact places; False if that cannot be stored: then public places are shown."""
    try:
        audit.note_exact_places(report_ids, by=by())
    except dynamodb.FAILURES as error:
        telemetry.logger().error("exact places not shown", extra={"error": type(error).__name__})
        return False
    return True
