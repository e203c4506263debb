"""Switches within boxes over the date line: by the API, by the form and by the command, and boxes that are none."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.review import switching
from tests.app.pages.conftest import Visitor
from tests.app.pages.conftest import signed_in as signed_in  # noqa: PLC0414 - a fixture
from tests.app.pages.conftest import visitor as visitor  # noqa: PLC0414 - a fixture
from tests.factories import sign_in_as
from tests.reporting import file_report, mistakes_of

FIJI = [177, -19, -178, -16]
SUVA, DATE_LINE, LAU = (-18.14, 178.44), (-16.9, 180), (-17.2, -178.8)
OUTSIDE = ((-18.14, 176.9), (-17.2, -177.9), (-19.1, 179), (-18, 0), (51.5, -0.12))
PATH = "/v1/admin/switches"


def by_api(client: FlaskClient, desk: Visitor) -> int:
    body = {"anonymous_reports": "off_within", "off_within": [{"name": "Fiji", "bbox": FIJI}], "reason": "exercise"}
    return client.put(PATH, json=body, headers=sign_in_as("admin")).status_code


def by_form(client: FlaskClient, desk: Visitor) -> int:
    form = {"act": "store", "version": "0", "anonymous_reports": "off_within", "registrations": "on", "level": "info"}
    typed = " 177, -19,-178 ,-16 "
    return desk.post("/admin/switches", off_within=typed, reason="exercise", **form).status_code


def by_command(client: FlaskClient, desk: Visitor) -> int:
    app: Flask = client.application
    area = ",".join(map(str, FIJI))
    done = app.test_cli_runner().invoke(args=["switch", "anonymous-reports", "off_within", "--area", area])
    assert done.exit_code == 0, done.output
    return done.exit_code


@pytest.fixture
def desk(noon: Any, signed_in: Callable[..., Visitor]) -> Visitor:
    return signed_in("admin")


@pytest.mark.parametrize(("switch", "told"), [(by_api, 200), (by_form, 303), (by_command, 0)])
def test_a_box_over_the_date_line_holds_both_its_sides_and_the_line(
    client: FlaskClient, desk: Visitor, switch: Callable[[FlaskClient, Visitor], int], told: int
) -> None:
    assert switch(client, desk) == told

    for lat, lon in (SUVA, DATE_LINE, (DATE_LINE[0], -180), LAU):
        assert file_report(client, location={"lat": lat, "lon": lon}).status_code == 503, (lat, lon)
    for lat, lon in OUTSIDE:
        assert file_report(client, location={"lat": lat, "lon": lon}).status_code == 201, (lat, lon)
    [area] = switching.read_for_change().off_areas
    assert [*area.extent] == FIJI
    assert area.name in desk.get("/admin/switches").text


@pytest.mark.parametrize("edge", [[170, -20, 180, -10], [-180, -20, -170, -10]], ids=["up to it", "from it"])
def test_the_line_itself_belongs_to_a_box_that_ends_there_however_it_is_written(
    client: FlaskClient, noon: Any, edge: list[float]
) -> None:
    body = {"anonymous_reports": "off_within", "off_within": [{"name": "Edge", "bbox": edge}], "reason": "exercise"}
    assert client.put(PATH, json=body, headers=sign_in_as("admin")).status_code == 200

    assert [file_report(client, location={"lat": -15, "lon": lon}).status_code for lon in (180, -180)] == [503, 503]


@pytest.mark.parametrize(
    "box",
    [
        [180, -20, -180, -10],
        [180, -20, 180, -10],
        [-180, -20, -180, -10],
        [177, -16, -178, -19],
        [177, -19, 182, -16],
        [-183, -19, -178, -16],
        [177, -19, -178, 91],
        [177, -19, -178],
        [177, -19, -178, -16, 0],
        [177, -19, None, -16],
        ["177", "-19", "-178", "-16"],
        [True, -19, -178, -16],
        "177,-19,-178,-16",
        {},
    ],
    ids=str,
)
def test_a_box_without_an_area_or_off_the_globe_is_refused_and_changes_nothing(
    client: FlaskClient, noon: Any, box: Any
) -> None:
    body = {"anonymous_reports": "off_within", "off_within": [{"name": "Here", "bbox": box}], "reason": "exercise"}

    answer = client.put(PATH, json=body, headers=sign_in_as("admin"))

    assert mistakes_of(answer) == {("/off_within/0/bbox", "box")}
    assert switching.read_for_change().version == 0
