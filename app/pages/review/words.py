"""Words of the page of responders: states of the queue, reasons of urgency, choices of a decision."""

from app.core.translations import N_
from app.review import decision_words
from app.review.urgency import State

STATES = {
    "all": N_("All that waits"),
    State.WAITING: N_("Not yet checked"),
    State.DISPUTED: N_("Flagged"),
    State.MAY_BE_OVER: N_("May be over"),
    State.PHOTOS: N_("New photos"),
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
    "photo_decided": N_(
        "Nothing was stored: another responder has decided about this photo. This is how it stands now."
    ),
    "photo_gone": N_("Nothing was stored: the photo is not there any more, or lies outside your areas."),
    "photo_shown": N_("The photo is shown: everybody sees it within a minute, as long as the report is shown."),
    "photo_hidden": N_("The photo is hidden: within a minute no one else sees it any more."),
    "photo_blurred": N_("The places are being blurred. Everybody sees the photo when that is done."),
    "photo_blurred_first": N_("The places are being blurred. No one else sees the photo until you show it."),
    "photo_described": N_("What can be seen in the photo is stored."),
    "photo_removed": N_("The photo is removed for good."),
    "ended": N_("The report is ended: it is not shown as current any more."),
}
_OF_PHOTOS = [f"photo_{act}" for act in ("shown", "hidden", "blurred", "blurred_first", "described", "removed")]
STORED = ("ended", *_OF_PHOTOS)  # of these words, those that say what was stored
DECISION_REASONS = decision_words.DECISION_REASONS
