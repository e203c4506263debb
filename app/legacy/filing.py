"""File a report that came without an Idempotency-Key: the same body of the same account within ten minutes is one."""

import hashlib
from collections.abc import Mapping
from typing import Any

from app.core import clock
from app.legacy import bodies, signing
from app.reports import create
from app.reports.create import Filed, Sender

SAME_FOR_MS = 10 * 60 * 1000


def file_flood(said: Mapping[str, Any]) -> Filed:
    """Store what an old client reports, or find what it sent before (its user presses the button again).

    The key is made of the body and the ten minutes of the clock. A first look under the key of the ten minutes before
    (one consistent read) finds what was sent just across that border. Raises Malformed, TooMany or Unavailable.
    """
    account_id = signing.authenticate(said).id
    values = bodies.report_values(said)
    now_ms = clock.now_ms()
    window = now_ms // SAME_FOR_MS
    earlier = create.find_filed(values, Sender(account_id, _key(values, window - 1)))
    if earlier and now_ms - earlier.report.created < SAME_FOR_MS:
        return earlier
    return create.file_report(values, Sender(account_id, _key(values, window)))


def _key(values: Mapping[str, Any], window: int) -> str:
    digest = hashlib.sha256(bodies.fingerprint(values).encode()).hexdigest()
    return f"old-client-{digest[:40]}-{window}"
