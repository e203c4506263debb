"""The written numbers of reports inside warnings against shapely, whatever the stream does."""

import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.core import clock
from app.geo.polygon_geojson import from_rings
from app.reports.index import consume
from app.reports.models import Report
from app.situation import inside_writing
from app.warnings.ingest.roots import warning_id
from app.warnings.sources.message import Text
from handlers import end_expired, report_changed
from tests.factories import make_report, stream_record
from tests.rig import inside_oracle
from tests.rig.inside_oracle import Naive, Ring, star
from tests.warning_making import announce, message, place

LAT, LON = 51.5, -0.12
Record = dict[str, Any]


class Killed(BaseException):
    """The consumer's process ends here."""


def sweep() -> None:
    end_expired.handler({"source": "aws.events"}, None)


def tell(records: list[Record], shard: str = "shard-1") -> None:
    report_changed.handler({"Records": records, "shardId": shard}, None)


def rows() -> list[dict[str, Any]]:
    """The stored reports."""
    return [
        {"lat": one.lat, "lon": one.lon, "status": one.status, "radius_m": one.radius_m, "expires": one.expires_at_ms}
        for one in Report.scan()
        if one.attribute_values.get("lat") is not None
    ]


def warn(rings: list[Ring], **wanted: Any) -> dict[str, Ring]:
    """One warning over each ring; the rings by the warnings' ids."""
    events = [f"E{number}" for number in range(len(rings))]
    announce(
        *(
            message(event, places=(place("A", from_rings([ring])),), **wanted)
            for event, ring in zip(events, rings, strict=True)
        )
    )
    return {warning_id("ea", event, "A"): ring for event, ring in zip(events, rings, strict=True)}


def written(client: FlaskClient) -> dict[str, int | None]:
    """Return the numbers in the list, of all pages."""
    path, said = "/v1/warnings?limit=100", dict[str, int | None]()
    while path:
        answer = client.get(path).json
        said |= {one["id"]: one["reports_active"] for one in answer["items"]}
        path = next((link["href"] for link in answer["links"] if link["rel"] == "next"), "")
    return said


def scattered(chance: random.Random, count: int) -> list[Report]:
    """Reports around London; some known roughly, some over soon."""
    now_ms = clock.now_ms()
    return [
        make_report(
            lat=round(chance.gauss(LAT, 0.06), 5),
            lon=round(chance.gauss(LON, 0.1), 5),
            radius_m=chance.choice([50, 50, 50, 5000]),
            expires_at_ms=now_ms + chance.choice([30_000, clock.DAY_MS, clock.DAY_MS]),
        )
        for _ in range(count)
    ]


def ended(report: Report) -> Record:
    """A report withdrawn; the record that tells of it."""
    before, after = Report.get(report.id), Report.get(report.id)
    after.status, after.version, after.updated_at_ms = "withdrawn", int(after.version) + 1, clock.now_ms()
    after.index(clock.now_ms(), is_change=True)
    after.save()
    return stream_record(old=before, new=after, number=10_000)


@pytest.fixture
def killed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[list[Record]], None]]:
    """Tells a consumer that is killed once it has begun to rewrite documents."""

    def tell_and_kill(records: list[Record]) -> None:
        def die(*_: Any) -> None:
            raise Killed

        with monkeypatch.context() as patched:
            patched.setattr(consume.tile_documents, "build_between", die)
            with pytest.raises(Killed):
                tell(records)

    yield tell_and_kill


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_numbers_are_those_of_shapely_whatever_the_stream_does(
    client: FlaskClient, noon: Any, killed: Callable[[list[Record]], None], seed: int
) -> None:
    chance = random.Random(seed)
    rings = warn([star(chance, lat=LAT, lon=LON, size=chance.choice([0.01, 0.05, 0.2])) for _ in range(12)])
    naive, reports = Naive(rings), scattered(chance, 60)
    records = [stream_record(new=report, number=number) for number, report in enumerate(reports, 1)]
    delivered = [*records, *chance.sample(records, 20)]
    chance.shuffle(delivered)
    some, others = delivered[:40], delivered[40:]
    sweep()

    tell(some), killed(others)
    noon.shift(11)  # the killed one's lease has ended
    tell(others, "shard-2")
    gone = [ended(report) for report in chance.sample(reports, 9)]
    tell(gone), tell(gone)
    sweep()

    naive.take([*some, *others, *others, *gone, *gone])
    true = inside_oracle.counts(rings, rows(), clock.now_ms())
    assert written(client) == true != dict(naive.counts)
    assert max(true.values()) > 5


def test_numbers_follow_reports_that_run_out(client: FlaskClient, noon: Any) -> None:
    chance = random.Random(7)
    rings = warn([star(chance, lat=LAT, lon=LON, size=size) for size in (0.02, 0.05, 0.1, 0.2)])
    tell([stream_record(new=report, number=number) for number, report in enumerate(scattered(chance, 60), 1)])
    sweep()
    before = written(client)

    noon.shift(30)
    sweep()

    assert written(client) == inside_oracle.counts(rings, rows(), clock.now_ms()) != before


@pytest.mark.parametrize(("many", "at_once"), [(120, 50), pytest.param(1000, 200, marks=pytest.mark.long)])
def test_many_warnings_over_one_spot(
    client: FlaskClient, noon: Any, monkeypatch: pytest.MonkeyPatch, many: int, at_once: int
) -> None:
    """More than a page of the list, than are followed one by one, and than twice what is counted at once."""
    monkeypatch.setattr(inside_writing, "AT_ONCE", at_once)
    chance = random.Random(5)
    rings = warn(
        [star(chance, lat=LAT, lon=LON, size=chance.choice([0.01, 0.05, 0.1]), corners=9) for _ in range(many)]
    )
    reports = scattered(chance, 40)
    tell([stream_record(new=report, number=number) for number, report in enumerate(reports, 1)])
    sweep()

    assert written(client) == inside_oracle.counts(rings, rows(), clock.now_ms())


@pytest.mark.parametrize("seed", range(4))
def test_entry_of_several_warnings_says_those_in_any_of_them_or_nothing(
    client: FlaskClient, noon: Any, seed: int
) -> None:
    chance = random.Random(seed)
    text = (Text("en", "Flood alert", "", "One text.", ""),)
    around = [chance.gauss(LON, 0.15) for _ in range(3)]
    rings = warn([star(chance, lat=LAT, lon=lon, size=0.1) for lon in around], texts=text)
    tell([stream_record(new=report, number=number) for number, report in enumerate(scattered(chance, 60), 1)])
    sweep()

    answer = client.get(f"/v1/nearby?lat={LAT}&lon={LON}&radius_km=50").json
    [entry] = [one for one in answer["items"] if one["kind"] == "warning"]

    true = inside_oracle.in_any([*rings.values()], rows(), clock.now_ms())
    said = entry["warning"]["reports_active"]
    assert (said == true and "reports_active" not in answer["missing"]) or (
        said is None and "reports_active" in answer["missing"]
    )
