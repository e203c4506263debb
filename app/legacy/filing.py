"""File reports without an Idempotency-Key: equal bodies of one account within ten minutes are one report."""

import hashlib
from collections.abc import Mapping
from typing import Any, NamedTuple

from app.core import clock
from app.legacy import bodies, signing
from app.reports import create
from app.reports.create import FiledReport, ReportSender

SAME_FOR_MS = 10 * 60 * 1000


class FiledFlood(NamedTuple):
    """A report that is stored, and sentences about what was fitted to the bounds of reports."""

    filed: FiledReport
    changes: list[str]


def file_flood(body: Mapping[str, Any]) -> FiledFlood:
    """Store a report of an old client, or find the one sent before (its user may press the button again).

    The key is made from the body and the current ten minutes. A read under the key of the previous ten minutes
    (consistent) finds a report sent just before their end. Raises Malformed, TooMany or Unavailable.
    """
    account_id = signing.authenticate(body).id
    values, changes = bodies.read_flood(body)
    now_ms = clock.now_ms()
    window = now_ms // SAME_FOR_MS
    earlier = create.find_filed_report(values, ReportSender(account_id, _key(values, window - 1)))
    if earlier and now_ms - earlier.report.created_at_ms < SAME_FOR_MS:
        return FiledFlood(earlier, changes)
    return FiledFlood(create.file_limited(values, ReportSender(account_id, _key(values, window))), changes)


def _key(values: Mapping[str, Any], window: int) -> str:
    digest = hashlib.sha256(bodies.fingerprint(values).encode()).hexdigest()
    return f"old-client-{digest[:40]}-{window}"
