"""Reports and warnings as entries of a page's list."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from app.core.severity import Severity
from app.geo.box_circle import Circle
from app.geo.coordinates import distance_km
from app.pages.frame import wording
from app.pages.frame.language import chosen, gettext, ngettext
from app.pages.frame.regions import region_of
from app.reports.entry import COARSE_M, Entry
from app.situation.grouping import grouped
from app.situation.plain_words import Standing, plain, standing_of
from app.warnings.models import OfficialWarning
from app.warnings.search import Met

_NAMES = 3
_LONGEST_TITLE = 200
_ORDER = list(Standing)
# What colours a tag and the map: the severity of what holds now, and of floods alone.
_COLOURLESS = (Standing.PAST, Standing.LATER, Standing.OTHER, Standing.OVER)


class WarningEntry(NamedTuple):
    """One text of one issuer over one or more areas. `ids`: all the warnings that it stands for."""

    id: str
    ids: str
    standing: Standing
    severity: str
    rank: str
    what_to_do: str
    label: str
    title: str
    language: str
    areas: str
    source: str
    source_name: str
    sent: int
    begins: int | None  # where it has not begun
    away: str
    is_over: bool
    ended: int | None

    @property
    def heading(self) -> str:
        """Its title with the areas that the title leaves out: what is read alone, beside a rank, names its place."""
        title = wording.isolated(self.title)
        return f"{title} ({wording.isolated(self.areas)})" if self.areas else title


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
    is_wide: bool  # its place is the middle of an area of kilometres
    radius_m: int
    away: str


def warning_entries(met: Iterable[Met]) -> list[WarningEntry]:
    """The gravest first, then the nearest; warnings of one text are one entry."""
    groups = grouped(met)
    groups.sort(key=_gravest_first)
    return [_warning(group) for group in groups]


def _gravest_first(group: Sequence[Met]) -> tuple[int, float, int, float]:
    """What there is to do now, then what begins later, the sooner first; then by severity, then the nearest."""
    row = group[0].warning
    standing = standing_of(row)
    onset = float(row.onset or 0) if standing is Standing.LATER else 0.0
    return _ORDER.index(standing), onset, -Severity(row.severity).gravity, group[0].away_km or 0.0


def _warning(group: Sequence[Met]) -> WarningEntry:
    row = group[0].warning
    text = words_of(row)
    names = list(dict.fromkeys(name for found in group for _, name in found.warning.named_areas))
    told = plain(row, chosen())
    is_over = told.standing is Standing.OVER
    return WarningEntry(
        id=row.id,
        ids=" ".join(found.warning.id for found in group),
        standing=told.standing,
        severity=colour_of(row),
        rank=wording.rank(told.rank),
        what_to_do=told.what_to_do or "",
        label=text.get("label", ""),
        title=_title(text),
        language=text.get("language", ""),
        areas=_names_of([name for name in names if name] or [region_of(row)], title=text.get("headline", "")),
        source=wording.source(row.source),
        source_name=row.source,
        sent=int(row.sent),
        begins=int(row.onset) if told.standing is Standing.LATER and row.onset else None,
        away=_away(group[0].away_km),
        is_over=is_over,
        ended=row.mark().over_at if is_over else None,
    )


def colour_of(row: OfficialWarning) -> str:
    """The rank by which it is coloured, as it is worded; none of what has not begun, is over or is no flood."""
    standing = standing_of(row)
    return "unknown" if standing in _COLOURLESS else standing.value


def _title(text: dict[str, str]) -> str:
    """The headline, the issuer's name for it, or the beginning of what is said: one of them there is."""
    said = text.get("headline") or text.get("label") or text.get("description") or text.get("instruction") or ""
    return said if len(said) <= _LONGEST_TITLE else said[: _LONGEST_TITLE - 1].rstrip() + "…"


def words_of(row: OfficialWarning) -> dict[str, str]:
    """The issuer's words: in the page's language where the issuer has them, else in the first one."""
    texts: list[dict[str, str]] = row.words
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
        is_wide=entry.is_coarse,
        radius_m=entry.reach_m,
        away=_away_from(away, entry.reach_m),
    )


def _away_from(kilometres: float | None, radius_m: int) -> str:
    """How far away it is; where it stands for a wide area around, metres would be more than anybody knows."""
    if kilometres is None:
        return ""
    if radius_m >= COARSE_M and kilometres * 1000 <= radius_m:
        return gettext("somewhere around here")
    return wording.distance(kilometres * 1000)


def title_of(entry: Entry) -> str:
    """The reporter's title, or what the report says without one."""
    if entry.title:
        return entry.title
    if entry.depth is not None:
        return gettext("Water %(depth)s deep", depth=wording.depth(float(entry.depth)))
    return gettext("Flooding, no title given")
