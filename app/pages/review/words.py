"""Words of the page of responders: states of the queue, reasons of urgency, choices of a decision."""

from app.core.translations import N_
from app.review import decision_words
from app.review.urgency import State

STATES = {
    "all": N_("All that waits"),
    State.WAITING: N_("Not yet checked"),
    State.DISPUTED: N_("Flagged"),
    State.MAY_BE_OVER: N_("May be over"),
}
PRIORITIES = {
    "severity": N_("by how bad it is"),
    "people": N_("several people say so"),
    "warning": N_("an official warning holds there"),
    "flags": N_("flagged"),
    "disputed": N_("flagged by several people"),
    "block": N_("its sender was blocked"),
}
REPORTERS = {
    "account": N_("Filed with an account"),
    "anonymous": N_("Filed without an account"),
    "partner": N_("Sent by an organisation with its key, or imported from a file"),
}
# Results of a form; the URL holds one of these words, never a sentence.
NOTES = {
    "changed": N_("Nothing was stored: the report has changed meanwhile. This is how it stands now."),
    "held": N_("Nothing was stored: another responder is looking at this report."),
    "gone": N_("Nothing was stored: the report is not there any more, or lies outside your areas."),
    "over": N_("Nothing was stored: the report takes no such decision any more."),
    "wrong": N_("Nothing was stored: a value is missing or wrong."),
    "ended": N_("The report is ended: it is not shown as current any more."),
}
STORED = ("ended",)  # of these words, those that say what was stored
DECISION_REASONS = decision_words.DECISION_REASONS
