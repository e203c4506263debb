"""Find active reports, gravest first and then newest: one severity after the other, over the same documents.

A document counts its reports by severity, so a severity that is not there costs nothing more.
"""

from typing import NamedTuple

from app.core.severity import Severity
from app.reports.entry import NEWER_THAN_ALL, Entry
from app.reports.index.search import ReportQuery, find_active, first_page_budget, following_page_budget
from app.reports.index.view import View
from app.reports.models import POSITION as NEWEST_POSITION

_WORDS = list(Severity)  # by rank
POSITION = rf"[0-{len(_WORDS) - 1}]@({NEWEST_POSITION})"


class GravestPage(NamedTuple):
    """A page of entries and the position of the next; None at the end.

    `complete_to`: a severity, and the sort key down to which its reports are complete; all graver ones are. None if the
    page is full or the last.
    """

    entries: list[Entry]
    next_key: str | None
    complete_to: tuple[str, str] | None


def find_gravest(query: ReportQuery) -> GravestPage:
    """Find the gravest active reports. `before_key` is a position of this list."""
    rank_text, _, sort = (query.before_key or f"{len(_WORDS) - 1}@{NEWER_THAN_ALL}").partition("@")
    view = View(query.search_area, first_page_budget() if query.before_key is None else following_page_budget())
    entries = list[Entry]()
    for rank in reversed(range(int(rank_text) + 1)):
        word = _WORDS[rank]
        if word in query.severities:
            before = None if sort == NEWER_THAN_ALL else sort
            one = query._replace(severities=frozenset({word}), limit=query.limit - len(entries), before_key=before)
            page = find_active(one, view, reads_on=not entries)
            entries += page.entries
            if page.next_key is not None:
                complete_to = page.complete_to and (str(word), page.complete_to)
                return GravestPage(entries, f"{rank}@{page.next_key}", complete_to or None)
        if len(entries) == query.limit and any(_WORDS[lower] in query.severities for lower in range(rank)):
            return GravestPage(entries, f"{rank - 1}@{NEWER_THAN_ALL}", None)
        sort = NEWER_THAN_ALL
    return GravestPage(entries, None, None)
