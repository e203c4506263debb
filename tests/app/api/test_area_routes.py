"""/v1/areas: where officials draw their lines."""

from typing import Any
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient

from app.geo.coordinates import distance_km
from app.geo.polygon_geojson import to_geojson
from app.warnings.area_models import area_id
from app.warnings.ingest import outlines
from app.warnings.sources.outline import Outline
from tests.app.api.test_description import check
from tests.warning_making import square


def keep(count: int, *, source: str = "ea") -> None:
    """Areas side by side along the parallel of 51.5 degrees, 14 km apart."""
    drawn = (Outline(f"A{n:02d}", f"River {n}", square(n * 0.2, 51.4), "", None) for n in range(count))
    outlines.store(source, drawn)


def page(client: FlaskClient, **query: Any) -> dict[str, Any]:
    answer = client.get(f"/v1/areas?{urlencode(query)}")
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json
    check("AreaPage", body)
    return body


def test_area_is_shown_with_its_outline(client: FlaskClient) -> None:
    keep(1)

    area = client.get("/v1/areas/ea-A00").json
    feature = client.get(area["links"]["geojson"])

    check("Area", area)
    assert (area["code"], area["name"], area["geometry_reason"]) == ("A00", "River 0", None)
    assert area["centre"] == {"lat": 51.5, "lon": 0.1}
    assert (feature.mimetype, feature.json["geometry"]) == ("application/geo+json", to_geojson(square(0, 51.4)))


def test_area_that_nobody_draws_says_why(client: FlaskClient) -> None:
    outlines.store("ea", [Outline("A1", "River", None, "the issuer publishes no polygon", (51.5, 0.1))])

    area, feature = (client.get(f"/v1/areas/ea-A1{suffix}").json for suffix in ("", ".geojson"))

    assert area["geometry_reason"] == "the issuer publishes no polygon"
    assert (feature["geometry"], feature["properties"]["geometry_reason"]) == (None, area["geometry_reason"])


@pytest.mark.parametrize("path", ["ea-A99", "a" * 3000, "%00", "ea-é", "ea-A1%23x"])
def test_area_that_nobody_named_is_not_found(client: FlaskClient, path: str) -> None:
    assert [client.get(f"/v1/areas/{path}{suffix}").status_code for suffix in ("", ".geojson")] == [404, 404]


@pytest.mark.parametrize("query", ["", "&source=nws", "&lat=51.5&lon=2&radius_km=100"])
def test_list_of_areas_pages_to_its_end_while_others_come(client: FlaskClient, query: str) -> None:
    keep(20)
    keep(15, source="nws")
    wanted = [item["id"] for item in client.get(f"/v1/areas?limit=100{query}").json["items"]]
    path, found = f"/v1/areas?limit=3{query}", []

    while path:
        body = client.get(path).json
        found += [item["id"] for item in body["items"]]
        path = next((link["href"] for link in body["links"] if link["rel"] == "next"), "")
        outlines.store("ea", [Outline("0-before-all", "", square(60), "", None)])

    assert found == wanted == sorted(wanted)
    assert len(wanted) >= 15


def test_areas_around_a_place_are_those_whose_centre_is_near(client: FlaskClient) -> None:
    keep(30)
    here = {"lat": 51.5, "lon": 2.0}

    found = {item["id"]: item["distance_m"] for item in page(client, **here, radius_km=60, limit=100)["items"]}

    away = {f"ea-A{n:02d}": distance_km(**here, to_lat=51.5, to_lon=n * 0.2 + 0.1) for n in range(30)}
    assert found == {one: round(km * 1000) for one, km in away.items() if km <= 60}
    assert page(client, **here, radius_km=60, source="nws")["items"] == []


def test_area_over_the_antimeridian_lies_in_the_middle_of_its_box(client: FlaskClient) -> None:
    outlines.store("nws", [Outline("AKZ1", "Aleutians", square(179.5, 51), "", None)])
    outlines.store("nws", [Outline("FJZ1", "Fiji", square(-179.9, -17), "", None)])

    assert [item["id"] for item in page(client, lat=51.1, lon=-179.9, radius_km=40)["items"]] == ["nws-AKZ1"]


@pytest.mark.parametrize("query", ["lat=1", "lat=1&lon=1&radius_km=101", "source=", "limit=101", "x=1"])
def test_wrong_question_is_refused(client: FlaskClient, query: str) -> None:
    assert client.get(f"/v1/areas?{query}").status_code == 422


@pytest.mark.parametrize("code", ["A B", "x" * 80, "é", "../etc", "A.1"])
def test_code_of_any_kind_makes_an_id_that_an_address_can_hold(client: FlaskClient, code: str) -> None:
    outlines.store("cap:met-eireann", [Outline(code, "Area", square(), "", None)])

    assert client.get(f"/v1/areas/{area_id('cap:met-eireann', code)}").json["code"] == code
