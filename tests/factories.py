"""The only way to build data in tests: through the product's own acts."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from app.accounts import areas, registration, tokens
from app.accounts.areas import Area
from app.accounts.models import Account
from app.aws.streams import as_json
from app.core import clock
from app.geo.box_circle import Box
from app.reactions import inside_due
from app.reports import create
from app.reports.calendar_models import Calendar
from app.reports.entry import sort_key
from app.reports.models import Report
from app.situation import inside_reading
from handlers import erase_accounts, report_changed

PASSWORD = "a long and rainy night in november"
EVERYWHERE = (Area("the world", Box(-180, -90, 180, 90)),)
_made = 0


def make_account(role: str = "resident", *, username: str = "", within: Sequence[Area] = EVERYWHERE) -> Account:
    """An account of any role; a responder's areas are the whole world unless others are given."""
    global _made
    _made += 1
    account = registration.build(username or f"{role}-{_made}", PASSWORD, role=role)
    account.packed_areas = areas.pack(within) if role == "responder" else None
    account.create()
    return account


def delete_account(account_id: str) -> None:
    """Delete an account without its password, if it exists."""
    if account := Account.find(account_id):
        account.remove(keeps_texts=False)


def sign_in_as(role: str = "resident", *, username: str = "", within: Sequence[Area] = EVERYWHERE) -> dict[str, str]:
    """The headers of a signed-in person's requests."""
    account = make_account(role, username=username, within=within)
    return {"Authorization": f"Bearer {tokens.issue_access(account)}"}


def make_report(
    *, lat: float = 51.5, lon: float = -0.12, created_ms: int | None = None, place: str = "public", **wanted: Any
) -> Report:
    """A stored report made at a moment of one's choice (ms since 1970; now by default)."""
    global _made
    _made += 1
    now_ms = clock.now_ms()
    created_ms = now_ms if created_ms is None else created_ms
    report_id = wanted.pop("id", create.derive_id("made", str(_made)))
    values = {"radius_m": 50, "severity": "moderate", "status": "pending", "condition": "flooded", "body_hash": "-"}
    values |= {"observed_at_ms": created_ms, "updated_at_ms": created_ms, "version": 1}
    values["expires_at_ms"] = created_ms + 48 * clock.HOUR_MS
    report = Report(report_id, sort=sort_key(created_ms, report_id), **(values | wanted))
    report.put_at(lat=lat, lon=lon, visibility=place)
    report.index(now_ms, is_change=False)
    Calendar.note(clock.day_of(created_ms))
    Calendar.note(clock.day_of(now_ms), "changed")
    report.save()
    return report


def stream_record(*, old: Report | None = None, new: Report | None = None, number: int = 1) -> dict[str, Any]:
    """Return the record of the reports table's stream for one write."""
    images = {name: as_json(report.serialize()) for name, report in (("OldImage", old), ("NewImage", new)) if report}
    latest = new or old
    assert latest is not None
    told = {"Keys": {"id": {"S": latest.id}}, "SequenceNumber": str(number), **images}
    told["ApproximateCreationDateTime"] = latest.updated_at_ms / 1000
    return {"eventID": str(number), "eventSource": "aws:dynamodb", "eventName": "MODIFY", "dynamodb": told}


def count_inside() -> None:
    """Count the reports inside official warnings, as every minute."""
    inside_reading.forget()
    assert inside_due(lambda: True) >= 0


def erase_left(account_id: str) -> None:
    """Run the erasure of a deleted account, as after its message has waited its time in the queue."""
    body = json.dumps({"account_id": account_id})
    answer = erase_accounts.handler({"Records": [{"messageId": "m1", "eventSource": "aws:sqs", "body": body}]}, None)
    assert answer == {"batchItemFailures": []}


def tell_consumer(reports: Iterable[Report], *, shard: str = "shard-1") -> None:
    """Bring new reports to the tile documents, as the table's stream would."""
    records = [stream_record(new=report, number=number) for number, report in enumerate(reports, 1)]
    if records:
        report_changed.handler({"Records": records, "shardId": shard}, None)
