"""Outlines of official areas: those that are kept, those that a file brings, those that must be asked for once."""

import random
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from app import telemetry
from app.areas.models import Area, area_id
from app.clients.fetching import Fetcher, NotFetched
from app.clients.outline import Outline
from app.clients.sources import OutlineReader, Source

ASK_LATER = "the issuer's outline of this area has not been had yet"
NOT_ASKED = "no outline of this area is stored, and none was given"
# A run must come to its end: when so much time or so many answers in vain have gone, the rest waits for the next.
BUDGET_S = 25.0
MOST_IN_VAIN = 3


@dataclass
class Known:
    """Areas by code, and for others why their outline is not there."""

    areas: dict[str, Area] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)


def keep(source: str, outlines: Iterable[Outline], names: dict[str, str] | None = None) -> list[Area]:
    """Store outlines, each as one area; says which. Repeating it changes nothing but the time."""
    names = names or {}
    areas = []
    for outline in {outline.id: outline for outline in outlines}.values():
        name = outline.name or names.get(outline.id) or outline.id
        area = Area(area_id(source, outline.id), source=source, code=outline.id, name=name)
        area.put_outline(outline.shape, reason=outline.reason, centre=outline.centre)
        areas.append(area)
    Area.store(areas)
    return areas


def resolve(source: Source, names: dict[str, str], *, fetcher: Fetcher | None) -> Known:
    """The areas of these codes (with the names that messages give). What is not kept is asked for, so many in a run."""
    known = Known(Area.find_codes(source.name, names))
    wanted = [code for code in names if code not in known.areas]
    reader = source.outlines
    if fetcher is None or reader is None:
        known.missing = dict.fromkeys(wanted, NOT_ASKED)
        return known
    fetched = _ask(reader, fetcher, wanted)
    known.areas |= {area.code: area for area in keep(source.name, fetched, names)}
    known.missing = {code: ASK_LATER for code in wanted if code not in known.areas}
    return known


def _ask(reader: OutlineReader, fetcher: Fetcher, codes: list[str]) -> list[Outline]:
    """The outlines that can be had now, in no order, so that one that fails each time keeps back no other for ever."""
    fetched: list[Outline] = []
    in_vain, until = 0, time.monotonic() + BUDGET_S
    for code in random.sample(codes, min(len(codes), reader.OUTLINES_AT_ONCE)):
        if in_vain == MOST_IN_VAIN or time.monotonic() > until:
            break
        try:
            fetched.append(reader.fetch_outline(fetcher, code))
        except NotFetched as error:
            in_vain += 1
            telemetry.logger().warning("outline not fetched", extra={"area": code, "reason": str(error)})
    return fetched
