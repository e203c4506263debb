"""Official warnings of the demo: invented, of no real issuer, for flood areas that exist.

They have the source `demo`, and "(demo)" in their names, so that they cannot be taken for real warnings.
"""

from dataclasses import dataclass
from typing import Any

from app.core import clock
from app.geo.polygon_geojson import read_geojson
from app.geo.repair import make_valid
from app.warnings.ingest.run import store_answer
from app.warnings.models import OfficialWarning, SourceMemory
from app.warnings.sources.default_sources import DEMO
from app.warnings.sources.message import Act, Answer, EndReason, Message, Place, Text
from app.warnings.sources.registry import Source

_ID = "demo/"


@dataclass(frozen=True)
class DemoWarning:
    """One warned area of the story, and the age of its message in hours."""

    code: str
    severity: str
    label: str
    said: str
    advice: str
    hours: int


AREAS = (
    DemoWarning(
        "112FWFAVN60A",
        "extreme",
        "Severe flood warning",
        "The Avon is over its banks and reaching homes along the river. There is danger to life.",
        "Leave if you are told to. Go upstairs if water has come in.",
        3,
    ),
    DemoWarning(
        "112FWFAVN60B",
        "severe",
        "Flood warning",
        "The Avon is still rising. Homes on low ground behind the riverside are expected to flood.",
        "Move what you can upstairs. Do not drive through water.",
        6,
    ),
    DemoWarning(
        "112FWFAVN70A",
        "severe",
        "Flood warning",
        "The river stands above its banks. Riverside homes and roads are expected to flood.",
        "Move what you can upstairs. Do not drive through water.",
        9,
    ),
    DemoWarning(
        "112WAFTLBA",
        "moderate",
        "Flood alert",
        "Low-lying land and roads near the river are under water and will stay so until tomorrow.",
        "Plan another way, and keep an eye on the water.",
        20,
    ),
)
_FIRST = AREAS[0]


def loaded_at_ms() -> int | None:
    """Return when the story was loaded last, by its first warning; None if it never was."""
    for row in OfficialWarning.of_source(DEMO):
        if row.source_id == _ID + _FIRST.code:
            return int(row.sent_at_ms) + _FIRST.hours * clock.HOUR_MS
    return None


def load_warnings(areas: dict[str, Any], loaded_at_ms: int, life_ms: int) -> int:
    """Store the demo's warnings, and end those of an earlier demo; return the number in force. Safe to repeat."""
    messages = [_message(area, areas[area.code], loaded_at_ms, life_ms) for area in AREAS]
    messages += _ends_of_others(loaded_at_ms)
    answer = Answer(tuple(messages), read=len(messages))
    return store_answer(Source(DEMO, ""), answer, SourceMemory.of(DEMO)).in_force


def _message(area: DemoWarning, drawn: dict[str, Any], loaded_at_ms: int, life_ms: int) -> Message:
    name = f"{drawn['name']} (demo)"
    text = Text("en", area.label, f"{area.label}: {name}", area.said, area.advice)
    return Message(
        source_id=_ID + area.code,
        event=area.code,
        replaces=(),
        act=Act.HOLD,
        severity=area.severity,
        urgency="immediate" if area.severity == "extreme" else "expected",
        certainty="observed",
        texts=(text,),
        places=(Place(area.code, ((area.code, name),), make_valid(read_geojson(drawn["outline"]))),),
        sent_at_ms=loaded_at_ms - area.hours * clock.HOUR_MS,
        expires_at_ms=loaded_at_ms + life_ms,
    )


def _ends_of_others(now_ms: int) -> list[Message]:
    """Build the ends of what another release's demo has left in force."""
    ours = {_ID + area.code for area in AREAS}
    return [
        Message(
            source_id=f"{row.source_id}/over",
            event="",
            replaces=(row.source_id,),
            act=Act.END,
            severity="unknown",
            urgency="unknown",
            certainty="unknown",
            texts=(),
            places=(),
            sent_at_ms=now_ms,
            end_reason=EndReason.CANCELLED,
        )
        for row in OfficialWarning.of_source(DEMO)
        if row.source_id not in ours and row.mark().is_in_force(now_ms)
    ]
