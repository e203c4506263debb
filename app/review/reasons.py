"""Say the reasons of a confidence in words, in each language of the pages."""

from collections.abc import Iterable, Sequence
from typing import Any

from app.core.translations import N_, SOURCE, translated
from app.review.confidence import REJECTED, SEEN_BY_STAFF, VERIFIED

TEXTS = {
    "trusted_account": N_("Its reporter has an account whose reports were confirmed before."),
    "partner_key": N_("It comes from an organisation that works with this service."),
    "photo_shown": N_("A responder has looked at its photo and shows it."),
    "imported": N_("Those who run this service have taken it over from another collection."),
    "in_warning": N_("It lies inside an official flood warning in force."),
    "neighbours": N_("Other people have reported flooding close by at about the same time."),
    "votes": N_("Other people say that it is flooded there."),
    "depth_fits": N_("Its depth fits how severe it is said to be."),
    "depth_contradicts": N_("Its depth does not fit how severe it is said to be."),
    "filed_late": N_("It was sent hours after the flooding was seen."),
    "filed_far_away": N_("It was sent from far away."),
    "flags": N_("Other people have flagged it as wrong."),
    "disputed": N_("Several people on different networks have flagged it."),
    VERIFIED: N_("A responder has checked it."),
    SEEN_BY_STAFF: N_("A responder has seen it with their own eyes."),
    REJECTED: N_("A responder has looked at it and does not confirm it."),
}


def reason_texts(reasons: Iterable[Sequence[Any]], language: str = SOURCE) -> list[dict[str, Any]]:
    """Return the reasons of a confidence with their texts; a code of a later release stands for its own text."""
    return [
        {"code": code, "weight": tenths / 10, "text": translated(TEXTS.get(code, str(code)), language)}
        for code, tenths in reasons
    ]
