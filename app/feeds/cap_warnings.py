"""An official warning as an alert of our own: the issuer's words and outline, never under the issuer's name."""

import re

from app.core.translations import LANGUAGES, SOURCE, translated
from app.feeds import cap_geometry, ids
from app.feeds.cap_document import MET, OTHER, CapArea, CapDocument, CapInfo
from app.feeds.cap_geometry import MOST_IN_ALL, DrawnOutline
from app.feeds.cap_identifiers import names_of, time_text
from app.situation.plain_words import RANKS, REASONS, Standing, hazard_of
from app.situation.warning_titles import source_name
from app.warnings import published
from app.warnings.marks import FLOOD
from app.warnings.models import OfficialWarning

AREA_SCHEME = "FloodManager area"
EVENT = "Official warning"
UNNAMED_AREA = "An area that the issuer does not name"
UNKNOWN_LANGUAGE = "und"  # RFC 5646: undetermined. Without a language, CAP would take the text for American English
ALL_CLEAR = "all_clear"
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*")
_CANCEL_LASTS_MS = published.SHOWN_MS


def document_of(row: OfficialWarning) -> CapDocument:
    """Return the latest alert about a warning."""
    moments = published.moments_of(row)
    names = names_of(row.id, [(str(at_ms), at_ms) for at_ms in moments])
    issuer, is_over = source_name(row.source), published.is_over(row)
    outline = row.outline()
    drawn = cap_geometry.drawn(outline, most=MOST_IN_ALL // max(len(row.words), 1)) if outline else DrawnOutline()
    area = _area(row, drawn)
    infos = [_ended(row, words, area) if is_over else _info(row, words, area) for words in row.words]
    expires_at_ms = names[-1].sent_at_ms + _CANCEL_LASTS_MS if is_over else _whole(row.own_end_at_ms)
    sender_name, web = f"FloodManager, repeating {issuer}", ids.public_address(f"/warnings/{row.id}")
    infos = [
        info._replace(expires_at_ms=expires_at_ms, sender_name=sender_name, web=web, parameters=_times(row))
        for info in infos
    ]
    return CapDocument(
        names=tuple(names),
        is_cancel=is_over,
        source=issuer,
        note=" ".join([_note(row, issuer), *drawn.notes, *_not_drawn(row)]),
        infos=tuple(infos),
        incidents=_quoted(row.source_id),
    )


def _note(row: OfficialWarning, issuer: str) -> str:
    told = (
        f"FloodManager repeats here what {issuer} has issued as {row.source_id}. This is not the issuer's own message: "
        "sender and identifiers are FloodManager's."
    )
    if not published.is_over(row):
        return told
    return f"{_over(row, SOURCE).capitalize()}. {told}"


def _over(row: OfficialWarning, language: str) -> str:
    """Return that a warning is over, and why if that is known, in our words."""
    over = translated(RANKS[Standing.OVER], language)
    if row.ended_reason not in REASONS:
        return over
    reason = translated(REASONS[row.ended_reason], language)
    return translated("%(over)s: %(reason)s", language, over=over, reason=reason)


def _info(row: OfficialWarning, words: dict[str, str], area: CapArea) -> CapInfo:
    return CapInfo(
        language=language_of(words),
        category=MET if hazard_of(row) == FLOOD else OTHER,
        event=words.get("label") or words.get("headline") or EVENT,
        urgency=row.urgency or "",
        severity=row.severity or "",
        certainty=row.certainty or "",
        onset_at_ms=_whole(row.onset_at_ms),
        headline=headline_of(row, words),
        description=words.get("description", ""),
        instruction=words.get("instruction", ""),
        areas=(area,),
    )


def _ended(row: OfficialWarning, words: dict[str, str], area: CapArea) -> CapInfo:
    """Return what a Cancel says. The issuer's own words of the end are shown; those of the danger are not."""
    info = _info(row, words, area)
    is_of_end = row.urgency == "past"
    return info._replace(
        urgency="past",
        response="AllClear" if row.ended_reason == ALL_CLEAR else "",
        onset_at_ms=None,
        description=info.description if is_of_end else "",
        instruction=info.instruction if is_of_end else "",
    )


def headline_of(row: OfficialWarning, words: dict[str, str]) -> str:
    """Return the issuer's headline in one language; of a warning that is over this is said before it, in our words."""
    headline = words.get("headline") or words.get("label") or EVENT
    if not published.is_over(row):
        return headline
    over = _over(row, our_language(words))
    return f"{over[:1].upper()}{over[1:]}: {headline}"


def our_language(words: dict[str, str]) -> str:
    """Return the language in which our own words stand beside a text: its own if we have it."""
    ours = language_of(words).partition("-")[0].lower()
    return ours if ours in LANGUAGES else SOURCE


def language_of(words: dict[str, str]) -> str:
    """Return the language of a text as the issuer marks it; `und` if it marks none."""
    language = words.get("language", "")
    return language if _LANGUAGE.fullmatch(language) else UNKNOWN_LANGUAGE


def _area(row: OfficialWarning, drawn: DrawnOutline) -> CapArea:
    geocodes = tuple((AREA_SCHEME, code) for code, _ in row.named_areas if code)
    return CapArea(area_names(row), drawn.polygons, geocodes=geocodes)


def area_names(row: OfficialWarning) -> str:
    """Return the names of a warning's areas."""
    return "; ".join(dict.fromkeys(name for _, name in row.named_areas if name.strip())) or UNNAMED_AREA


def _not_drawn(row: OfficialWarning) -> list[str]:
    return [] if row.shape else [f"It has no outline: {row.geometry_reason or 'the issuer draws none'}."]


def _times(row: OfficialWarning) -> tuple[tuple[str, str], ...]:
    """Return the issuer's own times: `sent`, `onset` and `expires` of our alert may not be earlier than itself."""
    times = {"sent": row.sent_at_ms, "onset": row.onset_at_ms, "ends": row.ends_at_ms, "expires": row.expires_at_ms}
    return tuple((f"issuer_{name}", time_text(int(at_ms))) for name, at_ms in times.items() if at_ms is not None)


def _whole(at_ms: float | None) -> int | None:
    return None if at_ms is None else int(at_ms)


def _quoted(name: str) -> str:
    """Return an identifier as an incident: in quotes if it has blanks, which else part incidents (CAP 1.2, 3.2.1)."""
    whole = " ".join(name.replace('"', " ").split())
    return f'"{whole}"' if " " in whole else whole
