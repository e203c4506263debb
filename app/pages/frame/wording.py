"""Numbers, times and the product's own words, formatted for people in the language of the request."""

from unicodedata import bidirectional
from urllib.parse import urlencode, urlsplit

from flask import g, request

from app.core import clock, missing, moments
from app.core.config import settings
from app.core.translations import DECIMAL_COMMA, N_
from app.pages.frame.language import PARAMETER, chosen, gettext, ngettext
from app.situation import missing_words, report_words, warning_titles
from app.situation.plain_words import GRAVE, RANKS, Standing

# Severity of a report: chosen by its reporter, or derived from the depth.
SEVERITIES = {
    "extreme": N_("Extreme"),
    "severe": N_("Severe"),
    "moderate": N_("Moderate"),
    "minor": N_("Minor"),
    "unknown": N_("Not known"),
}
REPORT_SEVERITIES = report_words.SEVERITIES
# The least that lists show, in the words of both: an authority's rank, and what people say.
LEAST_SEVERITIES = {
    "moderate": N_("Be prepared, some flooding, and worse"),
    "severe": N_("Act now, bad flooding, and worse"),
    "extreme": N_("Danger to life, very bad flooding"),
}
SEEN_WITHIN_HOURS = {
    "1": N_("In the last hour"),
    "6": N_("In the last 6 hours"),
    "24": N_("In the last 24 hours"),
}
# Origin of a report's water, as its reporter says.
WATER_SOURCES = {
    "river": N_("A river or stream"),
    "surface": N_("Rain that cannot drain away"),
    "sewer": N_("A drain or sewer"),
    "sea": N_("The sea"),
    "groundwater": N_("Out of the ground"),
    "unknown": N_("Not known"),
}
# Parts that a page lacks are in `missing_words.MISSING`; those that it shows as they were:
OLD = {
    missing.NEWEST_REPORTS: N_(
        "The newest reports of flooding cannot be read at the moment. Those shown were read %(ago)s, without their "
        "titles."
    ),
    missing.WARNINGS: N_("Official warnings cannot be read at the moment. Those shown were read %(ago)s."),
    missing.AREAS: N_("Official flood areas cannot be read at the moment. What is shown was read %(ago)s."),
}
_SHORT_M = 1000
_TURNING = frozenset(("R", "AL", "AN", "RLE", "RLO", "RLI", "LRE", "LRO", "LRI", "FSI"))
_TAGS = {"later": "later", "other": "other", "past": "quiet", "over": "quiet"}
LONG_AGO_MS = 60 * clock.DAY_MS


def severity(word: str) -> str:
    """Return the word for a severity, with a capital."""
    return gettext(SEVERITIES.get(word, SEVERITIES["unknown"]))


def report_severity(word: str) -> str:
    """Return the severity of a report in words."""
    return gettext(REPORT_SEVERITIES.get(word, REPORT_SEVERITIES["unknown"]))


def status(word: str) -> str:
    """Return the status of a report in words."""
    return gettext(report_words.STATUSES[word])


def water_source(word: str | None) -> str:
    """Return the origin of the water in words; "" if not given, and for a word of a later release."""
    return gettext(WATER_SOURCES[word]) if word in WATER_SOURCES else ""


def source(name: str) -> str:
    """Return the name of a source; a CAP feed has its own name."""
    return warning_titles.source_name(name, chosen())


def host(address: str) -> str:
    """Return `www.weather.gov` of a URL, to show where a link leads."""
    return urlsplit(address).hostname or ""


def number(value: float, *, places: int = 0) -> str:
    """Format a number with at most `places` decimals, as the language writes it."""
    text = f"{value:.{places}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text.replace(".", ",") if chosen() in DECIMAL_COMMA else text


def distance(metres: float) -> str:
    """Format `350 m`, `1.2 km`, `14 km`."""
    if metres < _SHORT_M:
        return gettext("%(num)s m", num=number(round(metres, -1)))
    return gettext("%(num)s km", num=number(metres / 1000, places=1 if metres < 10_000 else 0))


def depth(centimetres: float) -> str:
    """Format `45 cm`, `1.2 m`."""
    if centimetres < 100:
        return gettext("%(num)s cm", num=number(centimetres))
    return gettext("%(num)s m", num=number(centimetres / 100, places=1))


def missing_parts(*, only_old: bool = False) -> list[str]:
    """Return a sentence for each part that this page lacks, or shows as it was some minutes ago."""
    return [
        gettext(missing_words.MISSING[part]) if at_ms is None else gettext(OLD[part], ago=ago(at_ms))
        for part, at_ms in missing.parts().items()
        if at_ms is not None or not only_old
    ]


def ago(at_ms: int) -> str:
    """Format the time since a moment: `just now`, `5 minutes ago`, `3 hours ago`, `2 days ago`."""
    passed = max(0, clock.now_ms() - at_ms)
    if passed < clock.MINUTE_MS:
        return gettext("just now")
    if passed < clock.HOUR_MS:
        return ngettext("%(num)s minute ago", "%(num)s minutes ago", passed // clock.MINUTE_MS)
    if passed < clock.DAY_MS:
        return ngettext("%(num)s hour ago", "%(num)s hours ago", passed // clock.HOUR_MS)
    if passed >= LONG_AGO_MS:
        return moments.date(at_ms, zone=_zone(), language=chosen())
    return ngettext("%(num)s day ago", "%(num)s days ago", passed // clock.DAY_MS)


def in_zone(zone: str) -> None:
    """Set the time zone for the times on this page: that of the place that it is about."""
    g.zone = zone


def moment(at_ms: int) -> str:
    """Format `Saturday 28 November, 14:02 GMT` in the page's zone; a script changes it to the reader's own."""
    return moments.moment(at_ms, zone=_zone(), language=chosen())


def day(at_ms: int) -> str:
    """Format `Sat 28`: a UTC day, by which reports are counted."""
    return moments.day(at_ms, zone=moments.UTC, language=chosen())


def _zone() -> str:
    return str(g.get("zone") or settings().zone)


def machine(at_ms: int) -> str:
    """Format a time for the `datetime` of a `<time>`, cut to the minute as everywhere in public."""
    return clock.rfc3339(clock.minute_of(at_ms))


def wait(seconds: int) -> str:
    """Format a waiting time: `Try again in 20 seconds.`, `... in 12 minutes.`"""
    if seconds < 90:
        return ngettext("Try again in %(num)s second.", "Try again in %(num)s seconds.", seconds)
    return ngettext("Try again in %(num)s minute.", "Try again in %(num)s minutes.", -(-seconds // 60))


def here() -> str:
    """Return this page's path and query, to come back to; after a form was sent, the start page.

    The token of a private link is included in private answers only. The language that a link asked for is left out:
    who comes back may have chosen another; and the thanks for a form, which was sent once.
    """
    if request.method not in ("GET", "HEAD"):
        return "/"
    left_out = {PARAMETER, "said"} | (set() if g.get("is_personal") else {"token"})
    parameters = [(name, value) for name, value in request.args.items(multi=True) if name not in left_out]
    return f"{request.path}?{urlencode(parameters)}" if parameters else request.path


def rank(text: str) -> str:
    """Capitalise a warning's rank (app/situation/plain_words.py), for the beginning of a tag or headline."""
    return text[:1].upper() + text[1:]


def tag(standing: str, severity: str) -> str:
    """Return the CSS class of the tag that holds a warning's rank."""
    return _TAGS.get(standing, severity)


def holds_rank(text: str) -> bool:
    """Return whether a text contains a rank or a grave severity, in the page's language."""
    words = [gettext(RANKS[standing]) for standing in (*GRAVE, Standing.MODERATE, Standing.MINOR)] + [
        severity(standing) for standing in GRAVE
    ]
    return any(word.lower() in text.lower() for word in words)


def isolated(text: str) -> str:
    """Isolate foreign text in our own, where no element can do so: in a title or a preview.

    Right-to-left text would reorder its neighbours (Unicode UAX 9, FSI and PDI).
    """
    if all(bidirectional(character) not in _TURNING for character in text):
        return text
    return f"\u2068{text}\u2069"
