"""Put a country's reports into the stand-in, and let the product's own code build the tile documents over them."""

from collections.abc import Iterable, Iterator

from app.core import clock, dynamodb
from app.reports.calendar_models import Calendar
from app.reports.index import tile_documents
from app.reports.index.models import TileDocument
from app.reports.models import Report
from bench import environment
from bench.asking import Asker
from bench.floods import Country, Seen, check_form, stored_form
from bench.metering import Meter
from bench.stand_in import StandIn, Table
from infra.tables import COMPLETE, table_properties

CHECKED = 50


def worlds(sizes: Iterable[int], now_ms: int = environment.NOON_MS) -> Iterator[tuple["World", Asker]]:
    """Yield a world of each size, with what asks the web function over it; the clock stands, and units are counted."""
    from handlers.api import handler

    asker, client = Asker(handler, Meter()), dynamodb.connection().client
    asker.meter.attach(client)
    environment.stop_clock(now_ms)
    for size in sizes:
        stand_in = StandIn(table_properties(environment.PREFIX))
        stand_in.attach(client)
        yield World(size, now_ms, stand_in), asker
        stand_in.detach(client)
    asker.meter.detach(client)


class World:
    """A loaded stand-in, and the places of its active reports."""

    def __init__(self, size: int, now_ms: int, stand_in: StandIn) -> None:
        self.country = Country(size, now_ms)
        self.stand_in = stand_in
        self.active: list[Seen] = []
        self.in_flood: list[Seen] = []
        self.total = 0
        self.now_ms = now_ms
        self._load(stand_in.tables[Report.Meta.table_name])
        self.documents = self._build()

    def _load(self, table: Table) -> None:
        days: dict[str, set[str]] = {"made": set()}
        current = self.country.floods[0].reports
        for number, seen in enumerate(self.country.reports()):
            item = stored_form(seen, self.now_ms)
            if number < CHECKED:
                check_form(item)
            table.load(item)
            self.total += 1
            if "cell" in item:
                self.active.append(seen)
                if number < current:
                    self.in_flood.append(seen)
            day = clock.day_of(seen.created_ms)
            days.setdefault(f"made:{day[:4]}", set()).add(day)
            days["made"].add(day[:4])
        for key, known in days.items():
            table.load(Calendar(key, days=known).serialize())
        table.load(COMPLETE)
        table.sort()

    def _build(self) -> int:
        cells = list(self.stand_in.tables[Report.Meta.table_name].indexes["entries_by_cell"].rows)
        for cell in cells:
            tile_documents.build_cell(cell, {})
        tile_documents.build_above(cells)
        tile_documents.build_root(set(), {"bench": self.now_ms})
        return len(self.stand_in.tables[TileDocument.Meta.table_name].items)

    def reports(self) -> Iterator[Seen]:
        """Yield all reports again, for another database."""
        return Country(self.country.size, self.now_ms).reports()
