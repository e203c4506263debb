"""Plain words for a warning's severity: how grave it is and what to do, beside the issuer's own words."""

from app import clock
from app.warnings.models import OfficialWarning

RANKS = {
    "extreme": "danger to life",
    "severe": "act now",
    "moderate": "be prepared",
    "minor": "be aware",
    "unknown": "not ranked by the issuer",
}
WHAT_TO_DO = {
    "extreme": "Get yourself and others to safety now: go upstairs or to high ground, and call the emergency services "
    "if anyone is in danger. Do not walk or drive through water.",
    "severe": "Flooding is expected. Move people, pets and what you cannot replace upstairs, turn off gas and "
    "electricity if it is safe, and be ready to leave.",
    "moderate": "Flooding is possible. Keep a charged phone, medicine and warm clothes at hand, and watch the water "
    "and the news.",
    "minor": "Low-lying ground and roads may flood. Keep away from fast water and plan another way.",
    "unknown": "Read the issuer's own words below, and follow what they advise.",
}
OVER = "over"
WHAT_TO_DO_AFTER = "This warning no longer holds. Water may stay for days: keep away from it, and do as officials say."


def plain(row: OfficialWarning) -> dict[str, str]:
    """`rank` and `what_to_do`, in English."""
    if not row.mark().is_in_force(clock.now_ms()):
        return {"rank": OVER, "what_to_do": WHAT_TO_DO_AFTER}
    return {"rank": RANKS[row.severity], "what_to_do": WHAT_TO_DO[row.severity]}
