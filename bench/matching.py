"""Measure what it costs to find the people whom an event concerns, by its size: units a person, queries, searches."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from app.core import dynamodb, mail_keys
from bench import environment
from bench.metering import Meter
from bench.stand_in import StandIn
from infra.tables import table_properties

SUBSCRIBERS = 50_000
CENTRE = {"lat": 51.4545, "lon": -2.5879}  # Bristol
SOURCE = "ea"


class Area(NamedTuple):
    """An outline around a town's middle, and how many corners it has."""

    said: str
    radius_km: float
    corners: int


AREAS = (
    Area("a street", 1, 40),
    Area("a town", 5, 400),
    Area("a county", 40, 2_000),
    Area("half the country", 200, 500),
)


def measure(subscribers: int = SUBSCRIBERS) -> Iterator[dict[str, Any]]:
    """Yield one record for each area and act: a warning appears, rises, grows by a fifth, ends; and for a report."""
    from bench.alert_storm.people import People
    from bench.alert_storm.people_rows import PeopleTable

    mail_keys.set_store_reader(lambda: {mail_keys.NAME: environment.KEY})
    environment.stop_clock(environment.NOON_MS)
    definitions = table_properties(environment.PREFIX)
    named = next(one for one in definitions if one["TableName"].endswith("-subscriptions"))
    people = People(subscribers)
    client, meter = dynamodb.connection().client, Meter()
    meter.attach(client)
    for area in AREAS:
        stand_in = StandIn(definitions)
        stand_in.tables[named["TableName"]] = PeopleTable(named, people)
        stand_in.attach(client)
        yield from _Life(area, meter, len(people)).records()
        stand_in.detach(client)
    meter.detach(client)


class _Life:
    """A warning over an area from its first message to its end; the ledger counts who heard."""

    def __init__(self, area: Area, meter: Meter, stored: int) -> None:
        from app.alerts.ledger_chunks import Message
        from app.warnings.models import OfficialWarning

        self.area, self.meter, self.stored = area, meter, stored
        self.handed: list[Message] = []
        self.before: OfficialWarning | None = None
        self.turn = 0

    def records(self) -> Iterator[dict[str, Any]]:
        yield self._record("appears", lambda: self._warn("moderate", 1.0))
        yield self._record("rises", lambda: self._warn("severe", 1.0))
        yield self._record("grows", lambda: self._warn("severe", 1.2))
        yield self._record("ends", lambda: self._warn("severe", 1.2, is_over=True))
        yield self._record("report", self._report)

    def _record(self, act: str, happen: Callable[[], Any]) -> dict[str, Any]:
        self.handed = []
        with self.meter.counting() as bill:
            searches = self._search(happen())
        people = len(self.handed)
        share = {
            "read_units_a_person": round(bill.reads / people, 3) if people else None,
            "write_units_a_person": round(bill.writes / people, 3) if people else None,
        }
        counts = {"people": people, "searches": searches, "queries": bill.calls["Query"]}
        units = {"read_units": round(bill.reads, 1), "write_units": round(bill.writes, 1)}
        return (
            {"part": "match", "subscriptions": self.stored, "area": self.area.said, "act": act} | counts | units | share
        )

    def _search(self, first: Any) -> int:
        """Make a search and what it leaves; return how many jobs that were."""
        from app.alerts import matching

        waiting, made = [first] if first else [], 0
        while waiting:
            made += 1
            waiting += matching.run(waiting.pop(0), hand_over=self._hand_over, goes_on=lambda: True)
        return made

    def _hand_over(self, _: str, messages: Sequence[Any]) -> None:
        self.handed += messages

    def _warn(self, severity: str, size: float, *, is_over: bool = False) -> Any:
        """Store the warning, without its cost, and note the event that it is."""
        from app.alerts import events
        from app.geo.repair import circle
        from app.warnings.ingest.outlines import AreaOutlines
        from app.warnings.ingest.rows import row_of
        from app.warnings.sources.message import Act, Message, Place, Text

        self.turn += 1
        outline = circle(**CENTRE, radius_km=self.area.radius_km * size, corners=self.area.corners)
        text = Text("en-GB", "Flood warning", "The river is high", "It rises.", "Keep away.")
        at_ms = environment.NOON_MS - 1_000 + self.turn
        said = {"severity": severity, "urgency": "immediate", "certainty": "likely", "sent_at_ms": at_ms}
        place = Place("A1", (("A1", "The river"),), outline, ())
        one = Message(source_id="m", event="m", replaces=(), act=Act.HOLD, texts=(text,), places=(place,), **said)
        row = row_of(SOURCE, one, place, "m", "wrn_bench", AreaOutlines())
        row.updated_at_ms = at_ms
        row.ended_at_ms = at_ms if is_over else None
        before, self.before = self.before, row
        with self._uncounted():
            row.save()
        return events.note_warning(before, row)

    def _uncounted(self) -> Any:
        """Return a block in which calls go to another bill."""
        return _Aside(self.meter)

    def _report(self) -> Any:
        from app.alerts import report_events
        from app.core import clock
        from app.reports.entry import sort_key
        from app.reports.models import Report

        now_ms = clock.now_ms()
        values = {"radius_m": 50, "severity": "severe", "status": "verified", "condition": "flooded", "body_hash": "-"}
        values |= {"observed_at_ms": now_ms, "updated_at_ms": now_ms, "version": 1}
        report = Report("rep_bench", sort=sort_key(now_ms, "rep_bench"), expires_at_ms=now_ms + 3_600_000, **values)
        report.put_at(**CENTRE, visibility="public")
        report.index(now_ms, is_change=False)
        with self._uncounted():
            report.save()
        return report_events.note_report(None, report)


class _Aside:
    """Keeps the open bill out of a block."""

    def __init__(self, meter: Meter) -> None:
        self.meter = meter

    def __enter__(self) -> None:
        from bench.metering import Bill

        self.bill, self.meter.bill = self.meter.bill, Bill()

    def __exit__(self, *_: object) -> None:
        self.meter.bill = self.bill
