"""Official warnings of the demo: of no real issuer, drawn around the demo's flood, with texts of our own.

They have the source `demo`, so that they cannot be taken for real warnings.
"""

from dataclasses import dataclass

from app.core import clock
from app.geo.polygon_geojson import from_rings
from app.geo.repair import make_valid
from app.warnings.ingest.run import store_answer
from app.warnings.models import SourceMemory
from app.warnings.sources.message import Act, Answer, Message, Place, Text
from app.warnings.sources.registry import DEMO, Source

_MOORS = ((-3.000, 51.060), (-2.930, 51.055), (-2.905, 51.075), (-2.930, 51.100), (-2.975, 51.108), (-3.005, 51.095))
_PARRETT = ((-2.945, 51.040), (-2.880, 51.035), (-2.800, 51.000), (-2.790, 51.025), (-2.850, 51.060), (-2.920, 51.085))
_LEVELS = ((-3.080, 51.000), (-2.700, 50.960), (-2.640, 51.080), (-2.800, 51.180), (-3.020, 51.200), (-3.090, 51.120))


@dataclass(frozen=True)
class DemoWarning:
    """One warned area of the story, and the age of its message in hours."""

    code: str
    name: str
    severity: str
    label: str
    said: str
    advice: str
    ring: tuple[tuple[float, float], ...]
    hours: int


_AREAS = (
    DemoWarning(
        "moorland-and-fordgate",
        "Moorland and Fordgate (demo)",
        "extreme",
        "Severe flood warning",
        "Water from the moors is reaching homes. There is danger to life.",
        "Leave if you are told to. Go upstairs if water has come in.",
        _MOORS,
        3,
    ),
    DemoWarning(
        "parrett-at-burrowbridge",
        "River Parrett from Langport to Burrowbridge (demo)",
        "severe",
        "Flood warning",
        "The river stands above its banks and is still rising. Homes near it are expected to flood.",
        "Move what you can upstairs. Do not drive through water.",
        _PARRETT,
        9,
    ),
    DemoWarning(
        "somerset-levels",
        "Somerset Levels and Moors (demo)",
        "moderate",
        "Flood alert",
        "Low-lying land and roads are under water and will stay so for days.",
        "Plan another way, and keep an eye on the water.",
        _LEVELS,
        40,
    ),
)


def load_warnings() -> int:
    """Store the demo's warnings, sent some hours ago; return the number in force. Safe to repeat."""
    now_ms = clock.now_ms()
    messages = tuple(_message(area, now_ms) for area in _AREAS)
    source = Source(DEMO, "")
    return store_answer(source, Answer(messages, read=len(messages)), SourceMemory.of(DEMO)).in_force


def _message(area: DemoWarning, now_ms: int) -> Message:
    shape = make_valid(from_rings([(*area.ring, area.ring[0])]))
    text = Text("en", area.label, f"{area.label}: {area.name}", area.said, area.advice)
    return Message(
        source_id=f"demo/{area.code}",
        event=area.code,
        replaces=(),
        act=Act.HOLD,
        severity=area.severity,
        urgency="immediate" if area.severity == "extreme" else "expected",
        certainty="observed",
        texts=(text,),
        places=(Place(area.code, ((area.code, area.name),), shape),),
        sent_at_ms=now_ms - area.hours * clock.HOUR_MS,
    )
