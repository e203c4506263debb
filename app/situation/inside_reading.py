"""Read how many active reports are inside official warnings, as it was counted last. A reader never counts."""

from collections.abc import Iterable, Sequence
from threading import Lock
from typing import NamedTuple

from app.core import clock, dynamodb, missing
from app.situation import inside
from app.situation.inside import NOT_KNOWN, Inside, Numbers
from app.situation.models import InsideDocument
from app.warnings.models import OfficialWarning

OLDEST_MS = 5 * clock.MINUTE_MS
KEPT_MS = 5_000  # in this process


class _Kept(NamedTuple):
    read_ms: int
    numbers: Numbers
    as_of_ms: int  # 0: there are none


_kept: dict[str, _Kept] = {}
_lock = Lock()


def forget() -> None:
    """Empty this process's cache."""
    with _lock:
        _kept.clear()


def read_ahead(sources: set[str]) -> None:
    """Read the numbers of some sources beside something else, so that `of_groups` finds them here."""
    _read(sources)


def of_warning(row: OfficialWarning) -> Inside:
    """Return the reports inside one warning."""
    return of_groups([[row]])[0]


def of_groups(groups: Sequence[Sequence[OfficialWarning]]) -> list[Inside]:
    """Return the reports inside any warning of each group; the warnings of a group have one source.

    Unknown for those without an outline. If any other is unknown, because it was counted more than five minutes ago or
    not since it changed, the part is noted as missing. About a read unit for each 1,000 warnings of a source, or none
    within 5 s.
    """
    drawn = [[row for row in group if row.box] for group in groups]
    documents = _read({group[0].source for group in drawn if group})
    now_ms = clock.now_ms()
    numbers = [_of_group(group, documents, now_ms) if group else NOT_KNOWN for group in drawn]
    if any(group and number is NOT_KNOWN for group, number in zip(drawn, numbers, strict=True)):
        missing.note_unknown(missing.REPORTS_ACTIVE)
    return numbers


def _of_group(group: Sequence[OfficialWarning], documents: dict[str, _Kept], now_ms: int) -> Inside:
    document = documents.get(group[0].source)
    if document is None or not -clock.MINUTE_MS < now_ms - document.as_of_ms <= OLDEST_MS:
        return NOT_KNOWN
    number = document.numbers.in_any([inside.key_of(row) for row in group])
    return NOT_KNOWN if number is None else Inside(number, document.as_of_ms)


def _read(sources: Iterable[str]) -> dict[str, _Kept]:
    """Return what is known of some sources; while the table cannot be read, what this process has read last."""
    now_ms = clock.now_ms()
    wanted = {source for source in sources if not _is_fresh(_kept.get(source), now_ms)}
    if wanted:
        try:
            read = InsideDocument.read(wanted)
        except dynamodb.FAILURES as error:
            if wanted - _kept.keys():
                missing.note(missing.REPORTS_ACTIVE, error)
        else:
            new = {source: _opened(read.get(source), now_ms) for source in wanted}
            with _lock:
                _kept.update(new)
    return dict(_kept)


def _is_fresh(kept: _Kept | None, now_ms: int) -> bool:
    return kept is not None and 0 <= now_ms - kept.read_ms < KEPT_MS


def _opened(document: InsideDocument | None, now_ms: int) -> _Kept:
    if document is None:
        return _Kept(now_ms, Numbers(), 0)
    return _Kept(now_ms, inside.read_or_none(document.body), int(document.as_of_ms))
