"""Letters about what people report. Never in the words or colours of an authority, and without the reporter's words."""

from app.alerts.reader import Reader
from app.core import moments
from app.core.translations import N_, ngettext
from app.geo.coordinates import distance_km
from app.mail.letters import Letter, Link, Section, link_to
from app.reports.entry import Status
from app.reports.models import Report
from app.warnings.zones import zone_at

TONE = "water"
# Centimetres above which the water is said to be so deep; the pictures of the form for reports.
_DEPTHS = (
    (140, N_("water above the chest")),
    (90, N_("water above the waist")),
    (45, N_("water above the knee")),
    (10, N_("water above the ankle")),
    (0, N_("shallow water")),
)
_SEVERITIES = {
    "extreme": N_("very bad flooding"),
    "severe": N_("bad flooding"),
    "moderate": N_("some flooding"),
    "minor": N_("a little flooding"),
}
_FLOODING = N_("flooding")
_CHECKED = N_("A responder has checked it.")
_LIKELY = N_("No responder has checked it; other reports, votes or warnings support it.")
_NOT_OFFICIAL = N_("This is what people report, and no official warning.")
_COARSE = N_("Its place is known to some kilometres only.")
_CLOSE_KM, _SHORT_KM = 0.2, 10


def letter(report: Report, reader: Reader, *, away_km: float | None) -> Letter:
    """Return the letter about one report, and those that were joined to it. `away_km`: from the middle of the place."""
    section = section_of(report, reader, away_km=away_km)
    return reader.letter(section.heading, tone=TONE, paragraphs=section.paragraphs, link=section.link)


def section_of(report: Report, reader: Reader, *, away_km: float | None) -> Section:
    """Return a report as one of several things."""
    return Section(
        heading=_heading(report, reader),
        tone=TONE,
        paragraphs=(
            reader.say(N_("Seen: %(moment)s."), moment=_seen(report, reader)),
            *_away(report, reader, away_km),
            reader.say(_CHECKED if report.status == Status.VERIFIED else _LIKELY),
            reader.say(_NOT_OFFICIAL),
        ),
        link=Link(reader.say(N_("See the report")), link_to(f"/reports/{report.id}")),
    )


def _heading(report: Report, reader: Reader) -> str:
    return ngettext(
        "Near %(place)s: %(num)s report of %(water)s",
        "Near %(place)s: %(num)s reports of %(water)s",
        1 + len(report.duplicates),
        language=reader.language,
        place=reader.place,
        water=reader.say(water_of(report)),
    )


def water_of(report: Report) -> str:
    """Return what a report says of the water: its depth, else how bad it is."""
    depth_cm: float | None = report.depth_cm
    if depth_cm is None:
        return _SEVERITIES.get(str(report.severity), _FLOODING)
    return next((text for above_cm, text in _DEPTHS if depth_cm > above_cm), _FLOODING)


def _seen(report: Report, reader: Reader) -> str:
    zone = zone_at(lat=float(report.lat), lon=float(report.lon))
    return moments.moment(int(report.observed_at_ms), zone=zone, language=reader.language)


def _away(report: Report, reader: Reader, away_km: float | None) -> list[str]:
    """Return how far it is from the middle of the reader's place; only that it is coarse, if it is."""
    if report.entry().is_coarse:
        return [reader.say(_COARSE)]
    if away_km is None:
        return []
    if away_km < _CLOSE_KM:
        return [reader.say(N_("Close to the middle of %(place)s."), place=reader.place)]
    text = f"{away_km:.1f}" if away_km < _SHORT_KM else f"{away_km:.0f}"
    far = reader.say(N_("About %(km)s km from the middle of %(place)s."), km=reader.number(text), place=reader.place)
    return [far]


def km_from(report: Report, *, lat: float, lon: float) -> float:
    """Return the kilometres from a position to the place of a report that the public sees."""
    return distance_km(lat=lat, lon=lon, to_lat=float(report.lat), to_lon=float(report.lon))
