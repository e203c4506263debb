"""Turn one alert of the National Weather Service, a GeoJSON feature, into our message."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.core import clock
from app.core.severity import EVERY as EVERY_SEVERITY
from app.warnings.sources import json_text
from app.warnings.sources.drills import said_first
from app.warnings.sources.flood_events import folded, hazard_of
from app.warnings.sources.json_members import Clock, entries, line, members, offset_in, text, time_ms, word
from app.warnings.sources.message import Act, EndReason, Hazard, Message, Place, Text
from app.warnings.sources.nws import vtec
from app.warnings.sources.nws.vtec import Vtec
from app.warnings.sources.nws.zones import UGC
from app.warnings.sources.outline import shape_of

# The words are CAP's own (CAP 1.2 §3.2.2; NWS CAP v1.2 documentation), with a capital: Extreme is "extraordinary threat
# to life or property", Severe "significant", Moderate "possible", Minor "minimal to no known threat".
URGENCIES = {
    "immediate": "immediate",
    "expected": "expected",
    "future": "future",
    "past": "past",
    "unknown": "unknown",
}
CERTAINTIES = {
    "observed": "observed",
    "likely": "likely",
    "possible": "possible",
    "unlikely": "unlikely",
    "unknown": "unknown",
}
TYPES = frozenset({"alert", "update", "cancel"})  # Ack and Error are for machines
ENDS = {"CAN": EndReason.CANCELLED, "EXP": EndReason.EXPIRED, "UPG": EndReason.REPLACED}  # by action of a VTEC
LANGUAGE = "en-US"


class NotPublic(Exception):
    """A test, an exercise, a draft, or a message between machines; the message is the word that says so."""


class Unreadable(ValueError):
    """Error: the alert lacks required members. `named`: its identifier, its event, and the alerts that it replaces."""

    def __init__(self, reason: str, names: frozenset[str] = frozenset(), *, is_known: bool = False) -> None:
        super().__init__(reason)
        self.named = names
        self.is_known = is_known  # whether the warning that it is about is known


@dataclass(frozen=True, slots=True)
class Alert:
    """A message, and the zones that it is about, with or without a shape of its own."""

    message: Message
    zones: tuple[str, ...]

    @property
    def is_end(self) -> bool:
        return self.message.act is Act.END

    @property
    def precedence(self) -> tuple[int, bool, str]:
        """Sort key of alerts of one event: the later counts, and at equal times the one in force."""
        return self.message.sent_at_ms, not self.is_end, self.message.source_id


def read_alert(feature: Mapping[str, Any]) -> Alert:
    """Read a feature. Raises NotPublic, or Unreadable if the event, the place or the time is missing."""
    properties = members(feature.get("properties"))
    source_id = line(properties.get("id")) or line(properties.get("@id") or feature.get("id")).rpartition("/")[2]
    parameters = members(properties.get("parameters"))
    code = vtec.read((line(entry) for entry in entries(parameters.get("VTEC"))), line(properties.get("event")))
    if no_real_one := _not_public(properties, code):
        raise NotPublic(no_real_one)
    ahead = offset_in(properties.get("sent"))
    sent = time_ms(properties.get("sent")) or time_ms(properties.get("effective"))
    replaces = _replaces(properties, parameters)
    event, zones = _event(properties, code, sent), _zones(properties)
    names = frozenset({source_id, *replaces, event} - {""})
    is_known = bool(event or replaces)  # its own identifier changes with every update
    lacking = _lacking(properties, source_id, sent)
    place = _place(feature, properties, zones)
    if lacking or sent is None or place is None:
        reason = f"an alert has no {' and '.join(lacking) or 'place'} ({json_text.shown(source_id)})"
        raise Unreadable(reason, names, is_known=is_known)
    over, severity = _why_over(properties, code), word(properties.get("severity"))
    message = Message(
        source_id=source_id,
        event=event,
        replaces=replaces,
        act=Act.END if over else Act.HOLD,
        severity=severity if severity in EVERY_SEVERITY else "unknown",
        urgency=URGENCIES.get(word(properties.get("urgency")), "unknown"),
        certainty=CERTAINTIES.get(word(properties.get("certainty")), "unknown"),
        texts=(_text(properties, parameters),),
        places=(place,),
        sent_at_ms=sent,
        onset_at_ms=time_ms(properties.get("onset"), ahead=ahead),
        ends_at_ms=_ends(properties, parameters, code, ahead),
        expires_at_ms=_expires(properties, sent, ahead),
        hazard=_hazard(properties),
        end_reason=over,
    )
    return Alert(message, zones)


def _not_public(properties: Mapping[str, Any], code: Vtec | None) -> str:
    status, scope = word(properties.get("status") or "actual"), word(properties.get("scope") or "public")
    if status != "actual" or scope != "public":
        return status if status != "actual" else scope
    if code is not None and code.is_test:
        return "test"
    kind = word(properties.get("messageType") or "alert")
    return "" if kind in TYPES else kind


def _why_over(properties: Mapping[str, Any], code: Vtec | None) -> EndReason | None:
    """Return why it is over: a Cancel, an ending VTEC action, or past or all clear in CAP's words; else None."""
    if word(properties.get("messageType")) == "cancel":
        return EndReason.CANCELLED
    if code is not None and code.is_ending:
        return ENDS[code.action]
    is_update = word(properties.get("messageType")) == "update" or bool(entries(properties.get("references")))
    is_past = word(properties.get("urgency")) == "past" and is_update
    return EndReason.ALL_CLEAR if is_past or word(properties.get("response")) == "allclear" else None


def _hazard(properties: Mapping[str, Any]) -> Hazard:
    coded = members(properties.get("eventCode"))
    codes = [(scheme, line(code)) for scheme in coded for code in entries(coded[scheme])]
    return hazard_of(
        line(properties.get("event")),
        codes=codes,
        categories=[line(properties.get("category"))],
        headline=line(properties.get("headline")),
    )


def _lacking(properties: Mapping[str, Any], source_id: str, sent: int | None) -> list[str]:
    values = {"identifier": source_id, "time": sent, "event": line(properties.get("event"))}
    return [name for name, value in values.items() if not value]


def _event(properties: Mapping[str, Any], code: Vtec | None, sent: int | None) -> str:
    """Build the event's name with its year, the earliest one known, because event numbers begin again each year.

    Under one code, messages with another name are another warning.
    """
    if code is None:
        return ""
    referred = [time_ms(members(entry).get("sent")) for entry in entries(properties.get("references"))]
    known_times = [at for at in (code.begin, sent, *referred) if at is not None]
    if not known_times:
        return ""
    name = line(properties.get("event"))
    other = "" if code.is_of(name) or not name else "." + "-".join(folded(name).split())
    return f"{code.event}.{clock.from_ms(min(known_times)).year}{other}"


def _replaces(properties: Mapping[str, Any], parameters: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the identifiers of the alerts that this one updates: `references` and `expiredReferences`."""
    references = [
        line(members(entry).get("identifier")) or line(members(entry).get("@id")).rpartition("/")[2]
        for entry in entries(properties.get("references"))
    ]
    # CAP 1.2 §3.2.1: sender,identifier,sent with blanks between the triples.
    triples = [
        triple.split(",") for entry in entries(parameters.get("expiredReferences")) for triple in text(entry).split()
    ]
    expired = [parts[1] for parts in triples if len(parts) == 3]
    return tuple(dict.fromkeys(name for name in (*references, *expired) if name))


def _ends(properties: Mapping[str, Any], parameters: Mapping[str, Any], code: Vtec | None, ahead: Clock) -> int | None:
    """Return when the hazard ends, which may differ from when the message expires; None until further notice."""
    ends_ms = time_ms(properties.get("ends"), ahead=ahead)
    if ends_ms is not None:
        return ends_ms
    if code is not None:
        return code.end
    times = (time_ms(entry, ahead=ahead) for entry in entries(parameters.get("eventEndingTime")))
    return next((at for at in times if at is not None), None)


def _expires(properties: Mapping[str, Any], sent: int, ahead: Clock) -> int | None:
    """Return when the message expires; a day after sending if it is about the past and does not say."""
    expires_ms = time_ms(properties.get("expires"), ahead=ahead)
    is_past = word(properties.get("urgency")) == "past"
    return sent + clock.DAY_MS if is_past and expires_ms is None else expires_ms


def _text(properties: Mapping[str, Any], parameters: Mapping[str, Any]) -> Text:
    own = next((line(entry) for entry in entries(parameters.get("NWSheadline")) if line(entry)), "")
    event_text = Text(
        language=line(properties.get("language")) or LANGUAGE,
        label=line(properties.get("event")),
        headline=line(properties.get("headline")) or own,
        description=text(properties.get("description")),
        instruction=text(properties.get("instruction")),
    )
    return said_first(event_text)


def _zones(properties: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the UGC codes, in their order: those of the geocode, else of the zones' addresses."""
    addressed = [line(entry).rpartition("/")[2] for entry in entries(properties.get("affectedZones"))]
    coded = [line(entry) for entry in entries(members(properties.get("geocode")).get("UGC"))]
    codes = coded or addressed
    return tuple(dict.fromkeys(code for code in codes if UGC.fullmatch(code)))


def _place(feature: Mapping[str, Any], properties: Mapping[str, Any], zones: tuple[str, ...]) -> Place | None:
    # If the polygon cannot be used, the zones are: coarser, but true.
    shape, reason = shape_of(feature.get("geometry"))
    names = [name for part in text(properties.get("areaDesc")).split(";") if (name := line(part))]
    if shape is None and not zones and not names:
        return None
    if len(names) != len(zones):
        # The names cannot be assigned to zones: the zones have no names, else each name stands alone.
        areas = tuple((zone, "") for zone in zones) or tuple(("", name) for name in names)
    else:
        areas = tuple(zip(zones, names, strict=True))
    unused = reason if feature.get("geometry") is not None else ""
    return Place("", areas, shape, () if shape is not None else zones, unused)
