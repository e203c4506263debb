"""The sentence of pages that found no report: "none" only of a place that was looked through as a whole."""

from app.pages.frame.language import gettext as _


def words(*, is_read: bool, has_more: bool, is_partial: bool) -> str:
    """Return the sentence. `has_more`: some reports were left out; `is_partial`: the place goes beyond the circle."""
    if not is_read:
        return _("Reports of flooding cannot be read at the moment.")
    if has_more:
        return _("Not all reports of flooding could be looked through.")
    if is_partial:
        return _("No report of flooding is known there, but your own place may lie farther out.")
    return _("No reports of flooding at the moment.")
