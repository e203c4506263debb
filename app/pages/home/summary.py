"""Summary of warnings in force anywhere, in neutral words: each line names its place, or readers take it for theirs.

And of reports from connections that sent very many.
"""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from app.pages.frame import wording
from app.pages.frame.language import chosen, ngettext
from app.pages.frame.regions import region_of
from app.reports.entry import Entry
from app.situation.plain_words import NOW, Standing, plain_words_of
from app.warnings.models import OfficialWarning

MOST_LINES = 6


class Summary(NamedTuple):
    """The gravest lines, and the number of areas in the others."""

    lines: list[str]
    others: int


def of(rows: Iterable[OfficialWarning]) -> Summary:
    """Build a line for each rank in each region, the gravest first, then the one with most areas."""
    areas = Counter[tuple[Standing, str, str]]()
    for row in rows:
        words = plain_words_of(row, chosen())
        if words.standing in NOW:
            areas[words.standing, words.rank, region_of(row)] += 1
    order = sorted(areas, key=lambda key: (NOW.index(key[0]), -areas[key], key[2]))
    shown_lines, rest = order[:MOST_LINES], order[MOST_LINES:]
    return Summary([_line(key[1], key[2], areas[key]) for key in shown_lines], sum(areas[key] for key in rest))


def _line(rank: str, region: str, number: int) -> str:
    return ngettext(
        "%(count)s area in %(region)s: %(rank)s",
        "%(count)s areas in %(region)s: %(rank)s",
        number,
        count=wording.number(number),
        region=region,
        rank=rank,
    )


def about_connections(entries: Iterable[Entry], *, has_more: bool) -> str:
    """Return how many reports are shown together by where they came from; "" for none."""
    marked = sum(entry.is_one_of_many for entry in entries)
    if not marked:
        return ""
    return ngettext(
        "%(count)s of them is from a connection or account whose reports are shown together.",
        "%(count)s of them are from connections or accounts whose reports are shown together.",
        marked,
        count=f"{wording.number(marked)}{'+' if has_more else ''}",
    )
