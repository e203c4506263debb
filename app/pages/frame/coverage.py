"""Coverage of a place by sources of warnings: "none" may be said only of a place that is covered completely."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from app.geo.box_circle import Circle
from app.pages.frame.language import gettext as _
from app.situation import missing_words, source_facts
from app.warnings.sources.coverage import Reach


class Knowledge(NamedTuple):
    """Coverage of a place, the silent sources among those that cover it, and the number of warnings without a place."""

    reach: Reach
    silent: Sequence[dict[str, Any]]
    unplaced: int
    is_somewhere: bool  # a place was chosen
    is_partial: bool = False  # the intended place may be outside the searched area

    @property
    def is_covered(self) -> bool:
        """Return whether any source covers any part of it."""
        return self.reach is not Reach.NONE

    @property
    def is_whole(self) -> bool:
        """Return whether the absence of warnings may be stated."""
        return self.reach is Reach.ALL and not (self.silent or self.unplaced or self.is_partial)

    def words(self, *, has_others: bool) -> str:
        """Return the sentence for no known warning in force; `has_others`: some begin later or are not about floods."""
        if doubt := self._doubt():
            return doubt
        if has_others:
            return _("No official flood warning holds now.")
        if not self.is_somewhere:
            return _("No official warnings by the issuers that are connected here.")
        return _("No official warning is in force here.")

    def _doubt(self) -> str:
        """Return why the absence of warnings may not be stated; "" if it may."""
        if not self.is_covered:
            return _(missing_words.NO_SOURCE)
        if self.silent:
            return _("Whether there are official warnings is not known at the moment.")
        if self.reach is Reach.PART:
            return _(
                "No official warning is known, but no source is connected here for part of this place: "
                "ask your own authority too."
            )
        if self.unplaced:
            return _("No official warning is known here, but not all of them could be placed.")
        return (
            _("No official warning is known there, but your own place may lie farther out.") if self.is_partial else ""
        )


def of(
    sources: Sequence[dict[str, Any]], circle: Circle | None, *, undrawn: int = 0, is_partial: bool = False
) -> Knowledge:
    """Determine the coverage of a circle, or of everything that the sources cover."""
    watching = source_facts.sources_with_coverage(sources)
    if circle:
        watching = [
            (source, fact) for source, fact in watching if source_facts.reach([source], circle) is not Reach.NONE
        ]
        reach = source_facts.reach([source for source, _ in watching], circle)
    else:
        reach = Reach.ALL if watching else Reach.NONE
    silent = [fact for _, fact in watching if fact["stale"]]
    return Knowledge(reach, silent, undrawn if circle else 0, circle is not None, is_partial)
