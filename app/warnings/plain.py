"""Plain words for a warning's severity: how grave it is and what to do, beside the issuer's own words."""

from app import clock
from app.warnings.models import OfficialWarning
from app.words import N_

RANKS = {
    "extreme": N_("danger to life"),
    "severe": N_("act now"),
    "moderate": N_("be prepared"),
    "minor": N_("be aware"),
    "unknown": N_("not ranked by the issuer"),
}
WHAT_TO_DO = {
    "extreme": N_(
        "Get yourself and others to safety now: go upstairs or to high ground, and call the emergency services "
        "if anyone is in danger. Do not walk or drive through water."
    ),
    "severe": N_(
        "Flooding is expected. Move people, pets and what you cannot replace upstairs, turn off gas and "
        "electricity if it is safe, and be ready to leave."
    ),
    "moderate": N_(
        "Flooding is possible. Keep a charged phone, medicine and warm clothes at hand, and watch the water "
        "and the news."
    ),
    "minor": N_("Low-lying ground and roads may flood. Keep away from fast water and plan another way."),
    "unknown": N_("Read the issuer's own words below, and follow what they advise."),
}
# CAP 1.2, 3.2.2: "possible" is at most as likely as not. A watch of the US National Weather Service says so.
NOT_LIKELY = ("possible", "unlikely")
GRAVE = ("extreme", "severe")  # the gravest first
OVER = N_("over")
WHAT_TO_DO_AFTER = N_(
    "This warning no longer holds. Water may stay for days: keep away from it, and do as officials say."
)


def plain(row: OfficialWarning) -> dict[str, str]:
    """`rank` and `what_to_do`, in English. What is only possible is a reason to prepare, however grave it would be."""
    if not row.mark().is_in_force(clock.now_ms()):
        return {"rank": OVER, "what_to_do": WHAT_TO_DO_AFTER}
    severity = row.severity
    if row.certainty in NOT_LIKELY and severity in GRAVE:
        severity = "moderate"
    return {"rank": RANKS[severity], "what_to_do": WHAT_TO_DO[severity]}
