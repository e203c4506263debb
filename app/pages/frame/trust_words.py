"""Words for what others say about a report: votes, its condition, flags, confidence, decisions of responders.

The one table of each, for all pages.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from app.core.translations import N_
from app.pages.frame import wording
from app.pages.frame.language import chosen, gettext, ngettext
from app.reports.entry import Condition, Confidence, Status
from app.reports.judged import Decision
from app.review.confidence import TEXTS, reason_texts
from app.review.decision_words import DECISION_REASONS
from app.situation.report_words import CONDITIONS

CONDITION_SENTENCES = {
    Condition.MAY_BE_OVER: N_("It may be over: several people say that the water has gone."),
    Condition.RECEDED: N_("The water is said to have gone."),
}
DISPUTED = N_("Disputed")
DISPUTED_SENTENCE = N_(
    "Several people doubt this report; its words are hidden until a responder has looked at it. Place, depth and time "
    "are as they were reported."
)
CONFIDENCES = {
    Confidence.LOW: N_("Little supports it yet"),
    Confidence.LIKELY: N_("Likely"),
    Confidence.HIGH: N_("Well supported"),
}
FLAG_REASONS = {
    "not_flooding": N_("There is no flooding there"),
    "wrong_place": N_("It is in another place"),
    "offensive": N_("Its words are offensive"),
    "personal_data": N_("It tells something private of a person"),
    "duplicate": N_("Another report is about the same flood"),
    "other": N_("Something else"),
}
# Acts of responders on a report, as the audit names them.
ACTS = {
    "report.verified": N_("Verified"),
    "report.rejected": N_("Removed"),
    "report.merged": N_("Joined to another report"),
    "report.undone": N_("Decision undone"),
    "report.corrected": N_("Corrected"),
}
PHOTO_ACTS = {
    "photo.shown": N_("Photo shown"),
    "photo.hidden": N_("Photo hidden"),
    "photo.added": N_("Photo added"),
    "photo.blurred": N_("Photo blurred in part"),
    "photo.described": N_("Photo described"),
    "photo.removed": N_("Photo removed"),
}
TOLD_TO_STAFF = ACTS | PHOTO_ACTS
REMOVED = N_("This report was removed")


def condition(word: str) -> str:
    """Return the tag of a condition; "" for one that says nothing new."""
    return gettext(CONDITIONS[Condition(word)]) if word in CONDITIONS else ""


def condition_sentence(word: str) -> str:
    """Return a sentence on the condition; "" for a report that is flooded."""
    return gettext(CONDITION_SENTENCES[Condition(word)]) if word in CONDITION_SENTENCES else ""


def confidence(word: str) -> str:
    """Return how well a report is supported; a word of a later release counts as the least."""
    return gettext(CONFIDENCES.get(Confidence(word) if word in CONFIDENCES else Confidence.LOW, ""))


def reasons(codes: Iterable[Sequence[Any]]) -> list[str]:
    """Return the reasons of a confidence in words, without those of a later release.

    `codes`: pairs of a code and its weight in tenths.
    """
    return [str(reason["text"]) for reason in reason_texts((one for one in codes if one[0] in TEXTS), chosen())]


def is_firm(status: str, level: str) -> bool:
    """Return whether a report is drawn filled: a responder has checked it, or facts that no stranger can make do."""
    return status == Status.VERIFIED or level in (Confidence.LIKELY, Confidence.HIGH)


def tags(*, status: str, level: str, condition_word: str, is_disputed: bool) -> list[str]:
    """Return what a list or a map says of a report besides its severity, the most important first."""
    words = [condition(condition_word), gettext(DISPUTED) if is_disputed else ""]
    if status == Status.VERIFIED:
        words.append(wording.status(status))
    elif is_firm(status, level):
        words.append(confidence(level))
    return [word for word in words if word]


def counts(flooded: int, receded: int) -> str:
    """Return the votes as a sentence: `4 say it is still flooded, 1 says the water has gone.`"""
    yes = ngettext("%(num)s says it is still flooded", "%(num)s say it is still flooded", flooded)
    no = ngettext("%(num)s says the water has gone", "%(num)s say the water has gone", receded)
    if flooded and receded:
        return gettext("%(yes)s, %(no)s.", yes=yes, no=no)
    return f"{yes if flooded else no}." if flooded or receded else gettext("There is no answer yet.")


def decision(verdict: Decision | None) -> str:
    """Return the reason of a decision as a sentence; "" without one."""
    if verdict is None or verdict.reason not in DECISION_REASONS:
        return ""
    return gettext(DECISION_REASONS[verdict.reason])


def act(action: str, reason: str | None) -> tuple[str, str]:
    """Return an act of responders and its reason in words; "" without one. Undoing has the reason of what it undoes."""
    is_told = reason in DECISION_REASONS and action != "report.undone"
    return gettext(TOLD_TO_STAFF[action]), gettext(DECISION_REASONS[str(reason)]) if is_told else ""
