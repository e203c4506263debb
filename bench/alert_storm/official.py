"""The warnings as the ingest stores them: rows of the product, written when each appears, rises or ends."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from app.geo.polygon import MultiPolygon
from app.warnings.ingest.outlines import AreaOutlines
from app.warnings.ingest.roots import warning_id
from app.warnings.ingest.rows import row_of
from app.warnings.models import OfficialWarning
from app.warnings.sources.message import Act, EndReason, Message, Place, Text
from bench.alert_storm.flood import Area, Group
from bench.alert_storm.judge import RISES

SOURCE = "ea"
RISEN = "severe"


class Written(NamedTuple):
    """Warnings that change at one moment."""

    at_ms: int
    group: Group
    kind: str


def id_of(area: Area) -> str:
    """Return the id of an area's warning."""
    return warning_id(SOURCE, area.code, area.code)


def changes(groups: Sequence[Group]) -> Iterator[Written]:
    """Yield all changes of all warnings in their order."""
    found = []
    for group in groups:
        moments = {"appears": group.at_ms, "rises": group.rises_at_ms, "ends": group.ends_at_ms}
        found += [Written(at_ms, group, kind) for kind, at_ms in moments.items() if at_ms]
    return iter(sorted(found, key=lambda one: one.at_ms))


def write(change: Written) -> None:
    """Store what the warnings of a group say now."""
    OfficialWarning.write([row_of_area(area, change) for area in change.group.areas], [])


def row_of_area(area: Area, change: Written) -> OfficialWarning:
    """Return the row of one warning of a group, as it is from a change on."""
    group = change.group
    is_risen = group.rises_at_ms is not None and change.at_ms >= group.rises_at_ms
    row = row_of(SOURCE, _message(area, change, RISEN if is_risen else group.severity), _place(area), area.code,
                 id_of(area), AreaOutlines())  # fmt: skip
    row.updated_at_ms = change.at_ms
    if change.kind == "ends":
        row.ended_at_ms, row.ended_reason = change.at_ms, EndReason.CANCELLED.value
    return row


def _message(area: Area, change: Written, severity: str) -> Message:
    river = f"River {change.group.number:03d}"
    text = Text("en-GB", "Flood warning", f"Flood warning for the {river}", f"The {river} is rising.", "Keep away.")
    number = {"appears": 1, RISES: 2, "ends": 3}[change.kind]
    return Message(
        source_id=f"{area.code}/{number}",
        event=area.code,
        replaces=(),
        act=Act.HOLD,
        severity=severity,
        urgency="immediate",
        certainty="likely",
        texts=(text,),
        places=(_place(area),),
        sent_at_ms=change.at_ms,
    )


def _place(area: Area) -> Place:
    return Place(area.code, ((area.code, f"River at {area.code}"),), MultiPolygon(((area.ring,),)))
