"""Plan the writes of a run: changed rows, ended rows and removed rows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from app.core import clock
from app.geo.box_circle import Box
from app.warnings.ingest.chains import shortened_chain
from app.warnings.ingest.ledger import LedgerEntry, LedgerRow, entry_of
from app.warnings.ingest.outlines import AreaOutlines
from app.warnings.ingest.roots import PlacedMessage
from app.warnings.ingest.rows import digest_of, row_of
from app.warnings.ingest.supersession import EndedWarning, Supersession
from app.warnings.marks import KEPT_MS, Mark, box_of
from app.warnings.models import OfficialWarning
from app.warnings.published import moments_of, with_one_more
from app.warnings.sources.message import EndReason

OVER = "over:"  # prefix of an ended warning's digest: if the warning comes back, it counts as changed


@dataclass
class Plan:
    """Writes of a run, and the state after them."""

    source: str
    changed_at_ms: int  # the time of all changes of this run
    stored: Mapping[str, LedgerRow]
    supersession: Supersession
    marks: dict[str, Mark] = field(init=False)
    ledger_entries: dict[str, LedgerEntry] = field(init=False)
    changed: list[OfficialWarning] = field(default_factory=list)
    only_chain_changed: list[OfficialWarning] = field(
        default_factory=list
    )  # rows with the same content and a longer chain
    removed: list[str] = field(default_factory=list)
    ended: int = 0
    boxes: list[Box] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.marks = {warning_id: stored.mark() for warning_id, stored in self.stored.items()}
        self.ledger_entries = {warning_id: stored.ledger_entry for warning_id, stored in self.stored.items()}

    @property
    def is_empty(self) -> bool:
        return not (self.changed or self.only_chain_changed or self.removed)

    def changed_boxes(self) -> dict[str, Box | None]:
        """Return the box of each changed row, by id."""
        return {row.id: box_of(row.box) for row in self.changed}

    def put_changed(self, changed: Mapping[str, PlacedMessage], outlines: AreaOutlines) -> None:
        """Plan the rows that are new, have changed, or have another outline."""
        whole = OfficialWarning.find_all(warning_id for warning_id in changed if warning_id in self.stored)
        for warning_id, placed in changed.items():
            row, before = row_of(self.source, *placed, warning_id, outlines), whole.get(warning_id)
            if before is None or _comparable(before) != _comparable(row):
                self._put(row, before)

    def put_ended(self, ends: Mapping[str, EndedWarning], outlines: AreaOutlines) -> None:
        """Plan ended rows. They are shown for a day, even if never stored, since people may have heard of them."""
        whole = OfficialWarning.find_all(warning_id for warning_id in ends if warning_id in self.stored)
        for warning_id, over in ends.items():
            if self._is_long_over(warning_id):
                continue
            row = _ended_row(self.source, over.placed_message, whole.get(warning_id), warning_id, outlines)
            if row is None:
                continue
            row.ended_at_ms = (
                row.own_end_at_ms if over.reason is EndReason.EXPIRED and row.own_end_at_ms else clock.now_ms()
            )
            row.ended_reason = over.reason.value
            row.digest = OVER + row.digest
            self._put(row, whole.get(warning_id))
            self.ended += 1

    def put_chains(self) -> None:
        """Plan the rows whose chain has grown while their content is unchanged."""
        done = {row.id for row in self.changed}
        longer = {
            warning_id: chain
            for warning_id, chain in self.supersession.chains.items()
            if warning_id in self.stored
            and warning_id not in done
            and list(chain) != list(self.stored[warning_id].chain)
        }
        for warning_id, row in OfficialWarning.find_all(longer).items():
            row.chain = " ".join(longer[warning_id])
            self.only_chain_changed.append(row)
            self.ledger_entries[warning_id] = entry_of(row)

    def remove(self) -> None:
        """Plan the removal of rows ended for a day, unless the issuer still lists them: they would come back as new."""
        for warning_id, stored in self.stored.items():
            if self._is_long_over(warning_id) and warning_id not in self.supersession.mentioned:
                self.removed.append(warning_id)
                del self.marks[warning_id], self.ledger_entries[warning_id]
                self.note(stored.row)

    def _is_long_over(self, warning_id: str) -> bool:
        """Return whether it was ended a day ago, or has expired a day ago and is no longer listed."""
        if warning_id not in self.stored:
            return False
        stored, over = self.stored[warning_id], self.supersession.ended.get(warning_id)
        ended = stored.own_end_at_ms if over and over.reason is EndReason.EXPIRED else stored.ended_at_ms
        return ended is not None and ended <= clock.now_ms() - KEPT_MS

    def note(self, row: OfficialWarning | None) -> None:
        """Mark the tiles over this row for an update."""
        if row is not None and (box := box_of(row.box)):
            self.boxes.append(box)

    def _put(self, row: OfficialWarning, before: OfficialWarning | None) -> None:
        row.published = with_one_more(moments_of(before) if before else (), row, self.changed_at_ms)
        row.updated_at_ms = self.changed_at_ms
        if before is not None and (before.ended_at_ms is None or row.ended_at_ms is not None):
            row.listed = before.listed  # an update keeps its position in lists; one that comes back is new
        chain_before = entry_of(before).chain if before is not None else ()
        row.chain = " ".join(self.supersession.chains.get(row.id) or shortened_chain(chain_before))
        self.changed.append(row)
        self.marks[row.id] = row.whole_mark()
        self.ledger_entries[row.id] = entry_of(row)
        self.note(before)
        self.note(row)


def is_changed(placed: PlacedMessage, before: LedgerRow | None) -> bool:
    """Return whether it is new, has changed, or has an incomplete outline."""
    return before is None or before.row.digest != digest_of(*placed) or bool(before.row.geometry_reason)


def boxes_of(rows: Iterable[LedgerRow]) -> list[Box]:
    """Return the bounding boxes of the rows that have one."""
    return [box for row in rows if (box := row.area)]


def _comparable(row: OfficialWarning) -> tuple[str | float | None, ...]:
    return row.digest, row.geometry_status, row.geometry_reason, row.drawn


def _ended_row(
    source: str, placed: PlacedMessage | None, row: OfficialWarning | None, warning_id: str, outlines: AreaOutlines
) -> OfficialWarning | None:
    """Build an ended warning's row from the message that ends it, if any. Severity and outline are kept."""
    if placed is None:
        return row
    if row is None:
        return row_of(source, *placed, warning_id, outlines)
    message, place, root = placed
    last = row_of(source, replace(message, severity=row.severity), place, root, warning_id, AreaOutlines())
    last.shape, last.box, last.drawn = row.shape, row.box, row.drawn
    last.geometry_status, last.geometry_reason = row.geometry_status, row.geometry_reason
    return last
