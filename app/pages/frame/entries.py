"""Entries for reports and warnings in a page's list."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from app.core.severity import Severity
from app.geo.box_circle import Circle
from app.geo.coordinates import distance_km
from app.pages.frame import trust_words, wording
from app.pages.frame.language import chosen, gettext, ngettext
from app.pages.frame.regions import region_of
from app.reports.connections import fold
from app.reports.entry import COARSE_M, Condition, Confidence, Entry, Status
from app.situation.grouping import group_warnings
from app.situation.plain_words import Standing, plain_words_of, standing_of
from app.warnings.models import OfficialWarning
from app.warnings.search import WarningHit

_NAMES = 3
_LONGEST_TITLE = 200
_ORDER = list(Standing)
# Standings without colour: colours show the severity of floods in force only.
_COLOURLESS = (Standing.PAST, Standing.LATER, Standing.OTHER, Standing.OVER)


class WarningEntry(NamedTuple):
    """One text of one issuer for one or more areas. `ids`: all the warnings in this entry."""

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
    sent_at_ms: int
    begins_at_ms: int | None  # if it has not begun yet
    away: str
    is_over: bool
    ended_at_ms: int | None

    @property
    def heading(self) -> str:
        """Title with the areas that it does not name: a heading beside a rank must name its place."""
        title = wording.isolated(self.title)
        return f"{title} ({wording.isolated(self.areas)})" if self.areas else title


class Member(NamedTuple):
    """One of the reports in an entry for several."""

    id: str
    title: str
    is_own_title: bool
    observed: int


class ReportEntry(NamedTuple):
    """One report, at its public place; or several of one connection in one cell, at the place of the newest."""

    id: str
    lat: float
    lon: float
    severity: str
    title: str
    is_own_title: bool  # the reporter's words, possibly in any script
    depth: str
    observed_at_ms: int
    status: str
    condition: str
    is_wide: bool  # its place is the middle of an area of kilometres
    radius_m: int
    away: str
    number: int = 1
    members: tuple[Member, ...] = ()  # if several
    is_disputed: bool = False
    confidence: str = Confidence.LOW
    photo: str = ""  # path of the small size of the first one that everyone may see

    @property
    def is_firm(self) -> bool:
        """Return whether maps draw it filled."""
        return trust_words.is_firm(self.status, self.confidence)

    @property
    def tags(self) -> list[str]:
        """Words about it besides its severity."""
        return trust_words.tags(
            status=self.status, level=self.confidence, condition_word=self.condition, is_disputed=self.is_disputed
        )


def warning_entries(hits: Iterable[WarningHit]) -> list[WarningEntry]:
    """Build entries, the gravest first, then the nearest; warnings with the same text are one entry."""
    groups = group_warnings(hits)
    groups.sort(key=_gravest_first)
    return [_warning(group) for group in groups]


def _gravest_first(group: Sequence[WarningHit]) -> tuple[int, float, int, float]:
    """Sort: in force now, then beginning later (the sooner first); then by severity, then the nearest."""
    row = group[0].warning
    standing = standing_of(row)
    onset = float(row.onset_at_ms or 0) if standing is Standing.LATER else 0.0
    return _ORDER.index(standing), onset, -Severity(row.severity).gravity, group[0].distance_km or 0.0


def _warning(group: Sequence[WarningHit]) -> WarningEntry:
    row = group[0].warning
    text = words_of(row)
    names = list(dict.fromkeys(name for hit in group for _, name in hit.warning.named_areas))
    words = plain_words_of(row, chosen())
    is_over = words.standing is Standing.OVER
    return WarningEntry(
        id=row.id,
        ids=" ".join(hit.warning.id for hit in group),
        standing=words.standing,
        severity=colour_of(row),
        rank=wording.rank(words.rank),
        what_to_do=words.what_to_do or "",
        label=text.get("label", ""),
        title=_title(text),
        language=text.get("language", ""),
        areas=_names_of([name for name in names if name] or [region_of(row)], title=text.get("headline", "")),
        source=wording.source(row.source),
        source_name=row.source,
        sent_at_ms=int(row.sent_at_ms),
        begins_at_ms=int(row.onset_at_ms) if words.standing is Standing.LATER and row.onset_at_ms else None,
        away=_away(group[0].distance_km),
        is_over=is_over,
        ended_at_ms=row.mark().over_at_ms if is_over else None,
    )


def colour_of(row: OfficialWarning) -> str:
    """Return the severity for the colour, as worded; "unknown" if not begun, over, or not a flood."""
    standing = standing_of(row)
    return "unknown" if standing in _COLOURLESS else standing.value


def _title(text: dict[str, str]) -> str:
    """Return the headline, the issuer's label, or the beginning of the text."""
    issuer_text = text.get("headline") or text.get("label") or text.get("description") or text.get("instruction") or ""
    return issuer_text if len(issuer_text) <= _LONGEST_TITLE else issuer_text[: _LONGEST_TITLE - 1].rstrip() + "…"


def words_of(row: OfficialWarning) -> dict[str, str]:
    """Return the issuer's text in the page's language if there is one, else the first one."""
    texts: list[dict[str, str]] = row.words
    return next((text for text in texts if text.get("language", "")[:2].lower() == chosen()), texts[0])


def _names_of(names: Sequence[str], *, title: str) -> str:
    """Return a few names and the number of others; "" if the title contains the name."""
    if len(names) == 1 and names[0] in title:
        return ""
    first_names, more = ", ".join(names[:_NAMES]), len(names) - _NAMES
    if more <= 0:
        return first_names
    return ngettext("%(names)s and %(num)s more area", "%(names)s and %(num)s more areas", more, names=first_names)


def _away(kilometres: float | None) -> str:
    """Return the distance in words; a warning that covers the place is here."""
    if kilometres is None:
        return ""
    return gettext("covers this place") if kilometres == 0 else wording.distance(kilometres * 1000)


def report_entries(
    entries: Iterable[Entry], circle: Circle | None = None, *, has_more: bool = False
) -> list[ReportEntry]:
    """Build entries in the given order. `has_more`: there are reports beyond these, perhaps of the same connections."""
    groups = [(group, _report(group[0], circle)) for group in fold(entries)]
    return [_several(group, first, has_more=has_more) if len(group) > 1 else first for group, first in groups]


def _several(group: Sequence[Entry], newest: ReportEntry, *, has_more: bool) -> ReportEntry:
    """Build the entry of several reports from one connection. Nothing that one of them says is lost: see `members`."""
    number = f"{wording.number(len(group))}{'+' if has_more else ''}"
    members = (Member(entry.id, title_of(entry), bool(entry.title), int(entry.observed_at_ms)) for entry in group)
    return newest._replace(
        severity=max((entry.severity for entry in group), key=lambda word: Severity(word).gravity),
        title=gettext("%(count)s reports from one connection or account", count=number),
        is_own_title=False,
        depth="",
        status=Status.PENDING,
        condition=group[0].condition if len({entry.condition for entry in group}) == 1 else Condition.FLOODED,
        is_disputed=False,
        confidence=Confidence.LOW,
        photo="",
        number=len(group),
        members=tuple(members),
    )


def _report(entry: Entry, circle: Circle | None) -> ReportEntry:
    away = distance_km(lat=circle.lat, lon=circle.lon, to_lat=entry.lat, to_lon=entry.lon) if circle else None
    return ReportEntry(
        id=entry.id,
        lat=float(entry.lat),
        lon=float(entry.lon),
        severity=entry.severity,
        title=title_of(entry),
        is_own_title=bool(entry.title),
        depth="" if entry.depth_cm is None else wording.depth(float(entry.depth_cm)),
        observed_at_ms=int(entry.observed_at_ms),
        status=entry.status,
        condition=entry.condition,
        is_wide=entry.is_coarse,
        radius_m=entry.reach_m,
        away=_away_from(away, entry.reach_m),
        is_disputed=entry.is_disputed,
        confidence=entry.confidence,
        photo=f"/photos/{photo}/small.jpg" if (photo := entry.shown_photo) else "",
    )


def _away_from(kilometres: float | None, radius_m: int) -> str:
    """Return the distance in words; for a coarse place, without metres that are not known."""
    if kilometres is None:
        return ""
    if radius_m >= COARSE_M and kilometres * 1000 <= radius_m:
        return gettext("somewhere around here")
    return wording.distance(kilometres * 1000)


def title_of(entry: Entry) -> str:
    """Return the reporter's title, or one made from the report."""
    if entry.title:
        return entry.title
    if entry.depth_cm is not None:
        return gettext("Water %(depth)s deep", depth=wording.depth(float(entry.depth_cm)))
    return gettext("Flooding, words hidden") if entry.is_disputed else gettext("Flooding, no title given")
