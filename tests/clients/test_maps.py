"""Software for maps takes our lists: GDAL reads every feature, with its place and its fields."""

import json
import re

import pytest

from tests.clients import running
from tests.local.local_run import LocalRun

LISTS = ("/v1/reports", "/v1/warnings")


def told(product: LocalRun, path: str, *options: str, kind: str = "") -> str:
    """Return the words of ogrinfo about a list."""
    source = f"{kind}/vsicurl_streaming/{product.url}{path}"
    said = running.run("ogrinfo", "-ro", "-al", "-so", *options, source)
    assert not re.search(r"^(ERROR|Warning) \d", said, re.MULTILINE), said
    return said


def count(said: str) -> int:
    found = re.search(r"Feature Count: (\d+)", said)
    assert found, said
    return int(found[1])


def listed(product: LocalRun, path: str) -> int:
    status, page = product.request(f"{path}?limit=100")
    assert status == 200
    return len(page["items"])


@pytest.mark.parametrize("path", LISTS)
def test_gdal_reads_all_features_of_geojson(product: LocalRun, path: str) -> None:
    said = told(product, f"{path}.geojson?limit=100")

    assert count(said) == listed(product, path) > 0
    assert "GeoJSON" in said
    assert "severity: String" in said


@pytest.mark.parametrize("path", LISTS)
def test_gdal_reads_all_rows_of_csv(product: LocalRun, path: str) -> None:
    names = ("-oo", "X_POSSIBLE_NAMES=lon", "-oo", "Y_POSSIBLE_NAMES=lat")
    said = told(product, f"{path}.csv?limit=100", *names, kind="CSV:")

    assert count(said) == listed(product, path) > 0
    assert ("Geometry: Point" in said) == (path == "/v1/reports")


def test_gdal_puts_reports_where_they_are(product: LocalRun) -> None:
    _, page = product.request("/v1/reports?limit=100")
    said = told(product, "/v1/reports.geojson?limit=100")
    west, south, east, north = map(float, re.findall(r"-?\d+\.\d+", said.partition("Extent: ")[2].partition("\n")[0]))

    assert (west, east) == pytest.approx(extent(page["items"], "lon"), abs=1e-5)
    assert (south, north) == pytest.approx(extent(page["items"], "lat"), abs=1e-5)


def extent(items: list[dict[str, dict[str, float]]], axis: str) -> tuple[float, float]:
    places = [item["location"][axis] for item in items]
    return min(places), max(places)


def test_warning_of_an_area_is_drawn_by_gdal(product: LocalRun) -> None:
    _, page = product.request("/v1/warnings?in_force=true&limit=100")
    drawn = next(item for item in page["items"] if item["geometry_status"] != "none")

    said = told(product, f"/v1/warnings/{drawn['id']}.geojson")

    assert re.search(r"Geometry: .*Polygon", said), json.dumps(said)
