"""How far what is known of official warnings reaches: "none" may be said only of a place that is watched wholly."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from app.geo.box_circle import Circle
from app.pages.frame.language import gettext as _
from app.situation import sources as source_list
from app.warnings.sources.coverage import Reach


class Knowledge(NamedTuple):
    """How much of a place is watched; which that watch it are silent; how many warnings nobody can place."""

    reach: Reach
    silent: Sequence[dict[str, Any]]
    unplaced: int
    is_somewhere: bool  # a place was chosen

    @property
    def is_covered(self) -> bool:
        """Does any source watch any of it?"""
        return self.reach is not Reach.NONE

    @property
    def is_whole(self) -> bool:
        """May one say that there are no warnings here?"""
        return self.reach is Reach.ALL and not self.silent and not self.unplaced

    def words(self, *, has_others: bool) -> str:
        """What may be said where no warning is known to hold now; `has_others`: some begin later or are no floods."""
        if doubt := self._doubt():
            return doubt
        if has_others:
            return _("No official flood warning holds now.")
        if not self.is_somewhere:
            return _("No official warnings by the issuers that are connected here.")
        return _("No official warning is in force here.")

    def _doubt(self) -> str:
        """Why one may not say that there are none; empty where one may."""
        if not self.is_covered:
            return _("No source of official warnings for this place is connected here: ask your own authority.")
        if self.silent:
            return _("Whether there are official warnings is not known at the moment.")
        if self.reach is Reach.PART:
            return _(
                "No official warning is known, but for part of this place no source is connected here: "
                "ask your own authority too."
            )
        return _("No official warning is known here, but not all of them could be placed.") if self.unplaced else ""


def of(sources: Sequence[dict[str, Any]], circle: Circle | None, *, undrawn: int = 0) -> Knowledge:
    """What is known of a circle, or of all that the sources cover."""
    watching = source_list.watching(sources)
    if circle:
        watching = [(one, fact) for one, fact in watching if source_list.reach([one], circle) is not Reach.NONE]
        reach = source_list.reach([one for one, _ in watching], circle)
    else:
        reach = Reach.ALL if watching else Reach.NONE
    silent = [fact for _, fact in watching if fact["stale"]]
    return Knowledge(reach, silent, undrawn if circle else 0, circle is not None)
