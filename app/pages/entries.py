"""Reports and warnings as entries of a page's list."""

import json
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from app.geo import Circle, distance_km
from app.nearby.grouping import grouped
from app.reports.models import Entry, Severity
from app.warnings.finding import Met
from app.warnings.models import OfficialWarning
from app.warnings.plain import plain
from app.web import wording
from app.web.language import chosen, gettext, ngettext

_NAMES = 3
_WORSE = {str(word): number for number, word in enumerate(Severity)}


class WarningEntry(NamedTuple):
    """One text of one issuer over one or more areas. `ids`: all the warnings that it stands for."""

    id: str
    ids: str
    severity: str
    rank: str
    label: str
    title: str
    language: str
    areas: str
    source: str
    sent: int
    away: str
    is_over: bool
    ended: int | None


class ReportEntry(NamedTuple):
    """One report, at its public place."""

    id: str
    lat: float
    lon: float
    severity: str
    title: str
    is_own_title: bool  # the reporter's words, which may be of any script
    depth: str
    observed: int
    status: str
    is_receded: bool
    away: str


def warning_entries(met: Iterable[Met]) -> list[WarningEntry]:
    """The gravest first, then the nearest; warnings of one text are one entry."""
    groups = grouped(met)
    groups.sort(key=lambda group: (-_WORSE[group[0].warning.severity], group[0].away_km or 0.0))
    return [_warning(group) for group in groups]


def _warning(group: Sequence[Met]) -> WarningEntry:
    row = group[0].warning
    text = words_of(row)
    names = list(dict.fromkeys(name for found in group for _, name in json.loads(found.warning.areas)))
    told = plain(row)
    mark = row.mark()
    is_over = told["rank"] == "over"
    ended = min((at for at in (mark.ended, mark.until) if at is not None), default=None)
    return WarningEntry(
        id=row.id,
        ids=" ".join(found.warning.id for found in group),
        severity="unknown" if is_over else row.severity,
        rank=wording.rank(told["rank"]),
        label=text["label"],
        title=text.get("headline") or text["label"],
        language=text.get("language", ""),
        areas=_names_of(names, title=text.get("headline", "")),
        source=wording.source(row.source),
        sent=int(row.sent),
        away=_away(group[0].away_km),
        is_over=is_over,
        ended=ended if is_over else None,
    )


def words_of(row: OfficialWarning) -> dict[str, str]:
    """The issuer's words: in the page's language where the issuer has them, else in the first one."""
    texts: list[dict[str, str]] = json.loads(row.texts)
    return next((text for text in texts if text.get("language", "")[:2].lower() == chosen()), texts[0])


def _names_of(names: Sequence[str], *, title: str) -> str:
    """A few names and how many more; nothing where the title says it."""
    if len(names) == 1 and names[0] in title:
        return ""
    shown, more = ", ".join(names[:_NAMES]), len(names) - _NAMES
    if more <= 0:
        return shown
    return ngettext("%(names)s and %(num)s more area", "%(names)s and %(num)s more areas", more, names=shown)


def _away(kilometres: float | None) -> str:
    """How far away it is; a warning that covers the place is here."""
    if kilometres is None:
        return ""
    return gettext("covers this place") if kilometres == 0 else wording.distance(kilometres * 1000)


def report_entries(entries: Iterable[Entry], circle: Circle | None = None) -> list[ReportEntry]:
    """In the order given."""
    return [_report(entry, circle) for entry in entries]


def _report(entry: Entry, circle: Circle | None) -> ReportEntry:
    away = distance_km(lat=circle.lat, lon=circle.lon, to_lat=entry.lat, to_lon=entry.lon) if circle else None
    return ReportEntry(
        id=entry.id,
        lat=float(entry.lat),
        lon=float(entry.lon),
        severity=entry.severity,
        title=title_of(entry),
        is_own_title=bool(entry.title),
        depth="" if entry.depth is None else wording.depth(float(entry.depth)),
        observed=int(entry.observed),
        status=entry.status,
        is_receded=entry.condition == "receded",
        away="" if away is None else wording.distance(away * 1000),
    )


def title_of(entry: Entry) -> str:
    """The reporter's title, or what the report says without one."""
    if entry.title:
        return entry.title
    if entry.depth is not None:
        return gettext("Water %(depth)s deep", depth=wording.depth(float(entry.depth)))
    return gettext("Flooding, no title given")
