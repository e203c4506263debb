"""Ledger: one document with the facts of a source's warnings and cancels that its index does not project.

An index's projection cannot be changed, and whole rows carry outlines: a run that read them all would cost a hundred
times as much. The ledger is a copy of the rows, checked by their digests: rows that are absent here, or were written by
the previous release, are read from the table. Only the cancels are stored here alone.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from app.core import packed_json, telemetry
from app.geo.box_circle import Box
from app.geo.polygon import MultiPolygon
from app.warnings.ingest.chains import Cancellation, WarningExtent, message_digest, shortened_chain
from app.warnings.ingest.reissues import labels_of
from app.warnings.marks import FLOOD, STORED_NAMES, Mark, box_of
from app.warnings.models import OfficialWarning, SourceDocument
from app.warnings.sources.message import EndReason

FORMAT = 1
MAX_CANCELLATIONS = 300
_LARGEST_BYTES = 350_000  # an item of DynamoDB holds 400 KB; rows that do not fit are read from the table


class LedgerEntry(NamedTuple):
    """Facts of one row. Fields with a default may be absent in a ledger of another release."""

    digest: str
    chain: list[str]
    labels: list[str]
    onset_at_ms: int | None = None
    urgency: str = "unknown"
    certainty: str = "unknown"
    hazard: str = FLOOD
    ended_reason: str | None = None
    version: str | None = None


@dataclass
class LedgerRow:
    """A stored warning as a run knows it: its index item, and its ledger entry."""

    row: OfficialWarning
    ledger_entry: LedgerEntry

    @property
    def id(self) -> str:
        return self.row.id

    @property
    def source_id(self) -> str:
        return self.row.source_id

    @property
    def root(self) -> str:
        return self.row.root

    @property
    def sent_at_ms(self) -> float:
        return self.row.sent_at_ms

    @property
    def own_end_at_ms(self) -> float | None:
        return self.row.own_end_at_ms

    @property
    def ended_at_ms(self) -> float | None:
        return self.row.ended_at_ms

    @property
    def codes(self) -> frozenset[str]:
        return self.row.codes

    @property
    def area(self) -> Box | None:
        return box_of(self.row.box)

    @property
    def chain(self) -> list[str]:
        return self.ledger_entry.chain

    @property
    def labels(self) -> frozenset[str]:
        return frozenset(self.ledger_entry.labels)

    def outline(self) -> MultiPolygon | None:
        """Read the outline from the row; only needed for a reissue with almost the same bounding box."""
        row = OfficialWarning.find(self.id)
        return row.outline() if row else None

    def mark(self) -> Mark:
        return self.row.mark()._replace(**{name: getattr(self.ledger_entry, name) for name in _OF_MARK})


_OF_MARK = [name for name in LedgerEntry._fields if name in Mark._fields]
_COLUMNS = {STORED_NAMES.get(name, name): name for name in LedgerEntry._fields}


@dataclass
class Ledger:
    """State of a source when a run begins."""

    rows: dict[str, LedgerRow] = field(default_factory=dict)
    cancellations: list[Cancellation] = field(default_factory=list)
    # Rows written by another release or an interrupted run: their tiles and changes may be missing.
    written_elsewhere: set[str] = field(default_factory=set)
    # Written by the previous release: neither it nor the tiles hold the versions of its rows.
    is_behind: bool = False


def entry_of(row: OfficialWarning) -> LedgerEntry:
    """Return the ledger entry of a whole row."""
    return LedgerEntry(
        digest=row.digest,
        chain=(row.chain or "").split()
        or list(dict.fromkeys((message_digest(row.root), message_digest(row.source_id)))),
        labels=sorted(labels_of(text.get("label", "") for text in json.loads(row.texts))),
        onset_at_ms=None if row.onset_at_ms is None else int(row.onset_at_ms),
        urgency=row.urgency,
        certainty=row.certainty,
        hazard=row.hazard or FLOOD,
        ended_reason=row.ended_reason,
        version=row.version(),
    )


def read(source: str) -> Ledger:
    """Read the state of a source. A query for each megabyte, one read, and the rows without a valid ledger entry."""
    listed = {row.id: row for row in OfficialWarning.of_source(source)}
    entries, closers = _read(SourceDocument.bodies([_key(source)]).get(_key(source)))
    digests = {warning_id: row.digest for warning_id, row in listed.items()}
    without_version = {
        warning_id for warning_id, entry in entries.items() if entry.version is None and warning_id in listed
    }
    doubtful = {
        warning_id
        for warning_id in {*listed, *entries}
        if warning_id not in entries or digests.get(warning_id) != entries[warning_id].digest
    } | without_version
    whole = OfficialWarning.find_all(doubtful, consistent=True)
    present = {warning_id: row for warning_id, row in listed.items() if warning_id not in doubtful} | whole
    rows = {
        warning_id: LedgerRow(row, entry_of(row) if warning_id in whole else entries[warning_id])
        for warning_id, row in present.items()
    }
    foreign = {
        warning_id
        for warning_id in doubtful
        if warning_id not in entries
        or warning_id not in whole
        or whole[warning_id].digest != entries[warning_id].digest
    }
    return Ledger(rows, closers, foreign, is_behind=bool(without_version))


def write(source: str, rows: Mapping[str, LedgerEntry], closers: Iterable[Cancellation]) -> None:
    """Store the ledger, replacing the old one. Rows that do not fit are left out."""
    newest = list({closer.name: closer for closer in closers}.values())[-MAX_CANCELLATIONS:]
    remaining = list(rows.items())
    body = _packed(remaining, newest)
    while len(body) > _LARGEST_BYTES:
        remaining = remaining[: len(remaining) // 2]
        body = _packed(remaining, newest)
    SourceDocument.write({_key(source): body})


def _key(source: str) -> str:
    return f"ledger#{source}"


def _packed(rows: list[tuple[str, LedgerEntry]], closers: list[Cancellation]) -> bytes:
    columns: dict[str, list[Any]] = {"id": [warning_id for warning_id, _ in rows]}
    columns |= {stored: [getattr(entry, name) for _, entry in rows] for stored, name in _COLUMNS.items()}
    document = {"format": FORMAT, "rows": columns, "closers": [_stored_closer(closer) for closer in closers]}
    return packed_json.pack(document)


def _stored_closer(closer: Cancellation) -> dict[str, Any]:
    places = [[sorted(place.codes), place.box] for place in closer.places]
    names = shortened_chain(sorted(closer.names))
    return {
        "name": closer.name,
        "sent": closer.sent_at_ms,
        "names": names,
        "reason": closer.reason.value,
        "event": closer.event,
        "places": places,
    }


def _read(body: bytes | None) -> tuple[dict[str, LedgerEntry], list[Cancellation]]:
    """Decode a ledger; empty if it cannot be read (counted), so that the rows are read instead."""
    if body is None:
        return {}, []
    try:
        document = packed_json.unpack(body)
        return dict(_rows(document["rows"])), [_closer(closer) for closer in document.get("closers", [])]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        telemetry.measure("UnreadableWarningDocuments", 1, "Count")
        return {}, []


def _rows(columns: dict[str, list[Any]]) -> Iterator[tuple[str, LedgerEntry]]:
    """Yield rows from columns by name; absent columns have defaults, others are ignored. Raises ValueError."""
    present = {stored: name for stored, name in _COLUMNS.items() if stored in columns}
    for warning_id, *values in zip(columns["id"], *(columns[stored] for stored in present), strict=True):
        yield warning_id, LedgerEntry(**dict(zip(present.values(), values, strict=True)))


def _closer(stored: dict[str, Any]) -> Cancellation:
    places = tuple(
        WarningExtent(frozenset(codes), Box(*box) if box else None) for codes, box in stored.get("places", [])
    )
    reason, names = EndReason(stored.get("reason", EndReason.CANCELLED)), frozenset(stored["names"])
    return Cancellation(stored["name"], stored["sent"], names, reason, stored.get("event", ""), places)
