"""Outlines of official areas: from files, and asked for one by one."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.geo.polygon import contains
from app.warnings.sources.ea import areas
from app.warnings.sources.http_client import Fetcher, NotFetched
from app.warnings.sources.nws import zones as nws_zones
from app.warnings.sources.outline import Outline
from tests.rig.official import EA_ROOT, SQUARE, EnvironmentAgency, WeatherService
from tests.rig.upstream import Asked, Reply, Upstream


def feature(geometry: Any = SQUARE, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def collection(*features: Any) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": list(features)}).encode()


@pytest.mark.parametrize("name", ["fwdCode", "notation", "fws_tacode", "FWS_TACODE", "TA_CODE", "id"])
def test_flood_area_is_known_by_any_of_the_names_that_files_use(name: str) -> None:
    outlines = areas.read_outlines(collection(feature(**{name: "123FWF366", "TA_NAME": "Beck"})))

    (outline,) = outlines.outlines
    assert (outline.id, outline.name, outline.reason, outlines.broken) == ("123FWF366", "Beck", "", ())
    assert outline.shape is not None
    assert contains(outline.shape, lat=51.05, lon=0.05)


def test_feature_without_a_code_is_told_and_loses_no_other() -> None:
    outlines = areas.read_outlines(collection(feature(colour="red"), None, feature(notation="A1")))

    assert [outline.id for outline in outlines.outlines] == ["A1"]
    assert "2 of 3 features name no area" in outlines.broken[0]


@pytest.mark.parametrize(
    ("geometry", "reason"),
    [
        (None, "publishes no polygon"),
        ({"type": "Point", "coordinates": [0, 51]}, "cannot be used"),
        ({"type": "Polygon", "coordinates": "all of it"}, "cannot be used"),
        ({"type": "Polygon", "coordinates": [[[0, 0], [0, 0], [0, 0]]]}, "cannot be used"),
        (5, "cannot be used"),
    ],
)
def test_area_without_a_usable_polygon_says_why(geometry: object, reason: str) -> None:
    (outline,) = areas.read_outlines(collection(feature(geometry, notation="A1"))).outlines

    assert outline.shape is None
    assert reason in outline.reason


@pytest.mark.parametrize("raw", [b"", b"<html>", b"[1]", b'{"features": 5}'])
def test_file_that_is_no_geojson_is_told(raw: bytes) -> None:
    for reader in (areas, nws_zones):
        outlines = reader.read_outlines(raw)
        assert (outlines.outlines, len(outlines.broken)) == ((), 1)


def test_recorded_polygon_answer_is_a_file_of_one_area(shared_data: Path) -> None:
    raw = (shared_data / "ea" / "floodArea-polygon.geojson").read_bytes()

    (outline,) = areas.read_outlines(raw).outlines

    assert (outline.id, outline.name) == ("123FWF366", "Batley Beck from Monk Ings to Wilton Park")
    assert outline.shape is not None


def test_recorded_zones_are_all_drawn(shared_data: Path) -> None:
    outlines = nws_zones.read_outlines((shared_data / "nws" / "zones-ugc.geojson").read_bytes())

    assert (len(outlines.outlines), outlines.broken) == (87, ())
    assert all(outline.shape is not None and nws_zones.UGC.fullmatch(outline.id) for outline in outlines.outlines)
    assert {outline.name for outline in outlines.outlines if outline.id == "ASZ001"} == {"Tutuila and Aunuu"}


def ask_agency(service: Callable[[Asked], Reply], area: str = "A1") -> Outline:
    with Upstream(service) as host, Fetcher(f"{host.address}/flood-monitoring") as fetcher:
        return areas.fetch_outline(fetcher, area)


def naming(polygon: str) -> Callable[[Asked], Reply]:
    """An agency whose area has this address for its polygon, with {host} for its own host."""

    def answering(asked: Asked) -> Reply:
        if asked.path.endswith("/polygon"):
            return Reply(collection(feature()))
        address = polygon.format(host=asked.headers["Host"])
        return Reply(json.dumps({"items": {"label": "River", "polygon": address}}).encode())

    return answering


def test_polygon_at_the_agencys_own_host_is_asked_for() -> None:
    outline = ask_agency(naming("http://{host}/flood-monitoring/id/floodAreas/A1/polygon"))

    assert (outline.id, outline.name, outline.reason) == ("A1", "River", "")
    assert outline.shape is not None


@pytest.mark.parametrize("polygon", ["https://example.org/polygon", f"{EA_ROOT}floodAreas/A1/polygon", "file:///x"])
def test_polygon_at_another_host_is_never_asked_for(polygon: str) -> None:
    outline = ask_agency(naming(polygon))

    assert (outline.name, outline.shape) == ("River", None)
    assert "leads away from 127.0.0.1" in outline.reason


def test_area_that_the_agency_does_not_know_has_a_lasting_reason() -> None:
    assert ask_agency(EnvironmentAgency()).reason == "the issuer knows no such area"


@pytest.mark.parametrize("area", ["", "..", "A/../B", "A?x=1", "A B", "Ä1"])
def test_code_that_no_flood_area_has_is_not_asked_for(area: str) -> None:
    assert ask_agency(EnvironmentAgency(polygons={area: SQUARE}), area).reason == "this is no code of a flood area"


@pytest.mark.parametrize("reply", [Reply(status=403), Reply(status=500), Reply(b"<html>try later</html>")])
def test_agency_that_is_busy_is_asked_again_later(reply: Reply) -> None:
    with pytest.raises(NotFetched):
        ask_agency(lambda _: reply)


def ask_service(zone: str, *zones: dict[str, Any]) -> Outline:
    with Upstream(WeatherService(alerts=[], zones=list(zones))) as host, Fetcher(host.address) as fetcher:
        return nws_zones.fetch_outline(fetcher, zone)


@pytest.mark.parametrize("code", ["WAC007", "ORZ001"])
def test_zone_is_drawn_by_the_service(code: str) -> None:
    outline = ask_service(code, feature(id=code, name="Chelan"))

    assert (outline.id, outline.name, outline.reason) == (code, "Chelan", "")
    assert outline.shape is not None


@pytest.mark.parametrize("code", ["ORZ999", "../alerts", "", "ORZ1", "orz001"])
def test_zone_that_the_service_does_not_know_has_a_lasting_reason(code: str) -> None:
    assert ask_service(code).reason in ("the issuer knows no such zone", "this is no code of a zone")
