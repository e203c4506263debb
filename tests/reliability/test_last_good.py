"""Tables, indexes and sources away: what is left is answered, what is old says how old, and absence is not claimed."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from flask.testing import FlaskClient

from app.core import clock, dynamodb
from app.http import headers
from app.warnings import kept, last_good
from app.warnings.area_models import Area
from app.warnings.ingest import outlines
from app.warnings.sources.outline import Outline
from tests.factories import count_inside, make_report, tell_consumer
from tests.warning_making import announce_at, square

AROUND = "lat=51.5&lon=-0.12&radius_km=5"
MINUTE_S = 60
LISTS = ("/v1/reports", "/v1/warnings", "/v1/areas")
Away = Callable[..., None]


@pytest.fixture
def away(tables: None) -> Iterator[Away]:
    """`away("warnings")` makes a table fail, `away("reports/index")` its indexes, `away()` nothing."""
    names: list[str] = []

    def fail(model: Any, params: dict[str, Any], **_: Any) -> None:
        body = params["body"].decode() if isinstance(params["body"], bytes) else params["body"]
        for name in names:
            table, _, index = name.partition("/")
            if f'-{table}"' in body and (not index or '"IndexName"' in body):
                raise EndpointConnectionError(endpoint_url="https://dynamodb.example")

    def choose(*wanted: str) -> None:
        names[:] = wanted
        kept.forget()  # marks live 15 s: here the table is really needed

    events = dynamodb.connection().client.meta.events
    events.register("before-call.dynamodb", fail)
    yield choose
    events.unregister("before-call.dynamodb", fail)


@pytest.fixture
def warned(client: FlaskClient, noon: Any, away: Away) -> str:
    """A warning over London, and its area; its id."""
    warning = announce_at(square())
    area = Area("ea-A1", source="ea", code="A1", name="River at A1")
    area.put_outline(square(), reason="", centre=None)
    Area.store([area])
    count_inside()
    return warning


def read_and_wait(client: FlaskClient, noon: Any, *paths: str) -> list[Any]:
    """Read some addresses, of which this process then has an answer of three minutes ago."""
    answers = [client.get(path) for path in paths]
    assert {answer.status_code for answer in answers} == {200}
    noon.shift(3 * MINUTE_S)
    return answers


def read(client: FlaskClient, path: str) -> dict[str, Any]:
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.text)
    body: dict[str, Any] = answer.json
    return body


@pytest.mark.parametrize("path", [*LISTS, *(f"{path}?{AROUND}" for path in LISTS)])
def test_every_list_says_what_it_lacks(client: FlaskClient, away: Away, path: str) -> None:
    heard_never = ["ea", "nws"] if "warnings" in path and "?" not in path else ["ea"] if "warnings" in path else []

    assert read(client, path)["missing"] == heard_never


def test_source_that_was_not_heard_for_long_is_named(client: FlaskClient, noon: Any, warned: str) -> None:
    assert read(client, f"/v1/nearby?{AROUND}")["missing"] == []

    noon.shift(16 * MINUTE_S)
    count_inside()

    for path in (f"/v1/nearby?{AROUND}", f"/v1/warnings.geojson?{AROUND}"):
        assert read(client, path)["missing"] == ["ea"], path


def test_warnings_of_minutes_ago_are_answered_with_their_age(
    client: FlaskClient, noon: Any, away: Away, warned: str
) -> None:
    paths = (f"/v1/warnings?{AROUND}", f"/v1/nearby?{AROUND}", f"/v1/warnings/{warned}")
    read_and_wait(client, noon, *paths)
    away("warnings")

    listed, near, one = (read(client, path) for path in paths)

    assert [one["id"] for one in listed["items"]] == [warned]
    assert [item["warning"]["id"] for item in near["items"]] == [warned]
    assert listed["missing"] == near["missing"] == ["warnings"]
    assert near["as_of"] == near["sources"][0]["fetched_at"] == noon_minus(noon, 3)
    assert near["sources"][0]["age_s"] == 3 * MINUTE_S
    assert one["id"] == warned


def noon_minus(noon: Any, minutes: int) -> str:
    from app.core import clock

    return clock.rfc3339(clock.now_ms() - minutes * clock.MINUTE_MS)


def test_pages_say_how_old_warnings_are(client: FlaskClient, noon: Any, away: Away, warned: str) -> None:
    paths = (f"/?{AROUND}", f"/warnings?{AROUND}", f"/warnings/{warned}", "/areas/ea-A1")
    read_and_wait(client, noon, *paths)
    away("warnings")

    for path in paths:
        text = client.get(path).text
        assert "Those shown were read 3 minutes ago." in text, path
        assert "River at A1" in text, path


def test_after_five_minutes_an_old_answer_is_none(client: FlaskClient, noon: Any, away: Away, warned: str) -> None:
    paths = (f"/v1/warnings?{AROUND}", f"/v1/warnings/{warned}")
    read_and_wait(client, noon, *paths)
    noon.shift(2 * MINUTE_S + 1)
    away("warnings")

    assert [client.get(path).status_code for path in paths] == [503, 503]
    near = read(client, f"/v1/nearby?{AROUND}")
    assert (near["items"], near["missing"]) == ([], ["warnings", "ea"])


def test_empty_answer_of_minutes_ago_claims_no_absence(client: FlaskClient, noon: Any, away: Away) -> None:
    announce_at(square(10, 10))
    for path in (f"/?{AROUND}", f"/warnings?{AROUND}"):
        assert "No official" in client.get(path).text
        away("warnings")
        assert "No official" not in client.get(path).text
        away()


def test_old_answer_is_not_kept_by_caches_and_has_a_tag_of_its_own(
    client: FlaskClient, noon: Any, away: Away, warned: str
) -> None:
    [whole] = read_and_wait(client, noon, f"/v1/warnings?{AROUND}")
    away("warnings")

    old = client.get(f"/v1/warnings?{AROUND}", headers={"If-None-Match": whole.headers["ETag"]})

    assert (old.status_code, old.headers["Cache-Control"]) == (200, headers.PUBLIC_LIST)
    assert "stale-if-error" in whole.headers["Cache-Control"]


def test_warning_that_ended_meanwhile_is_not_in_force(client: FlaskClient, noon: Any, away: Away) -> None:
    from app.core import clock

    announce_at(square(), ends_at_ms=clock.now_ms() + 2 * clock.MINUTE_MS)
    path = f"/v1/nearby?{AROUND}"
    assert len(read(client, path)["items"]) == 1
    noon.shift(3 * MINUTE_S)
    away("warnings")

    assert read(client, path)["items"] == []


def test_reports_inside_a_warning_that_cannot_be_counted_are_null(client: FlaskClient, away: Away, warned: str) -> None:
    away("tiles", "reports")

    listed = read(client, f"/v1/warnings?{AROUND}")
    near = read(client, f"/v1/nearby?{AROUND}")

    assert (listed["missing"], [one["reports_active"] for one in listed["items"]]) == (["reports_active"], [None])
    assert sorted(near["missing"]) == ["reports", "reports_active"]
    assert client.get(f"/warnings/{warned}").status_code == 200
    area = client.get("/areas/ea-A1").text
    assert "Reports of flooding cannot be read" in area and "No current reports here" not in area


def test_without_indexes_the_documents_answer_without_words_of_residents(
    client: FlaskClient, noon: Any, away: Away
) -> None:
    report = make_report(title="A name in it")
    tell_consumer([report])
    noon.shift(MINUTE_S)
    away("reports/index")

    listed, near = read(client, f"/v1/reports?{AROUND}"), read(client, f"/v1/nearby?{AROUND}")

    assert [(one["id"], one["title"]) for one in listed["items"]] == [(report.id, None)]
    assert listed["missing"] == ["newest_reports"] and "newest_reports" in near["missing"]
    assert listed["as_of"] < noon_minus(noon, 1)
    assert client.get(f"/v1/reports.csv?{AROUND}").headers["X-Missing"] == "newest_reports"
    text = client.get(f"/?{AROUND}").text
    assert "without their titles" in text and "A name in it" not in text


def test_documents_without_reports_claim_no_absence(client: FlaskClient, noon: Any, away: Away) -> None:
    tell_consumer([make_report(lat=10, lon=10)])
    away("reports/index")

    assert "No reports of flooding" not in client.get(f"/?{AROUND}").text
    assert "reports" in read(client, f"/v1/nearby?{AROUND}")["missing"]


def test_documents_of_an_hour_ago_do_not_answer_alone(client: FlaskClient, noon: Any, away: Away) -> None:
    tell_consumer([make_report()])
    noon.shift(61 * MINUTE_S)
    away("reports/index")

    assert client.get(f"/v1/reports?{AROUND}").status_code == 503


def test_tile_is_made_from_the_indexes_without_documents(client: FlaskClient, away: Away) -> None:
    report = make_report()
    tell_consumer([report])
    away("tiles")

    assert report.id in client.get("/tiles/6/31/21").text


def test_areas_of_minutes_ago_are_answered(client: FlaskClient, noon: Any, away: Away, warned: str) -> None:
    paths = ("/v1/areas", "/v1/areas/ea-A1")
    whole = [answer.json for answer in read_and_wait(client, noon, *paths)]
    away("areas")

    assert read(client, paths[0]) == whole[0] | {"missing": ["areas"]}
    assert read(client, paths[1]) == whole[1] | {"missing": ["areas"], "as_of": noon_minus(noon, 3)}
    assert client.get("/v1/areas?source=ea").status_code == 503


def test_words_of_residents_are_never_kept(client: FlaskClient, away: Away) -> None:
    report = make_report(title="A name in it")
    paths = ("/v1/reports", f"/v1/reports/{report.id}", f"/reports/{report.id}")
    for path in paths:
        assert client.get(path).status_code == 200
    away("reports", "tiles")

    assert [client.get(path).status_code for path in paths] == [503, 503, 503]


@pytest.mark.parametrize("suffix", ["", ".geojson"])
def test_one_warning_and_one_area_say_how_old_they_are(
    client: FlaskClient, noon: Any, away: Away, warned: str, suffix: str
) -> None:
    [area] = client.get(f"/v1/warnings/{warned}").json["areas"]
    paths = [f"/v1/warnings/{warned}{suffix}", f"/v1/areas/{area['id']}{suffix}"]
    assert [name for name in ("missing", "as_of") for path in paths if name in read(client, path)] == []
    noon.shift(4 * MINUTE_S)
    away("warnings", "areas")

    for path, part in zip(paths, ("warnings", "areas"), strict=True):
        body = read(client, path)
        assert (body["missing"], body["as_of"]) == ([part], noon_minus(noon, 4)), path


def test_of_two_ages_of_one_part_the_older_one_is_told(client: FlaskClient, noon: Any, away: Away, warned: str) -> None:
    read(client, f"/v1/warnings/{warned}")
    noon.shift(4 * MINUTE_S)
    read(client, "/v1/nearby?lat=10&lon=10&radius_km=5")  # the states of sources again, and not the warning
    noon.shift(10)
    away("warnings")

    assert read(client, f"/v1/warnings/{warned}")["as_of"] < noon_minus(noon, 3)


def test_page_shows_what_documents_hold_although_no_more_can_be_read(
    client: FlaskClient, noon: Any, away: Away
) -> None:
    now_ms = clock.now_ms()
    many = [make_report(lat=51.5, lon=-0.115, created_ms=now_ms - n * 1000) for n in range(150)]
    tell_consumer([*many, make_report(lat=51.5, lon=-0.13)])
    noon.shift(MINUTE_S)
    away("reports/index")

    page = client.get("/?lat=51.5&lon=-0.13&radius_km=1", headers={"Accept": "text/html"}).text

    assert "Reports of flooding cannot be read at the moment" not in page
    assert "The newest reports of flooding cannot be read at the moment" in page


def test_what_is_kept_has_a_bound_in_bytes(client: FlaskClient, monkeypatch: pytest.MonkeyPatch, away: Away) -> None:
    codes = [f"A{number}" for number in range(6)]
    outlines.store("ea", [Outline(code, "River", square(), "", None) for code in codes])
    monkeypatch.setattr(last_good, "MOST_BYTES", 3 * last_good._size_of(Area.find("ea-A1")))
    for code in codes:
        read(client, f"/v1/areas/ea-{code}")
    away("areas")

    kept_codes = [code for code in codes if client.get(f"/v1/areas/ea-{code}").status_code == 200]

    assert kept_codes == codes[-3:]
