"""Alerts about warnings and reports with every title, place, outline and language that could break a document.

Made by the product's own writers of rows that no database has seen: what `count` and `seed` are, the alerts are.
"""

import json
import random
from collections.abc import Iterator
from functools import cache
from math import cos, pi, sin
from pathlib import Path
from typing import Any, NamedTuple

from app.core import clock
from app.feeds import cap_document, cap_reports, cap_warnings
from app.geo.encode import pack
from app.geo.polygon import MultiPolygon, Ring
from app.reports.entry import Status, sort_key
from app.reports.models import Report
from app.warnings.marks import box_text
from app.warnings.models import OfficialWarning

SAMPLES = Path(__file__).parents[1] / "samples" / "hostile"
SHARED = Path(__file__).parents[3] / "shared" / "data" / "hostile"
_FILES = ("blns", "csv-injection", "html-injection", "unicode")
# What XML cannot hold, or reads otherwise than it was written.
_ODD = (
    "\x00\x01\x08\x0b\x0c\x1f",
    "\ufffe\uffff",
    "\ud800",
    "]]>",
    "<![CDATA[",
    "&amp;lt;",
    "&#0;",
    "\r\n\r",
    "\x85\u2028",
)
_ODD += (
    "",
    " ",
    "\u200b",
    "a" * 4000,
    "\U0001fffe\U0010ffff",
    "--><alert>",
    "<?xml version='1.0'?>",
    "<!ENTITY x 'y'>",
)
_LANGUAGES = ("en-GB", "es", "cy", "zh-Hant-TW", "", "english please", "en_GB", "x", "<b>", "123456789")
_WORDS = ("extreme", "severe", "moderate", "minor", "unknown", "", "of a later release")
_CORNERS = ((0.0, 0.0), (179.9, 89.9), (-180.0, -90.0), (179.0, -17.0), (-0.12, 51.5), (-179.9999, 0.0001))


class HostileAlert(NamedTuple):
    """A document, and the title that it was made with."""

    document: bytes
    title: str


@cache
def titles() -> tuple[str, ...]:
    """All hostile texts: those of the samples, those beside this checkout if they are there, and our own."""
    texts = list(json.loads((SAMPLES / "texts.json").read_text(encoding="utf-8")))
    for name in _FILES:
        file = SHARED / f"{name}.json"
        texts += json.loads(file.read_text(encoding="utf-8")) if file.exists() else []
    return tuple(str(text) for text in (*texts, *_ODD))


def alerts(count: int, *, seed: int = 1) -> Iterator[HostileAlert]:
    """So many alerts, one with each title in turn; as many about warnings as about reports."""
    chance = random.Random(seed)
    for number in range(count):
        title = titles()[number // 2 % len(titles())]
        document = _about_report(chance, title, number) if number % 2 else _about_warning(chance, title, number)
        yield HostileAlert(cap_document.write(document), title)


def _about_warning(chance: random.Random, title: str, number: int) -> Any:
    now_ms = clock.now_ms()
    shape = _outline(chance)
    texts = [
        {"language": chance.choice(_LANGUAGES), "label": title, "headline": title, "description": title}
        for _ in range(chance.choice((1, 1, 1, 3)))
    ]
    moments = [now_ms - 1_000_000, *(chance.randint(1, 90_000) for _ in range(chance.randint(0, 5)))]
    row = OfficialWarning(
        f"wrn_{number}",
        source=chance.choice(("ea", "nws", "cap", "cap:ireland", "demo")),
        source_id=f"{title},{number}",
        listed=f"{now_ms:015d}#wrn_{number}",
        severity=chance.choice(_WORDS),
        urgency=chance.choice(("immediate", "past", "unknown", "soon")),
        certainty=chance.choice(("observed", "possible", "very likely")),
        texts=json.dumps(texts),
        areas=json.dumps([[None, title], [f"ea-{number}", title]][: chance.randint(0, 2)]),
        sent_at_ms=now_ms - chance.randint(0, 10**9),
        onset_at_ms=chance.choice((None, now_ms - 10**8, now_ms + 10**8)),
        own_end_at_ms=chance.choice((None, now_ms - 10**8, now_ms + 10**8)),
        ended_at_ms=chance.choice((None, None, now_ms)),
        ended_reason=chance.choice((None, "cancelled", "all_clear", "expired", "of a later release")),
        updated_at_ms=now_ms,
        geometry_status="exact" if shape else "none",
        geometry_reason=None if shape else title,
        shape=pack(shape) if shape else None,
        box=box_text(shape.box) if shape else None,
        published=" ".join(map(str, moments)),
    )
    return cap_warnings.document_of(row)


def _outline(chance: random.Random) -> MultiPolygon | None:
    if chance.random() < 0.2:
        return None
    return MultiPolygon(tuple((_ring(chance),) for _ in range(chance.choice((1, 1, 3)))))


def _ring(chance: random.Random) -> Ring:
    """A ring on the globe that goes around a place once, not always without crossing itself."""
    (west, south), reach = chance.choice(_CORNERS), chance.choice((0.00001, 0.01, 3.0))
    corners = chance.choice((3, 4, 5, 8, 60, 60, 300))
    ring = []
    for number in range(corners):
        away, turn = reach * chance.uniform(0.5, 1), 2 * pi * number / corners
        lon, lat = max(-180.0, min(180.0, west + away * cos(turn))), max(-90.0, min(90.0, south + away * sin(turn)))
        ring.append((round(lon, 6), round(lat, 6)))
    return (*ring, ring[0])


def _about_report(chance: random.Random, title: str, number: int) -> Any:
    now_ms, report_id = clock.now_ms(), f"rep_{number}"
    lon, lat = chance.choice(_CORNERS)
    report = Report(
        report_id,
        sort=sort_key(now_ms, report_id),
        radius_m=chance.choice((1, 50, 5000)),
        severity=chance.choice(_WORDS[:5]),
        depth_cm=chance.choice((None, 0.1, 30.0, 1000.0)),
        title=title or None,
        description=title or None,
        status=Status.VERIFIED,
        condition=chance.choice(("flooded", "may_be_over", "receded")),
        observed_at_ms=now_ms - chance.randint(0, 10**8),
        updated_at_ms=now_ms,
        expires_at_ms=now_ms + chance.choice((10**6, 10**8)),
        version=chance.randint(1, 9),
    )
    report.put_at(lat=lat, lon=lon, visibility=chance.choice(("public", "home", "area")))
    return cap_reports.document_of(report)
