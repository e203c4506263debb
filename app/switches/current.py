"""The switches as they stand. Reading them never fails: while the row cannot be read, the last one known counts.

A process that has never read it takes everything as on, since in an emergency a report that is taken is worth more than
one that is refused by mistake.
"""

from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum
from typing import Any, NamedTuple

from app.accounts import areas
from app.accounts.areas import Area
from app.core import telemetry
from app.core.errors import AnonymousReportsOff, RegistrationsOff
from app.switches.known import KeptContent
from app.switches.models import SwitchesRow

RETRY_AFTER_S = 300


class Anonymous(StrEnum):
    """Whether reports without an account are taken."""

    ON = "on"
    OFF = "off"
    OFF_WITHIN = "off_within"  # off in some areas


class Level(StrEnum):
    """Weight of a notice."""

    INFO = "info"
    IMPORTANT = "important"
    EMERGENCY = "emergency"


class Notice(NamedTuple):
    """A text of staff by language, shown on every page until a moment (ms)."""

    level: str
    text: Mapping[str, str]
    until_ms: int


class Switches(NamedTuple):
    """All switches as they stand. `off_areas`: where reports without an account are not taken."""

    anonymous_reports: str = Anonymous.ON
    off_areas: tuple[Area, ...] = ()
    has_registrations: bool = True
    sources_off: frozenset[str] = frozenset()
    notice: Notice | None = None
    version: int = 0

    def takes_anonymous(self, *, lat: float, lon: float) -> bool:
        """Return whether a report without an account is taken at a place."""
        if self.anonymous_reports == Anonymous.OFF_WITHIN:
            return not areas.covers(self.off_areas, lat=lat, lon=lon)
        return self.anonymous_reports != Anonymous.OFF

    def notice_at(self, now_ms: int) -> Notice | None:
        """Return the notice, until it ends by itself."""
        return self.notice if self.notice and now_ms < self.notice.until_ms else None


_tried: ContextVar[Switches | None] = ContextVar("tried switches", default=None)


def current() -> Switches:
    """Return the switches, at most ten seconds old unless the database does not answer; or those being tried."""
    if (tried := _tried.get()) is not None:
        return tried
    return _known.get()


def forget() -> None:
    """Read the row again at the next question, as in a new process or after a change."""
    _known.forget()


@contextmanager
def trying(switches: Switches | None) -> Iterator[None]:
    """Let other switches count in this context; None changes nothing."""
    before = _tried.set(switches)
    try:
        yield
    finally:
        _tried.reset(before)


def require_registrations() -> None:
    """Raise RegistrationsOff while no accounts are made."""
    if not current().has_registrations:
        raise RegistrationsOff(
            "New accounts are off at the moment. Reports need no account, except where staff ask for one.",
            retry_after_s=RETRY_AFTER_S,
        )


def require_anonymous(*, lat: float, lon: float) -> None:
    """Raise AnonymousReportsOff while reports without an account are not taken at a place."""
    if not current().takes_anonymous(lat=lat, lon=lon):
        raise AnonymousReportsOff(
            "At the moment reports are taken here only from people with an account. Sign in, or make an account, and "
            "send it again. In danger, call your emergency number.",
            retry_after_s=RETRY_AFTER_S,
        )


def read(row: SwitchesRow) -> Switches:
    """Read a row. What this release cannot read counts as on, and is logged."""
    try:
        return of_members(row.members(), int(row.version))
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        telemetry.logger().error("unreadable switches", extra={"reason": type(error).__name__})
        return Switches(version=int(row.version))


def of_members(members: Mapping[str, Any], version: int) -> Switches:
    """Return the switches that a row's members say. Raises what unreadable members raise."""
    told = members.get("notice")
    return Switches(
        anonymous_reports=str(members.get("anonymous_reports", Anonymous.ON)),
        off_areas=areas.unpack(b64decode(members["off_areas"])) if members.get("off_areas") else (),
        has_registrations=bool(members.get("has_registrations", True)),
        sources_off=frozenset(members.get("sources_off", ())),
        notice=Notice(str(told["level"]), dict(told["text"]), int(told["until"])) if told else None,
        version=version,
    )


def members_of(switches: Switches) -> dict[str, Any]:
    """Return the members of a row that says this."""
    packed, notice = areas.pack(switches.off_areas), switches.notice
    return {
        "anonymous_reports": str(switches.anonymous_reports),
        "off_areas": b64encode(packed).decode() if packed else None,
        "has_registrations": switches.has_registrations,
        "sources_off": sorted(switches.sources_off),
        "notice": {"level": notice.level, "text": dict(notice.text), "until": notice.until_ms} if notice else None,
    }


_known = KeptContent("switches", lambda: read(SwitchesRow.read()), Switches())
