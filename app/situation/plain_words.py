"""Say in plain words how grave a warning is now and what to do, beside the issuer's own words.

The API, the pages, their titles and previews all use `plain_words_of`. Our rank and advice are for floods only.
"""

from enum import StrEnum
from typing import NamedTuple

from app.core import clock, moments
from app.core.translations import N_, SOURCE, translated
from app.warnings.marks import FLOOD
from app.warnings.models import OfficialWarning
from app.warnings.zones import zone_of


class Standing(StrEnum):
    """State of a warning as people need it now. Lists are sorted in this order, the gravest first."""

    EXTREME = "extreme"
    SEVERE = "severe"
    MODERATE = "moderate"
    MINOR = "minor"
    UNKNOWN = "unknown"
    PAST = "past"  # in force, but the issuer says that the danger has passed
    LATER = "later"  # it has not begun yet
    OTHER = "other"  # not about flooding
    OVER = "over"


RANKS = {
    Standing.EXTREME: N_("danger to life"),
    Standing.SEVERE: N_("act now"),
    Standing.MODERATE: N_("be prepared"),
    Standing.MINOR: N_("be aware"),
    Standing.UNKNOWN: N_("not ranked by the issuer"),
    Standing.PAST: N_("past, as the issuer says"),
    Standing.OTHER: N_("other official alert"),
    Standing.OVER: N_("over"),
}
WHAT_TO_DO = {
    Standing.EXTREME: N_(
        "Get yourself and others to safety now: go upstairs or to high ground, and call the emergency services "
        "if anyone is in danger. Do not walk or drive through water."
    ),
    Standing.SEVERE: N_(
        "Flooding is expected. Move people, pets and what you cannot replace upstairs, turn off gas and "
        "electricity if it is safe, and be ready to leave."
    ),
    Standing.MODERATE: N_(
        "Flooding is possible. Keep a charged phone, medicine and warm clothes at hand, and watch the water "
        "and the news."
    ),
    Standing.MINOR: N_("Low-lying ground and roads may flood. Keep away from fast water and plan another way."),
    Standing.UNKNOWN: N_("Read the issuer's own words below, and follow what they advise."),
    Standing.PAST: N_("Water may stay for days: keep away from it, and do as officials say."),
    Standing.LATER: N_(
        "It has not begun yet. Use the time: decide where you will go, move what you cannot replace upstairs, keep a "
        "charged phone and medicine at hand, and follow the issuer's own words."
    ),
    Standing.OVER: N_(
        "This warning no longer holds. Water may stay for days: keep away from it, and do as officials say."
    ),
}
# Keyed by the words of app.warnings.sources.message, which the web function does not load.
REASONS = {
    "cancelled": N_("cancelled by the issuer"),
    "all_clear": N_("the issuer has given the all-clear"),
    "expired": N_("its time has passed"),
    "replaced": N_("replaced by another message"),
    "no_longer_listed": N_("the issuer no longer lists it"),
}
OTHER = "other"
HAZARDS = (FLOOD, OTHER)
# CAP 1.2, 3.2.2: "possible" is at most as likely as not. Watches of the US National Weather Service are "possible".
NOT_LIKELY = ("possible", "unlikely")
GRAVE = (Standing.EXTREME, Standing.SEVERE)  # the gravest first
# Floods that matter now. Warnings that begin later, are over or are about another hazard are shown separately.
NOW = (*GRAVE, Standing.MODERATE, Standing.MINOR, Standing.UNKNOWN, Standing.PAST)


class PlainWords(NamedTuple):
    """A warning in plain words of one language."""

    standing: Standing
    rank: str
    what_to_do: str | None  # for floods only
    language: str


def plain_words_of(row: OfficialWarning, language: str = SOURCE, *, is_kept: bool = False) -> PlainWords:
    """Return the rank and the advice. A later warning's rank says when it begins, an ended warning's rank says why.

    `is_kept`: the words are read later too, so that none such as "tomorrow" may be in them.
    """
    standing = standing_of(row)
    rank = translated(RANKS[_severity(row) if standing is Standing.LATER else standing], language)
    if standing is Standing.LATER:
        rank = translated(N_("%(when)s: %(rank)s"), language, when=beginning(row, language, is_kept=is_kept), rank=rank)
    reason = ended_reason(row)
    if reason:
        rank = translated(N_("%(over)s: %(reason)s"), language, over=rank, reason=translated(REASONS[reason], language))
    elif _is_test(row):
        rank = translated(N_("test: %(rank)s"), language, rank=rank)
    advice = translated(WHAT_TO_DO[standing], language) if hazard_of(row) == FLOOD else None
    return PlainWords(standing, rank, advice, language)


def standing_of(row: OfficialWarning) -> Standing:
    """Return the state of a warning now. A danger that is only possible ranks as "be prepared" at most."""
    if not row.mark().is_in_force(clock.now_ms()):
        return Standing.OVER
    if hazard_of(row) != FLOOD:
        return Standing.OTHER
    if begins_later(row):
        return Standing.LATER
    return Standing.PAST if row.urgency == "past" else _severity(row)


def _severity(row: OfficialWarning) -> Standing:
    severity = Standing(row.severity)
    return Standing.MODERATE if row.certainty in NOT_LIKELY and severity in GRAVE else severity


def begins_later(row: OfficialWarning) -> bool:
    """Return whether a warning is in force for something that has not begun yet."""
    now_ms = clock.now_ms()
    return row.onset_at_ms is not None and row.onset_at_ms > now_ms and row.mark().is_in_force(now_ms)


def beginning(row: OfficialWarning, language: str, *, is_kept: bool = False) -> str:
    """Return `from 18:00 tomorrow (GMT)` in the time zone of the place, or `is_kept` with the date; empty if begun."""
    if row.onset_at_ms is None or not begins_later(row):
        return ""
    return moments.beginning(int(row.onset_at_ms), zone=zone_of(row), language=language, is_kept=is_kept)


def hazard_of(row: OfficialWarning) -> str:
    """Return `flood` or `other`. Rows stored before the hazard was recorded are floods."""
    return FLOOD if row.hazard in (None, FLOOD) else OTHER


def ended_reason(row: OfficialWarning) -> str | None:
    """Return why a warning is over; None while it is in force or if the reason is unknown."""
    why = row.mark().why_over(clock.now_ms())
    return why if why in REASONS else None


def _is_test(row: OfficialWarning) -> bool:
    """Return whether the sender calls it a test. The readers put that word first in the headline."""
    from app.warnings.sources.drills import (
        is_drill,
    )  # imported here because a start without warnings needs no message module
    from app.warnings.sources.message import Text

    return any(is_drill(Text("", "", text.get("headline", ""))) for text in row.words)
