"""Sentences about official warnings in letters. No rank stands without its place, and our advice is for floods only.

What the issuer says stays in the issuer's own words, and is marked so; what is our inference is said to be one.
"""

from collections.abc import Sequence

from app.alerts.reader import Reader, cleaned, one_line
from app.core import clock, moments
from app.core.translations import N_
from app.gazetteer.countries import emergency_number_at
from app.mail.letters import Link, Quote, link_to
from app.situation import warning_titles
from app.situation.plain_words import GRAVE, Standing, beginning, ended_reason, plain_words_of, standing_of
from app.situation.warning_titles import in_short
from app.warnings import source_status
from app.warnings.marks import box_of
from app.warnings.models import OfficialWarning
from app.warnings.zones import zone_of

MOST_NAMED = 10  # areas in a list
_LONGEST_QUOTE = 2000  # characters of each text
TONES = {Standing.LATER: "unknown", Standing.OTHER: "unknown", Standing.PAST: "unknown", Standing.OVER: "over"}
_ENDS = {
    "cancelled": N_("%(source)s has cancelled it: %(moment)s."),
    "all_clear": N_("%(source)s has given the all-clear: %(moment)s."),
    "expired": N_("Its own time has passed: %(moment)s."),
    "replaced": N_("%(source)s has replaced it by another message: %(moment)s."),
    "no_longer_listed": N_(
        "%(source)s does not list it any more: %(moment)s. From this we infer that it is over; the issuer has not said "
        "so."
    ),
}
_ENDED = N_("It has ended: %(moment)s.")
_UNHEARD = N_(
    "%(source)s has not been heard since %(moment)s: it may have prolonged it, or sent another one. Ask the issuer "
    "itself."
)


def area_of(row: OfficialWarning, reader: Reader) -> str:
    """Return the name of a warning's area; without one, that of the reader's place."""
    names = [name for _, name in row.named_areas if name]
    if not names:
        return reader.say(N_("an area at %(place)s"), place=reader.place)
    return in_short([one_line(names[0]), *names[1:]], reader.language)


def areas_of(rows: Sequence[OfficialWarning], reader: Reader) -> str:
    """Return the areas of some warnings: `River Avon at Bath and 2 more areas`."""
    first, *others = dict.fromkeys(area_of(row, reader) for row in rows)
    return in_short([one_line(first), *others], reader.language)


def ranked(row: OfficialWarning, area: str, reader: Reader) -> str:
    """Return the area with its rank: `River Avon at Bath: act now`; of what begins later, with the moment."""
    return warning_titles.ranked(plain_words_of(row, reader.language, is_kept=True), area)


def subject_of(row: OfficialWarning, area: str, reader: Reader) -> str:
    """Return the area with its rank, and the issuer's own name of such a message."""
    label = one_line(text_for(row, reader.language).get("label", ""))
    line = ranked(row, area, reader)
    return f"{line} ({label})" if label else line


def tone_of(row: OfficialWarning) -> str:
    """Return the tone of a letter about a warning."""
    standing = standing_of(row)
    return TONES.get(standing, str(standing))


def source_of(row: OfficialWarning, reader: Reader) -> str:
    """Return the name of a warning's source for people."""
    return warning_titles.source_name(row.source, reader.language)


def at(at_ms: float, row: OfficialWarning, reader: Reader) -> str:
    """Return a moment in the zone of the warning's place, weekday first."""
    return moments.moment(int(at_ms), zone=zone_of(row), language=reader.language)


def times_of(rows: Sequence[OfficialWarning], reader: Reader) -> list[str]:
    """Return when the first was sent, and when all of them end by themselves, if that is known and the same."""
    row = rows[0]
    source, sent = source_of(row, reader), at(row.sent_at_ms, row, reader)
    said = [reader.say(N_("Sent by %(source)s: %(moment)s."), source=source, moment=sent)]
    if row.own_end_at_ms is not None and len({one.own_end_at_ms for one in rows}) == 1:
        end = at(row.own_end_at_ms, row, reader)
        said.append(reader.say(N_("It ends by itself unless the issuer prolongs it: %(moment)s."), moment=end))
    return said


def announced(row: OfficialWarning, reader: Reader) -> list[str]:
    """Return for when it is announced; empty if it has begun."""
    when = beginning(row, reader.language, is_kept=True)
    return [reader.say(N_("It is announced %(when)s."), when=when)] if when else []


def since_of(row: OfficialWarning, reader: Reader) -> list[str]:
    """Return since when it is in force, or for when it is announced."""
    since = at(row.mark().first_sent_at_ms, row, reader)
    return announced(row, reader) or [reader.say(N_("In force since %(moment)s."), moment=since)]


def advice_on(row: OfficialWarning, reader: Reader) -> list[str]:
    """Return what to do, for floods only, and the emergency number of the place where life is in danger."""
    words = plain_words_of(row, reader.language, is_kept=True)
    if not words.what_to_do:
        return [reader.say(N_("This is about something else than flooding: read the issuer's own words."))]
    number = _emergency_number(row) if words.standing in GRAVE else ""
    return [
        words.what_to_do,
        *([reader.say(N_("Emergency number there: %(number)s."), number=number)] if number else []),
    ]


def _emergency_number(row: OfficialWarning) -> str:
    if not (box := box_of(row.box)):
        return ""
    west, east = box.spans()[0]
    return emergency_number_at(lat=(box.south + box.north) / 2, lon=(west + east) / 2)


def end_of(row: OfficialWarning, reader: Reader, *, unheard_since_ms: int | None) -> list[str]:
    """Return why and when it ended. `unheard_since_ms`: its source has been silent since then."""
    over_ms = row.mark().over_at_ms or clock.now_ms()
    reason = _ENDS.get(ended_reason(row) or "", _ENDED)
    source = source_of(row, reader)
    said = [reader.say(reason, source=source, moment=at(over_ms, row, reader))]
    if unheard_since_ms is not None:
        said.append(reader.say(_UNHEARD, source=source, moment=at(unheard_since_ms, row, reader)))
    return said


def text_for(row: OfficialWarning, language: str) -> dict[str, str]:
    """Return the issuer's text in a language, else its first one."""
    matching = (text for text in row.words if text.get("language", "").partition("-")[0].lower() == language)
    return next(matching, row.words[0] if row.words else {})


def quote_of(row: OfficialWarning, reader: Reader) -> Quote | None:
    """Return the issuer's words, cleaned and cut; None without any."""
    text = text_for(row, reader.language)
    headline, *others = (cleaned(text.get(name, "")) for name in ("headline", "description", "instruction"))
    names = {one_line(name) for _, name in row.named_areas}
    shown = [headline] if headline and one_line(headline) not in names and headline not in others[0] else []
    words = [_cut(words) for words in (*shown, *others) if words]
    if not words:
        return None
    of = reader.say(N_("In the words of %(source)s:"), source=source_of(row, reader))
    return Quote(of, tuple(words), text.get("language", ""))


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_QUOTE else f"{text[:_LONGEST_QUOTE].rstrip()} […]"


def link_of(row: OfficialWarning, reader: Reader) -> Link:
    """Return the way to our page of a warning."""
    return Link(reader.say(N_("See what holds now")), link_to(f"/warnings/{row.id}"))


def issuers_page(row: OfficialWarning, reader: Reader) -> tuple[Link, ...]:
    """Return the way to the issuer itself; empty if it has no page."""
    site = source_status.website_of(row.source)
    return (Link(reader.say(N_("The issuer's own page")), site),) if site else ()


def rank_order(row: OfficialWarning) -> tuple[int, str]:
    """Return the place of a warning in a list, the gravest first, then by the names of areas."""
    return list(Standing).index(standing_of(row)), row.areas
