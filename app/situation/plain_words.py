"""Plain words for a warning: how grave it is now and what to do, beside the issuer's own words.

The API, the pages, their titles and previews all say what `plain` says. Our rank and advice are for floods alone.
"""

import json
from enum import StrEnum
from typing import NamedTuple

from app.core import clock, moments
from app.core.translations import N_, SOURCE, translated
from app.warnings.marks import FLOOD
from app.warnings.models import OfficialWarning
from app.warnings.zones import zone_of


class Standing(StrEnum):
    """What a warning is to people now; in this order, the gravest first, they are listed."""

    EXTREME = "extreme"
    SEVERE = "severe"
    MODERATE = "moderate"
    MINOR = "minor"
    UNKNOWN = "unknown"
    PAST = "past"  # in force, of a danger that is past as its issuer says
    LATER = "later"  # it has not begun
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
# By the words of app.warnings.sources.message, which the web function does not load.
REASONS = {
    "cancelled": N_("cancelled by the issuer"),
    "all_clear": N_("the issuer has given the all-clear"),
    "expired": N_("its time has passed"),
    "replaced": N_("replaced by another message"),
    "no_longer_listed": N_("the issuer no longer lists it"),
}
OTHER = "other"
HAZARDS = (FLOOD, OTHER)
# CAP 1.2, 3.2.2: "possible" is at most as likely as not. A watch of the US National Weather Service says so.
NOT_LIKELY = ("possible", "unlikely")
GRAVE = (Standing.EXTREME, Standing.SEVERE)  # the gravest first
# What holds now, of floods; what begins later, is about something else or is over is told apart.
NOW = (*GRAVE, Standing.MODERATE, Standing.MINOR, Standing.UNKNOWN, Standing.PAST)


class Plain(NamedTuple):
    """A warning in plain words of one language."""

    standing: Standing
    rank: str
    what_to_do: str | None  # only of floods
    language: str


def plain(row: OfficialWarning, language: str = SOURCE) -> Plain:
    """The rank and what to do. What begins later says so in its rank, what is over says why."""
    standing = standing_of(row)
    rank = translated(RANKS[_severity(row) if standing is Standing.LATER else standing], language)
    if standing is Standing.LATER:
        rank = translated(N_("%(when)s: %(rank)s"), language, when=beginning(row, language), rank=rank)
    reason = ended_reason(row)
    if reason:
        rank = translated(N_("%(over)s: %(reason)s"), language, over=rank, reason=translated(REASONS[reason], language))
    elif _is_test(row):
        rank = translated(N_("test: %(rank)s"), language, rank=rank)
    advice = translated(WHAT_TO_DO[standing], language) if hazard_of(row) == FLOOD else None
    return Plain(standing, rank, advice, language)


def standing_of(row: OfficialWarning) -> Standing:
    """What it is now. What is only possible is a reason to prepare, however grave it would be."""
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
    """Is it in force, of something that has not begun?"""
    now_ms = clock.now_ms()
    return row.onset is not None and row.onset > now_ms and row.mark().is_in_force(now_ms)


def beginning(row: OfficialWarning, language: str) -> str:
    """`from 18:00 tomorrow (GMT)`, by the clocks of the place; empty where it has begun."""
    if row.onset is None or not begins_later(row):
        return ""
    return moments.beginning(int(row.onset), zone=zone_of(row), language=language)


def hazard_of(row: OfficialWarning) -> str:
    """`flood` or `other`; what was stored before that was asked is a flood."""
    return FLOOD if row.hazard in (None, FLOOD) else OTHER


def ended_reason(row: OfficialWarning) -> str | None:
    """Why it is over; None while it is in force, and where nobody knows."""
    why = row.mark().why_over(clock.now_ms())
    return why if why in REASONS else None


def _is_test(row: OfficialWarning) -> bool:
    """Does its sender call it a test? It is believed in both: the readers put that word first in the headline."""
    from app.warnings.sources.drills import (
        is_drill,
    )  # here, because a start without warnings needs none of the messages
    from app.warnings.sources.message import Text

    return any(is_drill(Text("", "", text.get("headline", ""))) for text in json.loads(row.texts))
