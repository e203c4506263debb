"""Words for decisions of responders, the one table for pages and messages."""

from app.core.translations import N_

# Reasons of decisions, by their codes.
DECISION_REASONS = {
    "seen_by_staff": N_("Staff have seen it on the spot."),
    "photo": N_("A photo shows it."),
    "corroborated": N_("Other reports and facts agree with it."),
    "trusted_source": N_("It comes from a source that responders trust."),
    "not_flooding": N_("There is no flooding there."),
    "wrong_place": N_("It is not in that place."),
    "offensive": N_("Its words are offensive."),
    "personal_data": N_("It tells something private of a person."),
    "test": N_("It was a test."),
    "spam": N_("It is not about flooding."),
    "same_flood": N_("Another report is about the same flood."),
}
