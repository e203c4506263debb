"""P1: no public answer tells a home's exact place, its reporter or the second of anything, by text or by distance."""

import random
from base64 import urlsafe_b64decode
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.accounts.auth import Who
from app.geo.coordinates import distance_km
from tests.app.pages.conftest import HTML
from tests.factories import sign_in_as, tell_consumer
from tests.reporting import filed
from tests.route_list import ROUTES, example_of

HOMES = 2
GRIDS = {"home": 3, "area": 2, "public": 5}
# Reads that show reports; test_every_public_route_is_asked holds the list whole.
AROUND = "lat=51.5&lon=-0.12&radius_km=5"
QUERIES = {
    "/": AROUND,
    "/v1/nearby": AROUND,
    "/outlines.geojson": "places=1",
    "/view_floods": "",
    "/v1/places": "query=a",
}
NAME = "quillon-ferrars"


class Home:
    """A report of a home, and what others must not learn of it."""

    def __init__(self, client: FlaskClient, headers: dict[str, str], place: str, dice: random.Random) -> None:
        # Away from the grid's own lines, so that four decimals tell more than the grid does.
        self.lat, self.lon = (round(at + dice.randint(11, 39) / 1e4 + 3e-5, 5) for at in (51.5, -0.12))
        answer = filed(client, headers=headers, location={"lat": self.lat, "lon": self.lon}, place=place)
        self.id, self.created_at = answer["id"], answer["created_at"]
        self.grid = GRIDS[place]
        self.shown = round(self.lat, self.grid), round(self.lon, self.grid)

    def told_in(self, text: str) -> list[str]:
        """Return what a text tells of the exact place and time."""
        exact = {f"{self.lat:.5f}", f"{self.lon:.5f}", f"{self.lat:.4f}", f"{self.lon:.4f}", self.created_at[:19]}
        return sorted(one for one in exact if one in text)


@pytest.fixture
def homes(client: FlaskClient, noon: Any) -> list[Home]:
    """Homes on both grids, in the tile documents too."""
    from app.reports.models import Report

    noon.shift(17.345)
    own, dice = sign_in_as("resident", username=NAME), random.Random(5)
    made = [Home(client, own, place, dice) for place in ("home", "area") for _ in range(HOMES)]
    noon.shift(2)  # the status page tells when the tiles were made
    tell_consumer([report for home in made if (report := Report.find(home.id))])
    noon.shift(60)  # an answer may hold the present time
    return made


def paths(homes: list[Home]) -> list[str]:
    """Return an address of every public route that reads."""
    found = []
    for route in ROUTES.values():
        if route.method != "GET" or route.who != Who.ANYONE:
            continue
        path = example_of(route.path, **({"report_id": homes[0].id, "int:z": "13", "int:x": "4093", "int:y": "2724"}))
        found.append(f"{path}?{QUERIES[path]}" if path in QUERIES else path)
    return found


def account_id(client: FlaskClient, homes: list[Home]) -> str:
    from app.reports.models import Report

    report = Report.find(homes[0].id)
    assert report and report.account_id
    return str(report.account_id)


def test_no_public_answer_tells_of_a_home(client: FlaskClient, homes: list[Home]) -> None:
    reporter, with_reports = (NAME, account_id(client, homes)), 0

    for path in paths(homes):
        answer = client.get(path, headers={"Accept": f"{HTML},*/*"})
        text = f"{answer.data.decode(errors='replace')} {answer.headers}"
        assert [one for home in homes for one in home.told_in(text)] == [], path
        assert [one for one in reporter if one in text] == [], path
        with_reports += any(home.id in text for home in homes)
    assert with_reports >= 8


def test_the_same_sweep_finds_a_place_that_is_public(client: FlaskClient, homes: list[Home]) -> None:
    """A naive twin, which shows each place as it was given, would be found out."""
    shown = Home(client, {}, "public", random.Random(6))
    told = ["/v1/reports.csv", "/v1/reports.geojson", f"/v1/reports/{shown.id}", f"/v1/nearby?{AROUND}"]

    assert set(told) <= set(paths([shown]))
    assert [path for path in told if not shown.told_in(client.get(path).text)] == []


def corners(home: Home) -> list[tuple[float, float]]:
    return [(round(home.lat + north, 3), round(home.lon + east, 3)) for north in (0.0, 0.01) for east in (0.0, 0.02)]


def shown_m(home: Home, lat: float, lon: float) -> int:
    return round(distance_km(lat=lat, lon=lon, to_lat=home.shown[0], to_lon=home.shown[1]) * 1000)


def test_distances_and_boxes_are_those_of_the_shown_place(client: FlaskClient, homes: list[Home]) -> None:
    for home in homes[::HOMES]:
        for lat, lon in corners(home):
            answer = client.get("/v1/reports", query_string={"lat": lat, "lon": lon, "radius_km": 20}).json
            [away] = [item["distance_m"] for item in answer["items"] if item["id"] == home.id]
            assert away == shown_m(home, lat, lon), home.grid
        near = ",".join(f"{at + by:.6f}" for by in (-0.0002, 0.0002) for at in (home.lon, home.lat))
        found = home.id in {item["id"] for item in client.get(f"/v1/reports?bbox={near}").json["items"]}
        assert found == (max(abs(home.shown[0] - home.lat), abs(home.shown[1] - home.lon)) < 0.0002)


def test_cursor_does_not_hold_the_account(client: FlaskClient, homes: list[Home]) -> None:
    cursor = client.get("/v1/reports?limit=1").json["next_cursor"]

    assert account_id(client, homes).encode() not in urlsafe_b64decode(cursor + "==")
