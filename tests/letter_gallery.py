"""Every kind of letter about events, made of stored warnings and reports: for tests that hold for all of them."""

from collections.abc import Iterator
from typing import Any

from app.alerts import report_letters, warning_letters
from app.alerts.reader import Reader
from app.core import clock
from app.mail.letters import Letter
from app.reports.entry import Status
from app.warnings.models import OfficialWarning
from app.warnings.sources.message import Act, Hazard, Place, Text
from tests.factories import make_report
from tests.warning_making import announce, announce_at, message, square

STOP = "ft_" + "a" * 26 + "_" + "s" * 43
MANAGE = "fs_" + "a" * 26 + "_" + "m" * 43
LANGUAGES = ("en", "es")
BATH = (
    "River levels are rising at Bath Twerton and are forecast to reach 3.2 m this evening. Property flooding is "
    "expected from 18:00. Low-lying land and riverside paths are flooded already.\n\nOur staff are closing flood gates."
)
TEXT = Text(
    "en-GB",
    "Flood warning",
    "Flood warning for the River Avon at Bath, Twerton to Bathampton",
    BATH,
    "Move vehicles and valuables to a safe place. Do not walk through flood water.",
)


def reader(language: str = "en", label: str = "Home") -> Reader:
    """A person who asked for alerts."""
    return Reader("anna@example.net", language, label, STOP, MANAGE)


def warning(event: str, *, source: str = "ea", **wanted: Any) -> OfficialWarning:
    """A stored warning, in the issuer's words."""
    found = OfficialWarning.find(announce_at(square(), event, source=source, **({"texts": (TEXT,)} | wanted)))
    assert found
    return found


def several(event: str, count: int) -> list[OfficialWarning]:
    """Warnings of one text over several areas."""
    names = [f"River Avon, reach {number}" for number in range(1, count + 1)]
    places = tuple(Place(f"A{number}", ((f"A{number}", name),), square()) for number, name in enumerate(names, 1))
    announce(message(event, places=places, texts=(TEXT,)), is_whole=False)
    return [row for row in OfficialWarning.scan(OfficialWarning.id.startswith("wrn_")) if event in row.root]


def letters(language: str) -> Iterator[tuple[str, Letter]]:
    """Yield each kind of letter with a name."""
    to = reader(language)
    now_ms = clock.now_ms()
    extreme = warning("X", severity="extreme", expires_at_ms=now_ms + 6 * clock.HOUR_MS)
    severe, moderate = warning("S"), warning("M", severity="moderate")
    later = warning("L", onset_at_ms=now_ms + 20 * clock.HOUR_MS)
    past, unranked = warning("P", urgency="past"), warning("U", severity="unknown")
    test = warning("T", texts=(Text("en", "Flood warning", "TEST: Flood warning", "This is a test.", ""),))
    unclear = warning("C", source="cap:somewhere", certainty="possible", texts=(Text("", "", "", "", ""),))
    gale = warning("G", source="cap:somewhere", hazard=Hazard.OTHER)
    for name, row in {
        "extreme": extreme, "severe": severe, "moderate": moderate, "later": later, "past": past,
        "unranked": unranked, "test": test, "wordless": unclear, "other": gale,
    }.items():  # fmt: skip
        yield name, warning_letters.in_force([row], to, has_risen=name == "extreme")
    yield "many", warning_letters.in_force(several("MANY", 13), to, has_risen=False)
    yield "unheard", warning_letters.unheard([severe, later], to, since_ms=now_ms - clock.HOUR_MS)
    yield "summary", warning_letters.summary([[moderate], [extreme], [later], [severe]], to)
    yield from _ends(to)
    yield from _reports(to)


def _ends(to: Reader) -> Iterator[tuple[str, Letter]]:
    warning("E")
    cancelled = warning("E", act=Act.END)
    yield "cancelled", warning_letters.ended([cancelled], to)
    cancelled.ended_reason = "no_longer_listed"
    yield "unlisted", warning_letters.ended([cancelled], to)
    expired = warning("O", expires_at_ms=clock.now_ms() + 1)
    expired.own_end_at_ms = clock.now_ms() - clock.HOUR_MS
    yield "expired", warning_letters.ended([expired], to, unheard_since_ms=clock.now_ms() - 2 * clock.HOUR_MS)


def _reports(to: Reader) -> Iterator[tuple[str, Letter]]:
    deep = make_report(status=Status.VERIFIED, severity="extreme", depth_cm=60, title="Everybody drowns", lon=-0.1)
    deep.duplicates = ["rep_x"]
    yield "reports", report_letters.letter(deep, to, away_km=1.24)
    likely = make_report(severity="severe", place="area", lon=-0.1)
    yield "likely", report_letters.letter(likely, to, away_km=3.0)
