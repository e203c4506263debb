"""Titles of official warnings for pages, feeds and letters alike: the source, the areas, the rank with its place."""

from collections.abc import Sequence

from app.core.translations import N_, SOURCE, ngettext, translated
from app.situation.plain_words import PlainWords, Standing
from app.warnings.sources.registry import kind_of


def source_name(source: str, language: str = SOURCE) -> str:
    """Return the name of a source for people; a CAP feed has its own name."""
    title = kind_of(source).title
    return translated(title, language) if title else source.removeprefix("cap:")


def in_short(names: Sequence[str], language: str) -> str:
    """Return some areas by the name of the first: `River Avon at Bath and 2 more areas`."""
    first, more = names[0], len(names) - 1
    if not more:
        return first
    return ngettext(
        "%(area)s and %(num)s more area", "%(area)s and %(num)s more areas", more, language=language, area=first
    )


def ranked(words: PlainWords, area: str) -> str:
    """Return an area with its rank: `River Avon at Bath: act now`; of what begins later, with the moment."""
    joined = N_("%(area)s, %(rank)s") if words.standing is Standing.LATER else N_("%(area)s: %(rank)s")
    return translated(joined, words.language, area=area, rank=words.rank)
