"""Official messages as tests make them, taken in by the product's own ingest."""

from collections.abc import Sequence
from itertools import count
from typing import Any

from app.core import clock
from app.geo.box_circle import Circle
from app.geo.polygon import MultiPolygon
from app.geo.polygon_geojson import from_rings
from app.warnings.covering import find_covering
from app.warnings.ingest.outcome import Outcome
from app.warnings.ingest.roots import warning_id
from app.warnings.ingest.run import store_answer
from app.warnings.models import SourceDocument, SourceMemory
from app.warnings.sources.message import Act, Answer, Message, Place, Text
from app.warnings.sources.registry import Source

_numbers = count(1)


def square(west: float = -0.2, south: float = 51.4, *, side: float = 0.2) -> MultiPolygon:
    """A square of so many degrees; London's middle is in the one by default."""
    east, north = west + side, south + side
    return from_rings([[(west, south), (east, south), (east, north), (west, north)]])


def place(code: str = "A1", shape: MultiPolygon | None = None, *, zones: tuple[str, ...] = ()) -> Place:
    """One area: drawn by the message, or by the zones that it names."""
    return Place(code, ((code, f"River at {code}"),), shape, zones)


def message(event: str = "", *, places: tuple[Place, ...] | None = None, **wanted: Any) -> Message:
    """A message in force, sent now, over one square; `event` is what its updates share."""
    number = next(_numbers)
    event = event or f"event-{number}"
    text = Text("en-GB", "Flood warning", f"Flood warning for {event}", f"The river is high at {event}.", "Keep away.")
    said: dict[str, Any] = {"source_id": f"{event}/{number}", "replaces": (), "act": Act.HOLD, "severity": "severe"}
    said |= {"urgency": "immediate", "certainty": "likely", "texts": (text,), "sent_at_ms": clock.now_ms()}
    return Message(event=event, places=(place(event, square()),) if places is None else places, **(said | wanted))


def announce(*messages: Message, source: str = "ea", **answer: Any) -> Outcome:
    """Take an answer in that holds these messages and no other."""
    read = {"read": len({one.source_id for one in messages}) + sum(answer.get("left_out", {}).values())}
    return store_answer(Source(source, ""), Answer(messages, **(read | answer)), SourceMemory.of(source))


def announce_at(shape: MultiPolygon, event: str = "", *, source: str = "ea", **wanted: Any) -> str:
    """One warning over a shape, beside those that the source has in force; says its id."""
    made = message(event, places=(place("A1", shape),), **wanted)
    announce(made, source=source, is_whole=False)
    return warning_id(source, made.event, "A1")


def ids_covering(places: Sequence[tuple[float, float]]) -> list[list[str]]:
    """For each (lat, lon) the ids of the warnings in force that cover it, in order."""
    return [[row.id for row in above.certain] for above in find_covering([Circle(lat, lon, 0) for lat, lon in places])]


def stored_directory(form: Any, source: str) -> Any:
    """The stored directory of a source's boards or sheets. `form`: the module that reads it."""
    key = form.directory_key(source)
    directory = form.read_directory(SourceDocument.bodies([key]).get(key))
    assert directory is not None
    return directory
