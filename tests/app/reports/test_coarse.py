"""A report that is known to kilometres only is inside nothing smaller: it may be, and is counted nowhere."""

import pytest
from flask.testing import FlaskClient

from tests.factories import count_inside, make_report, tell_consumer
from tests.warning_making import announce_at, square

AS_BROWSER = {"Accept": "text/html"}
STREET = square(-0.121, 51.499, side=0.002)  # some 200 m
COUNTY = square(-1.0, 51.0, side=2.0)


@pytest.mark.parametrize("is_consumed", [True, False])
def test_coarse_report_may_be_inside_a_street_and_is_inside_a_county(client: FlaskClient, is_consumed: bool) -> None:
    street, county = announce_at(STREET, "street"), announce_at(COUNTY, "county", source="nws")
    coarse, exact = make_report(lat=51.5, lon=-0.12, radius_m=5000), make_report(lat=51.5, lon=-0.12)
    if is_consumed:
        tell_consumer([coarse, exact])
    count_inside()

    told = {one.id: client.get(f"/v1/reports/{one.id}").json for one in (coarse, exact)}

    assert (told[coarse.id]["warnings"], told[coarse.id]["possible_warnings"]) == ([county], [street])
    assert told[exact.id]["warnings"] == sorted([street, county])
    assert "possible_warnings" not in told[exact.id]
    counted = {one["id"]: one["reports_active"] for one in client.get("/v1/warnings").json["items"]}
    assert counted == {street: 1, county: 1}


def test_page_of_a_coarse_report_tells_what_may_be_over_it_apart(client: FlaskClient) -> None:
    street = announce_at(STREET, "street", severity="extreme")
    coarse = make_report(lat=51.5, lon=-0.12, radius_m=5000)

    text = client.get(f"/reports/{coarse.id}", headers=AS_BROWSER).text

    assert text.index("May be over this place, which is known only roughly") < text.index(f"/warnings/{street}")
    assert "An official warning holds here." not in text


def test_coarse_report_is_an_area_on_the_map_and_no_dot(client: FlaskClient) -> None:
    coarse, exact = make_report(lat=51.5, lon=-0.12, radius_m=5000), make_report(lat=51.5, lon=-0.12)

    text = client.get("/?lat=51.5&lon=-0.12", headers=AS_BROWSER).text

    entry = text[text.index(f'data-id="{coarse.id}"') :].split(">")[0]
    assert 'data-radius-m="5000"' in entry
    assert "data-radius-m" not in text[text.index(f'data-id="{exact.id}"') :].split(">")[0]


def test_etag_follows_a_warning_that_may_be_over_it_and_then_surely_is(client: FlaskClient) -> None:
    coarse = make_report(lat=51.5, lon=-0.12, radius_m=5000)
    street = announce_at(STREET, "street")
    before = client.get(f"/v1/reports/{coarse.id}")

    assert announce_at(COUNTY, "street") == street
    after = client.get(f"/v1/reports/{coarse.id}", headers={"If-None-Match": before.headers["ETag"]})

    assert (before.json["possible_warnings"], after.status_code) == ([street], 200)
    assert after.json["warnings"] == [street]
