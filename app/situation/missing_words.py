"""Sentences about parts of an answer that cannot be read now, or are shown as they were."""

from app.core import missing
from app.core.translations import N_

MISSING = {
    missing.REPORTS: N_("Reports of flooding cannot be read at the moment."),
    missing.NEWEST_REPORTS: N_("The newest reports of flooding cannot be read at the moment."),
    missing.WARNINGS: N_("Official warnings cannot be read at the moment."),
    missing.REPORTS_ACTIVE: N_("How many reports are inside the areas of warnings is not known at the moment."),
    missing.AREAS: N_("Official flood areas cannot be read at the moment."),
    missing.SIGN_INS: N_("Your sign-ins cannot be read at the moment."),
}
UNHEARD = N_("%(source)s has not been heard since %(moment)s.")
NEVER_HEARD = N_("%(source)s has not been heard yet.")
NO_SOURCE = N_("No source of official warnings for this place is connected here: ask your own authority.")
NO_SOURCE_FOR_PART = N_(
    "No source of official warnings is connected here for part of this place: ask your own authority too."
)
SAYS_NOTHING = N_("That something is not listed here does not mean that it is over.")
