"""Read the reports around others: each cell of the index and each row at most once in a run, within bounds."""

from collections import defaultdict
from collections.abc import Iterable
from functools import partial

from app.core import clock, dynamodb
from app.geo.box_circle import Circle
from app.geo.coordinates import distance_km
from app.reports.entry import CELL_ZOOM, Entry, sort_key
from app.reports.models import Report
from app.reports.observation import AHEAD_MS
from app.review.rating import WITHIN_MS

WITHIN_KM = 0.5
MOST_NEAR = 10  # neighbours of a report that are looked at, the nearest first
MOST_OF_CELL = 60  # newest reports of a cell: some 13 KB


class Neighbourhood:
    """The reports around others. `rows`: those at hand, which are not read again."""

    def __init__(self, rows: Iterable[Report]) -> None:
        self.rows = {row.id: row for row in rows}
        self.entries = {row.id: row.entry() for row in self.rows.values()}
        self._read_since: dict[str, str] = {}

    def read_around(self, reports: Iterable[Report]) -> None:
        """Read the newest reports of the cells around some reports. One query for each cell that is new."""
        wanted: dict[str, str] = defaultdict(lambda: "~")
        for report in reports:
            if report.entry().is_coarse:
                continue
            since = sort_key(int(report.observed_at_ms) - WITHIN_MS - AHEAD_MS)
            for tile in Circle(float(report.lat), float(report.lon), WITHIN_KM).tiles(CELL_ZOOM):
                wanted[tile.key] = min(wanted[tile.key], since)
        missing = [cell for cell, since in wanted.items() if since < self._read_since.get(cell, "~")]
        for cells in dynamodb.some_at_once(missing):
            queries = [partial(Report.newest_in_cell, cell, after=wanted[cell], limit=MOST_OF_CELL) for cell in cells]
            for cell, page in zip(cells, dynamodb.in_one_round(queries), strict=True):
                self._read_since[cell] = wanted[cell]
                for entry in page.entries:
                    if entry.id not in self.entries or self.entries[entry.id].version < entry.version:
                        self.entries[entry.id] = entry

    def near(self, report: Report) -> list[Entry]:
        """Return the nearest active reports seen about when and where a report was, of those that were read."""
        here, now_ms = report.entry(), clock.now_ms()
        away = [
            (distance_km(lat=here.lat, lon=here.lon, to_lat=other.lat, to_lon=other.lon), other.id)
            for other in self.entries.values()
            if _is_about_when(other, here) and other.id != here.id and other.is_active(now_ms)
        ]
        nearest = sorted((km, report_id) for km, report_id in away if km <= WITHIN_KM)
        return [self.entries[report_id] for _, report_id in nearest[:MOST_NEAR]]

    def read_rows(self, ids: Iterable[str]) -> None:
        """Read the rows of reports that are not at hand. One batch for each 100; unreadable ones are left out."""
        missing = [report_id for report_id in dict.fromkeys(ids) if report_id not in self.rows]
        self.rows |= {row.id: row for row in Report.find_all_readable(missing)}


def _is_about_when(other: Entry, here: Entry) -> bool:
    if other.is_coarse or here.is_coarse:
        return False  # where such a report is, is not known well enough
    return abs(int(other.observed_at_ms) - int(here.observed_at_ms)) <= WITHIN_MS
