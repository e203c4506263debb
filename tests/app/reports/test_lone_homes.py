"""A home where few homes stand is shown to others on the grid of 0.01 degrees, by itself; one in a street on 0.001."""

import csv
import random
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from flask.testing import FlaskClient

from app.gazetteer import homes
from app.gazetteer.models import STORE, GazetteerBlock
from app.gazetteer.national_grid import to_degrees
from app.geo.coordinates import distance_km
from app.geo.tiles import tile_at
from infra.gazetteer import read_homes
from tests.factories import sign_in_as

STREET = [(335_700 + 60 * number, 130_500) for number in range(4)]
FARM = (337_700, 131_900)  # a postcode of its own
ABROAD = {"lat": 53.35, "lon": -6.26}  # Dublin, which Code-Point Open does not hold


def degrees(metres: tuple[int, int]) -> dict[str, float]:
    return {name: round(value, 5) for name, value in zip(("lat", "lon"), to_degrees(*metres), strict=True)}


def blocks_of(folder: Path, spots: list[tuple[int, int]]) -> dict[str, bytes]:
    with (folder / "ta.csv").open("w") as file:
        csv.writer(file).writerows(
            [f"TA7 {number % 10}{chr(65 + number // 26)}{chr(65 + number % 26)}", 10, *spot]
            for number, spot in enumerate(spots)
        )
    return dict(read_homes.pack(folder))


@pytest.fixture
def country(tables: None, tmp_path: Path) -> Iterator[None]:
    """The table holds a street and a farm."""
    blocks = blocks_of(tmp_path, [*STREET, FARM])
    list(GazetteerBlock.write_blocks([(f"v1/{key}", body) for key, body in blocks.items()]))
    GazetteerBlock.switch_to("v1", None)
    STORE.forget()
    yield
    STORE.forget()


@pytest.fixture
def resident(client: FlaskClient) -> dict[str, str]:
    return sign_in_as()


def file_at(client: FlaskClient, who: dict[str, str], spot: dict[str, float], **more: str) -> dict[str, Any]:
    body = {"location": spot, "severity": "moderate", **more}
    answer = client.post("/v1/reports", json=body, headers=who | {"Idempotency-Key": f"home-{random.random()}"})
    assert answer.status_code == 201, answer.text
    return dict(client.get(answer.headers["Location"]).json)


@pytest.mark.usefixtures("country")
@pytest.mark.parametrize(
    ("place", "chosen", "shown"),
    [
        (degrees(STREET[1]), {}, "grid"),
        (degrees(FARM), {}, "area"),
        (degrees(FARM), {"place": "home"}, "area"),
        (degrees(FARM), {"place": "public"}, "exact"),
        (degrees((339_000, 134_000)), {}, "area"),
        (ABROAD, {}, "grid"),
    ],
)
def test_home_where_few_homes_stand_is_shown_to_a_kilometre(
    client: FlaskClient, resident: dict[str, str], place: dict[str, float], chosen: dict[str, str], shown: str
) -> None:
    report = file_at(client, resident, place, **chosen)

    decimals = {"exact": 5, "grid": 3, "area": 2}[shown]
    assert report["location_precision"] == shown
    assert report["location"] == {name: round(value, decimals) for name, value in place.items()}


@pytest.mark.usefixtures("country")
def test_edit_that_moves_a_home_or_calls_a_place_one_follows_the_same_rule(
    client: FlaskClient, resident: dict[str, str]
) -> None:
    report = file_at(client, resident, degrees(STREET[0]))
    address = f"/v1/reports/{report['id']}"

    def precision_after(edit: dict[str, Any]) -> str:
        answer = client.patch(address, json=edit, headers=resident | {"If-Match": "*"})
        assert answer.status_code == 200, answer.text
        return str(client.get(address).json["location_precision"])

    assert precision_after({"location": degrees(FARM)}) == "area"
    assert precision_after({"place": "public"}) == "exact"
    assert precision_after({"place": "home"}) == "area"
    assert precision_after({"location": degrees(STREET[2]), "place": "home"}) == "grid"


def test_without_a_gazetteer_a_home_is_on_the_fine_grid(client: FlaskClient, resident: dict[str, str]) -> None:
    STORE.forget()

    assert file_at(client, resident, degrees(FARM))["location_precision"] == "grid"


@pytest.mark.usefixtures("country")
@pytest.mark.parametrize("fault", ["away", "cut", "short"])
@pytest.mark.parametrize(("place", "shown"), [(degrees(FARM), "area"), ({"lat": 51.3813, "lon": -2.359}, "grid")])
def test_while_the_gazetteer_cannot_be_read_only_towns_have_the_fine_grid(
    client: FlaskClient,
    resident: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    place: dict[str, float],
    shown: str,
    fault: str,
) -> None:
    def fail(keys: list[str]) -> dict[str, bytes]:
        if fault == "away":
            raise EndpointConnectionError(endpoint_url="https://dynamodb.example")
        return dict.fromkeys(keys, b"x" if fault == "cut" else zlib.compress(b""))

    monkeypatch.setattr(GazetteerBlock, "read", fail)

    assert file_at(client, resident, place)["location_precision"] == shown


def test_close_homes_are_those_with_three_postcodes_within_250_metres_of_their_cell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(7)
    spots = [(chance.randrange(330_000, 334_000), chance.randrange(130_000, 134_000)) for _ in range(260)]
    blocks = blocks_of(tmp_path, spots)
    monkeypatch.setattr(STORE, "is_loaded", lambda: True)
    monkeypatch.setattr(STORE, "read", lambda keys: {key: blocks[key] for key in keys if key in blocks})
    known = [to_degrees(*spot) for spot in spots]

    found = {True: 0, False: 0}
    for _ in range(300):
        lat, lon = to_degrees(chance.randrange(330_000, 334_000), chance.randrange(130_000, 134_000))
        west, south, east, north = tile_at(lat=lat, lon=lon, z=homes.CELL_ZOOM).bounds()
        middle = {"lat": (south + north) / 2, "lon": (west + east) / 2}
        away = [distance_km(**middle, to_lat=other[0], to_lon=other[1]) for other in known]
        if any(abs(km - 0.25) < 0.002 for km in away):  # the sphere's and the map's metres differ by parts in a hundred
            continue
        is_alone = sum(km < 0.25 for km in away) < 3
        assert homes.stands_alone(lat=lat, lon=lon) == is_alone
        found[is_alone] += 1
    assert min(found.values()) > 50
