"""Cut sorted names into blocks; build the directory, suggestions for short prefixes, and words by letter and length."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from app.gazetteer import blocks
from app.gazetteer.blocks import BlockEntry
from app.gazetteer.place import SETTLEMENTS, weight
from app.gazetteer.typed_text import folded
from app.geo.tiles import tile_at
from infra.gazetteer.rows import Row

# Size that fits in half a read unit, together with the key and the attribute names.
MOST_BYTES = 4000
USUAL_ENTRIES = 190
SUGGESTED = 12
# A prefix whose names fill more blocks has precomputed suggestions.
READ_BLOCKS = 2
LONGEST_PREFIX = blocks.LONGEST_PREFIX
# Misspellings are found among all names at home, and elsewhere among places of this size.
SIZE_TO_MISSPELL = 47
_SHORTEST_TO_MISSPELL = 4
FEW_OTHERS = 3
# Limit of a map square; in larger squares, places this small are left out.
SIZE_TO_BE_NEAR = 33


def entries_of(rows: Iterable[Row]) -> list[BlockEntry]:
    """Build an entry for each name of each row, sorted; the larger first for equal names."""
    entries = []
    for row in rows:
        place = row.place()
        keys = {folded(row.name), *(folded(other) for other in row.others)} - {""}
        entries += [BlockEntry(key, place) for key in keys]
    entries.sort(
        key=lambda entry: (entry.key, -entry.place.size, entry.place.name, entry.place.within, entry.place.lat)
    )
    return entries


def pack(rows: Sequence[Row]) -> Iterator[tuple[str, bytes]]:
    """Build all blocks of names."""
    entries = entries_of(rows)
    firsts: list[str] = []
    start, size = 0, USUAL_ENTRIES
    while start < len(entries):
        body = blocks.pack_entries(entries[start : start + size])
        while len(body) > MOST_BYTES and size > 1:
            size = max(1, min(size - 1, size * MOST_BYTES // len(body)))
            body = blocks.pack_entries(entries[start : start + size])
        yield blocks.names_key(len(firsts)), body
        firsts.append(entries[start].key)
        start += size
        size = max(USUAL_ENTRIES, size)
    yield blocks.DIRECTORY, blocks.pack_words(firsts)
    yield from _suggestions(entries, firsts)
    yield from _words(rows)
    yield from _squares(rows)


def _suggestions(entries: Sequence[BlockEntry], firsts: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    by_prefix: dict[str, list[BlockEntry]] = defaultdict(list)
    for entry in entries:
        for end in range(1, min(LONGEST_PREFIX, len(entry.key)) + 1):
            prefix = entry.key[:end]
            spanned = bisect_left(firsts, prefix + "\uffff") - bisect_left(firsts, prefix)
            if spanned < READ_BLOCKS:
                break
            by_prefix[prefix].append(entry)
    for prefix, begun in sorted(by_prefix.items()):
        largest = sorted(begun, key=lambda entry: -weight(entry.place, None))
        kept: dict[tuple[str, float, float], BlockEntry] = {}
        for entry in largest:
            kept.setdefault((entry.place.name, entry.place.lat, entry.place.lon), entry)
            if len(kept) == SUGGESTED:
                break
        yield blocks.suggestions_key(prefix), blocks.pack_entries(list(kept.values()))


def _words(rows: Iterable[Row]) -> Iterator[tuple[str, bytes]]:
    words: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        if row.kind in ("flood_area", "locality") or not (row.is_home or row.size >= SIZE_TO_MISSPELL):
            continue
        # GeoNames has a city's names in all languages, most of which are not misspelled here.
        for name in (row.name, *(row.others if len(row.others) <= FEW_OTHERS else ())):
            key = folded(name)
            if len(key) >= _SHORTEST_TO_MISSPELL:
                words[blocks.slips_key(key, length=len(key))].add(key)
                words[blocks.inner_key(key[1:4])].add(key)
    for key, places in sorted(words.items()):
        yield key, blocks.pack_words(sorted(places))


def _squares(rows: Iterable[Row]) -> Iterator[tuple[str, bytes]]:
    squares: dict[str, list[BlockEntry]] = defaultdict(list)
    for row in rows:
        if row.kind not in SETTLEMENTS:
            continue
        zooms = [blocks.DENSE_ZOOM] if row.is_home else []
        if row.size >= SIZE_TO_BE_NEAR and not (row.is_home and row.size < SIZE_TO_MISSPELL):
            zooms.append(blocks.WORLD_ZOOM)
        entry = BlockEntry(folded(row.name), row.place())
        for zoom in zooms:
            squares[blocks.tile_key(tile_at(lat=row.lat, lon=row.lon, z=zoom))].append(entry)
    for key, entries in sorted(squares.items()):
        yield key, blocks.pack_entries(sorted(entries, key=lambda entry: (-entry.place.size, entry.key)))
