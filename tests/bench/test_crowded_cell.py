"""A cell with more active reports than the consumer counts, on the benchmark's own database in memory."""

from collections.abc import Iterator

import pytest

from app.core import clock, dynamodb
from app.core.config import settings
from app.geo.tiles import tile_at
from app.reports.entry import CELL_ZOOM, sort_key
from app.reports.index import tile_documents
from app.reports.index.models import ROOT, TileDocument
from app.reports.models import Report
from bench.floods import Seen, stored_form
from bench.metering import Meter
from bench.stand_in import StandIn
from infra.tables import table_properties

PLACE = {"lat": 51.5, "lon": -0.12}
CELL = tile_at(**PLACE, z=CELL_ZOOM).key


@pytest.fixture
def stand_in(tables: None) -> Iterator[StandIn]:
    client, meter, made = dynamodb.connection().client, Meter(), StandIn(table_properties(settings().prefix))
    meter.attach(client)
    made.attach(client)
    yield made
    made.detach(client)
    meter.detach(client)


def test_crowded_cell_knows_its_oldest_report(stand_in: StandIn) -> None:
    now_ms = clock.now_ms()
    table = stand_in.tables[Report.Meta.table_name]
    oldest = Seen("rep_oldest", now_ms - clock.HOUR_MS, **PLACE, is_over=False)
    later = [Seen(f"rep_{n:04d}", now_ms - n, **PLACE, is_over=False) for n in range(tile_documents.MOST_COUNTED)]
    for seen in (oldest, *later):
        table.load(stored_form(seen, now_ms))
    table.sort()

    tile_documents.build_cell(CELL, {})
    tile_documents.build_above([CELL])

    documents = TileDocument.read([CELL, ROOT])
    wanted = sort_key(oldest.created_ms, oldest.id)
    assert [documents[key].oldest for key in (CELL, ROOT)] == [wanted, wanted]
    assert documents[ROOT].is_at_least
