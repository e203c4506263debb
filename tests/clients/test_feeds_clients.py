"""Readers of feeds, maps, tables and homes, all of other makers, take what we serve (rows 1, 7, 8 and 10)."""

import json
import shutil
from itertools import pairwise
from typing import Any
from urllib.request import urlopen

import pytest

from app.geo.coordinates import distance_km
from tests.clients import running
from tests.local.local_run import LocalRun

FEEDPARSER = """
import feedparser, json, sys
read = feedparser.parse(sys.stdin.buffer.read())
entries = [[entry.id, entry.title, entry.get("where", {}).get("coordinates")] for entry in read.entries]
print(json.dumps([read.bozo, entries]))
"""
FEEDSMITH = """
import { parseFeed } from 'feedsmith';
import { readFileSync } from 'node:fs';
const { format, feed } = parseFeed(readFileSync(0, 'utf8'));
const items = format === 'rss'
  ? feed.items.map(one => [one.guid.value, one.title])
  : feed.entries.map(one => [one.id, one.title.value ?? one.title]);
console.log(JSON.stringify([format, items]));
"""
RSS_PARSER = """
import Parser from 'rss-parser';
import { readFileSync } from 'node:fs';
const feed = await new Parser().parseString(readFileSync(0, 'utf8'));
console.log(JSON.stringify(feed.items.map(one => [one.guid ?? one.id, one.title])));
"""
GEOJSON_CLIENT = """
import asyncio, json, sys
import aiohttp
from aio_geojson_client.feed import GeoJsonFeed
from aio_geojson_client.feed_entry import FeedEntry

class Entry(FeedEntry):
    attribution = None
    title = property(lambda self: self._search_in_properties("title"))
    external_id = property(lambda self: self._feature.id)

class Feed(GeoJsonFeed):
    def _new_entry(self, home, feature, data): return Entry(home, feature)
    def _extract_last_timestamp(self, entries): return None
    def _extract_from_feed(self, feed): return None

async def main(url, lat, lon, km):
    async with aiohttp.ClientSession() as session:
        status, entries = await Feed(session, (lat, lon), url, filter_radius=km).update()
        print(json.dumps([status, [entry.external_id for entry in entries or []]]))

asyncio.run(main(sys.argv[1], *map(float, sys.argv[2:5])))
"""
CHECK_GEOJSON = """
import { getIssues } from '@placemarkio/check-geojson';
import { readFileSync } from 'node:fs';
console.log(JSON.stringify(getIssues(readFileSync(0, 'utf8'))));
"""
VALIDATORS = """
import json, sys
import geojson, geojson_validator
from geojson_pydantic import FeatureCollection
text = sys.stdin.read()
assert geojson.loads(text).is_valid
FeatureCollection.model_validate_json(text)
placed = json.loads(text)
placed["features"] = [one for one in placed["features"] if one["geometry"]]
found = geojson_validator.validate_geometries(placed)
print(json.dumps([found["invalid"], found["problematic"].get("excessive_coordinate_precision", [])]))
"""
FEEDS = [(noun, form) for noun in ("reports", "warnings") for form in ("atom", "rss")]


def fetched(product: LocalRun, path: str) -> str:
    with urlopen(f"{product.url}{path}", timeout=60) as answer:
        text: str = answer.read().decode()
    return text


def features(product: LocalRun, noun: str) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = json.loads(fetched(product, f"/feeds/{noun}.geojson?limit=100"))["features"]
    return listed


@pytest.mark.parametrize(("noun", "form"), FEEDS)
def test_four_readers_agree_on_every_entry(product: LocalRun, noun: str, form: str) -> None:
    text = fetched(product, f"/feeds/{noun}.{form}?limit=100")

    bozo, parsed = json.loads(running.python(FEEDPARSER, stdin=text))
    kind, by_feedsmith = json.loads(running.node(FEEDSMITH, stdin=text))
    by_rss_parser = json.loads(running.node(RSS_PARSER, stdin=text))
    by_sfeed = running.run("sfeed", stdin=text).splitlines()

    assert (bozo, kind, len(parsed) > 3) == (False, form, True)
    assert [one[:2] for one in parsed] == by_feedsmith == by_rss_parser
    assert len(by_sfeed) == len(parsed)
    assert {line.split("\t")[5] for line in by_sfeed} == {one[0] for one in parsed}


def test_place_that_a_reader_finds_is_the_one_of_the_list(product: LocalRun) -> None:
    _, parsed = json.loads(running.python(FEEDPARSER, stdin=fetched(product, "/feeds/reports.atom?limit=100")))

    own = {feature["id"]: feature["geometry"]["coordinates"] for feature in features(product, "reports")}
    told = {name.rpartition("/")[2]: where for name, _, where in parsed}
    assert own and {key: told[key] for key in own} == own


@pytest.mark.parametrize("noun", ["reports", "warnings"])
def test_features_have_no_issue_in_four_validators(product: LocalRun, noun: str) -> None:
    text = fetched(product, f"/feeds/{noun}.geojson?limit=100")

    assert json.loads(running.node(CHECK_GEOJSON, stdin=text)) == []
    told, *_log = running.python(VALIDATORS, stdin=text).splitlines()
    assert json.loads(told) == [{}, []]


def test_gdal_reads_as_many_features_as_there_are(product: LocalRun, tmp_path: Any) -> None:
    number = len(features(product, "reports"))
    for form in ("geojson", "csv", "atom", "rss"):
        file = tmp_path / f"reports.{form}"
        file.write_text(fetched(product, f"/feeds/reports.{form}?limit=100&status=pending"), encoding="utf-8")

    assert shutil.which("ogrinfo") and number
    pending = len(json.loads((tmp_path / "reports.geojson").read_text())["features"])
    for form in ("geojson", "atom", "rss"):
        told = running.run("ogrinfo", "-ro", "-al", "-so", tmp_path / f"reports.{form}")
        assert f"Feature Count: {pending}" in told and "Geometry: Point" in told
        assert "ERROR" not in told and "Warning" not in told
    columns = ["-oo", "X_POSSIBLE_NAMES=lon", "-oo", "Y_POSSIBLE_NAMES=lat"]
    told = running.run("ogrinfo", "-ro", "-al", "-so", *columns, f"CSV:{tmp_path / 'reports.csv'}")
    assert f"Feature Count: {pending}" in told and "Geometry: Point" in told


def test_home_follows_by_distance_what_our_own_radius_gives(product: LocalRun) -> None:
    listed = features(product, "reports")
    lon, lat = min((one["geometry"]["coordinates"] for one in listed), key=lambda home: _middle_km(listed, *home))
    km = _middle_km(listed, lon, lat)

    status, found = json.loads(
        running.python(GEOJSON_CLIENT, f"{product.url}/feeds/reports.geojson?limit=100", str(lat), str(lon), str(km))
    )

    near = json.loads(fetched(product, f"/feeds/reports.geojson?limit=100&lat={lat}&lon={lon}&radius_km={km}"))
    assert status == "OK"
    ids, near_ids = ({feature["id"] for feature in some} for some in (listed, near["features"]))
    assert set(found) == ids & near_ids and 1 < len(found) < len(ids)


def _middle_km(some: list[dict[str, Any]], lon: float, lat: float) -> float:
    """Return a radius that holds about half of them, in the widest gap there: clients take other sizes of the earth."""
    away = sorted(_km(one, lat, lon) for one in some)
    middle = away[len(away) // 3 : 2 * len(away) // 3]
    _, km = max((further - near, (near + further) / 2) for near, further in pairwise(middle))
    return km


def _km(feature: dict[str, Any], lat: float, lon: float) -> float:
    to_lon, to_lat = feature["geometry"]["coordinates"]
    return distance_km(lat=lat, lon=lon, to_lat=to_lat, to_lon=to_lon)
