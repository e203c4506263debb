"""AlertChain: the alerts of our own about a report that a responder has verified, as its row keeps them. Pure.

An alert once sent out keeps its identifier and content, so each change of what it says is a new alert, which names all
before it; one that takes them back ends the chain until the report is verified again. The row keeps of each alert the
report's version and the minute, never the second: that would tell when its reporter was at work. Those of one minute
are counted by seconds, so that a later one is always seen to be later.
"""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, NamedTuple, Protocol

from app.core import clock
from app.reports import entry_encoding
from app.reports.entry import Status

MOST = 200  # alerts of one report; beyond, the oldest are no longer named
LATE_MINUTES = 15  # by so much an alert may expire before its report, so that not every vote makes a new alert
# Attributes of a report that its alert shows.
_SHOWN = "lat lon visibility radius_m severity depth_cm title description condition observed_at_ms is_disputed".split()


class Reported(Protocol):
    """The columns of a stored report that decide on its alerts."""

    id: str
    packed: Any  # its index entry, as stored last
    status: Any
    version: Any
    expires_at_ms: Any
    updated_at_ms: Any
    alerts: Any


class PublishedAlert(NamedTuple):
    """One alert: the version of the report that it shows, and the minute since 1970 when it was sent."""

    version: int
    minute: int
    is_end_of_life: bool = False  # of the alert before it: the report has ended by itself, without a write
    order: int = 0  # seconds, 0 to 59: one for each alert that was sent before it in the minute

    @property
    def key(self) -> str:
        """Name that no other alert of this report has."""
        return f"{self.version}.over" if self.is_end_of_life else str(self.version)

    @property
    def sent_at_ms(self) -> int:
        return self.minute * clock.MINUTE_MS + self.order * 1000


class AlertChain(NamedTuple):
    """All alerts of a report, oldest first; of the last one when it expires, and what it shows."""

    alerts: tuple[PublishedAlert, ...] = ()
    is_over: bool = False  # the last one takes back those before it
    expires_minute: int = 0
    ends_minute: int = 0  # of the report, from which minute on it has ended
    digest: str = ""
    version: int = 0  # of the report that it was last compared with

    @property
    def expires_at_ms(self) -> int:
        return self.expires_minute * clock.MINUTE_MS

    def with_one_more(self, version: int, minute: int, *, is_over: bool, is_end_of_life: bool = False) -> "AlertChain":
        """Return the chain with one more alert, at least a second later than the one before it."""
        sent_at_ms = minute * clock.MINUTE_MS
        if self.alerts:
            sent_at_ms = max(sent_at_ms, self.alerts[-1].sent_at_ms + 1000)
        minute, rest_ms = divmod(sent_at_ms, clock.MINUTE_MS)
        alerts = (*self.alerts, PublishedAlert(version, minute, is_end_of_life, rest_ms // 1000))[-MOST:]
        return self._replace(alerts=alerts, is_over=is_over, digest="" if is_over else self.digest)

    def at(self, now_ms: int) -> "AlertChain":
        """Return the chain as of a moment: with the end of a report that has ended by itself."""
        if not self.alerts or self.is_over or self.ends_minute * clock.MINUTE_MS > now_ms:
            return self
        return self.with_one_more(self.alerts[-1].version, self.ends_minute, is_over=True, is_end_of_life=True)

    def after(self, report: Reported, *, version: int, at_ms: int) -> "AlertChain":
        """Return the chain after a write that made a report what it is now."""
        chain, minute = self.at(at_ms), at_ms // clock.MINUTE_MS
        expires_minute = int(report.expires_at_ms) // clock.MINUTE_MS
        if report.status == Status.VERIFIED and report.expires_at_ms > at_ms:
            digest = _digest(report)
            is_late = not 0 <= expires_minute - chain.expires_minute < LATE_MINUTES
            if not chain.alerts or chain.is_over or digest != chain.digest or is_late:
                chain = chain.with_one_more(version, minute, is_over=False)
                chain = chain._replace(expires_minute=expires_minute, digest=digest)
        elif chain.alerts and not chain.is_over:
            chain = chain.with_one_more(version, minute, is_over=True)
        ends_minute = -(-int(report.expires_at_ms) // clock.MINUTE_MS)
        return chain._replace(version=version, ends_minute=ends_minute)


def chain_of(report: Reported, now_ms: int) -> AlertChain:
    """Return the alerts of a report as of now. A write of an earlier release is known from the row alone."""
    chain = read(report.alerts)
    if chain.version != report.version:
        chain = chain.after(report, version=int(report.version), at_ms=int(report.updated_at_ms))
    return chain.at(now_ms)


def note(report: Reported, *, seen_version: int, now_ms: int) -> bool:
    """Bring the column of a changed report up to date, before it is stored as its next version.

    Returns whether that publishes an alert.
    """
    chain = read(report.alerts)
    if chain.version != seen_version:
        chain = _with_what_was(chain, report, seen_version)
    chain = chain.after(report, version=int(report.version), at_ms=now_ms)
    report.alerts = pack(chain) if chain.alerts else None
    return bool(chain.alerts) and chain.alerts[-1].version == report.version


def _with_what_was(chain: AlertChain, report: Reported, seen_version: int) -> AlertChain:
    """Add what an earlier release has written and this one may have published, as the stored index entry tells."""
    try:
        before = entry_encoding.unpack(report.id, report.packed)
    except entry_encoding.Unreadable:
        return chain
    was_verified = before.status == Status.VERIFIED
    if not was_verified and (chain.is_over or not chain.alerts):
        return chain
    chain = chain.with_one_more(seen_version, int(before.updated_at_ms) // clock.MINUTE_MS, is_over=not was_verified)
    return chain._replace(ends_minute=-(-int(before.expires_at_ms) // clock.MINUTE_MS))


def _digest(report: Reported) -> str:
    shown = [_plain(getattr(report, name)) for name in _SHOWN]
    return sha256(json.dumps(shown).encode()).hexdigest()[:16]


def _plain(value: Any) -> Any:
    """Return a value as it is compared: numbers without regard to their type, moments to the minute."""
    return float(value) if isinstance(value, int | float) else value


def pack(chain: AlertChain) -> str:
    """Encode a chain: alerts as [version, minute], [version, minute, 1] or [version, minute, 0 or 1, second]."""
    alerts = [[alert.version, alert.minute, *_rest_of(alert)] for alert in chain.alerts]
    minutes = {"expires": chain.expires_minute, "ends": chain.ends_minute}
    last = {"over": int(chain.is_over), "digest": chain.digest, "version": chain.version}
    return json.dumps({"alerts": alerts, **minutes, **last}, separators=(",", ":"))


def _rest_of(alert: PublishedAlert) -> list[int]:
    if alert.order:
        return [int(alert.is_end_of_life), alert.order]
    return [1] if alert.is_end_of_life else []


def read(text: str | None) -> AlertChain:
    """Decode a chain; an empty one for a row without, or with one that this release cannot read."""
    try:
        stored: Mapping[str, Any] = json.loads(text or "{}")
        alerts = tuple(_alert_of([int(part) for part in one]) for one in stored.get("alerts", ()))
        expires_minute, ends_minute, version = (int(stored.get(name, 0)) for name in ("expires", "ends", "version"))
        digest = str(stored.get("digest", ""))
        return AlertChain(alerts, bool(stored.get("over")), expires_minute, ends_minute, digest, version)
    except (ValueError, TypeError, AttributeError, LookupError):
        return AlertChain()


def _alert_of(parts: list[int]) -> PublishedAlert:
    version, minute, is_end_of_life, order, *_ = [*parts, 0, 0] if len(parts) > 1 else []
    return PublishedAlert(version, minute, bool(is_end_of_life), order)
