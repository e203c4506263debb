"""Entries that say which part of a feed is away: without them its silence would be read as the end of a flood."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from app.core import clock, missing, moments
from app.core.translations import translated
from app.feeds import ids
from app.feeds.items import Category, FeedItem, midnight
from app.geo.box_circle import SearchArea
from app.situation import missing_words, source_facts, warning_titles
from app.warnings.sources.coverage import Reach

MISSING = "missing"
_ZONE = "UTC"


def notices(parts: Iterable[str], sources: Iterable[Mapping[str, Any]], *, page: str, language: str) -> list[FeedItem]:
    """Return an entry for each part or source that is away, named as in the member `missing` of lists."""
    heard = {str(source["name"]): source["fetched_at"] for source in sources}
    return [_notice(part, heard, page, language) for part in parts if part in heard or part in missing_words.MISSING]


def uncovered(
    sources: Sequence[dict[str, Any]], search_area: SearchArea, *, page: str, language: str
) -> list[FeedItem]:
    """Return an entry that says where no source speaks: an empty feed of such a place would read as "no warnings"."""
    read = [source for source, _ in source_facts.sources_with_coverage(sources)]
    reach = source_facts.reach(read, search_area)
    if reach is Reach.ALL:
        return []
    said = missing_words.NO_SOURCE if reach is Reach.NONE else missing_words.NO_SOURCE_FOR_PART
    return [_entry(f"coverage-{reach}", translated(said, language), midnight(), page)]


def _entry(name: str, title: str, at: str, page: str, text: str = "") -> FeedItem:
    return FeedItem(
        id=ids.tag("notices", name),
        title=title,
        text="\n".join(filter(None, (title, text))),
        page=page,
        published_at=at,
        updated_at=at,
        categories=(Category("state", MISSING, title),),
    )


def _notice(part: str, heard: Mapping[str, str | None], page: str, language: str) -> FeedItem:
    as_of_ms = missing.parts().get(part)
    at = heard.get(part) or (clock.rfc3339(as_of_ms) if as_of_ms else midnight())
    title = _source_title(part, heard[part], language) if part in heard else _part_title(part, language)
    return _entry(part, title, at, page, translated(missing_words.SAYS_NOTHING, language))


def _part_title(part: str, language: str) -> str:
    return translated(missing_words.MISSING[part], language)


def _source_title(name: str, fetched_at: str | None, language: str) -> str:
    source = warning_titles.source_name(name, language)
    if fetched_at is None:
        return translated(missing_words.NEVER_HEARD, language, source=source)
    at_ms = clock.to_ms(datetime.fromisoformat(fetched_at))
    moment = moments.moment(at_ms, zone=_ZONE, language=language)
    return translated(missing_words.UNHEARD, language, source=source, moment=moment)
