"""Turn a message, for one of its places, into a row: texts, times and the outline if there is one."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from hashlib import sha256
from itertools import accumulate
from typing import Any
from zlib import crc32

from app.core import clock
from app.geo.encode import pack
from app.geo.polygon import MultiPolygon
from app.geo.repair import union
from app.warnings.area_models import area_id
from app.warnings.ingest.outlines import AreaOutlines
from app.warnings.marks import box_text, order_of
from app.warnings.models import OfficialWarning
from app.warnings.sources.message import Message, Place

EXACT, AREA, NONE = "exact", "area", "none"
NOTHING_DRAWN = "the message draws no area and names none"
# An item of DynamoDB holds 400 KB: texts in all languages, names of areas, and the outline.
_MOST_TEXT_BYTES, _MOST_AREA_BYTES, _LARGEST_BYTES = 120_000, 60_000, 200_000
_LONGEST = {"description": 16_000, "instruction": 16_000}  # characters; all other fields are lines
_TOLERANCES_M = (10, 50, 200, 1000)
# The fields of the first format of digests, in this order and by these names.
_IN_MESSAGE = {
    **{name: name for name in "source_id event replaces act severity urgency certainty texts places".split()},
    "sent": "sent_at_ms",
    "onset": "onset_at_ms",
    "ends": "ends_at_ms",
    "expires": "expires_at_ms",
    "zone": "zone",
}
_IN_PLACE = {name: name for name in "key areas shape zones".split()}


def row_of(
    source: str, message: Message, place: Place, root: str, warning_id: str, outlines: AreaOutlines
) -> OfficialWarning:
    """Build the row of a warning, without its times of change."""
    status, reason, shape = _drawn(place, outlines)
    packed = _packed_outline(shape)
    return OfficialWarning(
        warning_id,
        source=source,
        source_id=message.source_id,
        root=root,
        digest=digest_of(message, place, root),
        listed=order_of(message.sent_at_ms, warning_id),
        severity=message.severity,
        urgency=message.urgency,
        certainty=message.certainty,
        texts=_fitting_json([_text(text) for text in message.texts], _MOST_TEXT_BYTES),
        areas=_fitting_json(
            [[area_id(source, code) if code else None, name] for code, name in place.areas], _MOST_AREA_BYTES
        ),
        sent_at_ms=message.sent_at_ms,
        onset_at_ms=message.onset_at_ms,
        ends_at_ms=message.ends_at_ms,
        expires_at_ms=message.expires_at_ms,
        own_end_at_ms=_own_end_ms(message),
        hazard=message.hazard.value,
        geometry_status=status,
        geometry_reason=reason or None,
        shape=packed,
        box=box_text(shape.box) if shape else None,
        drawn=crc32(packed) if packed else None,
    )


def digest_of(message: Message, place: Place, root: str) -> str:
    """Hash all that a message says for a place, and its own outline; outlines of official areas are not part of it.

    A field that the previous release did not know is hashed only if it is set: otherwise every warning would count as
    changed once.
    """
    outline_hex = pack(place.shape).hex() if place.shape else ""
    parts = (
        f"Message({_fields(replace(message, places=()), _IN_MESSAGE)})",
        f"Place({_fields(replace(place, shape=None), _IN_PLACE)})",
    )
    digest_text = f"({root!r}, {parts[0]}, {parts[1]}, {outline_hex!r})" + _later_fields(message, place)
    return sha256(digest_text.encode("utf-8", "surrogatepass")).hexdigest()[:24]


def _fields(part: Message | Place, names: Mapping[str, str]) -> str:
    return ", ".join(f"{stored}={getattr(part, name)!r}" for stored, name in names.items())


def _later_fields(message: Message, place: Place) -> str:
    """Serialise the set fields that the first format of digests did not contain."""
    parts = ((message, _IN_MESSAGE), (place, _IN_PLACE))
    later_fields = [
        (field.name, getattr(part, field.name))
        for part, digest_names in parts
        for field in fields(part)
        if field.name not in digest_names.values() and getattr(part, field.name) != field.default
    ]
    return repr(later_fields) if later_fields else ""


def _own_end_ms(message: Message) -> int | None:
    """Return when the message ends; a day after sending if its hazard is past and no end is named."""
    ends_ms = message.ends_at_ms or message.expires_at_ms
    return message.sent_at_ms + clock.DAY_MS if ends_ms is None and message.urgency == "past" else ends_ms


def _text(text: Any) -> dict[str, str]:
    names = ("language", "label", "headline", "description", "instruction")
    return {name: getattr(text, name)[: _LONGEST.get(name, 1_000)] for name in names if getattr(text, name)}


def _fitting_json(parts: Sequence[Any], most_bytes: int) -> str:
    """Serialise as many parts as fit as JSON, but at least the first."""
    texts = [json.dumps(part, ensure_ascii=False) for part in parts]
    sizes = accumulate(len(text.encode("utf-8", "surrogatepass")) + 2 for text in texts)
    fitting = [text for text, size in zip(texts, sizes, strict=True) if size <= most_bytes]
    return f"[{', '.join(fitting or texts[:1])}]"


def _drawn(place: Place, outlines: AreaOutlines) -> tuple[str, str, MultiPolygon | None]:
    """Return how the place is drawn, why not or not completely, and the outline."""
    if place.shape is not None and not place.shape.is_empty:
        return EXACT, place.reason, place.shape
    if not place.zones:
        return NONE, place.reason or NOTHING_DRAWN, None
    shapes = {code: outlines.areas[code].outline() for code in place.zones if code in outlines.areas}
    outlines_found = [shape for shape in shapes.values() if shape is not None]
    reasons = [_reason(code, outlines) for code in place.zones if shapes.get(code) is None]
    own = [place.reason] if place.reason else []
    reason_text = "; ".join(own + reasons[:5]) + (f"; and {len(reasons) - 5} more" if len(reasons) > 5 else "")
    if not outlines_found:
        return NONE, reason_text, None
    return AREA, reason_text, outlines_found[0] if len(outlines_found) == 1 else union(outlines_found)


def _reason(code: str, outlines: AreaOutlines) -> str:
    if code in outlines.areas:
        return f"{code}: {outlines.areas[code].reason or 'it has no outline'}"
    return f"{code}: {outlines.missing.get(code, 'it is not known')}"


def _packed_outline(shape: MultiPolygon | None) -> bytes | None:
    """Pack the outline; one with very many points is simplified until it fits."""
    if shape is None:
        return None
    packed = pack(shape)
    if len(packed) > _LARGEST_BYTES:
        from app.geo.simplify_valid import simplify_valid  # rarely needed, and only here

        for tolerance_m in _TOLERANCES_M:
            packed = pack(simplify_valid(shape, tolerance_m))
            if len(packed) <= _LARGEST_BYTES:
                break
    return packed
