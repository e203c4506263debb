"""Read what is newer than the tile documents, beside them, so that no list waits for the stream's consumer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

from app.core import clock, dynamodb
from app.reports.entry import NEWER_THAN_ALL, Entry, sort_key
from app.reports.index import completeness
from app.reports.index.keys import IndexPage, change_shards, day_shards
from app.reports.index.merge import Budget, ReadShardPage, units_of
from app.reports.index.models import ROOT, Document, TileDocument
from app.reports.models import Report

# Entries for each index: half a unit if it is unknown how current the documents are, else all newer ones.
LIMIT_WITHOUT_ROOT = 12
LIMIT = 100
REMAINING_LIMIT = 500
MOST_DAYS = 3
# Calls of a round that count, at most: those of a quiet day. A day with very many changes has more partitions, all read
# in the same round; if each counted, none would be left for the cells near a place on the day of a flood.
COUNTED_CALLS = 4
ROOT_CACHED_MS = 2000


@dataclass
class _RootCache:
    """The root document as this process last read it; the documents are at least as current (ms) as it says."""

    root: Document | None = None
    read_at_ms: int = 0

    def fresh_root(self, now_ms: int) -> Document | None:
        """Return the root if it was read recently enough, else None."""
        return self.root if 0 <= now_ms - self.read_at_ms < ROOT_CACHED_MS else None


root_cache = _RootCache()


class Shard(NamedTuple):
    """A partition of a day, and the query that reads it."""

    read: ReadShardPage
    key: str


def shards_of_day(day: str) -> list[Shard]:
    """List all partitions with reports made or changed on a day."""
    shards_made = [Shard(Report.newest_in_shard, key) for key in day_shards(day)]
    return shards_made + [Shard(Report.newest_changes, key) for key in change_shards(day)]


class FirstRound(NamedTuple):
    """Answers of one round: documents by tile, the root, and a page of each partition of today above `lower_key`."""

    documents: dict[str, Document]
    root: Document | None
    shards: list[Shard]
    recent_pages: list[IndexPage]
    lower_key: str


class Current(NamedTuple):
    """Documents by tile, the root, and every entry that is newer than they are."""

    documents: dict[str, Document]
    root: Document
    newer: list[Entry]


def read(keys: Sequence[str], now_ms: int, budget: Budget) -> Current | None:
    """Read the documents of some tiles with what is newer; None if that is too much or too old to be read.

    None too while the documents are known to be incomplete.
    """
    if completeness.is_incomplete(completeness.TILES):
        return None
    first_round = _read_with_recent_writes(keys, now_ms, budget)
    low_watermark_ms = first_round.root.changes_low_watermark_ms() if first_round.root else 0
    if now_ms - low_watermark_ms > MOST_DAYS * clock.DAY_MS:
        return None
    remaining_reads = _remaining_reads(first_round, low_watermark_ms=low_watermark_ms, now_ms=now_ms)
    remaining_pages = dynamodb.in_one_round(remaining_reads) if remaining_reads else []
    if remaining_pages:
        budget.spend(units=_units(remaining_pages), calls=min(len(remaining_pages), COUNTED_CALLS))
    if first_round.root is None or any(page.last_key for page in remaining_pages):
        return None
    newer = [entry for page in (*first_round.recent_pages, *remaining_pages) for entry in page.entries]
    return Current(first_round.documents, first_round.root, newer)


def _read_with_recent_writes(keys: Sequence[str], now_ms: int, budget: Budget) -> FirstRound:
    """Read in one round the documents of some tiles, the root, and today's newest entries and changes."""
    low_watermark_ms = root_cache.root.changes_low_watermark_ms() if root_cache.root else 0
    lower_key, limit = (
        (sort_key(low_watermark_ms), LIMIT)
        if low_watermark_ms >= clock.midnight_before(now_ms)
        else ("", LIMIT_WITHOUT_ROOT)
    )
    root = root_cache.fresh_root(now_ms)
    document_keys = {*keys} if root else {*keys, ROOT}
    calls: list[Callable[[], Any]] = [partial(TileDocument.read, document_keys)]
    shards = shards_of_day(clock.day_of(now_ms))
    calls += [partial(shard.read, shard.key, before=NEWER_THAN_ALL, after=lower_key, limit=limit) for shard in shards]
    documents, *recent_pages = dynamodb.in_one_round(calls)
    budget.spend(units=len(document_keys) / 2 + _units(recent_pages), calls=min(len(calls), COUNTED_CALLS))
    if ROOT in documents:
        root, root_cache.root, root_cache.read_at_ms = documents[ROOT], documents[ROOT], now_ms
    return FirstRound(documents, root, shards, recent_pages, lower_key)


def _units(pages: Sequence[IndexPage]) -> float:
    return sum(units_of(page.entries) for page in pages)


def _remaining_reads(first_round: FirstRound, *, low_watermark_ms: int, now_ms: int) -> list[Callable[[], IndexPage]]:
    """Return the reads still needed to know all writes since `as_of`."""
    _, *earlier_days = clock.days_between(low_watermark_ms, now_ms)
    lower_key = sort_key(low_watermark_ms)
    calls: list[Callable[[], IndexPage]] = []
    for shard, page in zip(first_round.shards, first_round.recent_pages, strict=True):
        upper_key = page.last_key or first_round.lower_key
        if upper_key > lower_key:
            calls.append(partial(shard.read, shard.key, before=upper_key, after=lower_key, limit=REMAINING_LIMIT))
    for day in earlier_days:
        for shard in shards_of_day(day):
            calls.append(partial(shard.read, shard.key, before=NEWER_THAN_ALL, after=lower_key, limit=REMAINING_LIMIT))
    return calls
