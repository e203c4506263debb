"""File a report with one conditional put. The same request may be sent again at any time without a second report."""

import hashlib
import hmac
from base64 import b32encode
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, NamedTuple

from app.accounts import network_limits, persons, throttle
from app.accounts.network_limits import CountedAttempt, NetworkLimits
from app.core import clock, dynamodb, retries
from app.core.config import settings
from app.core.errors import AnonymousReportsOff, Invalid, Mistake, TooMany, Unavailable, mistake_in_parameter
from app.core.retention import FORGOTTEN
from app.core.severity import Severity
from app.core.signing_keys import keys
from app.gazetteer import homes
from app.geo import coordinates
from app.reports import body_hashes, under_block
from app.reports.calendar_models import Calendar
from app.reports.entry import AREA, PUBLIC_FIELDS, Status, sort_key
from app.reports.models import Report
from app.reports.observation import TIME_SENTENCE, is_observable, severity_of_depth
from app.switches import blocks, current

DEFAULT_RADIUS_M = 50
TRIES = 3
HOUR_S = 3600
OF_ACCOUNT = "account-report"  # name of the limit in headers
DEPTH_PLACES = 3  # 0.01 mm; DynamoDB cannot store numbers smaller than 1e-130
_ID_CHARACTERS = 26  # characters of base32: 130 bits
# Fields that are stored as the reporter gave them. The other fields are checked or derived first.
_REPORTER_FIELDS = [
    *((shown.name, shown.attribute) for shown in PUBLIC_FIELDS if shown.is_from_reporter),
    ("description", "description"),
]


class FiledReport(NamedTuple):
    """A stored report, and whether this request stored it."""

    report: Report
    is_new: bool


def derive_id(*parts: str) -> str:
    """Derive a report id from its parts by HMAC: equal parts give the same id, and an id cannot be guessed."""
    digest = hmac.new(keys().id_key.encode(), "\0".join(parts).encode(), hashlib.sha256).digest()
    return "rep_" + b32encode(digest).decode().lower()[:_ID_CHARACTERS]


class Origin(NamedTuple):
    """Origin of a report: the mark of its connection, its network's keyed hash, and whether staff block it."""

    connection: str = ""
    network: str = ""
    is_under_block: bool = False


NO_ORIGIN = Origin()


class ReportSender(NamedTuple):
    """Sender of a report: account and Idempotency-Key, from which the report's id is derived; a visitor is counted.

    The key of a page has 128 random bits that only this browser has, so the id is derived from it alone. A report that
    waits in the phone's queue may be sent after its session has ended or another one has begun, and must still find the
    report that the first attempt stored.
    """

    account_id: str | None
    key: str
    is_of_page: bool = False
    visitor_id: str = ""
    new_visitor_id: str = ""  # of a browser that becomes a visitor by this report: its limit is the network's
    is_partner: bool = False  # an organisation sends it with its key

    @property
    def report_id(self) -> str:
        """The report id for this sender and key; the same for every repeat."""
        return derive_id("page", self.key) if self.is_of_page else derive_id("report", self.account_id or "", self.key)


class KeyUsed(Invalid):
    """The Idempotency-Key was used for another report."""


def file_limited(values: Mapping[str, Any], sender: ReportSender) -> FiledReport:
    """File a report, limited by account, else by network and visitor. A replay is always answered, never counted.

    Another body under a known key is counted, so that a caller cannot find out the first body by trying many. Raises
    TooMany, AnonymousReportsOff where staff take none without an account, and whatever `file_report` raises.
    """
    try:
        if sender.account_id is None:
            current.require_anonymous(lat=values["location"]["lat"], lon=values["location"]["lon"])
        attempt = _take(sender)
    except (AnonymousReportsOff, TooMany):
        with suppress(KeyUsed):
            if filed := find_filed_report(values, sender):
                return filed
        raise
    is_counted = False
    try:
        filed = file_report(values, sender, origin_of(sender, attempt.mark))
        is_counted = filed.is_new
        return filed
    except KeyUsed:
        is_counted = True
        raise
    finally:
        if not is_counted:
            network_limits.give_back(attempt, window_s=HOUR_S)


def _take(sender: ReportSender) -> CountedAttempt:
    """Count the report against the limit of its account, or else of its network and visitor."""
    chosen = settings()
    if (account_id := sender.account_id) is not None:
        limit = chosen.account_reports_per_hour
        is_taken = throttle.take_if_readable(OF_ACCOUNT, account_id, limit=limit, window_s=HOUR_S)
        return CountedAttempt(OF_ACCOUNT, account_id, (throttle.WHOLE,) if is_taken else ())
    limits = NetworkLimits(
        chosen.anonymous_writes_per_hour, chosen.anonymous_writes_hard, chosen.visitor_reports_per_hour
    )
    return network_limits.take("report", limits, visitor_id=sender.visitor_id, window_s=HOUR_S)


def origin_of(sender: ReportSender, mark: str = "") -> Origin:
    """Return the origin of a new report from this request. All under one block share its mark for an hour."""
    block, now_ms = under_block.block_over(sender.account_id, sender.visitor_id), clock.now_ms()
    return Origin(
        blocks.mark_at(block, now_ms) if block else mark, persons.network_at(now_ms), is_under_block=block is not None
    )


def file_report(values: Mapping[str, Any], sender: ReportSender, origin: Origin = NO_ORIGIN) -> FiledReport:
    """Store a report, or return the stored one of an earlier attempt. `origin`: of a new one.

    Raises Invalid for a key of another body or a time out of bounds, Unavailable if the database does not answer.
    """
    if not is_observable(values.get("observed_at", clock.now_ms()), clock.now_ms()):
        return _find_late(values, sender)
    new_report = _make(values, sender)
    new_report.connection, new_report.network = origin.connection or None, origin.network or None
    new_report.under_block = origin.is_under_block or None
    if (visitor_id := sender.visitor_id or sender.new_visitor_id) and sender.account_id is None:
        new_report.filer = persons.filer_of(visitor_id)
    new_report.is_from_partner = sender.is_partner or None
    for attempt in range(TRIES):
        is_new = _try_create(new_report)
        if is_new:
            return FiledReport(new_report, is_new=True)
        if stored := Report.find(new_report.id, consistent=True):
            # If our put arrived but its reply was lost, the stored report is the one of this attempt.
            return _replay(stored, values, sender, is_new=is_new is None and stored.sort == new_report.sort)
        retries.pause(attempt)
    raise Unavailable("The report could not be stored just now. Send it again with the same key.", retry_after_s=2)


def find_filed_report(values: Mapping[str, Any], sender: ReportSender) -> FiledReport | None:
    """Find what an earlier attempt stored under this key, without writing."""
    stored = Report.find(sender.report_id, consistent=True)
    return _replay(stored, values, sender) if stored else None


def _find_late(values: Mapping[str, Any], sender: ReportSender) -> FiledReport:
    """Accept a time out of bounds if a first attempt within the bounds was stored."""
    if filed := find_filed_report(values, sender):
        return filed
    raise Invalid([Mistake("/observed_at", "range", TIME_SENTENCE)])


def _try_create(new_report: Report) -> bool | None:
    """Try the conditional put. None if the reply was lost: the following read decides."""
    try:
        Calendar.note(clock.day_of(new_report.created_at_ms))
        return new_report.create()
    except dynamodb.FAILURES:
        return None


def _replay(stored: Report, values: Mapping[str, Any], sender: ReportSender, *, is_new: bool = False) -> FiledReport:
    """Return the report stored under a repeated key. Raises Invalid for another body, and for a key that is used up.

    The body of a withdrawn or unlinked report is no longer known. Then an own key (of an account or a page) returns the
    report as it is now, and any other key is refused.
    """
    is_own = sender.account_id is not None or sender.is_of_page
    if stored.body_hash == FORGOTTEN and not is_own:
        raise _used("What was sent under this key was taken back. Use a new one.")
    if stored.body_hash != FORGOTTEN and not body_hashes.is_same(stored.id, stored.body_hash, values):
        raise _used("Another report was sent under this key. Use a new one.")
    return FiledReport(stored, is_new=is_new)


def _used(sentence: str) -> KeyUsed:
    mistake = mistake_in_parameter("Idempotency-Key", "key-reused", sentence)
    return KeyUsed([mistake], "The Idempotency-Key belongs to another report.")


def _make(values: Mapping[str, Any], sender: ReportSender) -> Report:
    now_ms, report_id = clock.now_ms(), sender.report_id
    report = Report(
        id=report_id,
        account_id=sender.account_id,
        body_hash=body_hashes.keyed(report_id, values),
        status=Status.PENDING,
        condition="flooded",
        updated_at_ms=now_ms,
        version=1,
    )
    report.sort = sort_key(now_ms, report.id)
    fill(report, {"radius_m": DEFAULT_RADIUS_M, "place": "home", "observed_at": now_ms, **values})
    report.index(now_ms, is_change=False)
    return report


def fill(report: Report, values: Mapping[str, Any]) -> None:
    """Set the fields that a reporter may give; a field that is not among the values stays as it is.

    A home that stands alone is shown on the coarse grid, because on the other one it would be the only home.
    """
    if "location" in values or "place" in values:
        location = values.get("location") or report.exact_place()
        visibility = values.get("place") or report.visibility
        if visibility == "home" and homes.stands_alone(lat=location["lat"], lon=location["lon"]):
            visibility = AREA
        report.put_at(lat=location["lat"], lon=location["lon"], visibility=visibility)
    for name, attribute in _REPORTER_FIELDS:
        if name in values:
            setattr(report, attribute, values[name] or None)
    if "observed_at" in values:
        report.observed_at_ms = values["observed_at"]
        report.expires_at_ms = report.observed_at_ms + settings().report_life_hours * clock.HOUR_MS
    _set_severity(report, values)


def _set_severity(report: Report, values: Mapping[str, Any]) -> None:
    """Set the severity: the reporter's own choice, else the one derived from the depth, else unknown."""
    if "depth_cm" in values:
        depth_cm = values["depth_cm"]
        report.depth_cm = None if depth_cm is None else coordinates.rounded(depth_cm, places=DEPTH_PLACES)
    if values.get("severity"):
        report.severity, report.is_severity_derived = values["severity"], None
    elif report.is_severity_derived or report.severity is None:
        report.is_severity_derived = True
        report.severity = severity_of_depth(report.depth_cm) if report.depth_cm is not None else Severity.UNKNOWN
